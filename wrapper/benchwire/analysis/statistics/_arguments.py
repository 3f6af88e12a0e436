"""Checks of arguments: counts, numbers, levels and groups."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import SupportsIndex, TypeVar

T = TypeVar("T")
ROUNDING = 1e-12
"""What is closer to another, in proportion, differs by rounding: of sums in another order, too."""


def count(name: str, value: SupportsIndex, least: float = 0) -> int:
    """Return a count as an `int`.

    Raises:
        TypeError: If it is no whole number; 2.0 is none.
        ValueError: If it is below `least`.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, not {value!r}") from None
    if number < least:
        raise ValueError(f"{name} must be at least {least}, not {number}")
    return number


def number(name: str, value: float) -> float:
    """Return a number as a `float`.

    Raises:
        TypeError: If it is none, such as a missing value.
    """
    try:
        return float(value)
    except OverflowError:  # a whole number or fraction beyond floats
        return math.inf if value > 0 else -math.inf
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, not {value!r}") from None


def probability(name: str, value: float, *, open_ends: bool = False) -> float:
    """Return a probability, from 0 to 1; with `open_ends`, neither 0 nor 1."""
    found = number(name, value)
    inside = 0 < found < 1 if open_ends else 0 <= found <= 1
    if not inside:
        limits = "above 0 and below 1" if open_ends else "from 0 to 1"
        raise ValueError(f"{name} must be {limits}, not {value!r}")
    return found


def numbers(name: str, values: Iterable[float], least: int) -> list[float]:
    """Return numbers between -1e100 and 1e100, at least so many; closer to 0 than 1e-100 is 0."""
    given = enumerate(listed(name, values))
    found = [number(f"{name}[{place}]", value) for place, value in given]
    for place, value in enumerate(found):
        # Beyond these bounds the squares and cubes of differences overflow, or vanish and make p 0.
        if not abs(value) <= 1e100:
            raise ValueError(f"{name}[{place}] must be between -1e100 and 1e100, not {value}")
        if abs(value) < 1e-100:
            found[place] = 0.0
    if len(found) < least:
        raise ValueError(f"{name} must have at least {least} numbers, not {len(found)}")
    return found


def equalized(values: list[float]) -> list[float]:
    """Return numbers of which those that are equal, or opposite, but for rounding are so exactly.

    Scores are seldom binary fractions: 0.9 - 0.8 is not 0.4 - 0.3, and 0.1 + 0.2 - 0.3 is not 0.
    """
    rounding = ROUNDING * max(map(abs, values))
    found: dict[float, float] = {}
    first = 0.0
    for size in sorted({abs(value) for value in values}):
        first = found[size] = size if size - first > rounding else first
    return [math.copysign(found[abs(value)], value) for value in values]


def beyond_rounding(value: float, size: float) -> float:
    """Return a number computed of numbers of some size; 0 where it is but their rounding."""
    return 0.0 if abs(value) <= ROUNDING * size else value


def listed(name: str, values: Iterable[T]) -> Iterable[T]:
    """Return values that are in a list.

    A mapping or a data frame yields its keys or columns, a set each value once, in any order.
    """
    is_other = isinstance(values, Mapping | AbstractSet | str | bytes) or hasattr(values, "columns")
    if is_other or not isinstance(values, Iterable):
        raise TypeError(f"{name} must be a list of values, not a {type(values).__name__}")
    as_list: Callable[[], list[T]] | None = getattr(values, "to_pylist", None)
    return values if as_list is None else as_list()  # of Arrow, whose nulls are equal values


def grouped(values: Sequence[float], clusters: Iterable[Hashable], least: int) -> list[list[float]]:
    """Return the values of each cluster, clusters in the order of their first value."""
    labels = list(listed("clusters", clusters))
    if len(labels) != len(values):
        raise ValueError(
            f"clusters must name one cluster for each value: {len(labels)} for {len(values)} values"
        )
    groups: dict[Hashable, list[float]] = {}
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        if _is_missing(label):
            raise ValueError(f"clusters[{place}] is missing")
        groups.setdefault(label, []).append(value)
    if len(groups) < least:
        raise ValueError(f"there must be at least {least} clusters, not {len(groups)}")
    return list(groups.values())


def _is_missing(label: Hashable) -> bool:
    """Return whether a label is none: items without one would be one cluster, or one each."""
    try:
        return label is None or bool(label != label)  # noqa: PLR0124  NaN
    except TypeError:  # pandas.NA
        return True
