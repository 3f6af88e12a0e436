"""Decodes JSON bodies: the slow and the failing paths of the models' `from_dict`.

`from_dict` checks types in line, because a call per field would cost more than the decoding. It
calls these functions only for a value that is unusual (`5.0` for an integer) or wrong.
"""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from operator import length_hint
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from .errors import DecodeError, StatusError
from .models import ResultList

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from .types import Response

__all__ = [
    "add_misfit", "array_of", "containers", "decode_body", "described", "fitting",
    "fitting_rows", "from_elsewhere", "json_body", "not_an_object", "one_of", "refuse_unknown", "shallow", "status_error",
    "step_of_last", "to_date", "to_datetime", "to_epoch", "to_integer", "to_member",
    "unknown_fields", "wrong", "wrong_item",
]  # fmt: skip

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

MAX_DEPTH = 100

_SHOWN = 60
containers = frozenset({dict, list})
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# The bound keeps a hostile body from making `int` work through thousands of digits.
_INTEGER_TEXT = re.compile(r"[+-]?[0-9]{1,19}(\.0*)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_END_OF_DAY = re.compile(r"([T ])24(?=[0:.,]*(?:Z|[+-].*)?$)")
# Every escape, so that the second backslash of `\\` begins none; a pair of surrogates is one match.
_ESCAPE = re.compile(
    rb"\\(?:uD[89AB][0-9A-F]{2}\\uD[C-F][0-9A-F]{2}|(uD[89A-F][0-9A-F]{2})|.)",
    re.IGNORECASE | re.DOTALL,
)
# From here on, a float in the place of an integer may be a rounded one of more than 64 bits.
_MAY_BE_ROUNDED = 2.0**63
_rounded: ContextVar[bool] = ContextVar("_rounded", default=False)


def decode_body(content: bytes, decode: Callable[[Any], T]) -> T:
    """Parse and decode a body.

    Raises:
        DecodeError: If it is not JSON, or does not fit.
    """
    _rounded.set(False)
    try:
        result = decode(json_body(content))
    except RecursionError:
        # A schema that refers to itself has no bound, and orjson's is beyond that of the interpreter.
        raise DecodeError("$", "JSON of fewer levels", "more than can be read") from None
    # orjson reads an integer of more than 64 bits as a float. Which fields are integers is known
    # only after decoding, and few bodies have one so long.
    return decode(_unusual_body(content)) if _rounded.get() else result


def json_body(content: bytes) -> Any:
    """Parse a body.

    Raises:
        DecodeError: If it is not JSON: empty, cut short, HTML.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        problem = str(error)
    try:
        return _unusual_body(content)
    except (ValueError, RecursionError):
        text = content[: _SHOWN + 1].decode("utf-8", "replace")
        got = f"{problem} in {_short(text)}" if text.strip() else "an empty body"
    raise DecodeError("$", "JSON", got)


def _unusual_body(content: bytes) -> Any:
    """Parse JSON that orjson rounds or refuses: integers of any length, half a pair of surrogates.

    A service that cuts its texts in UTF-16 leaves such a half. It becomes U+FFFD, since a text with
    it could neither be printed nor sent.

    Raises:
        ValueError: If it is not JSON, or has a number that is too large for a float.
    """
    whole = _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] else found[0], content)
    return json.loads(whole.decode(), parse_float=_finite, parse_constant=_finite)


def _finite(text: str) -> float:
    number = float(text)
    if math.isfinite(number):
        return number
    raise ValueError(text)


def _whole(number: float) -> int:
    if abs(number) >= _MAY_BE_ROUNDED:
        _rounded.set(True)
    return int(number)


def shallow(value: Any, step: str) -> None:
    """Raise for a free-form value that is nested too deep.

    The spec bounds the depth of what it defines. A free-form value is kept as it is, and a repr, a
    copy or a pickle of one with a thousand levels would fail later.
    """
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in containers
        ]
        if not level:
            return
    raise DecodeError(f"${step}", f"JSON nested at most {MAX_DEPTH} levels deep", "more levels")


def array_of(data: Any, decode: Callable[[dict[str, Any]], T]) -> ResultList[T]:
    """Decode a body that is an array of objects."""
    if type(data) is not list:
        raise DecodeError("$", "an array", described(data))
    rest = iter(data)
    try:
        return ResultList([decode(item) for item in rest])
    except DecodeError as error:
        raise error.within(step_of_last(data, rest)) from None


def one_of(
    tag: str, kinds: Mapping[str, Callable[[dict[str, Any]], T]]
) -> Callable[[dict[str, Any]], T]:
    """Return the decoder of a value that is one of several objects.

    Args:
        tag: The field whose value tells which it is; empty if a field of its own tells.
        kinds: The decoder of each object, by that value or by the name of that field.
    """

    def decode(data: dict[str, Any]) -> T:
        if type(data) is not dict:
            raise DecodeError("$", "an object", described(data))
        if tag:
            value = data.get(tag)
            kind = kinds.get(value) if type(value) is str else None
            if kind is None:
                raise wrong(data, tag, f"one of {', '.join(kinds)}")
            return kind(data)
        for field, kind in kinds.items():
            if field in data:
                return kind(data)
        raise DecodeError("$", f"an object with one of {', '.join(kinds)}", described(data))

    return decode


def from_elsewhere(
    decode: Callable[[dict[str, Any]], T],
    data: Any,
    key: str,
    places: tuple[str, ...],
    required: tuple[str, ...],
) -> T:
    """Decode an object whose field may be in another place.

    Args:
        decode: Decodes the object.
        data: The object, or with `$` among the places what is read as its field.
        key: The field's own place, used unless it is absent or null.
        places: Names of other fields, in order of precedence, and `$`.
        required: The fields that an object must have if this one is in none of the places.
    """
    place = f"${_step(key)}"
    step = place
    if type(data) is list and "$" in places:
        step, data = "$", {key: data}
    elif type(data) is dict and data.get(key) is None:
        for other in places:
            if data.get(other) is not None:
                step, data = f"${_step(other)}", {**data, key: data[other]}
                del data[other]
                break
        else:
            if any(name not in data for name in required):
                raise not_an_object(data, required)
    try:
        return decode(data)
    except DecodeError as error:
        below = error.path.removeprefix(place)
        if step == place or below == error.path or below[:1] not in {"", ".", "["}:
            raise
        raise DecodeError(step + below, error.expected, error.got) from None


def status_error(response: Response, decode: Callable[[dict[str, Any]], object]) -> StatusError:
    """Build the error for a response whose status is not a documented success."""
    parsed = None
    if response.status_code >= 400:
        # The status is the error; a body that can't be decoded, such as a gateway's HTML, must not
        # hide it.
        with suppress(DecodeError):
            parsed = decode(json_body(response.content))
    return StatusError(response.status_code, response.headers, response.content, parsed)


def not_an_object(data: Any, required: Collection[str]) -> DecodeError:
    """Build the error for a value that is no object, or lacks a required field."""
    if type(data) is not dict:
        return DecodeError("$", "an object", described(data))
    absent = next(key for key in required if key not in data)
    return DecodeError(f"${_step(absent)}", "a required field", "nothing")


def wrong(data: dict[str, Any], key: str, expected: str, *, secret: bool = False) -> DecodeError:
    """Build the error for a field of the wrong type; a secret's value is not shown."""
    value = data.get(key)
    got = type(value).__name__ if secret else described(value)
    return DecodeError(f"${_step(key)}", expected, got)


def wrong_item(
    data: dict[str, Any],
    key: str,
    allowed: tuple[type, ...],
    expected: str,
    *,
    secret: bool = False,
) -> DecodeError:
    """Build the error for the first item of a list, or value of a map, that has the wrong type."""
    items: Any = data[key].items() if type(data[key]) is dict else enumerate(data[key])
    step, value = next((step, value) for step, value in items if type(value) not in allowed)
    return wrong({step: value}, step, expected, secret=secret).within(_step(key))


def step_of_last(items: list[Any], rest: Iterator[Any]) -> str:
    """Return the step to the item of a list that its iterator yielded last.

    Decoding a list keeps no count. To decode it again, to find the item that fails, would double the
    time at each level of a schema that refers to itself.
    """
    return f"[{len(items) - length_hint(rest) - 1}]"


def to_integer(data: dict[str, Any], key: str, expected: str = "an integer") -> int:
    """Parse an integer that was not sent as one: `5.0` is 5."""
    value = data.get(key)
    if type(value) is float and value.is_integer():
        return _whole(value)
    raise wrong(data, key, expected)


def to_datetime(data: dict[str, Any], key: str) -> datetime | str:
    """Parse a date and time that `datetime.fromisoformat` of this Python may not read.

    A text that is no date stays as it is: one odd row must not refuse its page.
    """
    value = data.get(key)
    if type(value) is str:
        return _moment(value) or value
    # `from_dict` calls this while it handles fromisoformat's error, which is less precise.
    raise wrong(data, key, "an ISO 8601 date and time") from None


def to_date(data: dict[str, Any], key: str) -> date | str:
    """Parse a date, of which no time is part; a text that is none stays as it is."""
    value = data.get(key)
    if type(value) is not str:
        raise wrong(data, key, "an ISO 8601 date")
    try:
        return date.fromisoformat(value) if _DATE.fullmatch(value) else value
    except ValueError:
        return value


def to_epoch(data: dict[str, Any], key: str) -> int | str:
    """Parse seconds since the epoch that were not sent as an integer.

    Takes a whole float, an integer as text, and an ISO 8601 date and time; one without an offset
    is in UTC. Any other text stays as it is: one odd row must not refuse its page.
    """
    value = data.get(key)
    if type(value) is float and value.is_integer():
        return _whole(value)
    if type(value) is str:
        if _INTEGER_TEXT.fullmatch(value):
            return int(value.partition(".")[0])
        moment = _moment(value)
        if moment is not None:
            return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
        return value
    raise wrong(data, key, "seconds since the epoch or an ISO 8601 date and time")


def to_member(data: dict[str, Any], key: str, enum: type[E]) -> E:
    """Parse a member of a closed enum."""
    try:
        return enum(data[key])
    except ValueError:
        expected = "one of " + ", ".join(repr(member.value) for member in enum)
        raise wrong(data, key, expected) from None


def fitting(value: Any, decode: Callable[[dict[str, Any]], T]) -> list[T] | None:
    """Decode the rows of a list that fit; `None` if none does, or the value is no list."""
    rows = []
    for row in value if type(value) is list else ():
        try:
            rows.append(decode(row))
        except DecodeError:
            continue
    return rows or None


def fitting_rows(value: Any, decode: Callable[[dict[str, Any]], T]) -> tuple[list[T] | None, bool]:
    """Decode the rows of a list that fit, once, and return whether all do."""
    if value == []:
        return [], True
    rows = fitting(value, decode)
    return rows, rows is not None and len(rows) == len(value)


def add_misfit(misfits: dict[str, Any] | None, data: dict[str, Any], key: str) -> dict[str, Any]:
    """Add the value of an inferred field that is not of the type that was inferred."""
    value = data[key]
    if type(value) in containers:
        shallow(value, _step(key))
    return {**(misfits or {}), key: value}


def unknown_fields(data: dict[str, Any], known: frozenset[str]) -> dict[str, Any] | None:
    """Return the fields the spec does not name; None if there are none."""
    unknown = {key: data[key] for key in data if key not in known}
    for key, value in unknown.items():
        if type(value) in containers:
            shallow(value, _step(key))
    return unknown or None


def refuse_unknown(data: dict[str, Any], known: frozenset[str]) -> DecodeError:
    """Build the error for a field that a closed object does not have."""
    key = next(key for key in data if key not in known)
    return DecodeError(f"${_step(key)}", "no such field", described(data[key]))


def _moment(text: str) -> datetime | None:
    if text.isdigit():
        return None  # fromisoformat would parse a long number as a date
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    # Before Python 3.13 it refuses a lower-case z and 24:00:00.
    upper = text.upper()
    morning = _END_OF_DAY.sub(r"\g<1>00", upper)
    try:
        return datetime.fromisoformat(morning) + timedelta(days=int(morning != upper))
    except (ValueError, OverflowError):
        return None


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if _IDENTIFIER.fullmatch(key) else f"[{key!r}]"


def described(value: Any) -> str:
    """Return a value as an error shows it: short, and containers by their size."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return f"the string {_short(value)}"
    if isinstance(value, bool | int | float):
        return f"the {'boolean' if isinstance(value, bool) else 'number'} {str(value).lower()}"
    if isinstance(value, list | dict):
        return f"{'an array' if isinstance(value, list) else 'an object'} of {len(value)}"
    return f"a Python {type(value).__name__}"


def _short(text: str) -> str:
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}…"
