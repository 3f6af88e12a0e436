"""Turns arguments into path segments, query strings and bodies."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import orjson

from .types import UNSET, Unset

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["json_bytes", "member", "path_segment", "query_string"]

E = TypeVar("E", bound=StrEnum)


def path_segment(name: str, value: str | int) -> str:
    """Percent-encode a path argument as exactly one segment.

    Args:
        name: The parameter, for the error.
        value: The id to put into the path.

    Raises:
        TypeError: If it is neither text nor an integer.
        ValueError: If it is empty, `.` or `..`: URL normalisation would address another resource.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise TypeError(f"{name} must be text or an integer, not {type(value).__name__}")
    segment = quote(str(value), safe="")
    if segment in {"", ".", ".."}:
        raise ValueError(f"{name} must not be empty, '.' or '..': it is {str(value)!r}")
    return segment


def query_string(*arguments: tuple[str, object]) -> str:
    """Build a query string, in the order given; what is `UNSET` or None is left out.

    A list becomes one value, joined with literal commas; a comma inside an item is sent as `%2C`.

    Raises:
        TypeError: If an argument has no text form.
        ValueError: If a list is empty or has an empty item, which would read as no filter at all.
    """
    return "&".join(
        f"{quote(name, safe='')}={_query_value(name, value)}"
        for name, value in arguments
        if value is not None and value is not UNSET
    )


def _query_value(name: str, value: object) -> str:
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [_scalar(name, item) for item in value]
        if not items or "" in items:
            what = "an empty item" if items else "no item"
            raise ValueError(f"{name} has {what}: leave the argument out to send no filter")
        return ",".join(items)
    return _scalar(name, value)


def _scalar(name: str, value: object) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return quote(str(value), safe="")
    raise TypeError(f"{name} can't be sent in a query: it is of type {type(value).__name__}")


def member(enum: type[E], name: str, value: E | str | Unset | None) -> E | Unset:
    """Return the member of a request enum for a member or its wire value.

    Raises:
        ValueError: If there is none; the message lists what there is.
    """
    if value is None or isinstance(value, Unset):
        return UNSET
    try:
        return enum(value)
    except ValueError:
        raise ValueError(f"{name} must be one of {_listed(enum)}: it is {value!r}") from None


def _listed(members: Iterable[StrEnum]) -> str:
    return ", ".join(repr(member.value) for member in members)


def json_bytes(value: Any) -> bytes:
    """Encode a body that `to_dict` made."""
    return orjson.dumps(value)
