"""Decides which rows of the list are the jobs of an intent whose outcome is in doubt.

A row echoes the benchmark, the endpoint and the time, and not what else was submitted. So a row is
only ever taken for an intent's where nothing else known could have made it; every doubt is reported
and none is resolved by guessing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC
from enum import IntEnum

from attrs import frozen

from benchwire._jobs.digests import Marks
from benchwire._jobs.journal import View
from benchwire._jobs.records import Item, Record
from benchwire_api.v0.models import Job

EXECUTED_WITHIN = 50.0
"""Seconds after a sending ended without an outcome in which it may still be executed. A service that
executes a request later than that is beyond what can be guaranteed."""

SKEW = 5.0
"""Seconds by which a job's time may differ from the time in the ``Date`` header."""

WINDOW = EXECUTED_WITHIN + 2 * SKEW
"""Seconds after a sending ended without an outcome in which its jobs are looked for. An intent that
was looked for so long can't be taken for the maker of any job that is submitted afterwards."""

LONGEST_SENDING = 600.0
"""Seconds that a sending may have gone on whose end is not known, because the process died."""

_SMALLEST_PAGE = 20
"""A list with fewer rows than that is taken for whole where the account had no jobs before."""


class Fit(IntEnum):
    """Whether a row may be a job of an intent."""

    NO = 0
    UNCERTAIN = 1  # it does not say
    YES = 2


@frozen
class Verdict:
    """What one look at the list says of an intent.

    Attributes:
        jobs: The intent's jobs, in the order of its items; ``None`` where it is not decided.
        reason: Why it is not decided.
        found: Rows that may be its jobs.
        missing: The benchmarks of a batch of which no job was found.
        certainly_none: Whether the list is whole and holds nothing that could be a job of it.
        reaches_back: Whether the list holds everything that came after the intent was sent.
    """

    jobs: tuple[Job, ...] | None
    reason: str = ""
    found: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    certainly_none: bool = False
    reaches_back: bool = True


def reaches_back(rows: Sequence[Job], record: Record) -> bool:
    """Whether a list holds everything that came after the intent was sent.

    It does where it shows something that was there before. How many rows a service gives, and
    whether it gives as many as it is asked for, says nothing.
    """
    if any(row.id in record.baseline for row in rows):
        return True
    if record.clock_offset is not None:
        start = record.sent_at + record.clock_offset - SKEW
        if any(0 < _created(row) < start for row in rows):
            return True
    return not record.baseline and len(rows) < _SMALLEST_PAGE


def judge(record: Record, rows: Sequence[Job], view: View, marks: Marks) -> Verdict:
    """Decide which rows of a list are an intent's jobs.

    Args:
        record: The intent.
        rows: The list, which was received before ``view`` was read.
        view: The other intents, and which of the rows have become theirs.
        marks: The marks of the journal.
    """
    is_whole = reaches_back(rows, record)
    unclaimed = [row for row in rows if row.id not in view.claimed]
    new = [row for row in unclaimed if row.id not in record.baseline]
    fits = {row.id: fit(row, record, marks) for row in new}
    possible = [row for row in new if fits[row.id]]
    offers = _offers(record, [row for row in possible if fits[row.id] is Fit.YES], rows)
    missing = _missing(record, possible)
    found = tuple(row.id for row in possible)
    if not is_whole:
        reason = "the list of jobs does not reach back to the submission"
    elif any(fits[row.id] is Fit.UNCERTAIN for row in possible):
        reason = "jobs are listed that do not say which benchmark or endpoint they have"
    elif offers:
        rivals = _rivals(record, possible, view, marks)
        if all(rival.fingerprint == record.fingerprint for rival in rivals):
            line = sorted([record, *rivals], key=lambda one: (one.sent_at, one.id))
            theirs = [row for row in unclaimed if any(_may_be_of(one, row, marks) for one in line)]
            if len(theirs) <= len(line) * len(record.items):
                return Verdict(_own(record, offers, line))
            reason = "more jobs are listed that may be it than were submitted from here"
        else:
            others = ", ".join(rival.id for rival in rivals)
            reason = f"the jobs listed may as well be those of {others}"
    elif possible:
        reason = "only some of its jobs are listed"
    else:
        reason = "no job is listed that could be it"
    return Verdict(
        None, reason, found, missing, certainly_none=is_whole and not new, reaches_back=is_whole
    )


def fit(row: Job, record: Record, marks: Marks) -> Fit:
    """Tell whether a row may be a job of an intent, by what the row echoes."""
    if not _is_in_time(row, record):
        return Fit.NO
    benchmark = max(_benchmark_fit(row, item.benchmark_id) for item in record.items)
    if row.endpoint_url is None:
        endpoint = Fit.UNCERTAIN
    else:
        endpoint = Fit.YES if marks.endpoint(row.endpoint_url) == record.endpoint else Fit.NO
    return min(benchmark, endpoint)


def _benchmark_fit(row: Job, benchmark_id: str) -> Fit:
    # A service may take a benchmark's name where its id is asked for.
    if benchmark_id in {row.benchmark_id, row.benchmark_name, row.module}:
        return Fit.YES
    return Fit.UNCERTAIN if row.benchmark_id is None else Fit.NO


def _is_in_time(row: Job, record: Record) -> bool:
    created = _created(row)
    if not created or record.clock_offset is None:
        return True
    ended = record.failed_at
    if ended is None:
        ended = record.sent_at + LONGEST_SENDING
    earliest = record.sent_at + record.clock_offset - SKEW
    return earliest <= created <= ended + record.clock_offset + EXECUTED_WITHIN + SKEW


def _created(row: Job) -> float:
    """When a job was created, in seconds since 1970; 0 where the row does not say."""
    created = row.created_at
    if created is None:
        return 0.0
    return (created if created.tzinfo else created.replace(tzinfo=UTC)).timestamp()


def _offers(record: Record, possible: Sequence[Job], rows: Sequence[Job]) -> list[tuple[Job, ...]]:
    """Give each set of rows that would be all the jobs of the intent."""
    batches = Counter(row.batch_id for row in rows if row.batch_id is not None)
    groups: dict[str | None, list[Job]] = {}
    for row in possible:
        if record.kind == "batch":
            groups.setdefault(row.batch_id, []).append(row)
        elif row.batch_id is None or batches[row.batch_id] == 1:
            groups[row.id] = [row]
    offers = [
        jobs
        for batch, group in groups.items()
        if (record.kind == "job" or batch is None or batches[batch] == len(group))
        and (jobs := _assigned(record.items, group)) is not None
    ]
    return sorted(offers, key=lambda jobs: min((_created(job), job.id) for job in jobs))


def _assigned(items: Sequence[Item], rows: Sequence[Job]) -> tuple[Job, ...] | None:
    """Give each item its row, or ``None`` if they do not match one to one.

    Where a benchmark stands in a batch more than once, the row that cost more goes to the item with
    more units.
    """
    if len(items) != len(rows):
        return None
    left = sorted(rows, key=lambda row: (row.credits_used or 0, _created(row), row.id))
    jobs: dict[int, Job] = {}
    for position in sorted(range(len(items)), key=lambda position: items[position].units):
        wanted = items[position].benchmark_id
        row = next((row for row in left if _benchmark_fit(row, wanted) is Fit.YES), None)
        if row is None:
            return None
        left.remove(row)
        jobs[position] = row
    return tuple(jobs[position] for position in range(len(items)))


def _missing(record: Record, possible: Iterable[Job]) -> tuple[str, ...]:
    left = list(possible)
    missing: list[str] = []
    for item in record.items:
        row = next((row for row in left if _benchmark_fit(row, item.benchmark_id)), None)
        if row is None:
            missing.append(item.benchmark_id)
        else:
            left.remove(row)
    return tuple(missing)


def _rivals(record: Record, possible: Sequence[Job], view: View, marks: Marks) -> list[Record]:
    """Give the other intents that may have made one of the rows."""
    return [
        other
        for other in view.unresolved
        if other.id != record.id and any(_may_be_of(other, row, marks) for row in possible)
    ]


def _may_be_of(record: Record, row: Job, marks: Marks) -> bool:
    return row.id not in record.baseline and fit(row, record, marks) is not Fit.NO


def _own(
    record: Record, offers: Sequence[tuple[Job, ...]], line: Sequence[Record]
) -> tuple[Job, ...]:
    """Give this intent's offer, where all that compete for them submitted the same.

    Which of them gets which makes no difference. Each takes its own place in line, so that two that
    look at the same time do not reach for the same.
    """
    place = next(place for place, one in enumerate(line) if one.id == record.id)
    return offers[min(place, len(offers) - 1)]
