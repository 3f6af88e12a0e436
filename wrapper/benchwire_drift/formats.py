"""Strict checks of the formats of strings and numbers."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from attrs import frozen

_DATE_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_EPOCH_TEXT = re.compile(r"-?\d{1,11}", re.ASCII)

# A number of seconds past the year 5000 is a time in milliseconds.
_LATEST_EPOCH = 10**11

KNOWN = frozenset(
    {"date-time", "date", "uuid", "uri", "int32", "int64", "float", "double", "password"}
)


@frozen
class Mismatch:
    """A value that does not match its format.

    Attributes:
        readable: Whether the SDK can read it all the same.
    """

    readable: bool


def mismatch(name: str, value: object) -> Mismatch | None:
    """Return the mismatch of a value with a format, if any; a format applies to one type."""
    if isinstance(value, str):
        return _of_string(name, value)
    if isinstance(value, int | float) and name in ("int32", "int64"):
        bits = int(name.removeprefix("int"))
        return None if -(2 ** (bits - 1)) <= value < 2 ** (bits - 1) else Mismatch(readable=True)
    return None


def epoch_mismatch(value: object) -> Mismatch | None:
    """Return the mismatch of a value with seconds since the epoch, as a number or a string."""
    if isinstance(value, int | float):
        return None if abs(value) < _LATEST_EPOCH else Mismatch(readable=True)
    if isinstance(value, str) and not _EPOCH_TEXT.fullmatch(value):
        numeric = value.lstrip("+-").partition(".")[0].isdigit()
        return Mismatch(readable=numeric or _is_iso(value))
    return None


def _of_string(name: str, value: str) -> Mismatch | None:
    if name == "date-time":
        fits = bool(_DATE_TIME.fullmatch(value)) and _is_iso(value)
        return None if fits else Mismatch(readable=_is_iso(value))
    if name == "date":
        return None if _DATE.fullmatch(value) and _is_iso(value) else Mismatch(readable=False)
    if name == "uuid":
        return None if _UUID.fullmatch(value) else Mismatch(readable=True)
    if name == "uri":
        return None if _is_uri(value) else Mismatch(readable=True)
    return None


def _is_iso(value: str) -> bool:
    # datetime supports neither leap seconds nor hour 24.
    text = re.sub(r":60(?=\D|$)", ":59", value.upper().replace("T24:", "T00:"))
    try:
        return bool(datetime.fromisoformat(text)) and not text.isdigit()
    except ValueError:
        return False


def _is_uri(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    blank = any(letter.isspace() or not letter.isascii() for letter in value)
    return bool(parts.scheme) and not blank
