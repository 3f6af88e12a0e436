"""Finds out what became of recorded intents, in the journal and in the list of jobs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from attrs import evolve, field, frozen

from benchwire._jobs.digests import Digests
from benchwire._jobs.journal_access import JournalAccess, logged
from benchwire._jobs.outcomes import batch_id, job_ids, submission_unknown, submitted_response
from benchwire._jobs.payload import Submitted
from benchwire._jobs.reconcile import MAX_SENDING, WINDOW, Undecided, reconcile
from benchwire._jobs.records import NOT_EXECUTED, Record
from benchwire._jobs.requests import MAX_ROWS, JobLister, known_ids
from benchwire._polling import MIN_REQUEST
from benchwire._transport.redaction import Redactor
from benchwire.errors import (
    APIError,
    BenchwireError,
    DeadlineExceededError,
    JournalError,
    SubmissionUnknown,
)
from benchwire.models import Intent
from benchwire.secret import Secret
from benchwire_api.arguments import identifier
from benchwire_api.v0.models import Job

log = logging.getLogger("benchwire")

T = TypeVar("T")

ROWS = 200
MIN_WINDOW = 10.0
"""Seconds for which even an old intent is looked for: time for several polls, as one may fail."""
_MIN_POLL = 1.0
_FIRST_PAUSE = 0.5
_MAX_PAUSE = 8.0


def resolved_jobs(executed: bool | None, job_id: str | Sequence[str] | None) -> list[str]:
    """Validate what a submission is resolved with; return its jobs, none if it was not executed."""
    if not isinstance(job_id, str | Sequence | None):  # the jobs of a batch have an order
        raise TypeError(f"job_id must be a str or a list of str, not {type(job_id).__name__}")
    jobs = [job_id] if isinstance(job_id, str) else list(job_id or ())
    if bool(jobs) == (executed is False) or len(set(jobs)) != len(jobs):
        raise ValueError("resolve takes executed=False or the job_id; a batch's are different ids")
    return [identifier("job_id", job) for job in jobs]


@frozen
class Lookup(JournalAccess):
    """Finds out what became of intents of one service and key, for one operation.

    Attributes:
        base_url: The service.
        key: Our key to it; the journal stores its digest.
        now: Returns the wall-clock time, in seconds since 1970.
        digests: The digests of the journal.
    """

    base_url: str
    key: Secret = field(repr=False)
    now: Callable[[], float]
    digests: Digests

    @asynccontextmanager
    async def intent(self, intent_id: str) -> AsyncIterator[Record]:
        """Yield an intent of this service and key; unless it is settled, with its locks."""
        record = await self.call(self.journal.find, identifier("intent_id", intent_id))
        if record is None:
            raise ValueError(f"there is no submission {intent_id!r} in the journal")
        if record.account not in {self.digests.account(self.base_url, self.key), ""}:  # damaged
            raise BenchwireError(
                f"submission {intent_id} was made to {record.base_url} with another key or another"
                " base URL than this client has"
            )
        if not record.is_unresolved:
            yield record
            return
        stripes = self.digests.lock_stripes(self.base_url, record.items, record.endpoint)
        lock = await self.lock(stripes, "listJobs")
        try:
            # Re-read the record: the process that held the lock may have settled it.
            current = await self.call(self.journal.find, intent_id)
            yield record if current is None else current
        finally:
            lock.release()

    async def resolve(self, record: Record, jobs: Sequence[str]) -> Intent:
        """Settle an intent by hand: with its jobs, or without any as not executed."""
        other, count, now = None, len(record.items), self.now()
        if not record.is_unresolved:
            if record.job_ids != tuple(jobs):
                what = f"{record.state} {', '.join(record.job_ids)}".rstrip()
                raise ValueError(f"submission {record.id} is settled already: {what}")
        elif not jobs:
            settle, message = self.journal.settle_not_executed, "resolved by hand as not executed"
            await self.call(settle, record.id, "not_sent", message, now)
        elif len(jobs) != count and record.items:
            raise ValueError(
                f"submission {record.id} has {count} jobs and job_id names {len(jobs)}"
            )
        else:
            other = await self.call(self.journal.settle_accepted, record.id, jobs, None, now)
        if other is not None:
            raise ValueError(f"{', '.join(jobs)}: a job of submission {other} already")
        settled = await self.call(self.journal.find, record.id)
        return (record if settled is None else settled).intent()

    async def or_unknown(
        self, record: Record, step: Awaitable[T], secrets: Sequence[Secret] = ()
    ) -> T:
        """Return the result of a step after the send: if it fails, the outcome is unknown."""
        try:
            return await step
        except SubmissionUnknown:
            raise
        except Exception as error:
            traceback = error.__traceback__
            reason = self.redacted(f"{type(error).__name__}: {error}", secrets)
        raise submission_unknown(record, Undecided(reason)).with_traceback(traceback)

    def redacted(self, message: str, secrets: Sequence[Secret]) -> str:
        """Return a message without the keys, which the service may have sent back."""
        return Redactor.of([*secrets, self.key]).text(message)

    async def find(self, record: Record) -> Submitted:
        """Return the jobs of an intent that was recorded earlier; reconcile if necessary."""
        if record.state in NOT_EXECUTED:
            what = "refused by the service" if record.state == "refused" else "not sent"
            raise BenchwireError(
                f"submission {record.id} was {what}, so nothing was executed and nothing"
                f" charged: {record.message}"
            )
        return await self.or_unknown(record, self._find(record))

    async def _find(self, record: Record) -> Submitted:
        if record.state == "accepted":
            return submitted_response(record, record.job_ids, record.batch_id)
        if record.damage:
            raise submission_unknown(record, Undecided(record.damage))
        if record.failed_at is None:
            # The process that sent it has died, since it would hold the lock otherwise. It may have
            # been sending until now.
            ended = min(max(self.now(), record.sent_at), record.sent_at + MAX_SENDING)
            record = await self.record_failed(record, "it was interrupted", ended)
        result = await self.reconcile(record)
        if isinstance(result, Undecided):
            raise await self.give_up(record, result)
        return result

    async def reconcile(self, record: Record) -> Submitted | Undecided:
        """Poll the list for the jobs of an intent until its window or the deadline has passed."""
        result = Undecided(f"{record.message}; the list of jobs could not be read")
        window = (record.failed_at or record.sent_at) + WINDOW - self.now()
        # The clock may have been set back since.
        end = self.deadline.within(min(max(window, MIN_WINDOW), WINDOW))
        lister, rows, pause = JobLister(), ROWS, _FIRST_PAUSE
        while True:
            try:
                limit = self.deadline.at_least(MIN_REQUEST).within(max(end.left, _MIN_POLL))
                listing = await lister.poll(self.port, rows, limit)
            except DeadlineExceededError:
                return evolve(result, no_new_jobs=False)
            except APIError as error:
                # A job that the previous poll did not show may exist by now.
                result = evolve(result, no_new_jobs=False)
                log.debug("submission %s: a poll failed: %s", record.id, error)
            else:
                decided = await self._reconcile_with(record, listing.jobs)
                if not isinstance(decided, Undecided):
                    return decided
                result = evolve(decided, reason=f"{record.message}; {decided.reason}")
                if not decided.covers_submission:
                    rows = min(rows * 4, MAX_ROWS)
            left = end.left
            if left <= 0:
                return result
            await self.port.sleep(min(pause, left))
            pause = min(pause * 2, _MAX_PAUSE)

    async def _reconcile_with(self, record: Record, listed: Sequence[Job]) -> Submitted | Undecided:
        """Decide which of the listed jobs are this intent's, and claim them."""
        ids = known_ids(listed)
        try:
            snapshot = await self.call(self.journal.snapshot, self.base_url, ids)
            result = reconcile(record, listed, snapshot, self.digests)
            if isinstance(result, Undecided):
                return result
            batch = result.jobs[0].batch_id if record.kind == "batch" else None
            submitted = submitted_response(record, known_ids(result.jobs), batch)
            other = await self.settle_accepted(record, submitted)
        except JournalError as error:
            # Without a claim, another intent may be assigned the same jobs.
            return Undecided(f"the journal can't be used: {error.message}")
        if other is not None:
            return Undecided(f"submission {other} has just claimed the job that matches it")
        log.info("submission %s was found: %s", record.id, ", ".join(job_ids(submitted)))
        return submitted

    async def settle_accepted(self, record: Record, submitted: Submitted) -> str | None:
        """Settle an intent; return the intent that has its job already, if one has."""
        settle, ids = self.journal.settle_accepted, job_ids(submitted)
        return await self.call(settle, record.id, ids, batch_id(submitted), self.now())

    async def record_failed(self, record: Record, reason: str, at: float) -> Record:
        """Record that sending an intent failed; return the intent so."""
        with logged(record, "failed"):
            await self.call(self.journal.mark_send_failed, record.id, reason, at)
        return evolve(record, failed_at=at, message=reason)

    async def give_up(
        self, record: Record, result: Undecided, kind: type[SubmissionUnknown] = SubmissionUnknown
    ) -> SubmissionUnknown:
        """Record that an intent stays unknown; return the error for it."""
        with logged(record, "was not found"):
            await self.call(self.journal.mark_unknown, record.id)
        return submission_unknown(record, result, kind)
