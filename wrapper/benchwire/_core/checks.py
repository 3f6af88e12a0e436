"""Arguments are checked before anything is sent; each message says what, which, and the limit."""

from __future__ import annotations

import math
from collections.abc import Collection
from enum import StrEnum
from typing import TypeVar

from benchwire_api.types import UNSET, Unset

E = TypeVar("E", bound=StrEnum)

MAX_PAGE_SIZE = 500
"""The largest page the public API gives (openapi/public.yaml, page_size)."""

_MAX_INT32 = 2**31 - 1


def whole(name: str, value: object, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if not low <= value <= high:
        raise ValueError(f"{name} must be from {low} to {high}, not {value}")
    return value


def page(value: int | None) -> int | Unset:
    """A page number, counted from 1."""
    return UNSET if value is None else whole("page", value, 1, _MAX_INT32)


def page_size(value: int | None) -> int | Unset:
    """A number of rows on a page."""
    return UNSET if value is None else whole("page_size", value, 1, MAX_PAGE_SIZE)


def seconds(name: str, value: object) -> float:
    """A positive, finite time."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not (value > 0 and math.isfinite(value)):
        raise ValueError(f"{name} must be a positive, finite number of seconds, not {value}")
    return float(value)


def text(name: str, value: str | None) -> str | Unset:
    """A text, which may be empty."""
    return UNSET if value is None else sendable(name, value)


def sendable(name: str, value: object) -> str:
    """A text that can be put on the wire; the message leaves it out, since it may be a secret."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    try:
        value.encode()
        return value
    except UnicodeEncodeError as problem:
        position = problem.start
    raise ValueError(f"{name} can't be sent as UTF-8: character {position + 1} is half a pair")


def identifier(name: str, value: object) -> str:
    """An id: a text that is not empty and does not change the path it is put in."""
    identity = sendable(name, value)
    if identity in {"", ".", ".."}:
        raise ValueError(f"{name} must be an id, not {identity!r}")
    return identity


def identifiers(name: str, given: Collection[str]) -> list[str]:
    """A list of ids."""
    return [
        identifier(f"{name}[{position}]", value)
        for position, value in enumerate(_listed(name, given))
    ]


def values(name: str, given: Collection[str] | None) -> list[str] | Unset:
    """The values of a filter; an empty list stays one, since it asks for nothing."""
    if given is None:
        return UNSET
    chosen = _listed(name, given)
    for position, value in enumerate(chosen):
        if not sendable(f"{name}[{position}]", value):
            raise ValueError(f"{name}[{position}] is empty")
    return chosen


def _listed(name: str, given: Collection[str]) -> list[str]:
    if isinstance(given, str | bytes):
        raise TypeError(f"{name} must be a list of str, not one {type(given).__name__}: {given!r}")
    if not isinstance(given, Collection):
        # A generator would be empty by the second page.
        raise TypeError(f"{name} must be a list of str, not a {type(given).__name__}")
    return list(given)


def flag(name: str, *, value: bool | None) -> bool | Unset:
    """Yes or no."""
    if value is None:
        return UNSET
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be a bool, not {type(value).__name__}")
    return value


def choice(name: str, value: str | None, allowed: type[E]) -> E | Unset:
    """One of the values an enum of the spec allows."""
    if value is None:
        return UNSET
    try:
        return allowed(value)
    except ValueError:
        pass
    raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
