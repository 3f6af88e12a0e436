"""The protocol of a submission: list, record, send at most once, and reconcile if in doubt."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from attrs import evolve, field, frozen

from benchwire._jobs.digests import Digests
from benchwire._jobs.journal_access import JournalAccess, add_note_on_error, logged
from benchwire._jobs.lookup import ROWS, Lookup
from benchwire._jobs.outcomes import Accepted, NotExecuted, OutcomeUnknown, classify, job_ids
from benchwire._jobs.payload import Payload, S_co, Submitted
from benchwire._jobs.reconcile import Undecided
from benchwire._jobs.records import Record
from benchwire._jobs.requests import MAX_ROWS, JobLister, get_balance, known_ids
from benchwire._polling import MIN_REQUEST
from benchwire._transport.deadline import Deadline
from benchwire._transport.port import Port
from benchwire.errors import (
    APIConnectionError,
    APIError,
    DuplicateJobError,
    JournalError,
    SubmissionUnknown,
)
from benchwire.models import Intent
from benchwire.secret import Secret

if TYPE_CHECKING:
    from benchwire._jobs.sqlite_journal import SqliteJournal

log = logging.getLogger("benchwire")


@frozen
class RunPosition:
    """The position of a submission in a run, and the failed intent that had it before."""

    run_id: str
    position: int
    replaces: str | None = None


@frozen
class Submitter:
    """Submits jobs to one service with one key; its attributes are those of `Lookup`."""

    base_url: str
    key: Secret = field(repr=False)
    journal: SqliteJournal
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
        """Submit a payload; return the id of the intent and the response.

        After the intent is recorded, it raises `SubmissionUnknown` unless nothing was executed.
        """
        lookup = await self.lookup(port, deadline)
        digests = lookup.digests
        own = (self.journal, self.base_url, self.key, self.now)
        sending = _NewSubmission(port, deadline, *own, digests, payload, resend)
        stripes = digests.lock_stripes(
            self.base_url, payload.items, digests.endpoint(payload.endpoint_url)
        )
        lock = await sending.lock(stripes, payload.request.operation_id)
        try:
            balance = await get_balance(port, deadline) if resend else None
            new = await sending.new_record(self.new_id(), position)
            note = f"submission {new.id} may have been received: jobs.resume({new.id!r}) finds out"
            with add_note_on_error(note, APIError, SubmissionUnknown, JournalError):
                replaces = None if position is None else position.replaces
                record = await sending.call(self.journal.begin, new, replaces)
                if record.id == new.id:
                    step = sending.send(record, balance)
                    outcome = await sending.or_unknown(record, step, payload.secrets)
                else:  # another process has submitted this position of the run
                    outcome = await sending.find(record)
                if isinstance(outcome, NotExecuted):
                    raise outcome.error
                return record.id, cast("S_co", outcome)  # of the kind of the payload
        finally:
            lock.release()

    async def resume(self, port: Port, intent_id: str, deadline: Deadline) -> Submitted:
        """Return the jobs of an intent; see `Lookup.find`."""
        lookup = await self.lookup(port, deadline)
        async with lookup.intent(intent_id) as record:
            return await lookup.find(record)

    async def resolve(
        self, port: Port, intent_id: str, jobs: Sequence[str], deadline: Deadline
    ) -> Intent:
        """Settle an intent by hand; see `Lookup.resolve`."""
        lookup = await self.lookup(port, deadline)
        async with lookup.intent(intent_id) as record:
            return await lookup.resolve(record, jobs)

    async def unresolved(self, port: Port) -> list[Intent]:
        """Return the intents of this service whose outcome is not known."""
        access = JournalAccess(port, port.deadline, self.journal)
        records = await access.call(self.journal.unresolved, self.base_url)
        return [record.intent() for record in records]

    async def lookup(self, port: Port, deadline: Deadline) -> Lookup:
        """Return what looks up the intents for an operation."""
        salt = await JournalAccess(port, deadline, self.journal).call(self.journal.salt)
        digests = Digests(salt)
        return Lookup(port, deadline, self.journal, self.base_url, self.key, self.now, digests)


@frozen
class _NewSubmission(Lookup):
    """One submission: its payload, and whether it may be sent once more."""

    payload: Payload[Submitted]
    resend: bool

    async def new_record(self, intent_id: str, position: RunPosition | None) -> Record:
        """List the jobs that exist before anything is sent, and build the record."""
        rows = MAX_ROWS if self.resend else ROWS
        listing = await JobLister().poll(self.port, rows, self.deadline.at_least(MIN_REQUEST))
        now, payload, digests = self.now(), self.payload, self.digests
        return Record(
            id=intent_id,
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
            baseline=frozenset(known_ids(listing.jobs)),
            run_id=None if position is None else position.run_id,
            position=None if position is None else position.position,
        )

    async def send(self, record: Record, balance: float | None) -> Submitted | NotExecuted:
        """Send a recorded submission, with the balance before it, and settle its intent."""
        while True:
            outcome = await self._send_once(record)
            if isinstance(outcome, Accepted):
                await self._record_accepted(record, outcome.submitted)
                return outcome.submitted
            if isinstance(outcome, NotExecuted):
                message = self.redacted(outcome.error.message, self.payload.secrets)
                settle = self.journal.settle_not_executed
                with logged(record, "was not executed"):
                    await self.call(settle, record.id, outcome.state, message, self.now())
                return outcome
            record = await self.record_failed(record, outcome.reason, self.now())
            result = await self.reconcile(record)
            if not isinstance(result, Undecided):
                return result
            may_resend = self.resend and result.no_new_jobs and record.attempts == 1
            if may_resend and await self._is_unexecuted(record, balance):
                with logged(record, "was to be sent once more"):
                    await self.call(self.journal.mark_resent, record.id)
                    # `sent_at` stays, so that reconciliation also matches the first one's job.
                    record = evolve(record, attempts=2, failed_at=None)
                    continue
            raise await self.give_up(record, result)

    async def _send_once(self, record: Record) -> Accepted | NotExecuted | OutcomeUnknown:
        """Send the request and return the outcome."""
        payload, deadline = self.payload, self.deadline.at_least(MIN_REQUEST)
        outcome: Accepted | NotExecuted | OutcomeUnknown
        try:
            response = await self.port.send(
                payload.request, deadline=deadline, secrets=payload.secrets
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
            return OutcomeUnknown(self.redacted(outcome.reason, payload.secrets))
        return outcome

    async def _record_accepted(self, record: Record, submitted: Submitted) -> None:
        """Settle an intent that the service accepted, unless it named another's job."""
        ids, reason = job_ids(submitted), None
        old = record.baseline.intersection(ids)
        if old:
            reason = f"the response names {', '.join(sorted(old))}, listed before it was sent"
        else:
            with logged(record, f"was accepted as {', '.join(ids)}"):
                other = await self.settle_accepted(record, submitted)
                if other is not None:
                    reason = f"the response names {', '.join(ids)}, and submission {other} has it"
        if reason is not None:
            record = await self.record_failed(record, reason, self.now())
            raise await self.give_up(record, Undecided(reason, tuple(ids)), DuplicateJobError)

    async def _is_unexecuted(self, record: Record, balance: float | None) -> bool:
        """Return whether the list is whole and has no new job, and nothing was charged meanwhile."""
        try:
            jobs = await JobLister().poll_all(self.port, self.deadline)
        except APIError:
            return False
        is_new = jobs is None or any(job.id not in record.baseline for job in jobs)
        return not is_new and await get_balance(self.port, self.deadline) == balance
