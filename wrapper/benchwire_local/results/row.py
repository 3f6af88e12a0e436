"""One row for every format: a model's answer to a prompt, and what a file was found to hold."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from benchwire_local.data.public_tables import prompt_digest

if TYPE_CHECKING:
    from collections.abc import Iterable

Status = Literal["scored", "unscored", "error"]


class Row(NamedTuple):
    """A model's answer to one prompt of a benchmark.

    Args:
        benchmark: The benchmark's key.
        model: The model's key.
        prompt_id: The id of the prompt in its source; ``None`` if that has none.
        input: The prompt; ``None`` if the log does not have it, because the sample never ran.
        truth: The expected answer; empty if the log has none.
        result: The model's answer; ``None`` if it failed to answer.
        score: From 0 to 1; ``None`` unless the status is ``scored``.
        status: ``scored``, ``unscored`` (answered, and no score is known) or ``error`` (the
            sample failed or never ran).
        scorer: What computed the score: a metric or scorer, with its filter.
        epoch: Which of several answers to the prompt, from 1.
        cluster: Prompts with the same value depend on each other.
        metadata: Further values of the sample.
        duration_ms: The time of the answer, if known.
        source: The file, with the member of an archive.
        line: The line, or the place of the element in its array, from 1.
    """

    benchmark: str
    model: str
    prompt_id: str | None
    input: str | list[Any] | dict[str, Any] | None
    truth: str
    result: str | None
    score: float | None
    status: Status = "scored"
    scorer: str | None = None
    epoch: int = 1
    cluster: str | None = None
    metadata: dict[str, Any] | None = None
    duration_ms: float | None = None
    source: str = ""
    line: int | None = None

    @property
    def digest(self) -> str:
        """Identifies the prompt by its input and truth; empty without an input."""
        return "" if self.input is None else prompt_digest(self.input, self.truth)


@dataclass(slots=True)
class Tally:
    """The counts of one model's answers to one benchmark.

    Args:
        own_count: How many answers the file says it has, if it does.
        own_mean: The mean score the file states, if it does.
    """

    rows: int = 0
    scored: int = 0
    unscored: int = 0
    errors: int = 0
    total_score: float = 0.0
    own_count: int | None = None
    own_mean: float | None = None

    @property
    def mean(self) -> float | None:
        """The mean of the scores; ``None`` if no answer is scored."""
        return self.total_score / self.scored if self.scored else None


@dataclass(slots=True)
class FileReport:
    """What a file was recognised as, and the counts of the rows read from it so far."""

    source: str
    format: str
    version: str | None = None
    filters: list[str] = field(default_factory=list)
    metrics: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    evaluations: dict[tuple[str, str], Tally] = field(default_factory=dict)

    def count(self, row: Row) -> None:
        """Count a row."""
        tally = self.evaluation(row.benchmark, row.model)
        tally.rows += 1
        score = row.score
        if score is not None:
            tally.scored += 1
            tally.total_score += score
        elif row.status == "unscored":
            tally.unscored += 1
        else:
            tally.errors += 1

    def evaluation(self, benchmark: str, model: str) -> Tally:
        """Return the counts of a model's answers to a benchmark."""
        found = self.evaluations.get((benchmark, model))
        if found is None:
            found = self.evaluations[benchmark, model] = Tally()
        return found

    def note(self, text: str) -> None:
        """Add what a user has to know about the file, once."""
        if text not in self.notes:
            self.notes.append(text)

    def offer(self, filters: Iterable[str] = (), metrics: Iterable[str] = ()) -> None:
        """Add the filters and metrics that the file has."""
        self.filters += [name for name in filters if name not in self.filters]
        self.metrics += [name for name in metrics if name not in self.metrics]

    def check_own_figures(self) -> None:
        """Add a note wherever the file's own count or mean disagrees with its rows."""
        for (benchmark, model), tally in self.evaluations.items():
            where = f"{benchmark} of {model}"
            if tally.own_count is not None and tally.own_count != tally.rows:
                self.note(
                    f"{where}: the file states {tally.own_count} answers, its rows are {tally.rows}"
                )
            elif (
                tally.own_mean is not None
                and tally.mean is not None
                and not math.isclose(tally.own_mean, tally.mean, rel_tol=1e-6, abs_tol=1e-6)
            ):
                self.note(
                    f"{where}: the file states a mean of {tally.own_mean:.6g}, that of its rows"
                    f" is {tally.mean:.6g}"
                )
