"""Distributions that the standard library does not have: Student's t, chi-squared, binomial.

Tails are computed as such, never as one minus the other tail: a p-value of 1e-36 keeps its digits.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

_NORMAL = NormalDist()
_TINY = 1e-300
_PRECISION = 1e-16
_STEPS = 100_000
# Up to here the tail of a binomial is a sum of whole numbers; beyond, the incomplete beta is faster.
_SUMMED = 2_000


def two_sided_z(level: float) -> float:
    """Return the z that |Z| stays below with probability `level`."""
    return -_NORMAL.inv_cdf((1 - level) / 2)


def normal_quantile(probability: float) -> float:
    return _NORMAL.inv_cdf(probability)


def normal_cdf(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2


def normal_two_sided(z: float) -> float:
    """Return P(|Z| >= |z|)."""
    return math.erfc(abs(z) / math.sqrt(2))


def t_two_sided(t: float, df: float) -> float:
    """Return P(|T| >= |t|) of Student's t distribution."""
    if math.isinf(t):
        return 0.0
    square = t * t
    return incomplete_beta(df / 2, 0.5, df / (df + square), square / (df + square))


@lru_cache(maxsize=256)  # of all pairs of models it is mostly the same
def t_quantile_two_sided(level: float, df: float) -> float:
    """Return the t that |T| stays below with probability `level`."""
    tail = 1 - level
    low, high = 0.0, 1.0
    while t_two_sided(high, df) > tail:
        low, high = high, high * 2
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if t_two_sided(middle, df) > tail else (low, middle)
    return high


def chi2_tail(x: float, df: float) -> float:
    """Return P(X >= x) of the chi-squared distribution."""
    if x <= 0:
        return 1.0
    if df == 1:
        return math.erfc(math.sqrt(x / 2))
    a, x = df / 2, x / 2
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = a
        while term > total * _PRECISION:
            n += 1
            term *= x / n
            total += term
        return max(0.0, 1 - total * front)
    # Lentz's continued fraction of the upper incomplete gamma function.
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    fraction = d
    for step in range(1, _STEPS):
        factor = -step * (step - a)
        b += 2
        d = 1 / _away_from_zero(factor * d + b)
        c = _away_from_zero(b + factor / c)
        fraction *= d * c
        if abs(d * c - 1) < _PRECISION:
            break
    return front * fraction


def binomial_half_tail(successes: int, n: int) -> float:
    """Return P(X <= successes) of X ~ Binomial(n, 1/2)."""
    if successes >= n:
        return 1.0
    if n <= _SUMMED:
        term = total = 1
        for k in range(successes):
            term = term * (n - k) // (k + 1)
            total += term
        return total / (1 << n)
    return incomplete_beta(n - successes, successes + 1, 0.5, 0.5)


def binomial_half_probability(successes: int, n: int) -> float:
    """Return P(X = successes) of X ~ Binomial(n, 1/2)."""
    if n <= _SUMMED:
        return math.comb(n, successes) / (1 << n)
    logs = math.lgamma(n + 1) - math.lgamma(successes + 1) - math.lgamma(n - successes + 1)
    return math.exp(logs - n * math.log(2))


def incomplete_beta(a: float, b: float, x: float, complement: float) -> float:
    """Return the regularized incomplete beta function I_x(a, b), by its continued fraction.

    `complement` is 1 - x: near 1 the difference itself would have no digits.
    """
    if x <= 0:
        return 0.0
    if complement <= 0:
        return 1.0
    logs = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(logs + a * math.log(x) + b * math.log(complement))
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, complement) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Return Lentz's continued fraction; it converges fast for x below (a + 1)/(a + b + 2)."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / _away_from_zero(1 + even * d)
        c = _away_from_zero(1 + even / c)
        fraction *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / _away_from_zero(1 + odd * d)
        c = _away_from_zero(1 + odd / c)
        fraction *= d * c
        if abs(d * c - 1) < _PRECISION:
            break
    return fraction


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
