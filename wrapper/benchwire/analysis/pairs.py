"""What to read for a comparison: settings, counts of outcomes, scores of rows. Pure; requests nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypedDict, get_args

from .comparison import PairedTable
from .statistics._arguments import count, probability

TestName = Literal["auto", "mcnemar", "t", "permutation"]

SAMPLED = 25
"""Rows of each outcome that are looked at beside its count: are the scores all 0 or 1?"""

OUTCOMES = ("both_succeed", "comparison_fails", "reference_fails", "both_fail")
"""The outcome filters of both, only the first, only the second, and neither right."""


class PairedRow(Protocol):
    """A row of a comparison: what `compare` and `iter_results` return."""

    result_id_1: int | None
    prompt: str
    truth: str
    result1: str | None
    score1: float | None
    result2: str | None
    score2: float | None

    @property
    def additional_properties(self) -> dict[str, Any]:
        """The fields that the spec does not name."""


class PairedPage(Protocol):
    """A page of a comparison, with its counts."""

    total_count: int
    correct_count_1: int
    total_results_1: int
    correct_count_2: int
    total_results_2: int

    @property
    def results(self) -> Sequence[PairedRow]:
        """The rows of the page."""


ClusterOf = Callable[[PairedRow], Hashable]


class Evaluated(Protocol):
    """An evaluation, as far as results name it."""

    id: str
    model_id: str
    model_key: str | None
    model_name: str | None
    benchmark_id: str
    benchmark_name: str | None

    @property
    def status(self) -> str:
        """Its state; ``success`` if every answer is there."""


class DecisionOptions(TypedDict, total=False):
    """How to decide between models.

    Attributes:
        level: The confidence level, above 0 and below 1; by default 0.95.
        test: `auto` (McNemar where every score is exactly 0 or 1, otherwise t), `mcnemar` (an answer is
            right if its score is above 0.5), `t`, or `permutation`: sign flips, with a bootstrap interval.
        clusters: Which items belong together: `prompt`, `truth`, another field of the rows, or a function
            of a row. The test is then t or permutation.
        seed: The seed of resampling; by default 0.
        resamples: How many resamples to draw, at least 100; by default 10,000. Of ranks, at most 2,000.
    """

    level: float
    test: TestName
    clusters: str | ClusterOf | None
    seed: int
    resamples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSettings:
    """How to decide; `DecisionOptions` describes the fields.

    Raises:
        TypeError: If the seed or the number of resamples is no whole number.
        ValueError: If one is out of its limits.
    """

    level: float = 0.95
    test: TestName = "auto"
    clusters: str | ClusterOf | None = None
    seed: int = 0
    resamples: int = 10_000

    @classmethod
    def take(cls, options: Mapping[str, Any]) -> tuple[DecisionSettings, dict[str, Any]]:
        """Return the settings among some options, and the other options."""
        names = DecisionOptions.__annotations__
        own = {name: value for name, value in options.items() if name in names}
        return cls(**own), {name: options[name] for name in options.keys() - own.keys()}

    def __post_init__(self) -> None:
        if self.test not in get_args(TestName):
            names = ", ".join(map(repr, get_args(TestName)))
            raise ValueError(f"test must be one of {names}, not {self.test!r}")
        # Other libraries' numbers become Python's own: results are to be repeated, and written as JSON.
        for name, value in (
            ("level", probability("level", self.level, open_ends=True)),
            ("seed", count("seed", self.seed, -math.inf)),
            ("resamples", count("resamples", self.resamples, 100)),
        ):
            object.__setattr__(self, name, value)
        if isinstance(self.clusters, str) and not self.clusters:
            raise ValueError("clusters must name a field of the rows, not ''")
        if self.test == "mcnemar" and self.clusters is not None:
            raise ValueError(
                "test 'mcnemar' needs independent items: with clusters use 't' or 'permutation'"
            )

    @property
    def needs_rows(self) -> bool:
        """Whether counts can't be enough, whatever they are."""
        return self.test == "t" or self.clusters is not None


@dataclass(frozen=True, slots=True)
class Subject:
    """What is compared: the benchmark, both models, their evaluations, and which of these are unfinished."""

    benchmark: str
    model_1: str
    model_2: str
    evaluation_id_1: str = ""
    evaluation_id_2: str = ""
    unfinished: tuple[str, ...] = ()

    @classmethod
    def of(cls, first: Evaluated, second: Evaluated, benchmark: str | None = None) -> Subject:
        """Return what two evaluations compare; two of one model are told apart by their ids.

        Raises:
            ValueError: If they are one evaluation, or of different benchmarks.
        """
        if first.id == second.id:
            raise ValueError(f"both are evaluation {first.id!r}: there is nothing to compare")
        if first.benchmark_id != second.benchmark_id:
            raise ValueError(
                f"evaluation {first.id!r} is of benchmark {first.benchmark_id!r}, {second.id!r} of"
                f" {second.benchmark_id!r}: only answers to the same items can be compared"
            )
        names = [name_of(first), name_of(second)]
        if names[0] == names[1]:
            names = [f"{name} ({one.id})" for name, one in zip(names, (first, second), strict=True)]
        place = benchmark or first.benchmark_name or first.benchmark_id
        unfinished = tuple(
            f"evaluation {one.id!r} has the status {str(one.status)!r}"
            for one in (first, second)
            if one.status != "success"
        )
        return cls(place, names[0], names[1], first.id, second.id, unfinished)


def name_of(evaluation: Evaluated) -> str:
    """Return the name that results call an evaluation's model."""
    return evaluation.model_key or evaluation.model_name or evaluation.model_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The items of a comparison by outcome, and those left out.

    Attributes:
        table: The items with two scores.
        only_1_answered: Items that only the first evaluation has.
        only_2_answered: Items that only the second evaluation has.
        unscored: Items that both have, with an answer that has no score.
        sampled: Of how many items the scores were looked at; ``None`` for all.
    """

    table: PairedTable
    sampled: int | None = None
    only_1_answered: int = 0
    only_2_answered: int = 0
    unscored: int = 0


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The first pages of the four outcomes, in the order of `OUTCOMES`."""

    pages: Sequence[PairedPage]

    def table(self, test: TestName) -> PairedTable | None:
        """Return the table, or ``None`` if it takes the rows to know it.

        It does where a row has no score or a graded one, where a row is not of its outcome, and where
        the counts contradict each other, as of a service that ignores the filter.
        """
        for outcome, page in zip(((1, 1), (1, 0), (0, 1), (0, 0)), self.pages, strict=True):
            for row in page.results:
                scores = (row.score1, row.score2)
                if None in scores or tuple(_is_right(score) for score in scores) != outcome:
                    return None
                if test != "mcnemar" and not {*scores} <= {0, 1}:
                    return None
        table = PairedTable(*(page.total_count for page in self.pages))
        last = self.pages[-1]
        answered = (last.total_results_1, last.total_results_2)
        right = (table.both + table.only_1, table.both + table.only_2)
        correct = (last.correct_count_1, last.correct_count_2)
        if table.total > min(answered) or any(map(int.__gt__, right, correct)):
            return None
        return None if table.total == min(answered) == max(answered) and right != correct else table

    def is_complete(self, table: PairedTable) -> bool:
        """Return whether the table has every answer of both evaluations."""
        return table.total == self.pages[-1].total_results_1 == self.pages[-1].total_results_2

    def counts(self, table: PairedTable, paired: int) -> Counts:
        """Return all counts, given how many items both evaluations have."""
        last = self.pages[-1]
        sampled = sum(len(page.results) for page in self.pages)
        return Counts(
            table=table,
            sampled=sampled if sampled < table.total else None,
            only_1_answered=max(0, last.total_results_1 - paired),
            only_2_answered=max(0, last.total_results_2 - paired),
            unscored=max(0, paired - table.total),
        )


@dataclass(slots=True)
class PairedScores:
    """The scores of the rows of a comparison; `add` each page.

    Attributes:
        clusters: As in `DecisionSettings`.
        answered: How many answers each evaluation has, as its last page states.
        first: The first model's scores.
        second: The second model's, in the same order.
        labels: The cluster of each item, with `clusters`.
        unscored: Rows with an answer that has no score.
    """

    clusters: str | ClusterOf | None = None
    answered: tuple[int, int] = (0, 0)
    first: list[float] = field(default_factory=list)
    second: list[float] = field(default_factory=list)
    labels: list[Hashable] = field(default_factory=list)
    unscored: int = 0

    def add(self, page: PairedPage) -> None:
        """Take the scores of a page's rows.

        Raises:
            ValueError: If a row has no field named by `clusters`.
        """
        self.answered = (page.total_results_1, page.total_results_2)
        for row in page.results:
            self._add(row)

    def _add(self, row: PairedRow) -> None:
        """Take a row's scores; those of an item are taken together or not at all.

        Raises:
            ValueError: If the row has no field named by `clusters`.
        """
        if row.score1 is None or row.score2 is None:
            self.unscored += 1
            return
        if self.clusters is not None:
            self.labels.append(cluster_of(row, self.clusters))
        self.first.append(row.score1)
        self.second.append(row.score2)

    @property
    def is_binary(self) -> bool:
        """Whether every score is exactly 0 or 1."""
        return {*self.first, *self.second} <= {0, 1}

    def table(self) -> PairedTable:
        """Return the items by who answered them right: with a score above 0.5."""
        found = {(a, b): 0 for a in (True, False) for b in (True, False)}
        for first, second in zip(self.first, self.second, strict=True):
            found[first > 0.5, second > 0.5] += 1
        return PairedTable(*found.values())

    def counts(self) -> Counts:
        """Return all counts."""
        paired = len(self.first) + self.unscored
        return Counts(
            table=self.table(),
            only_1_answered=max(0, self.answered[0] - paired),
            only_2_answered=max(0, self.answered[1] - paired),
            unscored=self.unscored,
        )


def cluster_of(row: PairedRow, clusters: str | ClusterOf) -> Hashable:
    """Return the cluster of a row.

    Raises:
        ValueError: If the row has no such field, or its value can't be a label.
    """
    if callable(clusters):
        label = clusters(row)
    else:
        fields: Mapping[str, Any] = {
            "prompt": row.prompt,
            "truth": row.truth,
            **row.additional_properties,
        }
        if clusters not in fields:
            names = ", ".join(map(repr, fields))
            raise ValueError(f"clusters: a row has no field {clusters!r}; it has {names}")
        label = fields[clusters]
    if not isinstance(label, Hashable):
        raise ValueError(f"clusters: {type(label).__name__} can't be the label of a cluster")
    return label


def _is_right(score: float | None) -> int:
    return int(score is not None and score > 0.5)
