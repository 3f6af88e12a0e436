"""Parsing of integers in lists and maps that were not sent as integers: `5.0` is 5."""

from __future__ import annotations

from typing import Any

from .decoding import to_integer, wrong_item

__all__ = ["to_integers"]


def to_integers(
    data: dict[str, Any],
    key: str,
    allowed: tuple[type, ...],
    expected: str,
    *,
    secret: bool = False,
) -> Any:
    """Return a list or map with its whole numbers as integers.

    Raises:
        DecodeError: If an item is of another type than those allowed.
    """
    container = data[key]
    found: Any = (
        {name: _whole(item) for name, item in container.items()}
        if type(container) is dict
        else [_whole(item) for item in container]
    )
    if any(
        type(item) not in allowed for item in (found.values() if type(found) is dict else found)
    ):
        raise wrong_item({key: found}, key, allowed, expected, secret=secret)
    return found


def _whole(item: Any) -> Any:
    return to_integer({"": item}, "") if type(item) is float and item.is_integer() else item
