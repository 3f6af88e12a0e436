"""The protocol of a submission: list, record, send at most once, and reconcile if in doubt."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import cast

from attrs import evolve, field, frozen

from benchwire._jobs.digests import Digests
from benchwire._jobs.journal import Journal, Lock
from benchwire._jobs.outcomes import (
    Accepted,
    NotExecuted,
    OutcomeUnknown,
    batch_id,
    classify,
    job_ids,
    submission_unknown,
    submitted_response,
)
from benchwire._jobs.payload import Payload, S_co, Submitted
from benchwire._jobs.reconcile import MAX_SENDING, WINDOW, Undecided, reconcile
from benchwire._jobs.records import Record
from benchwire._jobs.requests import JobLister
from benchwire._polling import MIN_REQUEST
from benchwire._transport.deadline import Deadline
from benchwire._transport.port import Port
from benchwire._transport.redaction import Redactor
from benchwire.errors import (
    APIConnectionError,
    APIError,
    BenchwireError,
    DeadlineExceededError,
    JournalError,
    SubmissionUnknown,
)
from benchwire.models import Intent
from benchwire.secret import Secret
from benchwire_api.v0.models import Job

log = logging.getLogger("benchwire")

_ROWS = 200
_MAX_ROWS = 10_000
MIN_WINDOW = 10.0
"""Seconds for which even an old intent is looked for: time for several polls, as one may fail."""
_MIN_POLL = 1.0
_FIRST_PAUSE = 0.5
_MAX_PAUSE = 8.0
_FIRST_LOCK_PAUSE = 0.01
_MAX_LOCK_PAUSE = 0.25


@frozen
class RunPosition:
    """The position of a submission in a run."""

    run_id: str
    position: int


@frozen
class Submitter:
    """Submits jobs to one service with one key, and records them in a journal.

    Attributes:
        base_url: The service.
        key: Our key to it; the journal stores its digest.
        journal: The journal.
        now: Returns the wall-clock time, in seconds since 1970.
        new_id: Returns a new, unique id.
    """

    base_url: str
    key: Secret = field(repr=False)
    journal: Journal
    now: Callable[[], float]
    new_id: Callable[[], str]

    async def submit(
        self,
        port: Port,
        payload: Payload[S_co],
        deadline: Deadline,
        *,
        resend: bool = False,
        position: RunPosition | None = None,
    ) -> tuple[str, S_co]:
        """Submit a payload.

        Args:
            port: The port of the operation.
            payload: The submission.
            deadline: When to stop looking for its jobs.
            resend: Whether it may be sent once more if reconciliation finds no new job.
            position: Its position in a run.

        Returns:
            The id of the intent and the response.

        Raises:
            SubmissionUnknown: If it is not known whether it was executed.
            JournalError: If it could not be recorded; nothing was sent.
            APIError: If it was certainly not executed.
        """
        digests = await self.digests(port)
        endpoint = digests.endpoint(payload.endpoint_url)
        stripes = digests.lock_stripes(self.base_url, payload.items, endpoint)
        lock = await self._lock(port, stripes, deadline, payload.request.operation_id)
        try:
            new = await self._new_record(port, payload, digests, deadline, position)
            note = f"submission {new.id} may have been received: jobs.resume({new.id!r}) finds out"
            with add_note_on_error(note, APIError, SubmissionUnknown, JournalError):
                record = await port.call(partial(self.journal.begin, new))
                if record.id == new.id:
                    submitted = await self._send(port, record, payload, deadline, resend=resend)
                else:  # another process has submitted this position of the run
                    submitted = await self._resolve(port, record, deadline)
                return record.id, cast("S_co", submitted)  # of the kind of the payload
        finally:
            lock.release()

    async def resume(self, port: Port, intent_id: str, deadline: Deadline) -> Submitted:
        """Return the jobs of an intent; only reads are sent.

        Raises:
            ValueError: If there is no such intent.
            BenchwireError: If it was certainly not executed, or was made with another key.
            SubmissionUnknown: If it is still not known whether it was executed.
        """
        record = await port.call(partial(self.journal.find, intent_id))
        if record is None:
            raise ValueError(f"there is no submission {intent_id!r} in the journal")
        digests = await self.digests(port)
        if record.account != digests.account(self.base_url, self.key):
            raise BenchwireError(
                f"submission {intent_id} was made to {record.base_url} with another key or another"
                " base URL than this client has"
            )
        if not record.is_unresolved:
            return await self._resolve(port, record, deadline)
        stripes = digests.lock_stripes(self.base_url, record.items, record.endpoint)
        lock = await self._lock(port, stripes, deadline, "listJobs")
        try:
            # Re-read the record: the process that held the lock may have settled it.
            current = await port.call(partial(self.journal.find, intent_id))
            return await self._resolve(port, current or record, deadline)
        finally:
            lock.release()

    async def unresolved(self, port: Port) -> list[Intent]:
        """Return the intents of this service whose outcome is not known."""
        records = await port.call(partial(self.journal.unresolved, self.base_url))
        return [record.intent() for record in records]

    async def digests(self, port: Port) -> Digests:
        """Return the digests of the journal."""
        return Digests(await port.call(self.journal.salt))

    async def _lock(
        self, port: Port, stripes: Sequence[int], deadline: Deadline, operation: str
    ) -> Lock:
        """Acquire the locks; wait while a submission whose jobs look alike in the list has one."""
        pause = _FIRST_LOCK_PAUSE
        while True:
            lock = await port.call(partial(self.journal.try_lock, stripes))
            if lock is not None:
                return lock
            left = deadline.left
            if left <= 0:
                raise DeadlineExceededError(
                    "the deadline passed before another submission of the same benchmark and"
                    " endpoint had ended; nothing was sent",
                    operation=operation,
                    never_sent=True,
                )
            await port.sleep(min(pause, left))
            pause = min(pause * 1.5, _MAX_LOCK_PAUSE)

    async def _new_record(
        self,
        port: Port,
        payload: Payload[Submitted],
        digests: Digests,
        deadline: Deadline,
        position: RunPosition | None,
    ) -> Record:
        """List the jobs that exist before anything is sent, and build the record."""
        listing = await JobLister().poll(port, _ROWS, deadline.at_least(MIN_REQUEST))
        now = self.now()
        return Record(
            id=self.new_id(),
            kind=payload.kind,
            state="sent",
            base_url=self.base_url,
            account=digests.account(self.base_url, self.key),
            fingerprint=digests.fingerprint(payload.canonical),
            endpoint=digests.endpoint(payload.endpoint_url),
            items=payload.items,
            created_at=now,
            sent_at=now,
            clock_offset=None if listing.service_time is None else listing.service_time - now,
            baseline=frozenset(job.id for job in listing.jobs),
            run_id=None if position is None else position.run_id,
            position=None if position is None else position.position,
        )

    async def _send(
        self,
        port: Port,
        record: Record,
        payload: Payload[Submitted],
        deadline: Deadline,
        *,
        resend: bool,
    ) -> Submitted:
        """Send a recorded submission and settle its intent."""
        while True:
            outcome = await self._send_once(port, record, payload, deadline)
            if isinstance(outcome, Accepted):
                with _logged(record, f"was accepted as {', '.join(job_ids(outcome.submitted))}"):
                    await self._settle_accepted(port, record, outcome.submitted, certain=True)
                return outcome.submitted
            if isinstance(outcome, NotExecuted):
                message = self._redacted(outcome.error.message, payload)
                settle = self.journal.settle_not_executed
                with _logged(record, "was not executed"):
                    await port.call(partial(settle, record.id, outcome.state, message, self.now()))
                raise outcome.error
            record = await self._record_failed(port, record, outcome.reason, self.now())
            result = await self._reconcile(port, record, deadline)
            if not isinstance(result, Undecided):
                return result
            may_resend = (
                resend and result.no_new_jobs and record.attempts == 1 and deadline.left > 0
            )
            if not may_resend or not await self._record_resent(port, record):
                raise await self._give_up(port, record, result)
            # Keep `sent_at` of the first attempt so that reconciliation also matches its job.
            record = evolve(record, attempts=2, failed_at=None)

    async def _send_once(
        self, port: Port, record: Record, payload: Payload[Submitted], deadline: Deadline
    ) -> Accepted | NotExecuted | OutcomeUnknown:
        """Send the request and return the outcome."""
        outcome: Accepted | NotExecuted | OutcomeUnknown
        try:
            response = await port.send(
                payload.request,
                deadline=deadline.at_least(MIN_REQUEST),
                secrets=payload.secrets,
            )
            outcome = classify(payload, response)
        except APIError as error:
            if isinstance(error, APIConnectionError) and error.never_sent:
                outcome = NotExecuted("not_sent", error)
            else:
                outcome = OutcomeUnknown(error.message)
        if isinstance(outcome, NotExecuted) and record.attempts > 1:
            # Whether the first attempt was executed is as unknown as before.
            outcome = OutcomeUnknown(outcome.error.message)
        if isinstance(outcome, OutcomeUnknown):
            return OutcomeUnknown(self._redacted(outcome.reason, payload))
        return outcome

    def _redacted(self, message: str, payload: Payload[Submitted]) -> str:
        """Return a message without the keys, which the service may have sent back."""
        return Redactor.of([*payload.secrets, self.key]).text(message)

    async def _resolve(self, port: Port, record: Record, deadline: Deadline) -> Submitted:
        """Return the jobs of an intent that was recorded earlier; reconcile if necessary."""
        if record.state == "accepted":
            return submitted_response(record, record.job_ids, record.batch_id)
        if not record.is_unresolved:
            what = "refused by the service" if record.state == "refused" else "not sent"
            raise BenchwireError(
                f"submission {record.id} was {what}, so nothing was executed and nothing charged:"
                f" {record.message}"
            )
        if record.failed_at is None:
            # The process that sent it has died, since it would hold the lock otherwise. It may have
            # been sending until now.
            ended = min(self.now(), record.sent_at + MAX_SENDING)
            record = await self._record_failed(port, record, "it was interrupted", ended)
        result = await self._reconcile(port, record, deadline)
        if isinstance(result, Undecided):
            raise await self._give_up(port, record, result)
        return result

    async def _reconcile(
        self, port: Port, record: Record, deadline: Deadline
    ) -> Submitted | Undecided:
        """Poll the list for the jobs of an intent until its window or the deadline has passed."""
        digests = await self.digests(port)
        result = Undecided(f"{record.message}; the list of jobs could not be read")
        window = (record.failed_at or record.sent_at) + WINDOW - self.now()
        end = deadline.within(max(window, MIN_WINDOW))
        lister, rows, pause = JobLister(), _ROWS, _FIRST_PAUSE
        while True:
            try:
                limit = deadline.at_least(MIN_REQUEST).within(max(end.left, _MIN_POLL))
                listing = await lister.poll(port, rows, limit)
            except DeadlineExceededError:
                return evolve(result, no_new_jobs=False)
            except APIError as error:
                # A job that the previous poll did not show may exist by now.
                result = evolve(result, no_new_jobs=False)
                log.debug("submission %s: a poll failed: %s", record.id, error)
            else:
                decided = await self._reconcile_with(port, record, listing.jobs, digests)
                if not isinstance(decided, Undecided):
                    return decided
                result = evolve(decided, reason=f"{record.message}; {decided.reason}")
                if not decided.covers_submission:
                    rows = min(rows * 4, _MAX_ROWS)
            left = end.left
            if left <= 0:
                return result
            await port.sleep(min(pause, left))
            pause = min(pause * 2, _MAX_PAUSE)

    async def _reconcile_with(
        self, port: Port, record: Record, listed: Sequence[Job], digests: Digests
    ) -> Submitted | Undecided:
        """Decide which of the listed jobs are this intent's, and claim them."""
        ids = [job.id for job in listed]
        try:
            snapshot = await port.call(partial(self.journal.snapshot, self.base_url, ids))
            result = reconcile(record, listed, snapshot, digests)
            if isinstance(result, Undecided):
                return result
            batch = result.jobs[0].batch_id if record.kind == "batch" else None
            submitted = submitted_response(record, [job.id for job in result.jobs], batch)
            is_claimed = await self._settle_accepted(port, record, submitted, certain=False)
        except JournalError as error:
            # Without a claim, another intent may be assigned the same jobs.
            return Undecided(f"the journal can't be used: {error.message}")
        if not is_claimed:
            return Undecided("another submission has just claimed the job that matches it")
        log.info("submission %s was found: %s", record.id, ", ".join(job_ids(submitted)))
        return submitted

    async def _settle_accepted(
        self, port: Port, record: Record, submitted: Submitted, *, certain: bool
    ) -> bool:
        ids, batch, now = job_ids(submitted), batch_id(submitted), self.now()
        return await port.call(
            partial(self.journal.settle_accepted, record.id, ids, batch, now, certain=certain)
        )

    async def _record_failed(self, port: Port, record: Record, reason: str, at: float) -> Record:
        with _logged(record, "failed"):
            await port.call(partial(self.journal.mark_send_failed, record.id, reason, at))
        return evolve(record, failed_at=at, message=reason)

    async def _record_resent(self, port: Port, record: Record) -> bool:
        """Record that it is about to be sent once more; return whether that was recorded."""
        try:
            await port.call(partial(self.journal.mark_resent, record.id))
        except JournalError as error:
            log.warning("submission %s is not sent again: %s", record.id, error)
            return False
        return True

    async def _give_up(self, port: Port, record: Record, result: Undecided) -> SubmissionUnknown:
        with _logged(record, "was not found"):
            await port.call(partial(self.journal.mark_unknown, record.id))
        return submission_unknown(record, result)


@contextmanager
def add_note_on_error(note: str, *but: type[BaseException]) -> Iterator[None]:
    """Add a note to every exception except those whose message contains it already.

    An interrupt is logged, too: asyncio raises a new one for it, without the note.
    """
    try:
        yield
    except BaseException as error:
        if not isinstance(error, (GeneratorExit, *but)):
            error.add_note(note)
            if not isinstance(error, Exception):
                log.warning("%s", note)
        raise


@contextmanager
def _logged(record: Record, what: str) -> Iterator[None]:
    """Log a failure to record an outcome: the caller gets the outcome all the same."""
    try:
        yield
    except JournalError as error:
        log.warning("submission %s %s, which could not be recorded: %s", record.id, what, error)
