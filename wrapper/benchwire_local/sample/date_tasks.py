"""Tasks with dates, as chat messages."""

from __future__ import annotations

from calendar import isleap
from datetime import date, timedelta
from typing import TYPE_CHECKING

from benchwire_local.sample.tasks import Maker, Task, task

if TYPE_CHECKING:
    from benchwire_local.sample.rng import Rng

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SYSTEM = {"role": "system", "content": "Answer with the result only. Dates are ISO 8601."}


def _messages(question: str) -> list[dict[str, str]]:
    return [_SYSTEM, {"role": "user", "content": question}]


def _day(rng: Rng) -> date:
    return date(1990, 1, 1) + timedelta(days=rng.below(20_000))


def _weekday(rng: Rng) -> Task:
    day = _day(rng)
    number = day.weekday()
    return task(
        _messages(f"On which day of the week does {day} fall?"),
        _DAYS[number],
        _DAYS[(number + 1) % 7],
        _DAYS[(number - 1) % 7],
    )


def _between(rng: Rng) -> Task:
    first = _day(rng)
    days = rng.between(20, 800)
    last = first + timedelta(days=days)
    return task(_messages(f"How many days is it from {first} to {last}?"), days, days + 1, days - 1)


def _later(rng: Rng) -> Task:
    day, days = _day(rng), rng.between(15, 400)
    then = day + timedelta(days=days)
    return task(
        _messages(f"Which date is {days} days after {day}?"),
        then,
        then + timedelta(days=1),
        then - timedelta(days=1),
    )


def _leap_years(rng: Rng) -> Task:
    first = rng.between(1800, 2080)
    last = first + rng.between(9, 110)
    count = sum(1 for year in range(first, last + 1) if isleap(year))
    return task(
        _messages(f"How many leap years are there from {first} to {last}, both included?"),
        count,
        (last - first) // 4,
        count + 1,
        count - 1,
    )


DATES: dict[str, Maker] = {
    "weekdays": _weekday,
    "days between": _between,
    "adding days": _later,
    "leap years": _leap_years,
}
