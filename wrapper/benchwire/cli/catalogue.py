"""``benchwire models``, ``benchmarks`` and ``evaluations``: read the public catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Annotated, Any, TypeVar

import typer

from benchwire import PublicClient
from benchwire._sync.benchmarks import Benchmarks
from benchwire._sync.evaluations import Evaluations
from benchwire._sync.operations.public import ModelsOperations
from benchwire.cli.filters import with_filters
from benchwire.cli.output import (
    FieldsOption,
    Format,
    FormatOption,
    fields_of,
    note_rest,
    print_record,
    print_records,
    progress,
)
from benchwire.cli.references import find_benchmark, find_evaluation, find_model
from benchwire.cli.session import session
from benchwire.models import (
    BenchmarkPrompt,
    Evaluation,
    PublicBenchmarkDetail,
    PublicModelDetail,
    Result,
)

MODEL_COLUMNS = ("id", "key", "name", "company", "released_at", "context_length", "license")
BENCHMARK_COLUMNS = ("id", "key", "name", "language", "prompt_count", "categories")
EVALUATION_COLUMNS = (
    "id", "status", "benchmark_name", "model_name", "accuracy", "total_prompt_count", "finished_at",
)  # fmt: skip
PROMPT_COLUMNS = ("id", "input", "truth")
RESULT_COLUMNS = ("score", "prompt", "truth", "result")

models: typer.Typer = typer.Typer(help="The models of the catalogue.", no_args_is_help=True)
benchmarks: typer.Typer = typer.Typer(help="The benchmarks of the catalogue.", no_args_is_help=True)
evaluations: typer.Typer = typer.Typer(
    help="Runs of one model on one benchmark.", no_args_is_help=True
)

Limit = Annotated[int, typer.Option(min=0, help="The most rows to show; 0 shows all.")]
DEFAULT_LIMIT = 30
BenchmarkArgument = Annotated[
    str, typer.Argument(help="The benchmark's id, key or exact name.", metavar="BENCHMARK")
]
ModelFilter = Annotated[
    list[str] | None,
    typer.Option("--model", help="Keep evaluations of this model: id, key or name."),
]
BenchmarkFilter = Annotated[
    list[str] | None,
    typer.Option("--benchmark", help="Keep evaluations on this benchmark: id, key or name."),
]
Filters = Any
Body = TypeVar("Body")


def show_list(
    pages: Iterator[Body],
    items: Callable[[Body], Iterable[object]],
    total: Callable[[Body], int],
    *,
    columns: tuple[str, ...],
    form: Format,
    fields: str | None,
) -> None:
    """Print a list; note on standard error how many rows there are if not all are shown."""
    first = next(pages, None)
    if first is None:
        print_records((), columns, form, fields)
        return
    rows = chain(items(first), (item for page in pages for item in items(page)))
    shown = print_records(rows, columns, form, fields)
    note_rest(shown, total(first))


def find_filters(
    client: PublicClient, model: list[str] | None, benchmark: list[str] | None
) -> dict[str, list[str]]:
    """Return the filters of evaluations by models and benchmarks that the user names."""
    found = {
        "model_ids": [find_model(client, one).id for one in model or ()],
        "benchmark_ids": [find_benchmark(client, one).id for one in benchmark or ()],
    }
    return {name: ids for name, ids in found.items() if ids}


@models.command("list", epilog=fields_of(PublicModelDetail))
@with_filters(ModelsOperations.iter_models)
def list_models(
    context: typer.Context,
    *,
    limit: Limit = DEFAULT_LIMIT,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
    **filters: Filters,
) -> None:
    """List models; filters combine with AND, the values of one filter with OR."""
    pager = session(context).public().models.iter_models(**filters, max_items=limit or None)
    show_list(
        pager.pages(),
        lambda page: page.models,
        lambda page: page.total_count,
        columns=MODEL_COLUMNS,
        form=form,
        fields=fields,
    )


@models.command("get", epilog=fields_of(PublicModelDetail))
def get_model(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="The model's id, key or exact name.")],
    *,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """Show one model."""
    print_record(find_model(session(context).public(), model), form, fields)


@benchmarks.command("list", epilog=fields_of(PublicBenchmarkDetail))
@with_filters(Benchmarks.iter_benchmarks)
def list_benchmarks(
    context: typer.Context,
    *,
    limit: Limit = DEFAULT_LIMIT,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
    **filters: Filters,
) -> None:
    """List benchmarks; filters combine with AND, the values of one filter with OR."""
    pager = session(context).public().benchmarks.iter_benchmarks(**filters, max_items=limit or None)
    show_list(
        pager.pages(),
        lambda page: page.datasets,
        lambda page: page.total_count,
        columns=BENCHMARK_COLUMNS,
        form=form,
        fields=fields,
    )


@benchmarks.command("get", epilog=fields_of(PublicBenchmarkDetail))
def get_benchmark(
    context: typer.Context,
    benchmark: BenchmarkArgument,
    *,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """Show one benchmark."""
    print_record(find_benchmark(session(context).public(), benchmark), form, fields)


@benchmarks.command("prompts", epilog=fields_of(BenchmarkPrompt))
@with_filters(Benchmarks.iter_prompts)
def list_prompts(
    context: typer.Context,
    benchmark: BenchmarkArgument,
    *,
    limit: Limit = DEFAULT_LIMIT,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
    **filters: Filters,
) -> None:
    """List the prompts of a benchmark, in its order."""
    client = session(context).public()
    pager = client.benchmarks.iter_prompts(
        find_benchmark(client, benchmark).id, **filters, max_items=limit or None
    )
    show_list(
        pager.pages(),
        lambda page: page.data.prompts,
        lambda page: page.data.count,
        columns=PROMPT_COLUMNS,
        form=form,
        fields=fields,
    )


@evaluations.command("list", epilog=fields_of(Evaluation))
@with_filters(Evaluations.iter_evaluations, without=("model_ids", "benchmark_ids"))
def list_evaluations(
    context: typer.Context,
    *,
    model: ModelFilter = None,
    benchmark: BenchmarkFilter = None,
    limit: Limit = DEFAULT_LIMIT,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
    **filters: Filters,
) -> None:
    """List evaluations."""
    client = session(context).public()
    filters |= find_filters(client, model, benchmark)
    pager = client.evaluations.iter_evaluations(**filters, max_items=limit or None)
    show_list(
        pager.pages(),
        lambda page: page.evaluations,
        lambda page: page.pagination.total_count,
        columns=EVALUATION_COLUMNS,
        form=form,
        fields=fields,
    )


@evaluations.command("get", epilog=fields_of(Evaluation))
def get_evaluation(
    context: typer.Context,
    evaluation_id: Annotated[str, typer.Argument(metavar="EVALUATION")],
    *,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """Show one evaluation."""
    print_record(find_evaluation(session(context).public(), evaluation_id), form, fields)


@evaluations.command("results", epilog=fields_of(Result))
def list_results(
    context: typer.Context,
    evaluation_id: Annotated[str, typer.Argument(metavar="EVALUATION")],
    *,
    limit: Limit = DEFAULT_LIMIT,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """List the answers of an evaluation, prompt by prompt."""
    client = session(context).public()
    show_list(
        client.evaluations.iter_results(evaluation_id, max_items=limit or None).pages(),
        lambda page: page.results,
        lambda page: page.pagination.total_count,
        columns=RESULT_COLUMNS,
        form=form,
        fields=fields,
    )


@evaluations.command("watch", epilog=fields_of(Evaluation))
def watch_evaluation(
    context: typer.Context,
    evaluation_id: Annotated[str, typer.Argument(metavar="EVALUATION")],
    *,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")] = 3600.0,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """Wait until an evaluation has ended, and show it."""
    client = session(context).public()
    with progress(None, "waiting") as bar:

        def show(state: Evaluation) -> None:
            bar.update(bar.task_ids[0], description=f"evaluation {state.status}")

        done = client.evaluations.wait(evaluation_id, timeout=timeout, on_progress=show)
    print_record(done, form, fields)
