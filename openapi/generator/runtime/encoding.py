"""Encodes arguments as path segments, query strings and bodies."""

from __future__ import annotations

from enum import Enum
from typing import Any
from urllib.parse import quote

import orjson

__all__ = ["header_values", "json_bytes", "path_segment", "query_string"]


def path_segment(value: str | float) -> str:
    """Percent-encode a checked path argument as exactly one segment."""
    return quote(_text(value), safe="")


def query_string(*arguments: tuple[str, object]) -> str:
    """Build a query string of checked arguments, in the order given.

    None and an empty list are left out. A list becomes one value, joined with commas; its
    items contain none.

    Raises:
        TypeError: If an argument has no text form.
    """
    return "&".join(
        f"{quote(name, safe='')}={_query_value(name, value)}"
        for name, value in arguments
        if value is not None and value != []
    )


def header_values(*arguments: tuple[str, object]) -> dict[str, str]:
    """Build the headers of checked arguments; None and an empty list are left out."""
    return {
        name: ",".join(map(_text, value)) if isinstance(value, list) else _text(value)
        for name, value in arguments
        if value is not None and value != []
    }


def _query_value(name: str, value: object) -> str:
    if isinstance(value, list):
        return ",".join(_scalar(name, item) for item in value)
    return _scalar(name, value)


def _scalar(name: str, value: object) -> str:
    if isinstance(value, (str, int, float)):
        return quote(_text(value), safe="")
    raise TypeError(f"{name} can't be sent in a query: it is of type {type(value).__name__}")


def _text(value: object) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def json_bytes(value: Any) -> bytes:
    """Encode a body that `to_dict` made."""
    return orjson.dumps(value)
