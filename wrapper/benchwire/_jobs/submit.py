"""The protocol of a submission: baseline, record, send once, and where in doubt, reconcile."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast
from uuid import uuid4

from attrs import evolve, field, frozen

from benchwire._core.hiding import forms, hidden
from benchwire._core.plan import Do, Plan, Send, Sleep
from benchwire._jobs.digests import Marks
from benchwire._jobs.journal import Held, Journal
from benchwire._jobs.noting import noting
from benchwire._jobs.outcomes import (
    Accepted,
    Doubt,
    NoEffect,
    answer_of,
    batch_id,
    job_ids,
    outcome,
)
from benchwire._jobs.payload import A, Payload, Submitted
from benchwire._jobs.reconcile import LONGEST_SENDING, WINDOW, Verdict, judge
from benchwire._jobs.records import Record
from benchwire._jobs.requests import Lister
from benchwire._polling import Clock
from benchwire.errors import (
    APIConnectionError,
    APIError,
    BenchwireError,
    DeadlineExceededError,
    JournalError,
    SubmissionUnknown,
)
from benchwire.models import Intent
from benchwire_api.v0.models import Job

log = logging.getLogger("benchwire")

Left = Callable[[], float]
"""Gives the seconds that an operation has left; may be infinite."""

_ROWS = 200
_MOST_ROWS = 10_000
GRACE = 10.0
"""Seconds for which an intent of long ago is looked for: more than one look, as one may fail."""
_SHORTEST_LOOK = 1.0
_LEAST = 0.05
"""What a request gets when the time is all but up; no time at all would be an error, not an answer."""
_LONGEST_PAUSE = 8.0
_LONGEST_LOCK_PAUSE = 0.25


@frozen
class Place:
    """Where in a run a submission belongs."""

    run_id: str
    position: int


@frozen
class Submitter:
    """Submits jobs to one service with one key, and keeps a journal of it.

    Attributes:
        base_url: The service.
        key: Our key to it; no more than a mark of it is kept.
        journal: The journal.
        clock: A monotonic clock.
        now: The clock on the wall, in seconds since 1970.
    """

    base_url: str
    key: str = field(repr=False)
    journal: Journal
    clock: Clock
    now: Callable[[], float]

    def submit(
        self, payload: Payload[A], left: Left, *, resend: bool = False, place: Place | None = None
    ) -> Plan[tuple[str, A]]:
        """Submit a payload.

        Returns:
            The intent's id and the answer.

        Raises:
            SubmissionUnknown: If it can't be known whether it was executed.
            JournalError: If it could not be written down before it was sent; nothing was sent.
            APIError: If it was surely not executed.
        """
        marks = yield from self._marks()
        endpoint = marks.endpoint(payload.endpoint_url)
        stripes = {
            marks.stripe(self.base_url, item.benchmark_id, endpoint) for item in payload.items
        }
        held = yield from self._locked(stripes, left, payload.request.operation_id)
        try:
            new = yield from self._prepared(payload, endpoint, marks, left, place)
            with noting(_note(new.id), APIError, SubmissionUnknown, JournalError):
                record: Record = yield Do(lambda: self.journal.begin(new))
                if record.id == new.id:
                    submitted = yield from self._sent(record, payload, left, resend=resend)
                else:  # another process has this position of the run
                    submitted = yield from self._found(record, left)
                return record.id, cast("A", submitted)
        finally:
            held.release()

    def resume(self, intent_id: str, left: Left) -> Plan[Submitted]:
        """Find out what became of an intent; nothing is sent but reads.

        Raises:
            ValueError: If there is no such intent.
            BenchwireError: If it was surely not executed, or was made with another key.
            SubmissionUnknown: If it can still not be known.
        """
        record: Record | None = yield Do(lambda: self.journal.find(intent_id))
        if record is None:
            raise ValueError(f"there is no submission {intent_id!r} in the journal")
        marks = yield from self._marks()
        if record.account != marks.account(self.base_url, self.key):
            raise BenchwireError(
                f"submission {intent_id} was made to {record.base_url} with another key or another"
                " base URL than this client has"
            )
        if not record.is_unresolved:
            return (yield from self._found(record, left))
        stripes = {
            marks.stripe(self.base_url, item.benchmark_id, record.endpoint) for item in record.items
        }
        held = yield from self._locked(stripes, left, "listJobs")
        try:
            # Whoever was at it when it was looked up has come to an end by now.
            now: Record | None = yield Do(lambda: self.journal.find(intent_id))
            return (yield from self._found(now or record, left))
        finally:
            held.release()

    def unresolved(self) -> Plan[list[Intent]]:
        """Give the intents to this service of which it is not known what became of them."""
        records: list[Record] = yield Do(lambda: self.journal.unresolved(self.base_url))
        return [record.intent() for record in records]

    def _marks(self) -> Plan[Marks]:
        return Marks((yield Do(self.journal.salt)))

    def _locked(self, stripes: set[int], left: Left, operation: str) -> Plan[Held]:
        """Wait until nobody else is submitting what looks the same in the list."""
        pause = 0.01
        while True:
            held: Held | None = yield Do(lambda: self.journal.try_lock(sorted(stripes)))
            if held is not None:
                return held
            remaining = left()
            if remaining <= 0:
                raise DeadlineExceededError(
                    "the deadline was over before another submission of the same benchmark and"
                    " endpoint had ended; nothing was sent",
                    operation=operation,
                    never_sent=True,
                )
            yield Sleep(min(pause, remaining))
            pause = min(pause * 1.5, _LONGEST_LOCK_PAUSE)

    def _prepared(
        self, payload: Payload[Any], endpoint: str, marks: Marks, left: Left, place: Place | None
    ) -> Plan[Record]:
        """Look at what is listed before anything is sent, and make the record."""
        look = yield from Lister().look(_ROWS, _within(left))
        now = self.now()
        return Record(
            id=str(uuid4()),
            kind=payload.kind,
            state="sent",
            base_url=self.base_url,
            account=marks.account(self.base_url, self.key),
            fingerprint=marks.fingerprint(payload.canonical),
            endpoint=endpoint,
            items=payload.items,
            created_at=now,
            sent_at=now,
            clock_offset=None if look.service_time is None else look.service_time - now,
            baseline=frozenset(job.id for job in look.jobs),
            run_id=None if place is None else place.run_id,
            position=None if place is None else place.position,
        )

    def _sent(
        self, record: Record, payload: Payload[Any], left: Left, *, resend: bool
    ) -> Plan[Submitted]:
        """Send it, and find out what became of it."""
        while True:
            came = yield from self._answer(record, payload, left)
            if isinstance(came, Accepted):
                yield from self._keep_accepted(record, came.answer)
                return came.answer
            if isinstance(came, NoEffect):
                yield from self._keep_without_effect(record, payload, came)
                raise came.error
            record = yield from self._keep_failed(record, came.reason, self.now())
            found = yield from self._reconciled(record, left)
            if not isinstance(found, Verdict):
                return found
            again = resend and found.certainly_none and record.attempts == 1 and left() > 0
            if not again or not (yield from self._keep_again(record)):
                raise (yield from self._given_up(record, found))
            # Else the record stays as it is, so that a job of the first attempt is found, too.
            record = evolve(record, attempts=2, failed_at=None)

    def _answer(
        self, record: Record, payload: Payload[Any], left: Left
    ) -> Plan[Accepted | NoEffect | Doubt]:
        """Send it once."""
        came: Accepted | NoEffect | Doubt
        try:
            response = yield Send(
                payload.request, _within(left), once=True, secrets=payload.secrets
            )
            came = outcome(payload, response)
        except APIError as problem:
            never_sent = isinstance(problem, APIConnectionError) and problem.never_sent
            came = NoEffect("not_sent", problem) if never_sent else Doubt(problem.message)
        if isinstance(came, NoEffect) and record.attempts > 1:
            # Whether the first attempt had an effect is as open as before.
            came = Doubt(came.error.message)
        return Doubt(self._shown(came.reason, payload)) if isinstance(came, Doubt) else came

    def _shown(self, message: str, payload: Payload[Any]) -> str:
        """Give a message as it may be kept: without any key, whoever sent it back."""
        return hidden(message, forms(*payload.secrets, self.key))

    def _found(self, record: Record, left: Left) -> Plan[Submitted]:
        """Give what became of an intent that is recorded already."""
        if record.state == "accepted":
            return answer_of(record.kind, record.job_ids, record.batch_id)
        if not record.is_unresolved:
            what = "refused by the service" if record.state == "refused" else "not sent"
            raise BenchwireError(
                f"submission {record.id} was {what}, so nothing was executed and nothing charged:"
                f" {record.message}"
            )
        if record.failed_at is None:
            # Whoever sent it is dead, or would hold the lock; it may have been sending until now.
            until = min(self.now(), record.sent_at + LONGEST_SENDING)
            record = yield from self._keep_failed(record, "it was interrupted", until)
        found = yield from self._reconciled(record, left)
        if isinstance(found, Verdict):
            raise (yield from self._given_up(record, found))
        return found

    def _reconciled(self, record: Record, left: Left) -> Plan[Submitted | Verdict]:
        """Look for the jobs of an intent until its window, or the time, has ended."""
        marks = yield from self._marks()
        verdict = Verdict(None, f"{record.message}; the list of jobs could not be read")
        window = (record.failed_at or record.sent_at) + WINDOW - self.now()
        end = self.clock() + min(max(window, GRACE), left())
        lister, rows, pauses = Lister(), _ROWS, _pauses()
        while True:
            try:
                within = min(max(end - self.clock(), _SHORTEST_LOOK), max(left(), _LEAST))
                look = yield from lister.look(rows, within)
            except DeadlineExceededError:
                return evolve(verdict, certainly_none=False)
            except APIError as problem:
                # What an earlier look did not show may be there by now.
                verdict = evolve(verdict, certainly_none=False)
                log.debug("submission %s: a look failed: %s", record.id, problem)
            else:
                seen = yield from self._judged(record, look.jobs, marks)
                if not isinstance(seen, Verdict):
                    return seen
                verdict = evolve(seen, reason=f"{record.message}; {seen.reason}")
                if not seen.reaches_back:
                    rows = min(rows * 4, _MOST_ROWS)
            remaining = end - self.clock()
            if remaining <= 0:
                return verdict
            yield Sleep(min(next(pauses), remaining))

    def _judged(
        self, record: Record, jobs: Sequence[Job], marks: Marks
    ) -> Plan[Submitted | Verdict]:
        """Decide whose the listed jobs are, and claim this intent's."""
        ids = [job.id for job in jobs]
        try:
            view = yield Do(lambda: self.journal.view(self.base_url, ids))
            verdict = judge(record, jobs, view, marks)
            if verdict.jobs is None:
                return verdict
            own = tuple(job.id for job in verdict.jobs)
            batch = verdict.jobs[0].batch_id if record.kind == "batch" else None
            claimed = yield Do(
                lambda: self.journal.accept(record.id, own, batch, self.now(), certain=False)
            )
        except JournalError as problem:
            # Without a claim, another intent may take the same jobs.
            return Verdict(None, f"the journal can't be used: {problem.message}")
        if not claimed:
            return Verdict(None, "another submission has just claimed the job that could be it")
        log.info("submission %s was found: %s", record.id, ", ".join(own))
        return answer_of(record.kind, own, batch)

    def _keep_accepted(self, record: Record, answer: Submitted) -> Plan[None]:
        named, batch = job_ids(answer), batch_id(answer)
        yield from self._keep(
            record,
            f"became {', '.join(named)}",
            lambda: self.journal.accept(record.id, named, batch, self.now(), certain=True),
        )

    def _keep_without_effect(
        self, record: Record, payload: Payload[Any], came: NoEffect
    ) -> Plan[None]:
        said = self._shown(came.error.message, payload)
        yield from self._keep(
            record,
            "had no effect",
            lambda: self.journal.without_effect(record.id, came.state, said, self.now()),
        )

    def _keep_again(self, record: Record) -> Plan[bool]:
        """Write down that it is about to be sent once more; unless that is written, it is not."""
        try:
            yield Do(lambda: self.journal.again(record.id))
        except JournalError as problem:
            log.warning("submission %s is not sent again: %s", record.id, problem)
            return False
        return True

    def _keep_failed(self, record: Record, reason: str, at: float) -> Plan[Record]:
        yield from self._keep(record, "failed", lambda: self.journal.failed(record.id, reason, at))
        return evolve(record, failed_at=at, message=reason)

    def _given_up(self, record: Record, verdict: Verdict) -> Plan[SubmissionUnknown]:
        yield from self._keep(
            record,
            "was not found",
            lambda: self.journal.unknown(record.id),
        )
        return _unknown(record, verdict)

    def _keep(self, record: Record, what: str, call: Callable[[], object]) -> Plan[None]:
        """Write down what came of a submission; what is known is not lost where that fails."""
        try:
            yield Do(call)
        except JournalError as problem:
            log.warning("that submission %s %s could not be kept: %s", record.id, what, problem)


def _note(intent_id: str) -> str:
    return f"submission {intent_id} may have been received: jobs.resume({intent_id!r}) finds out"


def _unknown(record: Record, verdict: Verdict) -> SubmissionUnknown:
    """Make the error for an intent of which it can't be known what became of it."""
    what = "the batch" if record.kind == "batch" else "the job"
    names = ", ".join(item.benchmark_id for item in record.items[:5])
    found = f"; possible jobs: {', '.join(verdict.found)}" if verdict.found else ""
    missing = (
        f"; no job is listed for: {', '.join(verdict.missing)}"
        if record.kind == "batch" and verdict.missing
        else ""
    )
    return SubmissionUnknown(
        f"it is not known whether {what} of {names} was accepted and charged: {verdict.reason}"
        f"{found}{missing}. It was not sent again; jobs.resume({record.id!r}) looks again",
        intent_id=record.id,
        kind=record.kind,
        reason=verdict.reason,
        candidates=list(verdict.found),
        missing=list(verdict.missing) if record.kind == "batch" else [],
    )


def _pauses() -> Iterator[float]:
    pause = 0.5
    while True:
        yield pause
        pause = min(pause * 2, _LONGEST_PAUSE)


def _within(left: Left) -> float | None:
    remaining = left()
    return None if remaining == float("inf") else max(remaining, _LEAST)
