"""Tests of whether two models differ on the same items: McNemar and Wilcoxon."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ._arguments import count, equalized, numbers
from ._distributions import (
    binomial_half_probability,
    binomial_half_tail,
    chi2_tail,
    normal_two_sided,
)

# Up to so many differences the distribution of the rank sum is counted, ties included.
_COUNTED = 50


@dataclass(frozen=True, slots=True)
class McNemar:
    """The p-values of McNemar's test, all two-sided.

    Attributes:
        exact: The exact p-value. It errs on the safe side, so its power is low.
        mid_p: The exact p-value with half the probability of the observed table; the one to report.
        chi2: The statistic (only_1 - only_2)²/(only_1 + only_2), with 1 degree of freedom.
        p_asymptotic: The p-value of `chi2`.
        p_continuity: The p-value with the continuity correction, (``|only_1 - only_2|`` - 1)².
    """

    exact: float
    mid_p: float
    chi2: float
    p_asymptotic: float
    p_continuity: float


def mcnemar(only_1: int, only_2: int) -> McNemar:
    """Test whether two models are right equally often on the same items.

    Items on which both are right or both wrong say nothing of a difference. The exact p-value is
    2·P(X ≤ min(only_1, only_2)) for X ~ Binomial(only_1 + only_2, ½), at most 1; `mid_p` takes
    P(X = min) off it, and is 1 - ½·P(X = only_1) where both counts are equal. Without any item that
    differs every p-value is 1. Assumes independent pairs.

    Args:
        only_1: How many items only the first model answered right.
        only_2: How many items only the second model answered right.

    Raises:
        ValueError: If a count is negative.

    Source: McNemar 1947; Fagerland, Lydersen, Laake 2013, BMC Medical Research Methodology 13:91.
    """
    only_1, only_2 = count("only_1", only_1), count("only_2", only_2)
    n, least, apart = only_1 + only_2, min(only_1, only_2), abs(only_1 - only_2)
    if n == 0:
        return McNemar(1.0, 1.0, 0.0, 1.0, 1.0)
    point = binomial_half_probability(least, n)
    exact = min(1.0, 2 * binomial_half_tail(least, n))
    mid_p = 1 - point / 2 if apart == 0 else max(0.0, exact - point)
    chi2 = apart**2 / n
    corrected = max(0, apart - 1) ** 2 / n
    return McNemar(exact, mid_p, chi2, chi2_tail(chi2, 1), chi2_tail(corrected, 1))


@dataclass(frozen=True, slots=True)
class Wilcoxon:
    """The result of Wilcoxon's signed-rank test.

    Attributes:
        statistic: The smaller of the two sums of ranks.
        p: The two-sided p-value.
        n: How many differences were not 0.
        exact: Whether `p` was counted; otherwise it is the normal approximation.
    """

    statistic: float
    p: float
    n: int
    exact: bool


def wilcoxon_signed_rank(differences: Iterable[float]) -> Wilcoxon:
    """Test whether paired differences are symmetric about 0.

    Differences of 0 are left out, the absolute values of the others ranked, ties by their mean rank.
    Up to 50 differences the p-value is counted over all signs, ties included; beyond, it is the normal
    approximation with the variance corrected for ties, without a continuity correction. Without any
    difference that is not 0 the p-value is 1. Assumes independent pairs and a symmetric distribution.

    Args:
        differences: First minus second, one for each item; at least one.

    Raises:
        ValueError: If there is none, or one is not finite.

    Source: Wilcoxon 1945; Pratt and Gibbons 1981, chapter 3.
    """
    values = [value for value in equalized(numbers("differences", differences, 1)) if value]
    n = len(values)
    if n == 0:
        return Wilcoxon(0.0, 1.0, 0, exact=True)
    # Twice the ranks: the mean rank of ties is a half at the most.
    ranks, ties = _doubled_ranks([abs(value) for value in values])
    positive = sum(rank for rank, value in zip(ranks, values, strict=True) if value > 0)
    least = min(positive, n * (n + 1) - positive)
    if n <= _COUNTED:
        p = min(1.0, 2 * _counted_tail(ranks, least))
    else:
        variance = n * (n + 1) * (2 * n + 1) / 24 - sum(tie**3 - tie for tie in ties) / 48
        p = normal_two_sided((least / 2 - n * (n + 1) / 4) / math.sqrt(variance))
    return Wilcoxon(least / 2, p, n, exact=n <= _COUNTED)


def _doubled_ranks(values: list[float]) -> tuple[list[int], list[int]]:
    """Return twice the rank of each value, and how many values each rank has."""
    order = sorted(values)
    first: dict[float, int] = {}
    size: dict[float, int] = {}
    for place, value in enumerate(order, 1):
        first.setdefault(value, place)
        size[value] = size.get(value, 0) + 1
    return [2 * first[value] + size[value] - 1 for value in values], list(size.values())


def _counted_tail(ranks: list[int], limit: int) -> float:
    """Return the share of all signs whose sum of positive ranks is at most a limit."""
    ways = [0] * (limit + 1)
    ways[0] = 1
    for rank in ranks:
        for total in range(limit, rank - 1, -1):
            ways[total] += ways[total - rank]
    return sum(ways) / (1 << len(ranks))
