"""Two models on one benchmark: the difference, its interval, its test, and one sentence of it all.

A difference is the first model's value minus the second's. Right or wrong answers (every score exactly
0 or 1) give Tango's interval and McNemar's test, and four counts are enough for them; graded scores and
items in clusters give the paired t; resampling gives a bootstrap interval and the sign-flip test.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ._words import (
    Unit,
    amount,
    html_table,
    level_text,
    percentage,
    probability_text,
    signed,
)

FEW = 30
"""Fewer items than this get a warning."""

NO_SPREAD = "Every difference, or that of every cluster, is the same, so there is no spread to compute with."

PARTIAL = "only the answers that it has are compared, and these need not be typical of all."

MCNEMAR = "McNemar mid-p"

POWER = 0.8
"""The probability with which the detectable difference is detected."""


@dataclass(frozen=True, slots=True)
class PairedTable:
    """How many items both models answered right, only the first, only the second, neither.

    An answer is right where its score is above 0.5, the service's rule.
    """

    both: int
    only_1: int
    only_2: int
    neither: int

    @property
    def total(self) -> int:
        """The number of items."""
        return self.both + self.only_1 + self.only_2 + self.neither


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with the limits of its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """First minus second, with the limits of its confidence interval.

    Attributes:
        value: The difference: of shares from 0 to 1, 0.043 is 4.3 percentage points.
        low: The lower limit.
        high: The upper limit.
        level: The confidence level.
        method: How the limits were computed.
    """

    value: float
    low: float
    high: float
    level: float
    method: str

    @property
    def is_decided(self) -> bool:
        """Whether the interval excludes 0: which model is better is known at this level."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class SignificanceTest:
    """The test of whether both models are equally good.

    Attributes:
        name: The test.
        p: Its two-sided p-value.
        exact_p: The exact p-value, where there is one.
        seed: The seed of resampling; ``None`` where nothing was resampled.
        resamples: How many resamples were drawn; ``None`` where nothing was resampled.
    """

    name: str
    p: float
    exact_p: float | None = None
    seed: int | None = None
    resamples: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-like values; seed and resamples only where there are any."""
        drawn = {} if self.seed is None else {"seed": self.seed, "resamples": self.resamples}
        return {"name": self.name, "p": self.p, "exact_p": self.exact_p, **drawn}


@dataclass(frozen=True, slots=True)
class StandardErrors:
    """The standard error of the difference.

    Attributes:
        paired: With the answers paired by item, as they are; clusters included.
        unpaired: As if the models had answered different items: what pairing has gained.
    """

    paired: float
    unpaired: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonStatistics:
    """Whether one of two models is better on a benchmark, and how sure that is.

    Attributes:
        difference: The difference of the accuracies, first minus second, with its interval.
        benchmark: The benchmark.
        model_1: The first model.
        model_2: The second model.
        evaluation_id_1: The first model's evaluation.
        evaluation_id_2: The second model's evaluation.
        n_paired: How many items both models answered, with a score each; all numbers are of these.
        only_1_answered: How many items only the first evaluation has.
        only_2_answered: How many items only the second evaluation has.
        unscored: How many items both evaluations have of which an answer has no score. Such an answer
            is not wrong: the item is left out.
        table: The items by who answered them right.
        accuracy_1: The first model's share of right answers, or mean score, with its interval.
        accuracy_2: The second model's.
        test: The test of whether both are equally good.
        detectable_difference: The difference that so many items detect with a probability of 80 %;
            ``None`` if they are too few for any, or the differences have no spread.
        standard_error: The standard error of the difference, paired and unpaired.
        scores: ``binary`` if every score is exactly 0 or 1, or was taken as right or wrong.
        sampled: Of how many items the scores were looked at to know that; ``None`` for all. With a graded
            score among the others, ``binary`` is that of answers with a score above 0.5; one without a
            score is wrong, if the service has it among those that both failed.
        unit: ``points`` where scores are from 0 to 1, otherwise ``score``.
        clusters: How many clusters the items come in; ``None`` where they count as independent.
        unfinished: The evaluations that did not end with success, of which answers may be missing.
        warnings: What to know before relying on it, in sentences.
    """

    difference: Difference
    benchmark: str
    model_1: str
    model_2: str
    evaluation_id_1: str
    evaluation_id_2: str
    n_paired: int
    only_1_answered: int
    only_2_answered: int
    unscored: int
    table: PairedTable
    accuracy_1: Estimate
    accuracy_2: Estimate
    test: SignificanceTest
    detectable_difference: float | None
    standard_error: StandardErrors
    scores: Literal["binary", "graded"]
    unit: Unit = "points"
    clusters: int | None = None
    unfinished: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sampled: int | None = None

    def summary(self) -> str:
        """Return the result in one plain sentence.

        It calls one model better only where the interval excludes 0. Otherwise it says that these items
        do not show which is, and what difference they would have shown; never that there is none.
        """
        gap = self.difference
        unit = " percentage points" if self.unit == "points" else ""
        level = level_text(gap.level)
        if gap.is_decided:
            word = "better" if gap.value > 0 else "worse"
            low, high = sorted((abs(gap.low), abs(gap.high)))
            text = (
                f"{self.model_1} is {amount(abs(gap.value), self.unit)}{unit} {word} than"
                f" {self.model_2} on {self.benchmark}, {level} CI {amount(low, self.unit)} to"
                f" {amount(high, self.unit)} ({self._evidence()})"
            )
        else:
            text = (
                f"Whether {self.model_1} or {self.model_2} is better on {self.benchmark} is not"
                f" decided by these items: the difference is {signed(gap.value, self.unit)}{unit},"
                f" {level} CI {signed(gap.low, self.unit)} to {signed(gap.high, self.unit)}"
                f" ({self._evidence()})"
            )
            if self.detectable_difference is not None:
                text += (
                    f", where {amount(self.detectable_difference, self.unit)}{unit} would have been"
                    f" detected with a probability of {level_text(POWER)}"
                )
        if self.n_paired < FEW:
            text += f"; {self.n_paired} items are too few to rely on"
        text = "; ".join([text, *self.unfinished])
        return text + "."

    def _evidence(self) -> str:
        test = self.test
        parts = [f"{test.name} {'' if test.name.endswith('p') else 'p '}{probability_text(test.p)}"]
        if self.scores == "binary":
            parts.append(
                f"{self.table.only_1:,} items only the first answered right, {self.table.only_2:,}"
                f" only the second, of {self.n_paired:,}"
            )
        else:
            parts.append(f"{self.n_paired:,} items")
        if self.clusters is not None:
            parts.append(f"{self.clusters:,} clusters")
        if test.seed is not None:
            parts.append(f"seed {test.seed}")
        if self.unscored:
            parts.append(f"{self.unscored:,} without a score left out")
        return "; ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-like values: the object that ``compare --format json`` prints."""
        return {
            "benchmark": self.benchmark,
            "model_1": self.model_1,
            "model_2": self.model_2,
            "n_paired": self.n_paired,
            "only_1_answered": self.only_1_answered,
            "only_2_answered": self.only_2_answered,
            "unscored": self.unscored,
            "table": asdict(self.table),
            "accuracy_1": asdict(self.accuracy_1),
            "accuracy_2": asdict(self.accuracy_2),
            "difference": asdict(self.difference),
            "test": self.test.to_dict(),
            "detectable_difference": self.detectable_difference,
            "standard_error": asdict(self.standard_error),
            "sampled": self.sampled,
            "warnings": list(self.warnings),
            "summary": self.summary(),
        }

    def rows(self) -> list[tuple[str, str]]:
        """Return the result as names and values to read, the difference and its interval first."""
        gap, unit, table = self.difference, self.unit, self.table
        test, detectable, errors = self.test, self.detectable_difference, self.standard_error
        points = " points" if unit == "points" else ""
        limits = f"{signed(gap.low, unit)} to {signed(gap.high, unit)}"
        exact = "" if test.exact_p is None else f"; exact {probability_text(test.exact_p)}"
        drawn = "" if test.seed is None else f" (seed {test.seed}, {test.resamples:,} resamples)"
        seen = "" if self.sampled is None else f"; the scores of {self.sampled:,} items looked at"
        right = f"{table.both:,} both, {table.only_1:,} only 1, {table.only_2:,} only 2"
        items = f"{self.n_paired:,} paired, {self.only_1_answered:,} only in 1"
        found = {
            "difference": f"{signed(gap.value, unit)}{points}, {level_text(gap.level)} CI {limits}"
            f" ({gap.method})",
            f"1: {self.model_1}": _accuracy(self.accuracy_1, unit),
            f"2: {self.model_2}": _accuracy(self.accuracy_2, unit),
            test.name: f"{probability_text(test.p)}{exact}{drawn}",
            "right answers": f"{right}, {table.neither:,} neither (right: score above 0.5{seen})",
            "items": f"{items}, {self.only_2_answered:,} only in 2, {self.unscored:,} unscored",
            f"detectable with {level_text(POWER)} power": (
                "none" if detectable is None else f"{amount(detectable, unit)}{points}"
            ),
            "standard error": f"{errors.paired:.4f} paired, {errors.unpaired:.4f} if unpaired",
        }
        return [*found.items(), *(("warning", text) for text in self.warnings)]

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.summary()!r:.160})"

    def _repr_html_(self) -> str:
        return html_table(self.summary(), ["", ""], list(map(list, self.rows())))


def _accuracy(of: Estimate, unit: Unit) -> str:
    return f"{percentage(of.value, unit)} ({amount(of.low, unit)} to {amount(of.high, unit)})"


def standard_errors_of_table(table: PairedTable) -> StandardErrors:
    """Return the standard errors of the difference of right or wrong answers."""
    n = table.total
    gap, spread = table.only_1 - table.only_2, table.only_1 + table.only_2
    rights = (table.both + table.only_1, table.both + table.only_2)
    free = max(n - 1, 1)
    return StandardErrors(
        paired=math.sqrt((spread - gap * gap / n) / n / free),
        unpaired=math.sqrt(sum(right / n * (1 - right / n) for right in rights) / free),
    )
