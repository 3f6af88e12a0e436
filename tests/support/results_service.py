"""A scripted service with evaluations and their answers, that counts the pages it sent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from support import wire
from support.scripted import Received, Reply, json_reply


def answer_row(evaluation: str, number: int) -> dict[str, Any]:
    return {
        "prompt": f"What is {number}?",
        "result": f"{evaluation}: {number}",
        "truth": str(number),
        "score": float(number % 2),
        "duration": 1_000_000 * number,
    }


@dataclass
class ResultsService:
    """What the service has; a test changes it as it goes.

    Attributes:
        sizes: The number of answers of each evaluation.
        benchmarks: The benchmark's name of each evaluation; by default ``bench``.
        cap: The most rows of a page.
        intercept: Returns a reply to a page of answers (evaluation, page), or ``None`` for the real one.
        pages: How often each page of answers was asked for.
        listings: How often evaluations were listed.
    """

    sizes: dict[str, int]
    benchmarks: dict[str, str] = field(default_factory=dict)
    cap: int = 500
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    intercept: Callable[[str, int], Reply | None] = lambda _evaluation, _page: None
    pages: Counter[tuple[str, int]] = field(default_factory=Counter)
    listings: int = 0

    def __call__(self, received: Received) -> Reply:
        if received.path.endswith("/evaluations"):
            self.listings += 1
            rows = [self._listed(number, name) for number, name in enumerate(self.sizes)]
            return json_reply(wire.evaluations(rows))
        if received.path.endswith("/datasets"):
            return json_reply(wire.benchmarks([], 0))
        evaluation, page = received.query["evaluation_id"], int(received.query["page"])
        self.pages[evaluation, page] += 1
        found = self.intercept(evaluation, page)
        return found or self.page(evaluation, page, int(received.query["page_size"]))

    def page(self, evaluation: str, page: int, page_size: int = 500) -> Reply:
        """The right reply to a page."""
        size, total = min(page_size, self.cap), self.sizes[evaluation]
        rows = [
            answer_row(evaluation, n) for n in range((page - 1) * size, min(page * size, total))
        ]
        return json_reply(wire.results(rows, total))

    def _listed(self, number: int, name: str) -> dict[str, Any]:
        benchmark = self.benchmarks.get(name, "bench")
        dataset = "b" + re.sub(r"\W", "", benchmark)[:20] + str(len(benchmark))
        return wire.evaluation(
            number,
            id=name,
            dataset_id=dataset,
            dataset_name=benchmark,
            total_prompt_count=self.sizes[name],
            **self.changes.get(name, {}),
        )
