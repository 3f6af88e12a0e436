"""Parses ``Retry-After`` (RFC 9110, 10.2.3), a number of seconds or a date, and ``Date``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_SECONDS = re.compile(r"\+?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)"
_LONG_DAY = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})"
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
# The three forms of a date in HTTP (RFC 9110, 5.6.7). The standard library's parser of mail dates
# accepts much more than these, "in 5 minutes, 2024" among it, and returns a moment for it.
_DATES = tuple(
    re.compile(form, re.ASCII | re.IGNORECASE)
    for form in (
        rf"{_DAY}, (?P<day>[0-9]{{1,2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} (?:GMT|UTC|\+0000)",
        rf"{_LONG_DAY}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT",
        rf"{_DAY} {_MONTH} (?P<day>[ 0-9][0-9]) {_TIME} (?P<year>[0-9]{{4}})",
    )
)
# The comma after the name of a day is part of the date.
_BETWEEN_VALUES = re.compile(r"(?<!mon|tue|wed|thu|fri|sat|sun|day),", re.IGNORECASE)
_HALF_A_CENTURY = timedelta(days=365.25 * 50)


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Parse the header into seconds.

    Args:
        value: The header. Where it was sent more than once, the values are joined by commas, and
            the longest counts.
        now: The current time, with its zone.

    Returns:
        Seconds, 0 for a date in the past; ``None`` for what is neither a number nor a date.
    """
    text = value.strip(" \t")
    single = _parse_one(text, now)
    if single is not None:
        return single
    values = [_parse_one(part.strip(" \t"), now) for part in _BETWEEN_VALUES.split(text)]
    valid = [seconds for seconds in values if seconds is not None]
    return max(valid) if len(valid) == len(values) and valid else None


def parse_date(value: str, now: datetime) -> datetime | None:
    """Parse a ``Date``, the first if it was sent more than once; ``None`` if it is none of HTTP."""
    return _parse_date(_BETWEEN_VALUES.split(value)[0].strip(" \t"), now)


def _parse_one(text: str, now: datetime) -> float | None:
    if _SECONDS.fullmatch(text):
        return float(text)
    moment = _parse_date(text, now)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def _parse_date(text: str, now: datetime) -> datetime | None:
    for form in _DATES:
        match = form.fullmatch(text)
        if match:
            break
    else:
        return None
    year = int(match["year"])
    is_short = len(match["year"]) == 2
    if is_short:
        year += now.year // 100 * 100
    second = min(int(match["second"]), 59) if match["second"] == "60" else int(match["second"])
    try:
        moment = datetime(
            year,
            _MONTHS.index(match["month"].lower()) + 1,
            int(match["day"]),
            int(match["hour"]),
            int(match["minute"]),
            second,
            tzinfo=UTC,
        )
        if is_short and moment - now > _HALF_A_CENTURY:
            # RFC 9110: a two-digit year more than 50 years ahead is the most recent such year.
            moment = moment.replace(year=year - 100)
    except ValueError:
        return None
    return moment
