"""How many items a comparison needs, and what difference so many items can detect."""

from __future__ import annotations

import math

from ._arguments import count, number, probability
from ._distributions import normal_quantile, two_sided_z


def sample_size(
    difference: float,
    *,
    discordance: float | None = None,
    variance: float | None = None,
    level: float = 0.95,
    power: float = 0.8,
) -> float:
    """Return how many items a comparison needs to detect a difference.

    z₁ is the quantile of the level, z₂ of the power. For right or wrong answers, with the share D of
    items that only one model answers right:
    (z₁·√D + z₂·√(D - δ²))²/δ². For graded scores, with the variance V of a paired difference:
    (z₁ + z₂)²·V/δ². Where a model answers each item K times, V is the variance of the difference of
    the models' expected scores, plus each model's variance within an item divided by its K. Assumes
    independent items and a two-sided test.

    Args:
        difference: The difference to detect, as a share: 0.03 is 3 percentage points. From
            1e-100 to 1e100, or its negative.
        discordance: The share of items that exactly one of the models answers right, for right or wrong
            answers; at least `difference`, at most 1.
        variance: The variance of a paired difference, for graded scores; not negative.
        level: The confidence level of the test, above 0 and below 1.
        power: The probability of detecting the difference, above 0 and below 1.

    Returns:
        The number of items, not rounded; round it up. 0 where chance alone has that power.

    Raises:
        TypeError: If not exactly one of `discordance` and `variance` is given.
        ValueError: If an argument is out of its limits.

    Source: Connor 1987, Biometrics 43:207, for `discordance`; Miller 2024, arXiv 2411.00640,
    section 5, for `variance`.
    """
    wanted = abs(number("difference", difference))
    if not 1e-100 <= wanted <= 1e100:  # beyond, its square overflows, or is 0
        raise ValueError(
            f"difference must be from 1e-100 to 1e100, or its negative, not {difference!r}"
        )
    z_level, z_power = _quantiles(level, power)
    match _spread(discordance, variance):
        case (share, None):
            if wanted > share:
                raise ValueError(
                    f"difference can't be larger than discordance, which is {share}: not {difference!r}"
                )
            return _connor(wanted, share, z_level, z_power)
        case (_, spread):
            return max(0.0, z_level + z_power) ** 2 * spread / wanted**2


def minimum_detectable_difference(
    n: int,
    *,
    discordance: float | None = None,
    variance: float | None = None,
    level: float = 0.95,
    power: float = 0.8,
) -> float | None:
    """Return the smallest difference that so many items detect with the given power.

    The inverse of `sample_size`; see there for formulas and assumptions. A comparison that is not
    significant says no more than that the difference is probably below this.

    Args:
        n: How many items both models answered, at least 1.
        discordance: The share of items that exactly one of the models answers right, for right or wrong
            answers, from 0 to 1.
        variance: The variance of a paired difference, for graded scores; not negative.
        level: The confidence level of the test, above 0 and below 1.
        power: The probability of detecting the difference, above 0 and below 1.

    Returns:
        The difference as a share, not negative; None if so few items do not even detect the largest
        difference there can be, `discordance` itself.

    Raises:
        TypeError: If not exactly one of `discordance` and `variance` is given.
        ValueError: If an argument is out of its limits.

    Source: as `sample_size`.
    """
    n = count("n", n, 1)
    z_level, z_power = _quantiles(level, power)
    share, spread = _spread(discordance, variance)
    if spread is not None:
        return max(0.0, z_level + z_power) * math.sqrt(spread / n)
    if share == 0 or _connor(share, share, z_level, z_power) > n:
        return None
    low, high = 0.0, share
    while low < (middle := (low + high) / 2) < high:
        low, high = (
            (middle, high) if _connor(middle, share, z_level, z_power) > n else (low, middle)
        )
    return high


def _quantiles(level: float, power: float) -> tuple[float, float]:
    probability("level", level, open_ends=True)
    probability("power", power, open_ends=True)
    return two_sided_z(level), normal_quantile(power)


def _spread(
    discordance: float | None, variance: float | None
) -> tuple[float, None] | tuple[float, float]:
    """Return the discordance and None, or 0 and the variance."""
    if discordance is not None and variance is None:
        return probability("discordance", discordance), None
    if variance is None or discordance is not None:
        raise TypeError(
            "give discordance, for right or wrong answers, or variance, for graded scores"
        )
    spread = number("variance", variance)
    if not 0 <= spread < math.inf:
        raise ValueError(f"variance must be a finite number, not negative, not {variance!r}")
    return 0.0, spread


def _connor(difference: float, discordance: float, z_level: float, z_power: float) -> float:
    root = z_level * math.sqrt(discordance)
    root += z_power * math.sqrt(max(0.0, discordance - difference**2))
    return (max(0.0, root) / difference) ** 2  # 0: chance alone has that power
