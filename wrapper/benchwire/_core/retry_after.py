"""Reads ``Retry-After`` (RFC 9110, 10.2.3): a number of seconds or a date."""

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
# takes much more than these, among it "in 5 minutes, 2024", and gives a moment for it.
_DATES = tuple(
    re.compile(form, re.ASCII | re.IGNORECASE)
    for form in (
        rf"{_DAY}, (?P<day>[0-9]{{1,2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} (?:GMT|UTC|\+0000)",
        rf"{_LONG_DAY}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT",
        rf"{_DAY} {_MONTH} (?P<day>[ 0-9][0-9]) {_TIME} (?P<year>[0-9]{{4}})",
    )
)
# The comma behind the name of a day belongs to the date.
_BETWEEN_VALUES = re.compile(r"(?<!mon|tue|wed|thu|fri|sat|sun|day),", re.IGNORECASE)
_HALF_A_CENTURY = timedelta(days=365.25 * 50)


def seconds_to_wait(value: str, now: datetime) -> float | None:
    """Say for how long a service wants to be left alone.

    Args:
        value: The header. Where it was sent more than once, the values are joined by commas, and
            the longest of them counts.
        now: The present moment, with its zone.

    Returns:
        Seconds, 0 for a date gone by; ``None`` for what is neither a number nor a date.
    """
    text = value.strip(" \t")
    one = _one(text, now)
    if one is not None:
        return one
    several = [_one(part.strip(" \t"), now) for part in _BETWEEN_VALUES.split(text)]
    known = [seconds for seconds in several if seconds is not None]
    return max(known) if len(known) == len(several) and known else None


def _one(text: str, now: datetime) -> float | None:
    if _SECONDS.fullmatch(text):
        return float(text)
    moment = _date(text, now)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def _date(text: str, now: datetime) -> datetime | None:
    for form in _DATES:
        found = form.fullmatch(text)
        if found:
            break
    else:
        return None
    year = int(found["year"])
    is_short = len(found["year"]) == 2
    if is_short:
        year += now.year // 100 * 100
    second = min(int(found["second"]), 59) if found["second"] == "60" else int(found["second"])
    try:
        moment = datetime(
            year,
            _MONTHS.index(found["month"].lower()) + 1,
            int(found["day"]),
            int(found["hour"]),
            int(found["minute"]),
            second,
            tzinfo=UTC,
        )
        if is_short and moment - now > _HALF_A_CENTURY:
            # A year of two digits that seems more than 50 years away is the last one that ended so.
            moment = moment.replace(year=year - 100)
    except ValueError:
        return None
    return moment
