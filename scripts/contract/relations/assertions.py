"""Assertions of several relations; their messages have ids and counts, no other values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from scripts.contract.http_client import Exchange

    from .listings import Item


def data(is_there: object, reason: str) -> None:
    """Skip the running relation unless there is data to judge."""
    if not is_there:
        pytest.skip(reason)


def listed(counts: Mapping[str, object]) -> str:
    """Return counts by name as text."""
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def same_ids(expected: Iterable[Any], actual: Iterable[Any]) -> None:
    """Assert that two sets of ids are equal, and name a few of those that differ."""
    wanted, present = set(expected), set(actual)
    differences = []
    for word, ids in (("missing", wanted - present), ("unexpected", present - wanted)):
        if ids:
            # Of several values that identify a row, the first that is there.
            parts = (one if isinstance(one, tuple) else (one,) for one in ids)
            texts = (next(str(part) for part in one if part is not None) for one in parts)
            shown = ", ".join(sorted(texts)[:3])
            differences.append(f"{len(ids)} {word}, such as {shown}")
    assert not differences, "; ".join(differences)


def unique(ids: Sequence[Any]) -> None:
    """Assert that no id is there twice."""
    assert len(set(ids)) == len(ids), f"{len(ids) - len(set(ids))} of {len(ids)} are there twice"


def status(exchange: Exchange, *statuses: int) -> None:
    """Assert that a response has one of these statuses."""
    assert exchange.status in statuses, f"status {exchange.status}"


def same_as_listed(listed: Item, item: Item, *, ignored: tuple[str, ...] = ()) -> None:
    """Assert that a resource has the id and the values it has in its list."""
    assert item["id"] == listed["id"], f"the resource with the id {item['id']}"
    compared = {name: value for name, value in listed.items() if name not in ignored}
    names = [name for name, value in compared.items() if item.get(name) != value]
    assert not names, f"other values than in the list: {', '.join(names)}"


def in_order(values: Sequence[Any], *, descending: bool) -> None:
    """Assert that values are sorted."""
    disorder = describe_disorder(values, descending=descending)
    assert disorder is None, disorder


def describe_disorder(values: Sequence[Any], *, descending: bool) -> str | None:
    """Describe how values are out of order, if they are.

    Strings may be sorted with or without regard to case; rows without a value may be at either end,
    but together.
    """
    positions = [position for position, value in enumerate(values) if value is not None]
    if positions and positions[-1] - positions[0] + 1 != len(positions):
        return "rows without a value are among those with one"
    present = [values[position] for position in positions]
    for key in (_as_number, _casefold):
        ordered = sorted(present, key=key, reverse=descending)
        if [key(value) for value in ordered] == [key(value) for value in present]:
            return None
    return f"{len(present)} rows, not in order"


def _as_number(value: Any) -> Any:
    # Seconds since the epoch are sometimes sent as strings.
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _casefold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
