"""Decides which listed jobs belong to an intent whose outcome is unknown.

A listed job shows its benchmark, its endpoint and its time, and nothing else of what was submitted.
It is therefore assigned to an intent only if no other known submission can have created it. Every
doubt is reported, and none is resolved by guessing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import IntEnum

from attrs import frozen

from benchwire._jobs.digests import Digests
from benchwire._jobs.records import Item, JournalSnapshot, Record, benchmark_key
from benchwire._jobs.requests import known_ids
from benchwire_api.v0.models import Job

MAX_EXECUTION_DELAY = 50.0
"""Seconds after a failed sending in which it may still be executed. There is no guarantee for a
service that executes a request later than that."""

CLOCK_TOLERANCE = 5.0
"""Seconds by which the time of a job may differ from the ``Date`` of a response."""

WINDOW = MAX_EXECUTION_DELAY + 2 * CLOCK_TOLERANCE
"""Seconds after a failed sending in which its jobs are looked for. After that, no job that another
submission creates can be mistaken for a job of this one."""

MAX_SENDING = 600.0
"""The longest a sending can have taken whose end is not known, because the process died."""

_MIN_PAGE = 20
"""A shorter list is complete, if the account had no jobs before."""


class Match(IntEnum):
    """Whether a listed job can be a job of an intent."""

    NO = 0
    UNTIMELY = 1  # its time alone is off
    UNCERTAIN = 2  # the job shows no id, no benchmark or no endpoint
    YES = 3


@frozen
class Matched:
    """The jobs of an intent are known.

    Attributes:
        jobs: The jobs, in the order of the intent's items.
    """

    jobs: tuple[Job, ...]


@frozen
class Undecided:
    """The jobs of an intent are not known.

    Attributes:
        reason: Why they are not.
        possible_jobs: The ids of listed jobs that may belong to it.
        missing: The benchmarks of its items for which no job is listed.
        no_new_jobs: Whether the list shows no new job at all.
        covers_submission: Whether the list reaches back to the time of the submission, if it is
            newest first. Nothing that costs credits depends on it.
    """

    reason: str
    possible_jobs: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    no_new_jobs: bool = False
    covers_submission: bool = True


def reconcile(
    record: Record, listed: Sequence[Job], snapshot: JournalSnapshot, digests: Digests
) -> Matched | Undecided:
    """Decide which listed jobs belong to an intent.

    Args:
        record: The intent.
        listed: The list of jobs, received before ``snapshot`` was read.
        snapshot: The other unresolved intents, and which of the listed jobs are claimed.
        digests: The digests of the journal.
    """
    covers = covers_submission(listed, record)
    # A list that changes while the service reads it may show a job twice.
    listed = list({job.id or place: job for place, job in enumerate(listed)}.values())
    unclaimed = [job for job in listed if job.id not in snapshot.claimed]
    new = [job for job in unclaimed if job.id not in record.baseline]
    matches = [(job, match(job, record, digests)) for job in new]
    possible = [job for job, how in matches if how > Match.UNTIMELY]
    untimely = [job for job, how in matches if how is Match.UNTIMELY]
    candidates = _candidates(record, [job for job, how in matches if how is Match.YES], listed)
    if not covers:
        reason = "the list of jobs does not reach back to the submission"
    elif any(how is Match.UNCERTAIN for _, how in matches):
        reason = "jobs are listed that show no id, no benchmark or no endpoint"
    elif candidates:
        competing = _competing(record, possible, snapshot, digests)
        queue = sorted([record, *competing], key=lambda other: (other.sent_at, other.id))
        claimable = [
            job for job in unclaimed if any(_may_belong_to(other, job, digests) for other in queue)
        ]
        if any(other.fingerprint != record.fingerprint for other in competing):
            others = ", ".join(other.id for other in competing)
            reason = f"the listed jobs may belong to {others} instead"
        elif len(claimable) > len(queue) * len(record.items):
            reason = "more matching jobs are listed than were submitted from here"
        else:
            return Matched(_assigned_candidate(record, candidates, queue))
    elif possible:
        reason = "only some of its jobs are listed"
    elif untimely:
        reason = "jobs are listed that match it in all but their time"
    else:
        reason = "no listed job matches it"
    return Undecided(
        reason,
        tuple(known_ids(possible or untimely)),
        _missing(record, [*possible, *untimely]),
        no_new_jobs=not new,
        covers_submission=covers,
    )


def covers_submission(listed: Sequence[Job], record: Record) -> bool:
    """Return whether a list that is newest first holds every job created since the intent was sent.

    It does if it shows a job that existed before. The number of rows proves nothing: a service may
    return fewer than it was asked for.
    """
    if any(job.id in record.baseline for job in listed):
        return True
    if record.clock_offset is not None:
        start = record.sent_at + record.clock_offset - CLOCK_TOLERANCE
        if any(0 < _created_at(job) < start for job in listed):
            return True
    return not record.baseline and len(listed) < _MIN_PAGE


def match(job: Job, record: Record, digests: Digests) -> Match:
    """Return whether a listed job can be a job of an intent, by what the list shows of it."""
    found = max(
        (_match_benchmark(job, item.benchmark_id) for item in record.items),
        default=Match.UNCERTAIN,  # the record is damaged
    )
    if job.endpoint_url is None:
        found = min(found, Match.UNCERTAIN)
    elif digests.endpoint(job.endpoint_url) != record.endpoint:
        found = Match.NO
    if job.id is None:
        found = min(found, Match.UNCERTAIN)
    return found if _is_in_window(job, record) else min(found, Match.UNTIMELY)


def _match_benchmark(job: Job, benchmark_id: str) -> Match:
    # A service may accept the name of a benchmark in place of its id.
    shown = None if job.benchmark_id is None else benchmark_key(job.benchmark_id)
    if benchmark_id in {shown, job.benchmark_name, job.module}:
        return Match.YES
    return Match.UNCERTAIN if shown is None else Match.NO


def _is_in_window(job: Job, record: Record) -> bool:
    created = _created_at(job)
    if not created or record.clock_offset is None:
        return True
    ended = record.failed_at
    if ended is None:
        ended = record.sent_at + MAX_SENDING
    earliest = record.sent_at + record.clock_offset - CLOCK_TOLERANCE
    latest = ended + record.clock_offset + MAX_EXECUTION_DELAY + CLOCK_TOLERANCE
    return earliest <= created <= latest


def _created_at(job: Job) -> float:
    """Return when a job was created, in seconds since 1970; 0 if the list does not show it."""
    created = job.created_at
    if not isinstance(created, datetime):  # it is absent, or no date
        return 0.0
    return (created if created.tzinfo else created.replace(tzinfo=UTC)).timestamp()


def _candidates(
    record: Record, matching: Sequence[Job], listed: Sequence[Job]
) -> list[tuple[Job, ...]]:
    """Return every set of matching jobs that can be all the jobs of the intent, oldest first."""
    batches = Counter(job.batch_id for job in listed if job.batch_id is not None)
    groups: dict[str | None, list[Job]] = {}
    for job in matching:
        if record.kind == "batch":
            groups.setdefault(job.batch_id, []).append(job)
        elif job.batch_id is None or batches[job.batch_id] == 1:
            groups[job.id] = [job]
    candidates = [
        jobs
        for batch, group in groups.items()
        if (record.kind == "job" or batch is None or batches[batch] == len(group))
        and (jobs := _in_item_order(record.items, group)) is not None
    ]
    return sorted(candidates, key=lambda jobs: min((_created_at(job), str(job.id)) for job in jobs))


def _in_item_order(items: Sequence[Item], group: Sequence[Job]) -> tuple[Job, ...] | None:
    """Return one job for each item, in order, or ``None`` if they do not match one to one.

    If a batch has a benchmark more than once, the job that cost more is assigned to the item with
    more units.
    """
    if len(items) != len(group):
        return None
    left = sorted(group, key=lambda job: (job.credits_used or 0, _created_at(job), job.id or ""))
    assigned: dict[int, Job] = {}
    for position in sorted(range(len(items)), key=lambda position: items[position].units):
        wanted = items[position].benchmark_id
        job = next((job for job in left if _match_benchmark(job, wanted) is Match.YES), None)
        if job is None:
            return None
        left.remove(job)
        assigned[position] = job
    return tuple(assigned[position] for position in range(len(items)))


def _missing(record: Record, possible: Iterable[Job]) -> tuple[str, ...]:
    """Return the benchmarks of the items for which no possible job is left."""
    left = list(possible)
    missing: list[str] = []
    for item in record.items:
        job = next((job for job in left if _match_benchmark(job, item.benchmark_id)), None)
        if job is None:
            missing.append(item.benchmark_id)
        else:
            left.remove(job)
    return tuple(missing)


def _competing(
    record: Record, possible: Sequence[Job], snapshot: JournalSnapshot, digests: Digests
) -> list[Record]:
    """Return the other unresolved intents that may have created one of the jobs."""
    return [
        other
        for other in snapshot.unresolved
        if other.id != record.id and any(_may_belong_to(other, job, digests) for job in possible)
    ]


def _may_belong_to(record: Record, job: Job, digests: Digests) -> bool:
    return job.id not in record.baseline and match(job, record, digests) > Match.UNTIMELY


def _assigned_candidate(
    record: Record, candidates: Sequence[tuple[Job, ...]], queue: Sequence[Record]
) -> tuple[Job, ...]:
    """Return the candidate at this intent's position in the queue.

    The competing intents are identical, so any assignment is valid. The position makes two intents
    that are reconciled at the same time choose different candidates.
    """
    position = next(position for position, other in enumerate(queue) if other.id == record.id)
    return candidates[min(position, len(candidates) - 1)]
