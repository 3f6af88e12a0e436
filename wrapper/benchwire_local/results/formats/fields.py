"""Typed access to the fields of parsed JSON; a value of another type is a clear error."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import orjson

from benchwire_local.http.parameters import shorten
from benchwire_local.results.line import MAX_NAME_LENGTH, LineError, show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchwire_local.results.row import Status


class FieldError(LineError):
    """A field has a value that can't be read; the message has the field and the value."""


def mapping(value: object, field: str) -> dict[str, Any]:
    """Return an object."""
    if not isinstance(value, dict):
        raise FieldError(f"{field}: must be an object, not {show(value)}")
    return value


def sequence(value: object, field: str) -> list[Any]:
    """Return an array."""
    if not isinstance(value, list):
        raise FieldError(f"{field}: must be an array, not {show(value)}")
    return value


def child(value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return an object inside objects; an empty one where it is absent or null."""
    found: Any = value
    for number, name in enumerate(names):
        found = found.get(name)
        if found is None:
            return {}
        found = mapping(found, ".".join(names[: number + 1]))
    return dict(found)


def listed(value: Mapping[str, Any], name: str) -> list[Any]:
    """Return an array in an object; an empty one if it is absent or null."""
    found = value.get(name)
    return [] if found is None else sequence(found, name)


def name(value: object, field: str) -> str:
    """Return a name: printable, and of at most 1,000 characters."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if (
        not isinstance(value, str)
        or not value.strip()
        or len(value) > MAX_NAME_LENGTH
        or not value.isprintable()
    ):
        raise FieldError(
            f"{field}: must be 1 to {MAX_NAME_LENGTH} printable characters, not {show(value)}"
        )
    return value


def integer(value: object, field: str) -> int:
    """Return an integer of at most 64 bits, 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise FieldError(f"{field}: must be a whole number, 0 or more, not {show(value)}")
    return value


def as_text(value: object) -> str:
    """Return a text as it is, nothing as an empty one, the only element of an array, else JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list) and len(value) == 1:
        return as_text(value[0])
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        raise FieldError("a value is nested too deep, or has a number above 64 bits") from None


def content_text(content: object) -> str:
    """Return the text of a chat message's content: a text, or parts of which some have one."""
    if isinstance(content, list):
        parts = [part["text"] for part in content if isinstance(part, dict) and "text" in part]
        return "\n".join(as_text(part) for part in parts) if parts else as_text(content)
    return as_text(content)


def prompt(value: object, field: str) -> str | list[Any] | dict[str, Any]:
    """Return a prompt: a text, or messages or an object that can be stored."""
    if isinstance(value, list | dict):
        as_text(value)
        return value
    if not isinstance(value, str):
        raise FieldError(f"{field}: must be a text, an array or an object, not {show(value)}")
    return value


def duration(value: object, factor: float = 1.0) -> float | None:
    """Return milliseconds; ``None`` for what is no duration."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) * factor if 0 <= value < 1e15 else None


def score(value: object, metric: str) -> tuple[float | None, Status]:
    """Return a metric's value as a score and its status; nothing and ``NaN`` are unscored.

    Raises:
        FieldError: It is a list, an object or a text, or is not from 0 to 1.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None, "unscored"
    if isinstance(value, list | dict):
        raise FieldError(
            f"{metric}: its value is {show(value)}: it is aggregated over the whole task, and"
            " scores no single answer"
        )
    if not isinstance(value, int | float):
        raise FieldError(f"{metric}: must be a number, not {show(value)}")
    if value == 999:
        raise FieldError(f"{metric}: is 999, the mark of a metric that was bypassed")
    if not 0 <= value <= 1:
        raise FieldError(f"{metric}: must be from 0 to 1 to be a score, not {shorten(value)}")
    return float(value), "scored"


def scalars(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the short values of some metadata: numbers, truth values, texts up to 200 long."""
    found = {
        key: value
        for key, value in values.items()
        if isinstance(value, bool | float)
        or (isinstance(value, int) and abs(value) < 2**63)
        or (isinstance(value, str) and len(value) <= 200)
    }
    return found or None
