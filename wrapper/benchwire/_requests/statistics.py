"""The requests of a comparison's statistics: both evaluations, then counts where counts are enough."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from benchwire._requests.comparison import Comparison
from benchwire._requests.evaluation import get_evaluation
from benchwire._requests.fetch import fetch
from benchwire._transport.port import Port
from benchwire.analysis.pairs import OUTCOMES, SAMPLED, Counts, DecisionSettings, Outcomes, Subject
from benchwire_api.arguments import identifier
from benchwire_api.public.api.comparisons import compare_evaluations
from benchwire_api.public.models import ComparisonResponse, Evaluation


@frozen
class Pair:
    """Two evaluations to compare: of two models on a benchmark, or by their own ids."""

    comparison: Comparison
    evaluation_ids: Sequence[str] | None

    def check(self) -> None:
        """Validate the arguments, before the first of the requests."""
        if self.evaluation_ids is None:
            self.comparison.check(None, None)
            return
        if any(part.id or part.key for part in self.comparison.parts):
            raise ValueError("pass evaluation_ids, or benchmark and models, not both")
        if isinstance(self.evaluation_ids, str) or len(self.evaluation_ids) != 2:
            raise ValueError(f"evaluation_ids must be two ids, not {self.evaluation_ids!r}")
        for place, one in enumerate(self.evaluation_ids):
            identifier(f"evaluation_ids[{place}]", one)

    async def find(self, port: Port) -> Subject:
        """Find both evaluations: two requests by their ids, otherwise one, and one for each key."""
        key = self.comparison.benchmark_key
        if self.evaluation_ids is None:
            return subject(*await self.comparison.find_both(port), key)
        first, second = [
            await get_evaluation(port, one, port.deadline) for one in self.evaluation_ids
        ]
        if first.benchmark_id != second.benchmark_id:
            raise ValueError(
                f"evaluation {first.id!r} is of benchmark {first.benchmark_id!r}, {second.id!r} of"
                f" {second.benchmark_id!r}: only answers to the same items can be compared"
            )
        return subject(first, second, key)

    async def count(self, port: Port, of: Subject, settings: DecisionSettings) -> Counts | None:
        """Return the counts by outcome, or ``None`` if it takes the rows to know them.

        Four requests, of a count and a few rows each; one more for the items that both evaluations
        have, unless the four have every answer.
        """
        if settings.needs_rows:
            return None
        outcomes = Outcomes([await self._page(port, of, name, SAMPLED) for name in OUTCOMES])
        table = outcomes.table(settings.test)
        if table is None or outcomes.is_complete(table):
            return None if table is None else outcomes.counts(table, table.total)
        return outcomes.counts(table, (await self._page(port, of, "all", 1)).total_count)

    async def answered(self, port: Port, of: Subject) -> tuple[int, int]:
        """Return how many answers each evaluation has."""
        page = await self._page(port, of, "all", 1)
        return page.total_results_1, page.total_results_2

    async def _page(self, port: Port, of: Subject, outcome: str, size: int) -> ComparisonResponse:
        request = evolve(self.comparison, outcome_filter=outcome).request(
            of.evaluation_id_1, of.evaluation_id_2, None, size
        )
        return await fetch(port, request, compare_evaluations.parse_response)


def subject(first: Evaluation, second: Evaluation, benchmark_key: str | None) -> Subject:
    """Return what two evaluations compare; two of one model are told apart by their ids."""
    names = [one.model_key or one.model_name or one.model_id for one in (first, second)]
    if names[0] == names[1]:
        names = [f"{name} ({one.id})" for name, one in zip(names, (first, second), strict=True)]
    return Subject(
        benchmark=benchmark_key or first.benchmark_name or first.benchmark_id,
        model_1=names[0],
        model_2=names[1],
        evaluation_id_1=first.id,
        evaluation_id_2=second.id,
    )
