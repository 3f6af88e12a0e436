"""Means of paired differences, with standard errors that know of clusters."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from ._arguments import beyond_rounding, grouped, numbers, probability
from ._distributions import t_quantile_two_sided, t_two_sided


@dataclass(frozen=True, slots=True)
class PairedT:
    """The result of a paired t test.

    Attributes:
        mean: The mean difference, first minus second.
        se: Its standard error.
        df: The degrees of freedom: items less 1, or clusters less 1.
        t: The statistic mean/se; 0 where both are 0, infinite where only `se` is.
        p: The two-sided p-value.
        low: The lower limit of the confidence interval of the mean.
        high: The upper limit.
    """

    mean: float
    se: float
    df: int
    t: float
    p: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ClusteredStandardError:
    """The standard error of a mean over items in clusters.

    Attributes:
        uncorrected: (1/n)·√(Σ over clusters of (the sum of the deviations in the cluster)²).
        corrected: The same times √(C/(C-1)) for C clusters; the one to use.
        clusters: How many clusters there are.
    """

    uncorrected: float
    corrected: float
    clusters: int


def paired_t(
    differences: Iterable[float],
    clusters: Iterable[Hashable] | None = None,
    level: float = 0.95,
) -> PairedT:
    """Test whether the mean of paired differences is 0, and return its interval.

    The interval is mean ± t·se. Without clusters se is s/√n with n - 1 degrees of freedom. With
    clusters it is the corrected clustered standard error, with C - 1 degrees of freedom for C
    clusters. A mean or se that is but the rounding of the differences is 0. Assumes independent pairs, or
    independent clusters, and a mean that is about normal.

    Args:
        differences: First minus second, one for each item; at least 2.
        clusters: The cluster of each item, in the same order; at least 2 different ones.
        level: The confidence level, above 0 and below 1.

    Raises:
        ValueError: If there are too few items or clusters, a difference is not finite, or the level is
            out of its limits.

    Source: Student 1908; Miller 2024, arXiv 2411.00640, sections 2 and 4.
    """
    values = numbers("differences", differences, 2)
    probability("level", level, open_ends=True)
    size = max(map(abs, values))
    mean = beyond_rounding(math.fsum(values) / len(values), size)
    if clusters is None:
        squares = math.fsum((value - mean) ** 2 for value in values)
        df = len(values) - 1
        se = math.sqrt(squares / df / len(values))
    else:
        clustered = clustered_standard_error(values, clusters)
        df, se = clustered.clusters - 1, clustered.corrected
    if (se := beyond_rounding(se, size)) == 0:
        t = math.copysign(math.inf, mean) if mean else 0.0
        return PairedT(mean, se, df, t, 0.0 if mean else 1.0, mean, mean)
    t = mean / se
    half = t_quantile_two_sided(level, df) * se
    return PairedT(mean, se, df, t, t_two_sided(t, df), mean - half, mean + half)


def clustered_standard_error(
    values: Iterable[float], clusters: Iterable[Hashable]
) -> ClusteredStandardError:
    """Return the standard error of a mean whose items come in clusters.

    Questions on one text, or several answers to one question, are no independent items. Assumes
    independent clusters.

    Args:
        values: One number for each item.
        clusters: The cluster of each item, in the same order; at least 2 different ones.

    Raises:
        ValueError: If the lengths differ, there are fewer than 2 clusters, or a value is not finite.

    Source: Miller 2024, arXiv 2411.00640, appendix A; the correction as in Stata and statsmodels.
    """
    found = numbers("values", values, 2)
    groups = grouped(found, clusters, 2)
    mean = math.fsum(found) / len(found)
    squares = math.fsum(math.fsum(value - mean for value in group) ** 2 for group in groups)
    error = math.sqrt(squares) / len(found)
    number = len(groups)
    return ClusteredStandardError(error, error * math.sqrt(number / (number - 1)), number)
