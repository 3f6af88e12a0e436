"""The requests of statistics: which evaluations to compare, and counts where counts are enough."""

from __future__ import annotations

from collections.abc import Collection

from benchwire._requests.comparison import Comparison, IdOrKey, find_evaluations
from benchwire._requests.fetch import fetch
from benchwire._transport.port import Port
from benchwire.analysis.pairs import (
    OUTCOMES,
    SAMPLED,
    Counts,
    DecisionOptions,
    DecisionSettings,
    Outcomes,
    Subject,
)
from benchwire.options import CallOptions
from benchwire_api.public.api.comparisons import compare_evaluations
from benchwire_api.public.models import ComparisonResponse, Evaluation, OutcomeFilter


class StatisticsOptions(CallOptions, DecisionOptions, total=False):
    """What statistics take beside what they compare: how to decide, and how to request."""


async def find_subject(port: Port, comparison: Comparison) -> Subject:
    """Find both evaluations of a comparison."""
    return Subject.of(*await comparison.find_both(port), comparison.benchmark_key)


async def count(port: Port, of: Subject, settings: DecisionSettings) -> Counts | None:
    """Return the counts by outcome, or ``None`` if it takes the rows to know them.

    Four requests, of a count and a few rows each; one more for the items that both evaluations have,
    unless the four have every answer.
    """
    ids = (of.evaluation_id_1, of.evaluation_id_2)

    async def page(outcome: str, size: int) -> ComparisonResponse:
        request = compare_evaluations.build_request(
            evaluation_id_1=ids[0],
            evaluation_id_2=ids[1],
            page_size=size,
            outcome_filter=OutcomeFilter(outcome),
        )
        return await fetch(port, request, compare_evaluations.parse_response)

    if settings.needs_rows:
        return None
    outcomes = Outcomes([await page(outcome, SAMPLED) for outcome in OUTCOMES])
    table = outcomes.table(settings.test)
    if table is None:
        return None
    is_complete = outcomes.is_complete(table)
    return outcomes.counts(
        table, table.total if is_complete else (await page("all", 1)).total_count
    )


async def find_matrix(
    port: Port, benchmarks: Collection[str], models: Collection[str]
) -> list[list[Evaluation]]:
    """Find, for each benchmark, the latest successful evaluation of each model.

    One request for each model and two for each benchmark.
    """
    model_ids = [await IdOrKey("model", "", one, one).find(port) for one in models]
    _check_distinct("models", model_ids, models)
    places = [await IdOrKey("benchmark", "", one, one).find(port) for one in benchmarks]
    _check_distinct("benchmarks", places, benchmarks)
    return [await find_evaluations(port, place, *model_ids) for place in places]


def _check_distinct(what: str, ids: Collection[str], names: Collection[str]) -> None:
    if len(set(ids)) < len(ids):
        raise ValueError(f"{what}: two of {', '.join(map(repr, names))} are the same")
