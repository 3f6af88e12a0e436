"""``benchwire compare`` and ``plan``: which of two models is better, and how many items that takes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import Annotated

import typer

import benchwire
from benchwire.analysis import ComparisonStatistics, statistics
from benchwire.cli.exits import GATE_NOT_MET, ending_with
from benchwire.cli.gate import Gate
from benchwire.cli.output import (
    FieldsOption,
    Format,
    FormatOption,
    note,
    note_rest,
    print_record,
    print_records,
    print_table,
    resolved,
)
from benchwire.cli.references import find_benchmark, find_model
from benchwire.cli.report import ReportOption, write_report
from benchwire.cli.session import session
from benchwire.models import ComparisonResult, OutcomeFilter

ITEM_COLUMNS = ("prompt", "truth", "result1", "score1", "result2", "score2")
COMPARE_FIELDS = (
    "Fields of the JSON: benchmark, model_1, model_2, n_paired, only_1_answered, only_2_answered,"
    " unscored, table{both, only_1, only_2, neither}, accuracy_1 and accuracy_2 {value, low, high},"
    " difference{value, low, high, level, method}, test{name, p, exact_p}, detectable_difference,"
    " standard_error{paired, unpaired}, sampled, warnings, summary; with --items also items."
)


class Items(StrEnum):
    """The items to show, by who answered them right."""

    DIFFER = "differ"
    ONLY_1 = "only-1"
    ONLY_2 = "only-2"
    BOTH_FAIL = "both-fail"
    ALL = "all"


class Test(StrEnum):
    """The tests."""

    AUTO = "auto"
    MCNEMAR = "mcnemar"
    T = "t"
    PERMUTATION = "permutation"


_OUTCOMES = {
    Items.DIFFER: (OutcomeFilter.COMPARISON_FAILS, OutcomeFilter.REFERENCE_FAILS),
    Items.ONLY_1: (OutcomeFilter.COMPARISON_FAILS,),
    Items.ONLY_2: (OutcomeFilter.REFERENCE_FAILS,),
    Items.BOTH_FAIL: (OutcomeFilter.BOTH_FAIL,),
    Items.ALL: (OutcomeFilter.ALL,),
}

LevelOption = Annotated[float, typer.Option(help="The confidence level.", min=0, max=1)]
SeedOption = Annotated[int, typer.Option(help="The seed of resampling.")]


def compare(
    context: typer.Context,
    first: Annotated[
        str,
        typer.Argument(help="A model's id, key or name; without --benchmark an evaluation's id."),
    ],
    second: Annotated[
        str, typer.Argument(help="The other one; differences are first minus second.")
    ],
    *,
    benchmark: Annotated[
        str | None, typer.Option(help="The benchmark's id, key or exact name.")
    ] = None,
    items: Annotated[
        Items | None,
        typer.Option(help="Show these items, instead of the statistics, which go to stderr."),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="The most items to show; 0 shows all.")] = 30,
    level: LevelOption = 0.95,
    test: Annotated[
        Test, typer.Option(help="auto: McNemar for right or wrong answers, else the paired t.")
    ] = Test.AUTO,
    cluster: Annotated[
        str | None, typer.Option(help="A field of the rows: items with one value belong together.")
    ] = None,
    seed: SeedOption = 0,
    fail_if: Annotated[
        str | None,
        typer.Option(
            metavar="worse|worse-by=PP|not-better",
            help="End with status 3 if the first model is shown to be worse, or worse by more than PP"
            " percentage points, or is not shown to be better: judged by the interval's limit.",
        ),
    ] = None,
    report: ReportOption = None,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """Compare two models on a benchmark: the difference, its interval, its test."""
    gate = None if fail_if is None else Gate.parse(fail_if)
    client = session(context).public()
    ids: tuple[str, ...] = ()
    if benchmark is not None:
        models = [find_model(client, name).id for name in (first, second)]
        ids = (find_benchmark(client, benchmark).id, *models)
    result = client.comparisons.statistics(
        *ids,
        evaluation_ids=None if ids else (first, second),
        level=level,
        test=test.value,
        clusters=cluster,
        seed=seed,
    )
    status = 0
    if gate is not None:
        passed, sentence = gate.judge(result)
        note(sentence)
        status = 0 if passed else GATE_NOT_MET
    if report is not None:
        both = (result.evaluation_id_1, result.evaluation_id_2)
        write_report(result, report, client.comparisons.iter_results(*both))
    for warning in result.warnings:
        note(warning)
    with ending_with(status):
        if items is None:
            _print_statistics(result, form, fields)
        else:
            rows = _rows(client, result, items, limit)
            _print_items(result, rows, _number_of(items, result), form, fields)


def plan(
    context: typer.Context,
    *,
    difference: Annotated[
        float, typer.Option(help="The difference to detect, in percentage points.", min=0, max=100)
    ],
    discordance: Annotated[
        float | None,
        typer.Option(help="The share of items that exactly one model answers right.", min=0, max=1),
    ] = None,
    like: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--from", help="Two evaluations, of which to take the share.", metavar="EVAL_1 EVAL_2"
        ),
    ] = None,
    power: Annotated[
        float, typer.Option(help="The probability of detecting it.", min=0, max=1)
    ] = 0.8,
    level: LevelOption = 0.95,
    form: FormatOption = Format.AUTO,
    fields: FieldsOption = None,
) -> None:
    """Compute how many items it takes to detect a difference between two models."""
    if (discordance is None) == (like is None):
        raise typer.BadParameter("pass --discordance, or --from with two evaluations")
    if like is not None:
        found = (
            session(context).public().comparisons.statistics(evaluation_ids=like, test="mcnemar")
        )
        for warning in found.warnings:
            note(warning)
        discordance = (found.table.only_1 + found.table.only_2) / found.n_paired
    items = statistics.sample_size(
        difference / 100, discordance=discordance, level=level, power=power
    )
    planned = {
        "items": math.ceil(items),
        "difference": difference / 100,
        "discordance": discordance,
        "level": level,
        "power": power,
    }
    print_record(planned, form, fields, quiet="items")


def _print_statistics(result: ComparisonStatistics, form: Format, fields: str | None) -> None:
    if resolved(form) is Format.TABLE and not fields:
        print(result.summary())
        print_table(("", ""), result.rows())
    else:
        print_record(result.to_dict(), form, fields, quiet="summary")


def _print_items(
    result: ComparisonStatistics,
    rows: list[ComparisonResult],
    total: int,
    form: Format,
    fields: str | None,
) -> None:
    """Print items; JSON has the statistics, too, which otherwise go to standard error."""
    if form is Format.JSON:
        print_record({**result.to_dict(), "items": rows}, form, fields)
        return
    note(result.summary())
    note_rest(print_records(rows, ITEM_COLUMNS, form, fields), total)


def _number_of(items: Items, result: ComparisonStatistics) -> int:
    table = result.table
    match items:
        case Items.DIFFER:
            return table.only_1 + table.only_2
        case Items.ONLY_1:
            return table.only_1
        case Items.ONLY_2:
            return table.only_2
        case Items.BOTH_FAIL:
            return table.neither
        case Items.ALL:
            return result.n_paired + result.unscored


def _rows(
    client: benchwire.PublicClient, result: ComparisonStatistics, items: Items, limit: int
) -> list[ComparisonResult]:
    def every() -> Iterator[ComparisonResult]:
        for outcome in _OUTCOMES[items]:
            yield from client.comparisons.iter_results(
                result.evaluation_id_1,
                result.evaluation_id_2,
                outcome_filter=outcome,
                max_items=limit or None,
            )

    return list(islice(every(), limit or None))
