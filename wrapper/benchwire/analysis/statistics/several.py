"""Statistics of several models or several comparisons at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ._arguments import listed, probability
from ._distributions import chi2_tail


@dataclass(frozen=True, slots=True)
class CochranQ:
    """The result of Cochran's Q test.

    Attributes:
        q: The statistic.
        df: The degrees of freedom: models less 1.
        p: The p-value.
    """

    q: float
    df: int
    p: float


def cochran_q(
    items: Iterable[Sequence[bool | int]], weights: Iterable[float] | None = None
) -> CochranQ:
    """Test whether any of several models is right more often than another on the same items.

    With k models, weights wᵢ, row sums Rᵢ, weighted column sums Cⱼ and their total T,
    Q = (k - 1)(k·ΣCⱼ² - T²)/Σwᵢ²(k·Rᵢ - Rᵢ²), chi-squared with k - 1 degrees of freedom. Without any
    item on which the models differ Q is 0 and p is 1. Assumes independent items; of two models it is
    McNemar's chi-squared.

    Args:
        items: For each item whether each model was right, 0 or 1; at least 2 models.
        weights: The weight of each item, above 0; by default all count equally, which is Cochran's test.

    Raises:
        ValueError: If there is no item, a row is shorter or longer than the first, a value is neither
            0 nor 1, or there is not one weight above 0 for each item.

    Source: Cochran 1950, Biometrika 37:256.
    """
    columns: list[float] = []
    spread: float = 0
    rows = list(listed("items", items))
    sizes = [1] * len(rows) if weights is None else list(listed("weights", weights))
    if len(sizes) != len(rows) or not all(0 < size < math.inf for size in sizes):
        raise ValueError("weights must be one number above 0 for each item")
    for place, (row, size) in enumerate(zip(rows, sizes, strict=True)):
        if place == 0:
            columns = [0] * len(row)
        if len(row) != len(columns) or len(row) < 2:
            raise ValueError(
                f"items[{place}] must have one value for each of {max(2, len(columns))} models, not"
                f" {len(row)}"
            )
        for model, value in enumerate(row):
            if value not in {0, 1}:
                raise ValueError(f"items[{place}][{model}] must be 0 or 1, not {value!r}")
            columns[model] += size * int(value)
        right = int(sum(row))
        spread += size**2 * right * (len(row) - right)
    if not columns:
        raise ValueError("items must have at least one item")
    k, total = len(columns), sum(columns)
    if spread == 0:
        return CochranQ(0.0, k - 1, 1.0)
    q = max(0.0, (k - 1) * (k * sum(column**2 for column in columns) - total**2) / spread)
    return CochranQ(q, k - 1, chi2_tail(q, k - 1))


def holm(p_values: Iterable[float]) -> list[float]:
    """Return p-values adjusted so that any false claim among them is as rare as the level says.

    The i-th smallest of m is multiplied by m - i + 1, and is never below a smaller one. Holds whatever
    the dependence of the tests. Adjust within one table of claims, and say so beside it.

    Args:
        p_values: One for each claim, from 0 to 1.

    Returns:
        The adjusted p-values, in the order given, at most 1.

    Raises:
        ValueError: If a p-value is not from 0 to 1.

    Source: Holm 1979, Scandinavian Journal of Statistics 6:65.
    """
    values, order = _ranked(p_values)
    adjusted, largest = [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = largest
    return adjusted


def benjamini_hochberg(p_values: Iterable[float]) -> list[float]:
    """Return p-values adjusted so that the expected share of false claims among the claims is bounded.

    The i-th smallest of m is multiplied by m/i, and is never above a larger one. For exploring; for a
    claim about each pair use `holm`. Assumes independent or positively dependent tests.

    Args:
        p_values: One for each claim, from 0 to 1.

    Returns:
        The adjusted p-values, in the order given, at most 1.

    Raises:
        ValueError: If a p-value is not from 0 to 1.

    Source: Benjamini and Hochberg 1995, Journal of the Royal Statistical Society B 57:289.
    """
    values, order = _ranked(p_values)
    adjusted, least = [0.0] * len(values), 1.0
    for rank in range(len(values), 0, -1):
        place = order[rank - 1]
        least = min(least, values[place] * len(values) / rank)
        adjusted[place] = least
    return adjusted


def _ranked(p_values: Iterable[float]) -> tuple[list[float], list[int]]:
    """Return p-values, checked, and their places from the smallest to the largest."""
    values = [
        probability(f"p_values[{place}]", p) for place, p in enumerate(listed("p_values", p_values))
    ]
    return values, sorted(range(len(values)), key=values.__getitem__)
