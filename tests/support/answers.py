"""A scripted public API over the scores of some models: what the embedded server does not store.

A score of ``None`` is an answer without a score; a prompt that is left out of a model's scores was not
answered by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from support import wire
from support.scripted import Received, Reply, json_reply

Scores = Mapping[int, float | None]

RIGHT = {
    "both_succeed": (True, True),
    "comparison_fails": (True, False),
    "reference_fails": (False, True),
    "both_fail": (False, False),
}


@dataclass
class AnswersService:
    """Models m1, m2, … with evaluations e1, e2, … on benchmark b1.

    Attributes:
        scores: The scores of each model, by the number of the prompt.
        drops_unscored: Whether an answer without a score is of no outcome; otherwise it is a failure.
        applies_filter: Whether outcome filters have an effect.
        fields: More fields of the row of a prompt.
        others: The scores on benchmark b2, with evaluations e11, e12, …; by default the same.
        statuses: The status of the evaluation of each model; by default success.
    """

    scores: list[Scores]
    drops_unscored: bool = True
    applies_filter: bool = True
    fields: Mapping[int, Mapping[str, Any]] | None = None
    others: list[Scores] | None = None
    statuses: Mapping[int, str] | None = None

    def __call__(self, received: Received) -> Reply:
        query = received.query
        numbers = range(1, len(self.scores) + 1)
        if received.path.endswith("/results/comparison"):
            return json_reply(self._comparison(query))
        if received.path.endswith("/evaluations"):
            wanted = [int(model[1:]) for model in query["models"].split(",")]
            found = [n for n in numbers if n in wanted and query["datasets"].startswith("b")]
            place = int(query["datasets"][1:2])
            names = {"dataset_id": query["datasets"], "dataset_name": f"Benchmark {place}"}
            rows = [self._evaluation(n, id=f"e{n + 10 * (place == 2)}", **names) for n in found]
            return json_reply(wire.evaluations(rows))
        if "/evaluations/" in received.path:
            return json_reply(self._evaluation(int(received.path.rpartition("/e")[2])))
        if received.path.endswith("/models"):
            rows = [wire.model(n) for n in numbers]
            return json_reply(wire.models(_named(rows, query), len(rows)))
        rows = [wire.benchmark(n) for n in (1, 2)]
        return json_reply(wire.benchmarks(_named(rows, query), len(rows)))

    def _evaluation(self, number: int, **fields: Any) -> dict[str, Any]:
        names = {"model_id": f"m{number}", "model_key": f"maker/m{number}"}
        names["status"] = (self.statuses or {}).get(number, "success")
        return wire.evaluation(number, **{**names, "dataset_name": "Benchmark 1", **fields})

    def _comparison(self, query: dict[str, str]) -> dict[str, Any]:
        numbers = [int(query[f"evaluation_id_{n}"].removeprefix("e")) - 1 for n in (1, 2)]
        first, second = (
            self.scores[n] if n < 10 else (self.others or self.scores)[n - 10] for n in numbers
        )
        rows = [
            wire.comparison_row(
                n, score1=first[n], score2=second[n], **(self.fields or {}).get(n, {})
            )
            for n in first
            if n in second and self._fits(query.get("outcome_filter", "all"), first[n], second[n])
        ]
        size = int(query["page_size"])
        start = (int(query.get("page", 1)) - 1) * size
        return wire.comparison(rows[start : start + size], len(rows)) | {
            "correct_count_1": sum(_is_right(score) for score in first.values()),
            "total_results_1": len(first),
            "correct_count_2": sum(_is_right(score) for score in second.values()),
            "total_results_2": len(second),
        }

    def _fits(self, outcome: str, first: float | None, second: float | None) -> bool:
        if outcome == "all" or not self.applies_filter:
            return True
        if self.drops_unscored and None in (first, second):
            return False
        return RIGHT[outcome] == (_is_right(first), _is_right(second))


def _is_right(score: float | None) -> bool:
    return score is not None and score > 0.5


def _named(rows: list[dict[str, Any]], query: dict[str, str]) -> list[dict[str, Any]]:
    """Keep rows by ids, or by a part of their key."""
    if "ids" in query:
        return [row for row in rows if row["id"] in query["ids"].split(",")]
    return [row for row in rows if query.get("key", "") in row["key"]]
