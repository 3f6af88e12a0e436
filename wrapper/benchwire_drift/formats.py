"""Strict checks of the formats of strings and numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from attrs import frozen

_DATE_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
    r"([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_LEAP_SECOND = re.compile(r"(?<=:\d\d):60(?=[^\d:]|$)")
_END_OF_DAY = re.compile(r"([T ])24(?=[0:.]*(?:Z|[+-].*)?$)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOSTNAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_EPOCH_TEXT = re.compile(r"-?\d{1,11}", re.ASCII)

# A number of seconds past the year 5000 is a time in milliseconds.
_LATEST_EPOCH = 10**11

KNOWN = frozenset(
    {
        *("date", "date-time", "double", "email", "float", "hostname", "int32", "int64", "ipv4"),
        *("ipv6", "password", "uri", "uuid"),
    }
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
    check = _TEXTS.get(name)
    return None if check is None or check(value) else Mismatch(readable=True)


def _is_iso(value: str) -> bool:
    # datetime supports neither leap seconds nor, before Python 3.13, hour 24.
    text = _LEAP_SECOND.sub(":59", _END_OF_DAY.sub(r"\g<1>00", value.upper()))
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


def _is_address(kind: type[IPv4Address | IPv6Address]) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        try:
            return bool(kind(value)) and "%" not in value
        except ValueError:
            return False

    return check


# The formats whose values the SDK reads as any text.
_TEXTS: dict[str, Callable[[str], object]] = {
    "uuid": _UUID.fullmatch,
    "uri": _is_uri,
    "email": _EMAIL.fullmatch,
    "hostname": _HOSTNAME.fullmatch,
    "ipv4": _is_address(IPv4Address),
    "ipv6": _is_address(IPv6Address),
}
