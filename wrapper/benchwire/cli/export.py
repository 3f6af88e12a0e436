"""``benchwire export``: whole lists as Parquet, JSON lines or CSV."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from benchwire._lists.pager import Pager
from benchwire._sync.benchmarks import Benchmarks
from benchwire._sync.evaluations import Evaluations
from benchwire._sync.operations.public import ComparisonsOperations, ModelsOperations
from benchwire.cli.catalogue import BenchmarkFilter, Filters, ModelFilter, find_filters
from benchwire.cli.exits import INCOMPLETE, ending_with
from benchwire.cli.filters import with_filters
from benchwire.cli.output import Format, note, print_records, progress
from benchwire.cli.references import find_benchmark, find_evaluation, find_model
from benchwire.cli.session import session
from benchwire.export import FORMATS, ExportSummary, export_every_eval_ever, write
from benchwire.export import export_prompts as write_prompts
from benchwire.export import export_results as write_results
from benchwire.models import Evaluation

export: typer.Typer = typer.Typer(
    help="Write whole lists to files: all rows or no file.", no_args_is_help=True
)  # fmt: skip

FileOption = Annotated[
    Path,
    typer.Option("--to", metavar="FILE", help=f"The file, replaced; its suffix is one of {', '.join(FORMATS)}."),
]  # fmt: skip


PlaceOption = Annotated[
    str,
    typer.Option(
        "--to", metavar="FILE|DIR/", help="The file, as elsewhere; or a folder for a dataset."
    ),
]
DaskOption = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help="The scheduler of a Dask cluster whose workers do the work."
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Requests at a time; by default 4, or the threads of the cluster.",
        show_default=False,
    ),
]
RateOption = Annotated[
    float | None, typer.Option(help="The most requests a second, of all workers together.")
]


class ExportSchema(StrEnum):
    """The schemas of other tools."""

    EVERY_EVAL_EVER = "every-eval-ever"


def _reporter(bar: Progress) -> Callable[[int, int], None]:
    [task] = bar.task_ids
    return lambda done, total: bar.update(task, completed=done, total=max(done, total))


def _write(pager: Pager[Any, Any], path: Path) -> None:
    with progress(None, "rows") as bar:
        count = write(pager, path, on_progress=_reporter(bar))
    print_records([{"file": str(path), "rows": count}], ("file", "rows"), Format.AUTO)


@export.command("models")
@with_filters(ModelsOperations.iter_models)
def export_models(context: typer.Context, *, to: FileOption, **filters: Filters) -> None:
    """Write models; filters combine with AND, the values of one filter with OR."""
    client = session(context).public()
    _write(client.models.iter_models(**filters), to)


@export.command("benchmarks")
@with_filters(Benchmarks.iter_benchmarks)
def export_benchmarks(context: typer.Context, *, to: FileOption, **filters: Filters) -> None:
    """Write benchmarks; filters combine with AND, the values of one filter with OR."""
    client = session(context).public()
    _write(client.benchmarks.iter_benchmarks(**filters), to)


@export.command("evaluations")
@with_filters(Evaluations.iter_evaluations, without=("model_ids", "benchmark_ids"))
def export_evaluations(
    context: typer.Context,
    *,
    to: FileOption,
    model: ModelFilter = None,
    benchmark: BenchmarkFilter = None,
    **filters: Filters,
) -> None:
    """Write evaluations, without their answers."""
    client = session(context).public()
    filters |= find_filters(client, model, benchmark)
    _write(client.evaluations.iter_evaluations(**filters), to)


@export.command("prompts")
def export_prompts(
    context: typer.Context,
    benchmark: Annotated[
        list[str] | None,
        typer.Argument(help="The benchmark's id, key or exact name; several or none for a folder."),
    ] = None,
    *,
    to: PlaceOption,
    dask: DaskOption = None,
    workers: WorkersOption = None,
    rate: RateOption = None,
) -> None:
    """Write the prompts of a benchmark, or of several or all into a folder."""
    client = session(context).public()
    found = [find_benchmark(client, one) for one in benchmark or ()]
    path = _file(to, len(found), dask, workers, rate)
    if path:
        _write(client.benchmarks.iter_prompts(found[0].id), path)
    else:
        _write_dataset(
            context, partial(write_prompts, client, to, found or None), dask, workers, rate
        )


@export.command("results")
@with_filters(
    Evaluations.iter_evaluations, without=("model_ids", "benchmark_ids", "sort_by", "order")
)
def export_results(
    context: typer.Context,
    evaluation: Annotated[
        list[str] | None,
        typer.Argument(help="The evaluation's id; several or none for a folder."),
    ] = None,
    *,
    to: PlaceOption,
    schema: Annotated[
        ExportSchema | None,
        typer.Option(
            "--as", help="Write a folder of this schema: by default of the latest evaluations."
        ),
    ] = None,
    model: ModelFilter = None,
    benchmark: BenchmarkFilter = None,
    dask: DaskOption = None,
    workers: WorkersOption = None,
    rate: RateOption = None,
    **filters: Filters,
) -> None:
    """Write the answers of an evaluation, or of several or all into a folder.

    A folder has Parquet files by benchmark and evaluation, of all evaluations that ended with success
    unless filters say otherwise. Called again, it goes on and fetches nothing twice. Status 5 if an
    evaluation is incomplete.
    """
    client = session(context).public()
    path = _file(to, len(evaluation or ()), dask, workers, rate, schema)
    if evaluation and (model or benchmark or filters):
        raise typer.BadParameter("name evaluations by id, or filter them; not both")
    if schema and (dask or workers or rate):
        raise typer.BadParameter(f"{schema} is written by one process", param_hint="--as")
    if path and evaluation:
        _write(client.evaluations.iter_results(evaluation[0]), path)
        return
    chosen: dict[str, Any] = (
        {"status": "success"} | filters | find_filters(client, model, benchmark)
    )
    found: Iterable[Evaluation]
    if evaluation:
        found = [find_evaluation(client, one) for one in evaluation]
    else:
        if schema:
            chosen.setdefault("unique", True)
        found = client.evaluations.iter_evaluations(**chosen)
    if schema is None:
        _write_dataset(context, partial(write_results, client, to, found), dask, workers, rate)
        return
    with progress(None, "rows") as bar:
        count = export_every_eval_ever(client, to, found, on_progress=_reporter(bar))
    print_records([{"folder": to, "evaluations": count}], ("folder", "evaluations"), Format.AUTO)


def _file(to: str, count: int, *folder_options: object) -> Path | None:
    """Return the file to write, or ``None`` for a folder.

    Raises:
        typer.BadParameter: If a file can't have what is asked for.
    """
    path = Path(to)
    if path.suffix not in FORMATS or to.endswith(("/", os.sep)) or path.is_dir():
        if path.suffix and not to.endswith(("/", os.sep)) and not path.is_dir():
            raise typer.BadParameter(
                f"{to!r} ends in none of {', '.join(FORMATS)}; a folder's name ends in /",
                param_hint="--to",
            )
        return None
    if count != 1 or any(folder_options):
        raise typer.BadParameter(
            "a file takes the rows of one; name a folder (DIR/) for several, all, --as, --dask,"
            " --workers and --rate",
            param_hint="--to",
        )
    return path


def _write_dataset(
    context: typer.Context,
    write_rows: Callable[..., ExportSummary],
    dask: str | None,
    workers: int | None,
    rate: float | None,
) -> None:
    if dask and session(context).is_local:
        raise typer.BadParameter("other processes can't reach --local", param_hint="--dask")
    with _executor(dask) as (executor, size), progress(None, "rows") as bar:
        done = write_rows(
            executor=executor, workers=workers or size, rate=rate, on_progress=_reporter(bar)
        )
    for name, error in done.failed.items():
        note(f"incomplete: {name}: {error}")
    with ending_with(INCOMPLETE if done.failed else 0):
        row = {
            "rows": done.rows, "written": done.written, "kept": done.kept,
            "changed": len(done.changed), "failed": len(done.failed),
        }  # fmt: skip
        print_records([row], tuple(row), Format.AUTO)


@contextmanager
def _executor(address: str | None) -> Iterator[tuple[Executor | None, int]]:
    """Yield the executor of a Dask cluster, and the number of its threads; or none, and four."""
    if address is None:
        yield None, 4
        return
    try:
        distributed = import_module("distributed")
    except ImportError as problem:
        raise ImportError(
            f'--dask needs the extra "dask": pip install "benchwire[dask]" ({problem})'
        ) from problem
    with distributed.Client(address) as cluster:
        yield cluster.get_executor(), max(1, sum(cluster.nthreads().values()))


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
        pager = client.comparisons.iter_results(first, second, **filters)
    else:
        pager = client.comparisons.iter_model_results(
            find_benchmark(client, benchmark).id,
            find_model(client, first).id,
            find_model(client, second).id,
            **filters,
        )
    _write(pager, to)
