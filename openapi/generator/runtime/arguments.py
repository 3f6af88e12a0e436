"""Checks the arguments of requests; each message names the argument, the limit and the value.

A string's value is left out of the messages, since it may be a secret.
"""

from __future__ import annotations

import math
import re
import sys
import warnings
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from .types import ListLike

__all__ = [
    "boolean",
    "copied",
    "day",
    "deprecated",
    "enum",
    "header",
    "identifier",
    "integer",
    "items",
    "joinable",
    "json_type",
    "mapping",
    "model",
    "moment",
    "number",
    "requires",
    "string",
    "string_or_integer",
    "strings",
]

# The packages whose frames stand between a user's line and a check.
_OWN = ("benchwire.", "benchwire_api.")
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


def integer(name: str, value: object, low: float | None = None, high: float | None = None) -> int:
    """Check a whole number and its bounds."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    _check_bounds(name, value, low, high)
    return value


def number(name: str, value: object, low: float | None = None, high: float | None = None) -> float:
    """Check a number and its bounds."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{name} must be a float, not {type(value).__name__}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, not {value}")
    _check_bounds(name, value, low, high)
    return value


def boolean(name: str, value: object) -> bool:
    """Check a boolean."""
    if not isinstance(value, bool):
        kind = type(value)  # that of NumPy has the same name
        library = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
        raise TypeError(f"{name} must be a bool, not {library}{kind.__name__}")
    return value


def string(
    name: str,
    value: object,
    shortest: int = 0,
    longest: int | None = None,
    pattern: str | None = None,
) -> str:
    """Check a string: its length, its pattern, and that it can be sent as UTF-8."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        position = error.start
    else:
        _check_length(name, value, shortest, longest)
        if pattern is not None and not re.search(pattern, value, re.ASCII):
            raise ValueError(f"{name} must match {pattern}")
        return value
    # Raised here, so that the error has no context: a UnicodeEncodeError shows the whole string.
    raise ValueError(f"{name} can't be sent as UTF-8: character {position + 1} is half a pair")


def string_or_integer(
    name: str,
    value: object,
    shortest: int = 0,
    low: float | None = None,
    high: float | None = None,
) -> str | int:
    """Check a string, or a whole number and its bounds."""
    if isinstance(value, int) and not isinstance(value, bool):
        return integer(name, value, low, high)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str or an int, not {type(value).__name__}")
    return identifier(name, value, shortest) if shortest else string(name, value)


def identifier(
    name: str,
    value: object,
    shortest: int = 0,
    longest: int | None = None,
    pattern: str | None = None,
) -> str:
    """Check an id: not empty, and no dot segment, which would change the path that contains it."""
    if isinstance(value, str) and value in {"", ".", ".."}:
        raise ValueError(f"{name} must be an id, not {value!r}")
    return string(name, value, shortest, longest, pattern)


def moment(name: str, value: object) -> str:
    """Check a date and time, and return it as in RFC 3339, which needs its offset from UTC."""
    if not isinstance(value, datetime):
        raise TypeError(f"{name} must be a datetime, not {type(value).__name__}")
    offset = value.utcoffset()
    if offset is None:
        raise ValueError(f"{name} needs a time zone, such as datetime.UTC")
    # RFC 3339 has no seconds in an offset, which times of before the time zones have.
    try:
        return (value.astimezone(UTC) if offset % timedelta(minutes=1) else value).isoformat()
    except OverflowError:
        raise ValueError(f"{name} is beyond the years 1 to 9999 in UTC") from None


def day(name: str, value: object) -> str:
    """Check a date, and return it as in RFC 3339."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError(f"{name} must be a date, not {type(value).__name__}")
    return value.isoformat()


def header(name: str, value: str) -> str:
    """Check that a string can be sent in a header: visible ASCII, with spaces inside at most."""
    if not (value.isascii() and value.isprintable() and value == value.strip()):
        raise ValueError(f"{name} can't be sent in a header: it must be printable ASCII, unpadded")
    return value


def deprecated(what: str) -> None:
    """Warn that the service may remove what is used, at the line that uses the packages."""
    level, frame = 2, sys._getframe(1)  # noqa: SLF001  inspect's own way to it is slower
    while frame.f_back and frame.f_globals.get("__name__", "").startswith(_OWN):
        level, frame = level + 1, frame.f_back
    warnings.warn(f"{what} is deprecated", DeprecationWarning, stacklevel=level)


def enum(name: str, value: object, allowed: type[E]) -> E:
    """Return the member of an enum for a member or its value."""
    try:
        return allowed(cast("str", value))
    except ValueError:
        pass
    raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")


def items(
    name: str, values: object, check: Callable[[str, object], T], kind: str, fewest: int = 0
) -> list[T]:
    """Check a list and each of its items, which are named by their position.

    Args:
        name: The argument.
        values: Its value: any sized collection, but no generator, which can be read only once.
        check: Checks one item, given its name and value.
        kind: The type of the items, for messages.
        fewest: The fewest items there may be.
    """
    if isinstance(values, str | bytes):
        raise TypeError(
            f"{name} must be a list of {kind}, not one {type(values).__name__}: {values!r}"
        )
    # A data frame yields the names of its columns.
    is_flat = getattr(values, "ndim", 1) == 1
    if not isinstance(values, Collection) or isinstance(values, Mapping) or not is_flat:
        raise TypeError(f"{name} must be a list of {kind}, not a {type(values).__name__}")
    if len(values) < fewest:
        is_empty = len(values) == 0  # an empty array is neither true nor false
        wanted = "is empty" if is_empty else f"has too few items: it needs at least {fewest}"
        raise ValueError(f"{name} {wanted}")
    return [check(f"{name}[{position}]", value) for position, value in enumerate(values)]


def strings(name: str, values: object) -> list[str]:
    """Check the strings of a filter, none of them empty."""
    return items(name, values, _filled, "str")


def joinable(name: str, values: list[T]) -> list[T]:
    """Check that values can be told apart once they are joined with commas.

    A service splits them after percent-decoding, so that a comma can't be sent as part of a value.
    """
    for position, value in enumerate(values):
        if isinstance(value, str) and "," in value:
            raise ValueError(
                f"{name}[{position}] contains a comma: the values of {name} are joined with commas,"
                " so the service would read it as several values"
            )
    return values


def mapping(
    name: str, values: object, check: Callable[[str, object], T], kind: str
) -> dict[str, T]:
    """Check a mapping and each of its values, which are named by their keys; see `items`."""
    if not isinstance(values, Mapping):
        raise TypeError(f"{name} must be a mapping of str to {kind}, not {type(values).__name__}")
    for key in values:
        if not isinstance(key, str):
            raise TypeError(f"the names of {name} must be str, not {type(key).__name__}")
    return {
        string(f"a name of {name}", key): check(f"{name}[{key!r}]", value)
        for key, value in values.items()
    }


def json_type(name: str, value: object, *kinds: type) -> object:
    """Check that a value is of one of the types that JSON is parsed to, but not what is inside."""
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        names = " or ".join(kind.__name__ for kind in kinds)
        raise TypeError(f"{name} must be of type {names}, not {type(value).__name__}")
    return value


def model(name: str, value: T, *kinds: type, tag: str = "", tags: Collection[str] = ()) -> T:
    """Check that a value is one of some request models, and every field of it.

    Args:
        name: The argument, or the field; empty for a whole body.
        value: Its value.
        kinds: The classes it may have.
        tag: The field on the wire that tells which class it is, if one does.
        tags: The values of that field, one for each of the classes.
    """
    if not isinstance(value, kinds):
        names = " or a ".join(dict.fromkeys(kind.__name__ for kind in kinds))
        raise TypeError(f"{name or 'body'} must be a {names}, not {type(value).__name__}")
    request = cast("Any", value)
    request.validate(name)
    if tag:
        own = [each for each, kind in zip(tags, kinds, strict=True) if isinstance(value, kind)]
        if (found := request.to_dict().get(tag)) not in own:
            place = f"{name}.{tag}" if name else tag
            wanted = f"{' or '.join(own)} of a {type(value).__name__}"
            raise ValueError(f"{place} must be {wanted}, not {found!r}")
    return value


def requires(name: str, value: object, other_name: str, other: object) -> None:
    """Check that an argument is not given without another, since the service would ignore it."""
    if value is not None and other is None:
        raise ValueError(f"{name} needs {other_name} beside it")


def copied(values: ListLike[T] | None) -> ListLike[T] | None:
    """Copy a list argument, so that pages requested later filter by the same values.

    What is no list stays as it is, for the check of the arguments to name it.
    """
    if not isinstance(values, Collection) or isinstance(values, str | bytes):
        return values
    return values if getattr(values, "ndim", 1) != 1 else list(values)


def _filled(name: str, value: object) -> str:
    if not string(name, value):
        raise ValueError(f"{name} is empty")
    return str(value)


def _check_bounds(name: str, value: float, low: float | None, high: float | None) -> None:
    if (low is None or low <= value) and (high is None or value <= high):
        return
    # Python writes no integer of more than 4,300 digits.
    bits = value.bit_length() if isinstance(value, int) else 0
    shown = value if bits < 1000 else f"an integer of {bits} bits"
    if low is None:
        limits = f"at most {high}"
    elif high is None:
        limits = f"at least {low}"
    else:
        limits = f"from {low} to {high}"
    raise ValueError(f"{name} must be {limits}, not {shown}")


def _check_length(name: str, value: str, shortest: int, longest: int | None) -> None:
    if not value and shortest:
        raise ValueError(f"{name} is empty")
    if len(value) < shortest:
        raise ValueError(f"{name} must have at least {shortest} characters, not {len(value)}")
    if longest is not None and len(value) > longest:
        raise ValueError(f"{name} must have at most {longest} characters, not {len(value)}")
