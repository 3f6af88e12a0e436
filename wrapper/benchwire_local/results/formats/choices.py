"""What a user chose of the metrics, filters and models of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchwire_local.results.formats.fields import FieldError, name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchwire_local.results.row import FileReport


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of a user.

    Args:
        metrics: The metrics to take as score; of several that a task has, the first named here.
        filters: The filters of lm-evaluation-harness, as ``metrics``.
        model: The model's key, instead of the one in the file.
        survey: Whether to count what is there without a choice: where one is due, the first
            metric or filter is counted, and a note says that one has to be named.
    """

    metrics: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    model: str | None = None
    survey: bool = False

    def __post_init__(self) -> None:
        if self.model is not None:
            name(self.model, "model")

    def metric(self, task: str, available: Sequence[str], report: FileReport) -> str:
        """Return the metric to take as score; refuse to guess among several."""
        report.offer(metrics=available)
        return self._choose("metric", task, available, self.metrics, report)

    def filter(self, task: str, available: Sequence[str], report: FileReport) -> str:
        """Return the filter whose answers to read; refuse to guess among several."""
        report.offer(filters=available)
        return self._choose("filter", task, available, self.filters, report)

    def _choose(
        self,
        kind: str,
        task: str,
        available: Sequence[str],
        named: tuple[str, ...],
        report: FileReport,
    ) -> str:
        listed = ", ".join(available) or "none"
        for choice in named:
            if choice in available:
                return choice
        if named:
            raise FieldError(f"{kind}: {task} has no {kind} {' or '.join(named)}; it has: {listed}")
        if not available:
            raise FieldError(f"{kind}: {task} has no {kind} that scores single answers")
        if len(available) > 1:
            message = f"{kind}: {task} has {len(available)} {kind}s: {listed}; name one (--{kind})"
            if not self.survey:
                raise FieldError(message)
            report.note(message)
        return available[0]
