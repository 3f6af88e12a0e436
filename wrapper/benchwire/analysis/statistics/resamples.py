"""Resampling of paired differences: no formula for the distribution, a seed in its place."""

from __future__ import annotations

import bisect
import math
import random
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from itertools import accumulate, compress
from typing import Literal

from ._arguments import (
    ROUNDING,
    beyond_rounding,
    count,
    equalized,
    grouped,
    numbers,
    probability,
)
from ._distributions import normal_cdf, normal_quantile


@dataclass(frozen=True, slots=True)
class SignFlip:
    """The result of a sign-flip permutation test.

    Attributes:
        mean: The mean difference, first minus second.
        p: The two-sided p-value.
        exact: Whether all signs were counted; otherwise they were drawn.
        resamples: How many sets of signs were drawn or counted.
        seed: The seed of the draws; print it beside `p`. It has no effect where `exact`.
    """

    mean: float
    p: float
    exact: bool
    resamples: int
    seed: int


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """A bootstrap interval of a mean difference.

    Attributes:
        mean: The mean difference, first minus second.
        se: The standard deviation of the resampled means.
        low: The lower limit of the interval.
        high: The upper limit.
        method: `bca` or `percentile`.
        resamples: How many resamples were drawn.
        seed: The seed of the draws; print it beside the interval.
    """

    mean: float
    se: float
    low: float
    high: float
    method: Literal["bca", "percentile"]
    resamples: int
    seed: int


def sign_flip_permutation(
    differences: Iterable[float], *, resamples: int = 10_000, seed: int = 0
) -> SignFlip:
    """Test whether paired differences are symmetric about 0, by changing their signs.

    Under that hypothesis each sign is as likely as the other. The p-value is the share of all sets of
    signs whose sum is at least as far from 0 as the observed one. All sets are counted where there are
    no more than `resamples`; otherwise so many are drawn, and the p-value is (as far + 1)/(drawn + 1).
    Assumes independent pairs.

    Args:
        differences: First minus second, one for each item; at least one.
        resamples: How many sets of signs to draw, at least 1.
        seed: The seed of the draws. The same seed and differences give the same result.

    Raises:
        ValueError: If there is no difference, one is not finite, or `resamples` is below 1.

    Source: Fisher 1935; Phipson and Smyth 2010 for the 1 that is added.
    """
    given = numbers("differences", differences, 1)
    resamples, seed = count("resamples", resamples, 1), count("seed", seed, -math.inf)
    mean = math.fsum(given) / len(given)
    values = equalized(given)
    sizes = Counter(abs(value) for value in values if value)
    total = math.fsum(size * number for size, number in sizes.items())
    observed = abs(math.fsum(values)) - ROUNDING * total

    def is_as_far(positive: float) -> bool:
        return abs(2 * positive - total) >= observed

    ways = 1 << sizes.total()
    if ways <= resamples:
        sums = {0.0: 1}
        for size, number in sizes.items():
            grown: Counter[float] = Counter()
            for positive, share in sums.items():
                for k in range(number + 1):
                    grown[positive + k * size] += share * math.comb(number, k)
            sums = dict(grown)
        far = sum(share for positive, share in sums.items() if is_as_far(positive))
        return SignFlip(mean, far / ways, exact=True, resamples=ways, seed=seed)
    generator = random.Random(seed)  # noqa: S311  # no secret
    draw = _positive_sums(sizes, generator)
    far = sum(is_as_far(draw()) for _ in range(resamples))
    return SignFlip(mean, (far + 1) / (resamples + 1), exact=False, resamples=resamples, seed=seed)


def paired_bootstrap(
    differences: Iterable[float],
    clusters: Iterable[Hashable] | None = None,
    *,
    level: float = 0.95,
    method: Literal["bca", "percentile"] = "bca",
    resamples: int = 10_000,
    seed: int = 0,
) -> Bootstrap:
    """Return a bootstrap interval of the mean of paired differences.

    Items are drawn with replacement, with clusters whole clusters are. The percentile interval has the
    quantiles of the resampled means; BCa moves them for bias and skewness, with the acceleration
    Σ(uᵢ³)/(6·(Σuᵢ²)^1.5) over the items' or clusters' influences uᵢ. Assumes independent items, or
    clusters.

    Args:
        differences: First minus second, one for each item; at least 2.
        clusters: The cluster of each item, in the same order; at least 2 different ones.
        level: The confidence level, above 0 and below 1.
        method: `bca` or `percentile`.
        resamples: How many resamples to draw, at least 100.
        seed: The seed of the draws. The same seed and differences give the same result.

    Raises:
        ValueError: If there are too few items, clusters or resamples, a difference is not finite, or an
            argument is out of its limits.

    Source: Efron 1987, Journal of the American Statistical Association 82:171; Efron and Tibshirani
    1993, chapter 14.
    """
    given = numbers("differences", differences, 2)
    values = equalized(given)
    probability("level", level, open_ends=True)
    resamples, seed = count("resamples", resamples, 100), count("seed", seed, -math.inf)
    if method not in {"bca", "percentile"}:
        raise ValueError(f"method must be 'bca' or 'percentile', not {method!r}")
    generator = random.Random(seed)  # noqa: S311  # no secret
    mean = math.fsum(values) / len(values)
    if clusters is None:
        draw = _resampled_means(values, generator)
        influences = [value - mean for value in values]
    else:
        groups = grouped(values, clusters, 2)
        draw = _resampled_cluster_means(groups, generator)
        influences = [math.fsum(value - mean for value in group) for group in groups]
    means = sorted(draw() for _ in range(resamples))
    center = math.fsum(means) / resamples
    se = math.sqrt(math.fsum((each - center) ** 2 for each in means) / (resamples - 1))
    tail = (1 - level) / 2
    tails = (tail, 1 - tail)
    size = max(map(abs, values))
    if method == "bca":
        tails = _bca_tails(tails, means, mean, influences, ROUNDING * size)
    limits = [_quantile(means, each) for each in tails]
    # A limit of 0 but for rounding would exclude 0.
    found = [beyond_rounding(each, size) for each in (math.fsum(given) / len(given), *limits)]
    return Bootstrap(found[0], se, found[1], found[2], method, resamples, seed)


def _positive_sums(sizes: Counter[float], generator: random.Random) -> Callable[[], float]:
    """Return a function that draws which differences are positive, and returns their sum."""
    repeated = {size: number for size, number in sizes.items() if number > 1}
    single = [size for size, number in sizes.items() if number == 1]

    def draw() -> float:
        # Of equal differences only the number of positive ones matters: the bits of one number.
        total = sum(
            size * generator.getrandbits(number).bit_count() for size, number in repeated.items()
        )
        if single:
            # The leading 1 keeps the zeros.
            bits = f"{generator.getrandbits(len(single)) | 1 << len(single):b}"
            total += math.fsum(compress(single, map(int, bits[1:])))
        return total

    return draw


def _resampled_means(values: list[float], generator: random.Random) -> Callable[[], float]:
    """Return a function that draws items with replacement, and returns their mean."""
    kinds = Counter(values)
    if len(kinds) > 3:
        return lambda: math.fsum(generator.choices(values, k=len(values))) / len(values)
    # Of two or three different values, as right or wrong answers have, only the numbers matter.
    (first, number), *others = kinds.most_common()
    tables: dict[tuple[int, float], list[float]] = {}

    def binomial(n: int, p: float) -> int:
        if (n, p) not in tables:
            tables[n, p] = _binomial_cumulative(n, p)
        return bisect.bisect(tables[n, p], generator.random(), 0, n)

    def draw() -> float:
        left, share = len(values) - binomial(len(values), number / len(values)), 1.0
        total = first * (len(values) - left)
        share = len(values) - number
        for value, size in others:
            drawn = binomial(left, size / share)
            total += value * drawn
            left, share = left - drawn, share - size
        return total / len(values)

    return draw


def _binomial_cumulative(n: int, p: float) -> list[float]:
    """Return P(X <= k) of X ~ Binomial(n, p) for each k."""
    if p >= 1:
        return [0.0] * n + [1.0]
    log_p, log_q, top = math.log(p), math.log1p(-p), math.lgamma(n + 1)
    return list(
        accumulate(
            math.exp(
                top - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * log_p + (n - k) * log_q
            )
            for k in range(n + 1)
        )
    )


def _resampled_cluster_means(
    groups: list[list[float]], generator: random.Random
) -> Callable[[], float]:
    """Return a function that draws clusters with replacement, and returns the mean of their items."""
    sums = [(math.fsum(group), len(group)) for group in groups]

    def draw() -> float:
        drawn = generator.choices(sums, k=len(sums))
        return math.fsum(total for total, _ in drawn) / sum(number for _, number in drawn)

    return draw


def _bca_tails(
    tails: tuple[float, float],
    means: list[float],
    mean: float,
    influences: list[float],
    rounding: float,
) -> tuple[float, float]:
    """Return the tails moved for the bias and the skewness of the resampled means."""
    # Skewness has no unit; without one, no cube of a small number vanishes.
    largest = max(map(abs, influences)) or 1.0
    influences = [each / largest for each in influences]
    squares = math.fsum(each**2 for each in influences)
    # Means equal to the observed one count half: of few different values there are many.
    places = (bisect.bisect(means, mean + sign * rounding) for sign in (-1, 1))
    below = sum(places) / 2 / len(means)
    if squares == 0 or not 0 < below < 1:
        return tails
    bias = normal_quantile(below)
    acceleration = math.fsum(each**3 for each in influences) / (6 * squares**1.5)

    def moved(tail: float) -> float:
        z = bias + normal_quantile(tail)
        return normal_cdf(bias + z / (1 - acceleration * z))

    return moved(tails[0]), moved(tails[1])


def _quantile(ordered: list[float], share: float) -> float:
    """Return a quantile, between two values in proportion."""
    place = share * (len(ordered) - 1)
    lower = math.floor(place)
    upper = min(lower + 1, len(ordered) - 1)
    return ordered[lower] + (place - lower) * (ordered[upper] - ordered[lower])
