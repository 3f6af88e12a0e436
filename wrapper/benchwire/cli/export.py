"""``benchwire export``: whole lists as Parquet, JSON lines or CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from benchwire._lists.pager import Pager
from benchwire._sync.operations.public import ComparisonsOperations, ModelsOperations
from benchwire._sync.public import Benchmarks, Evaluations
from benchwire.cli.catalogue import BenchmarkArgument, Filters
from benchwire.cli.filters import with_filters
from benchwire.cli.output import Format, print_records, progress
from benchwire.cli.references import find_benchmark, find_model
from benchwire.cli.session import session
from benchwire.export import FORMATS, write

export = typer.Typer(
    help="Write whole lists to files: all rows or no file.", no_args_is_help=True
)  # fmt: skip

_PAGE_SIZE = 500  # the largest of every list
FileOption = Annotated[
    Path,
    typer.Option("--to", metavar="FILE", help=f"The file, replaced; its suffix is one of {', '.join(FORMATS)}."),
]  # fmt: skip


def _write(pager: Pager[Any, Any], path: Path) -> None:
    with progress(None, "rows") as bar:
        [task] = bar.task_ids
        count = write(
            pager,
            path,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    print_records([{"file": str(path), "rows": count}], ("file", "rows"), Format.AUTO)


@export.command("models")
@with_filters(ModelsOperations.iter_models)
def export_models(context: typer.Context, *, to: FileOption, **filters: Filters) -> None:
    """Write models; filters combine with AND, the values of one filter with OR."""
    client = session(context).public()
    _write(client.models.iter_models(**filters, page_size=_PAGE_SIZE), to)


@export.command("benchmarks")
@with_filters(Benchmarks.iter_benchmarks)
def export_benchmarks(context: typer.Context, *, to: FileOption, **filters: Filters) -> None:
    """Write benchmarks; filters combine with AND, the values of one filter with OR."""
    client = session(context).public()
    _write(client.benchmarks.iter_benchmarks(**filters, page_size=_PAGE_SIZE), to)


@export.command("evaluations")
@with_filters(Evaluations.iter_evaluations)
def export_evaluations(context: typer.Context, *, to: FileOption, **filters: Filters) -> None:
    """Write evaluations, without their answers; filters as of ``evaluations list``, by ids."""
    client = session(context).public()
    _write(client.evaluations.iter_evaluations(**filters, page_size=_PAGE_SIZE), to)


@export.command("prompts")
@with_filters(Benchmarks.iter_prompts)
def export_prompts(
    context: typer.Context, benchmark: BenchmarkArgument, *, to: FileOption, **filters: Filters
) -> None:
    """Write the prompts of a benchmark, in its order."""
    client = session(context).public()
    benchmark_id = find_benchmark(client, benchmark).id
    _write(client.benchmarks.iter_prompts(benchmark_id, **filters, page_size=_PAGE_SIZE), to)


@export.command("results")
def export_results(
    context: typer.Context,
    evaluation: Annotated[str, typer.Argument(help="The evaluation's id.")],
    *,
    to: FileOption,
) -> None:
    """Write the answers of an evaluation, in the benchmark's order."""
    client = session(context).public()
    _write(client.evaluations.iter_results(evaluation, page_size=_PAGE_SIZE), to)


@export.command("comparison")
@with_filters(ComparisonsOperations.iter_results)
def export_comparison(
    context: typer.Context,
    first: Annotated[
        str,
        typer.Argument(help="A model's id, key or name; without --benchmark an evaluation's id."),
    ],
    second: Annotated[str, typer.Argument(help="The other one.")],
    *,
    to: FileOption,
    benchmark: Annotated[
        str | None, typer.Option(help="The benchmark's id, key or exact name.")
    ] = None,
    **filters: Filters,
) -> None:
    """Write two models' answers to the same prompts side by side."""
    client = session(context).public()
    if benchmark is None:
        pager = client.comparisons.iter_results(first, second, **filters, page_size=_PAGE_SIZE)
    else:
        pager = client.comparisons.iter_model_results(
            find_benchmark(client, benchmark).id,
            find_model(client, first).id,
            find_model(client, second).id,
            **filters,
            page_size=_PAGE_SIZE,
        )
    _write(pager, to)
