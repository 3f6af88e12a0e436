"""Strict parsing of JSON: no duplicate keys, no NaN, no lossy numbers, bounded nesting."""

from __future__ import annotations

import json
import math
from typing import Any

import orjson

# Far below Python's limit of recursion, so that functions over the value may recurse.
MAX_DEPTH = 100


class StrictJsonError(ValueError):
    """The text is not JSON, or parsers may interpret it differently."""


def loads(text: bytes) -> Any:
    """Parse a JSON text.

    Raises:
        StrictJsonError: It is not valid JSON in UTF-8, an object has a key twice, a number is
            outside the range of a double, or it is nested more than 100 levels deep.
    """
    try:
        text = text.rstrip(b" \t\r\n")
        # orjson is strict about grammar and UTF-8; only the standard library's parser exposes each
        # key and number as written. It is many times slower, and needed only where something is
        # wrong: a key that occurs twice has quotes which the value does not account for.
        value = orjson.loads(text)
        if has_strings(text, count_strings(value)):
            return value
        value = json.loads(text.decode(), object_pairs_hook=_object, parse_int=_integer)
    except orjson.JSONDecodeError as error:
        raise StrictJsonError(f"not valid JSON: {error.msg}: {_location(error)}") from None
    except RecursionError:
        raise StrictJsonError(f"nested more than {MAX_DEPTH} levels deep") from None
    _check_depth(value, MAX_DEPTH)
    return value


def has_strings(text: bytes, count: float) -> bool:
    """Return whether a JSON text has the quotes of so many strings and keys, and of no more."""
    if b"\\" not in text:
        return text.count(b'"') == 2 * count
    plain = text.replace(b"\\\\", b"")
    return plain.count(b'"') - plain.count(b'\\"') == 2 * count


def count_strings(value: Any, allowed: int = MAX_DEPTH) -> float:
    """Return the number of strings and keys in a value; NaN if it needs the slower parser.

    Its numbers may be integers that orjson has made floats, or it may be too deep.
    """
    kind = type(value)
    if kind is dict or kind is list:
        if not allowed:
            return math.nan
        count: float = len(value) if kind is dict else 0
        for item in value.values() if kind is dict else value:
            # Most are strings, and a call would take longer than the rest.
            count += 1 if type(item) is str else count_strings(item, allowed - 1)
        return count
    if kind is str:
        return 1
    return math.nan if kind is float and abs(value) >= 2**63 else 0


def _location(error: json.JSONDecodeError) -> str:
    # A text of one line may be a line of a file, where "line 1" would be misleading.
    line = f"line {error.lineno} " if "\n" in error.doc else ""
    return f"{line}column {error.colno}"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise StrictJsonError(f"the key {key[:80]!r} occurs twice in one object")
            seen.add(key)
    return value


def _integer(text: str) -> int:
    if len(text) > 40:
        raise StrictJsonError(f"the number {text[:40]}… has {len(text)} digits, the limit is 40")
    return int(text)


def _check_depth(value: Any, allowed: int) -> None:
    if isinstance(value, dict | list):
        if not allowed:
            raise StrictJsonError(f"nested more than {MAX_DEPTH} levels deep")
        for item in value.values() if isinstance(value, dict) else value:
            _check_depth(item, allowed - 1)
