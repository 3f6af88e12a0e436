"""``benchwire matrix``: how several models rank."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

import benchwire
from benchwire.cli.compare import LevelOption, SeedOption
from benchwire.cli.exits import USAGE, CommandError
from benchwire.cli.output import (
    FieldsOption,
    Format,
    FormatOption,
    note,
    print_record,
    print_records,
)
from benchwire.cli.references import find_benchmark, find_model
from benchwire.cli.report import ReportOption, write_report
from benchwire.cli.session import session

MATRIX_FIELDS = (
    "Fields of the rows: tier, rank{value, low, high}, model, n, unscored, accuracy{value, low, high},"
    " by_benchmark. Fields of the JSON: benchmarks, models (the rows), pairs, tiers, adjust, level,"
    " baseline, reference, any_difference, seed, resamples, warnings, summary."
)
COLUMNS = (
    "model", "tier", "rank.value", "rank.low", "rank.high", "accuracy.value", "accuracy.low",
    "accuracy.high", "n", "unscored",
)  # fmt: skip


class Adjust(StrEnum):
    """How p-values are adjusted for all pairs."""

    HOLM = "holm"
    BH = "bh"
    NONE = "none"


def matrix(
    context: typer.Context,
    *,
    benchmark: Annotated[
        list[str],
        typer.Option(help="A benchmark's id, key or name; of several each counts equally."),
    ],
    model: Annotated[
        list[str] | None, typer.Option(help="A model's id, key or name; two or more.")
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(min=2, max=100, help="The N most accurate models of the first benchmark."),
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(help="The model that the others are compared with.")
    ] = None,
    adjust: Annotated[Adjust, typer.Option(help="How p-values are adjusted for all pairs.")] = (
        Adjust.HOLM
    ),
    level: LevelOption = 0.95,
    seed: SeedOption = 0,
    tiers: Annotated[
        bool, typer.Option("--tiers", help="Show the tiers instead of the models.")
    ] = False,
    report: ReportOption = None,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """Rank models on the same items: ranks with intervals, and tiers that the items separate."""
    client = session(context).public()
    benchmarks = [find_benchmark(client, one).id for one in benchmark]
    models = _models(client, benchmarks[0], model, top)
    reference = None if baseline is None else find_model(client, baseline).id
    if reference is not None and reference not in models:
        models.append(reference)
    result = client.comparisons.matrix(
        benchmarks, models, baseline=reference, adjust=adjust.value, level=level, seed=seed
    )
    if report is not None:
        write_report(result, report)
    record = result.to_dict()
    if form is Format.JSON:
        print_record(record, form, fields)
    elif tiers:
        rows = [
            {"tier": number, "models": ", ".join(tier)}
            for number, tier in enumerate(result.tiers, start=1)
        ]
        print_records(rows, ("tier", "models"), form, fields)
    else:
        print_records(record["models"], COLUMNS, form, fields)
    note(result.summary())
    for warning in result.warnings:
        note(warning)


def _models(
    client: benchwire.PublicClient, benchmark_id: str, named: list[str] | None, top: int | None
) -> list[str]:
    """Return the ids of the models: those named, or the most accurate of a benchmark."""
    if (named is None) == (top is None):
        raise CommandError("pass --model two or more times, or --top", USAGE)
    if named is not None:
        return [find_model(client, one).id for one in named]
    best = client.evaluations.iter_evaluations(
        benchmark_ids=[benchmark_id],
        status="success",
        unique=True,
        sort_by="accuracy",
        order="desc",
        max_items=top,
    )
    found = list(dict.fromkeys(str(one.model_id) for one in best))
    if len(found) < 2:
        raise CommandError(f"{len(found)} models have a successful evaluation: 2 are needed")
    return found
