"""Confidence intervals of an accuracy, and of the difference of two accuracies on the same items."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from ._arguments import count, probability
from ._distributions import two_sided_z


class Interval(NamedTuple):
    """A confidence interval.

    Attributes:
        low: Its lower limit.
        high: Its upper limit.
    """

    low: float
    high: float


def wilson_interval(successes: int, n: int, level: float = 0.95) -> Interval:
    """Return Wilson's score interval of a proportion.

    With p = successes/n and z the normal quantile of the level, the limits are
    (p + z²/2n ± z·√(p(1-p)/n + z²/4n²)) / (1 + z²/n). Assumes independent items. Unlike the usual
    p ± z·√(p(1-p)/n) it keeps its level with few items and near 0 and 1.

    Args:
        successes: How many items were right, from 0 to `n`.
        n: How many items there were, at least 1.
        level: The confidence level, above 0 and below 1.

    Raises:
        ValueError: If an argument is out of its limits.

    Source: Wilson 1927; Newcombe 1998, Statistics in Medicine 17:857, method 3.
    """
    n = count("n", n, 1)
    successes = _at_most("successes", count("successes", successes), n)
    z = two_sided_z(probability("level", level, open_ends=True))
    p, square = successes / n, z * z / n
    middle = p + square / 2
    half = math.sqrt(square * p * (1 - p) + square * square / 4)
    return Interval(
        0.0 if successes == 0 else (middle - half) / (1 + square),
        1.0 if successes == n else (middle + half) / (1 + square),
    )


def tango_interval(only_1: int, only_2: int, n: int, level: float = 0.95) -> Interval:
    """Return Tango's score interval of the difference of two paired accuracies.

    Its limits are the differences Δ at which ``|only_1 - only_2 - nΔ|`` is z times the standard error
    √(n(2q + Δ(1-Δ))), where q is the probability of `only_2` that is likeliest under Δ:
    q = (√(B² - 8nC) - B)/4n, B = -only_1 - only_2 + (2n - only_1 + only_2)Δ, C = -only_2·Δ(1-Δ).
    Assumes independent pairs. Keeps its level from about 50 items.

    Args:
        only_1: How many items only the first model answered right.
        only_2: How many items only the second model answered right.
        n: How many items both models answered, at least 1 and at least `only_1 + only_2`.
        level: The confidence level, above 0 and below 1.

    Returns:
        Limits of (first accuracy - second accuracy), from -1 to 1.

    Raises:
        ValueError: If an argument is out of its limits.

    Source: Tango 1998, Statistics in Medicine 17:891.
    """
    n = count("n", n, 1)
    only_1, only_2 = count("only_1", only_1), count("only_2", only_2)
    _at_most("only_1 + only_2", only_1 + only_2, n)
    z = two_sided_z(probability("level", level, open_ends=True))

    def excess(difference: float) -> float:
        """Return the distance from the observed difference, less what z standard errors allow."""
        b = -only_1 - only_2 + (2 * n - only_1 + only_2) * difference
        c = -only_2 * difference * (1 - difference)
        root = math.sqrt(max(0.0, b * b - 8 * n * c))
        # Two forms of one root: each loses its digits where the other keeps them.
        q = (root - b) / (4 * n) if b <= 0 else -2 * c / (root + b)
        variance = n * (2 * q + difference * (1 - difference))
        return abs(only_1 - only_2 - n * difference) - z * math.sqrt(max(0.0, variance))

    estimate = (only_1 - only_2) / n
    return Interval(_boundary(excess, -1.0, estimate), _boundary(excess, 1.0, estimate))


def newcombe_paired_interval(
    both: int, only_1: int, only_2: int, neither: int, level: float = 0.95
) -> Interval:
    """Return Newcombe's closed-form interval of the difference of two paired accuracies.

    Combines the Wilson limits (l₁, u₁) and (l₂, u₂) of both accuracies p₁ and p₂: the lower limit is
    p₁ - p₂ - √((p₁-l₁)² - 2φ(p₁-l₁)(u₂-p₂) + (u₂-p₂)²), the upper one its mirror image. φ is the
    correlation of the answers, its numerator both·neither - only_1·only_2 reduced by n/2 where it is
    positive, not below 0. Assumes independent pairs.

    Args:
        both: How many items both models answered right.
        only_1: How many items only the first model answered right.
        only_2: How many items only the second model answered right.
        neither: How many items neither model answered right.
        level: The confidence level, above 0 and below 1.

    Returns:
        Limits of (first accuracy - second accuracy), from -1 to 1.

    Raises:
        ValueError: If an argument is out of its limits, or all counts are 0.

    Source: Newcombe 1998, Statistics in Medicine 17:2635, method 10.
    """
    both, only_1 = count("both", both), count("only_1", only_1)
    only_2, neither = count("only_2", only_2), count("neither", neither)
    n = count("both + only_1 + only_2 + neither", both + only_1 + only_2 + neither, 1)
    right_1, right_2 = both + only_1, both + only_2
    p_1, p_2 = right_1 / n, right_2 / n
    low_1, high_1 = wilson_interval(right_1, n, level)
    low_2, high_2 = wilson_interval(right_2, n, level)
    numerator: float = both * neither - only_1 * only_2
    if numerator > 0:
        numerator = max(0.0, numerator - n / 2)
    margins = right_1 * (n - right_1) * right_2 * (n - right_2)
    correlation = numerator / math.sqrt(margins) if margins else 0.0

    def distance(first: float, second: float) -> float:
        return math.sqrt(max(0.0, first**2 - 2 * correlation * first * second + second**2))

    difference = (only_1 - only_2) / n
    return Interval(
        max(-1.0, difference - distance(p_1 - low_1, high_2 - p_2)),
        min(1.0, difference + distance(high_1 - p_1, p_2 - low_2)),
    )


def _at_most(name: str, value: int, limit: int) -> int:
    if value > limit:
        raise ValueError(f"{name} must be at most n, which is {limit}, not {value}")
    return value


def _boundary(excess: Callable[[float], float], outside: float, inside: float) -> float:
    """Return where `excess` becomes positive between a point inside the interval and one outside."""
    if excess(outside) <= 0:
        return outside
    while min(inside, outside) < (middle := (inside + outside) / 2) < max(inside, outside):
        if excess(middle) <= 0:
            inside = middle
        else:
            outside = middle
    return inside
