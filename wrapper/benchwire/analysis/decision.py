"""The statistics of a comparison, from counts or from scores."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import asdict
from typing import Literal

from . import statistics
from ._words import Unit
from .comparison import (
    FEW,
    MCNEMAR,
    NO_SPREAD,
    PARTIAL,
    POWER,
    ComparisonStatistics,
    Difference,
    Estimate,
    SignificanceTest,
    StandardErrors,
    standard_errors_of_table,
)
from .pairs import Counts, DecisionSettings, PairedScores, Subject
from .statistics._arguments import beyond_rounding


def from_counts(
    subject: Subject, counts: Counts, settings: DecisionSettings
) -> ComparisonStatistics:
    """Return the statistics of right or wrong answers, of which four counts tell everything.

    Raises:
        ValueError: If no item has two scores, or the settings need rows.
    """
    table = counts.table
    n = _checked(subject, counts, 1)
    if settings.needs_rows:
        raise ValueError("test 't' and clusters need the rows, not counts")
    value = (table.only_1 - table.only_2) / n
    if settings.test == "permutation":
        differences = [1.0] * table.only_1 + [-1.0] * table.only_2
        differences += [0.0] * (n - len(differences))
        gap, test = _resampled(differences, None, settings)
    else:
        limits = statistics.tango_interval(table.only_1, table.only_2, n, settings.level)
        gap = Difference(value, *limits, settings.level, "Tango score")
        found = statistics.mcnemar(table.only_1, table.only_2)
        test = SignificanceTest(MCNEMAR, found.mid_p, found.exact)
    return _result(
        subject,
        counts,
        gap,
        test,
        (
            _share(table.both + table.only_1, n, settings.level),
            _share(table.both + table.only_2, n, settings.level),
        ),
        detectable=statistics.minimum_detectable_difference(
            n,
            discordance=(table.only_1 + table.only_2) / n,
            level=settings.level,
            power=POWER,
        ),
        errors=standard_errors_of_table(table),
        scores="binary",
    )


def from_scores(
    subject: Subject,
    paired: PairedScores,
    settings: DecisionSettings,
    *,
    is_binary: bool | None = None,
    unit: Unit | None = None,
) -> ComparisonStatistics:
    """Return the statistics of the scores of rows.

    Args:
        subject: What is compared.
        paired: The scores.
        settings: How to decide.
        is_binary: Whether scores are right or wrong; by default, whether every score is 0 or 1.
        unit: The unit of the scores; by default that of these.

    Raises:
        ValueError: If fewer than two items have two scores, or fewer than two clusters.
    """
    counts = paired.counts()
    binary = paired.is_binary if is_binary is None else is_binary
    by_counts = settings.test == "mcnemar" or (settings.test == "auto" and binary)
    if by_counts and settings.clusters is None:
        return from_counts(subject, counts, settings)
    n = _checked(subject, counts, 2)
    labels = paired.labels if settings.clusters is not None else None
    # 0.1 + 0.2 and 0.3 are no different scores.
    differences = [
        beyond_rounding(a - b, max(abs(a), abs(b)))
        for a, b in zip(paired.first, paired.second, strict=True)
    ]
    t = statistics.paired_t(differences, labels, settings.level)
    if settings.test == "permutation":
        gap, test = _resampled(differences, labels, settings)
    else:
        method = "paired t" if labels is None else "clustered paired t"
        gap = Difference(t.mean, t.low, t.high, settings.level, method)
        test = SignificanceTest(method, t.p)
    estimates = [
        mean_estimate(scores, labels, settings.level, is_binary=binary)
        for scores in (paired.first, paired.second)
    ]
    return _result(
        subject,
        counts,
        gap,
        test,
        (estimates[0], estimates[1]),
        detectable=None
        if t.se == 0
        else statistics.minimum_detectable_difference(
            n, variance=n * t.se**2, level=settings.level, power=POWER
        ),
        errors=StandardErrors(t.se, math.hypot(_error(paired.first), _error(paired.second))),
        scores="binary" if binary else "graded",
        unit=unit or unit_of([*paired.first, *paired.second]),
        clusters=None if labels is None else len(set(labels)),
        warnings=() if t.se else (NO_SPREAD,),
    )


def unit_of(scores: Iterable[float]) -> Unit:
    """Return the unit of scores: points where all are from 0 to 1."""
    return "points" if all(0 <= score <= 1 for score in scores) else "score"


def _checked(subject: Subject, counts: Counts, least: int) -> int:
    """Return how many items have two scores; raise if they are too few to compute anything."""
    n = counts.table.total
    if n < least:
        raise ValueError(
            f"{n} items of {subject.benchmark} have a score of both {subject.model_1} and"
            f" {subject.model_2}; statistics need at least {least} ({counts.unscored} unscored,"
            f" {counts.only_1_answered} only in the first, {counts.only_2_answered} only in the"
            " second)"
        )
    return n


def _result(
    subject: Subject,
    counts: Counts,
    gap: Difference,
    test: SignificanceTest,
    accuracies: tuple[Estimate, Estimate],
    *,
    detectable: float | None,
    errors: StandardErrors,
    scores: Literal["binary", "graded"],
    unit: Unit = "points",
    clusters: int | None = None,
    warnings: Iterable[str] = (),
) -> ComparisonStatistics:
    n = counts.table.total
    few = [f"{text[0].upper()}{text[1:]}: {PARTIAL}" for text in subject.unfinished]
    if n < FEW:
        few.append(f"Only {n} items: with fewer than {FEW} take every number as a rough guess.")
    if clusters is not None and clusters < FEW:
        few.append(
            f"Only {clusters} clusters: with fewer than {FEW} take every number as a rough guess."
        )
    return ComparisonStatistics(
        difference=gap,
        **asdict(subject),
        n_paired=n,
        only_1_answered=counts.only_1_answered,
        only_2_answered=counts.only_2_answered,
        unscored=counts.unscored,
        table=counts.table,
        accuracy_1=accuracies[0],
        accuracy_2=accuracies[1],
        test=test,
        detectable_difference=detectable,
        standard_error=errors,
        scores=scores,
        unit=unit,
        clusters=clusters,
        warnings=(*few, *warnings),
        sampled=counts.sampled,
    )


def _resampled(
    differences: list[float], labels: list[Hashable] | None, settings: DecisionSettings
) -> tuple[Difference, SignificanceTest]:
    """Return a bootstrap interval and the sign-flip test, which flips whole clusters."""
    if len(differences) < 2:
        raise ValueError("resampling needs at least 2 items, not 1")
    resamples, seed = settings.resamples, settings.seed
    found = statistics.paired_bootstrap(
        differences, labels, level=settings.level, resamples=resamples, seed=seed
    )
    flipped: Iterable[float] = differences
    if labels is not None:
        sums: dict[Hashable, float] = {}
        for label, difference in zip(labels, differences, strict=True):
            sums[label] = sums.get(label, 0.0) + difference
        size = max(map(abs, differences))
        flipped = [beyond_rounding(each, size) for each in sums.values()]
    test = statistics.sign_flip_permutation(flipped, resamples=resamples, seed=seed)
    return (
        Difference(found.mean, found.low, found.high, settings.level, "bootstrap BCa"),
        SignificanceTest(
            "sign-flip permutation", test.p, test.p if test.exact else None, seed, resamples
        ),
    )


def mean_estimate(
    scores: list[float], labels: list[Hashable] | None, level: float, *, is_binary: bool
) -> Estimate:
    """Return a mean score with its interval: Wilson's of independent answers, right or wrong.

    Otherwise that of t, within the limits that scores from 0 to 1 have.
    """
    if is_binary and labels is None:
        return _share(round(sum(scores)), len(scores), level)
    t = statistics.paired_t(scores, labels, level)
    if min(scores) >= 0 and max(scores) <= 1:
        return Estimate(t.mean, max(0.0, t.low), min(1.0, t.high))
    return Estimate(t.mean, t.low, t.high)


def _share(right: int, n: int, level: float) -> Estimate:
    return Estimate(right / n, *statistics.wilson_interval(right, n, level))


def _error(scores: list[float]) -> float:
    return statistics.paired_t(scores).se
