"""``Retry-After`` in every form a service may send: the seconds it asks for, or nothing at all."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest

from benchwire._transport.retry import retry_after
from benchwire._transport.retry_after import parse_retry_after

NOW = datetime(2025, 6, 3, 9, 15, 30, tzinfo=UTC)
IN_A_MINUTE = "Tue, 03 Jun 2025 09:16:30 GMT"

FORMS: list[tuple[str, float | None]] = [
    # seconds
    ("0", 0),
    ("1", 1),
    ("120", 120),
    ("007", 7),
    ("1.5", 1.5),
    ("0.001", 0.001),
    (".5", 0.5),
    ("2.", 2),
    ("+3", 3),
    ("  4\t", 4),
    ("86400", 86_400),
    ("99999999999999999999", 1e20),
    ("9" * 400, math.inf),
    # no seconds
    ("", None),
    (" ", None),
    ("-1", None),
    ("-0.5", None),
    ("--1", None),
    ("+", None),
    (".", None),
    ("1.2.3", None),
    ("1,5", 5),  # two values that were joined, not a fraction
    ("1 5", None),
    ("1e3", None),
    ("0x10", None),
    ("1_000", None),
    ("10s", None),
    ("10 seconds", None),
    ("PT10S", None),
    ("5; comment", None),
    ("5 (five)", None),
    ('"5"', None),
    ("nan", None),
    ("inf", None),
    ("-inf", None),
    ("Infinity", None),
    ("None", None),
    ("null", None),
    ("true", None),
    ("soon", None),
    ("٣", None),  # a digit, and not one of HTTP's
    ("\uff15", None),
    ("²", None),
    ("1\u00a0", None),
    ("1\n", None),
    ("1\x00", None),
    # sent twice
    ("3, 5", 5),
    ("5,3", 5),
    ("5, soon", None),
    ("5,", None),
    (f"3, {IN_A_MINUTE}", 60),
    (f"{IN_A_MINUTE}, 90", 90),
    # dates, in the three forms of HTTP
    (IN_A_MINUTE, 60),
    ("Tuesday, 03-Jun-25 09:16:30 GMT", 60),
    ("Tue Jun  3 09:16:30 2025", 60),
    (f"  {IN_A_MINUTE} ", 60),
    ("tue, 03 jun 2025 09:16:30 gmt", 60),
    ("Tue, 3 Jun 2025 09:16:30 GMT", 60),
    ("Tue, 03 Jun 2025 09:16:30 UTC", 60),
    ("Tue, 03 Jun 2025 09:16:30 +0000", 60),
    ("Tue, 03 Jun 2025 09:16:60 GMT", 89),  # a leap second; a clock without them stays below
    ("Wed, 04 Jun 2025 09:15:30 GMT", 86_400),
    ("Mon, 03 Jun 2025 09:16:30 GMT", 60),  # the wrong day of the week
    # dates gone by
    ("Tue, 03 Jun 2025 09:15:30 GMT", 0),
    ("Tue, 03 Jun 2025 09:15:29 GMT", 0),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ("Monday, 03-Jun-96 09:16:30 GMT", 0),  # two digits: 71 years ahead is 29 years ago
    ("Friday, 31-Dec-99 23:59:59 GMT", 0),
    # no dates
    ("Tue, 31 Feb 2025 09:16:30 GMT", None),
    ("Tue, 03 Jun 2025 24:16:30 GMT", None),
    ("Tue, 03 Jun 2025 09:61:30 GMT", None),
    ("Tue, 03 Jun 0000 09:16:30 GMT", None),
    ("Tue, 03 Jun 2025 09:16:30 PST", None),
    ("Tue, 03 Jun 2025 09:16:30 +0200", None),
    ("Tue, 03 Jun 2025 09:16:30", None),
    ("Tue, 03 Juni 2025 09:16:30 GMT", None),
    ("03 Jun 2025 09:16:30 GMT", None),
    ("2025-06-03T09:16:30Z", None),
    ("Tue, 03 Jun 2025", None),
    ("in 5 minutes, 2024", None),
    ("1748942190", 1_748_942_190),  # an epoch, read as what the form says: seconds
]


def test_there_are_enough_forms() -> None:
    assert len({value for value, _ in FORMS}) == len(FORMS) >= 40


@pytest.mark.parametrize(("value", "seconds"), FORMS)
def test_a_form(value: str, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


@pytest.mark.parametrize("date", [IN_A_MINUTE, f"{IN_A_MINUTE}, {IN_A_MINUTE}"])
def test_a_date_counts_from_the_time_of_the_service(date: str) -> None:
    """The clock here may be set years ahead, and would shorten the pause to none."""
    in_two = "Tue, 03 Jun 2025 09:17:30 GMT"
    assert retry_after({"date": date, "retry-after": in_two}) == 60
    assert retry_after({"date": "soon", "retry-after": in_two}) == 0
    assert retry_after({"date": date, "retry-after": "7"}) == 7


def test_the_moment_may_be_in_any_zone() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=-7)))
    assert parse_retry_after(IN_A_MINUTE, there) == 60


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("9" * 100_000, math.inf),
        (", " * 50_000, None),
        ("1" + "." * 100_000, None),
        ("Mon, " * 30_000, None),
    ],
)
def test_a_long_value_is_read(value: str, seconds: float | None) -> None:
    """A reader that tries every way to part these would not come back."""
    assert parse_retry_after(value, NOW) == seconds
