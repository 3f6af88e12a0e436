"""``benchwire redteam``: read the red-team benchmark of the v2 API."""

from __future__ import annotations

from typing import Annotated

import typer

from benchwire.cli.output import (
    FieldsOption,
    Format,
    FormatOption,
    fields_of,
    print_record,
    print_records,
)
from benchwire.cli.session import session
from benchwire.models import (
    BenchmarkModel,
    BenchmarkModelWithDetails,
    BenchmarkProbeRun,
    BenchmarkTestCase,
    BenchmarkType,
)

redteam: typer.Typer = typer.Typer(help="The red-team benchmark: models, probe runs and test cases.",
                      no_args_is_help=True)  # fmt: skip

TypeOption = Annotated[
    int | None, typer.Option("--type", help="The benchmark type's id, of `redteam types`.")
]
ModelArgument = Annotated[int, typer.Argument(help="The model's id, of `redteam models`.")]


@redteam.command("types", epilog=fields_of(BenchmarkType))
def list_types(
    context: typer.Context, *, form: FormatOption = Format.AUTO, fields: FieldsOption = None
) -> None:
    """List the benchmark types."""
    found = session(context).v2().benchmarks.list_types()
    print_records(found, ("id", "name", "description"), form, fields)


@redteam.command("models", epilog=fields_of(BenchmarkModel))
def list_models(
    context: typer.Context,
    *,
    benchmark_type: TypeOption = None,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """List the models with their scores."""
    found = session(context).v2().benchmarks.list_models(benchmark_type)
    print_records(found, ("id", "name", "provider", "benchmark_date", "scores"), form, fields)


@redteam.command("model", epilog=fields_of(BenchmarkModelWithDetails))
def get_model(
    context: typer.Context,
    model: ModelArgument,
    *,
    benchmark_type: TypeOption = None,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """Show one model with its counts and ranks."""
    print_record(session(context).v2().benchmarks.get_model(model, benchmark_type), form, fields)


@redteam.command("runs", epilog=fields_of(BenchmarkProbeRun))
def list_runs(
    context: typer.Context,
    model: ModelArgument,
    benchmark_type: Annotated[int, typer.Argument(help="The benchmark type's id.", metavar="TYPE")],
    *,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """List the probe runs of a model."""
    found = session(context).v2().benchmarks.list_runs(model, benchmark_type)
    columns = ("id", "probe_name", "probe_category_name", "passed_count", "failed_count",
               "total_count", "score")  # fmt: skip
    print_records(found, columns, form, fields)


@redteam.command("cases", epilog=fields_of(BenchmarkTestCase))
def list_cases(
    context: typer.Context,
    model: ModelArgument,
    run: Annotated[int, typer.Argument(help="The probe run's id, of `redteam runs`.")],
    *,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """List the test cases of a probe run."""
    found = session(context).v2().benchmarks.get_run(model, run)
    print_records(found.test_cases or (), ("id", "result", "explanation"), form, fields)
