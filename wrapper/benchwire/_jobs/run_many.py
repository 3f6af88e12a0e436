"""Submits jobs and waits for them: one, or many as a run that can be continued."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Sequence

from attrs import define, evolve, field, frozen

from benchwire._jobs.journal_access import add_note_on_error
from benchwire._jobs.outcomes import OpenOutcome, job_ids
from benchwire._jobs.payload import Payload
from benchwire._jobs.records import Item, Record, benchmark_key, unit_price
from benchwire._jobs.requests import JobLister, get_account, get_job, list_benchmarks
from benchwire._jobs.submit import RunPosition, Submitter
from benchwire._polling import Progress, Wait, failure, is_success, wait_for_one
from benchwire._transport.port import Port
from benchwire._transport.retry import is_transient, retry_after
from benchwire.errors import (
    APIError,
    APIStatusError,
    BenchwireError,
    DuplicateJobError,
    InsufficientCreditsError,
    JobFailedError,
    JournalError,
    NotFoundError,
    RunStoppedError,
    SubmissionUnknown,
    WaitTimeoutError,
)
from benchwire.models import JobOutcome
from benchwire_api.arguments import identifier, integer, number
from benchwire_api.v0.models import Job, JobStatus, SubmitJobResponse

log = logging.getLogger("benchwire")

DEFAULT_RUN_TIMEOUT = 24 * 3600.0
DEFAULT_MAX_CONCURRENCY = 10
MAX_CONCURRENCY = 1000

_DIGITS = 9  # of credits: three units at 0.1 cost no more than 0.3
_MIN_POLL = 1.0
_MAX_NOT_FOUND = 8
"""How often a job that was accepted may be found neither in the list nor by its id."""

_MAX_UNCONFIRMED = 3
"""How many submissions in a row may end without a known outcome before a run stops submitting."""

JobPayload = Payload[SubmitJobResponse]


async def submit_and_wait(
    port: Port,
    submitter: Submitter,
    payload: JobPayload,
    wait: Wait,
    *,
    on_progress: Progress[Job],
    resend: bool,
) -> Job:
    """Submit a job and poll it until it has ended."""
    _, submitted = await submitter.submit(port, payload, wait.deadline, resend=resend)
    job_id = submitted.job_id
    log.info("job %s was submitted", job_id)
    # The job is paid for: a failed poll or a Ctrl-C must not lose its id.
    note = f"job {job_id} was submitted and goes on; wait for it again"
    with add_note_on_error(note, JobFailedError, WaitTimeoutError):
        return await wait_for_one(port, job_id, get_job, wait, on_progress=on_progress)


@frozen
class RunOptions:
    """The options of a run; `run_many` of the resource documents them."""

    run_id: str
    max_concurrency: int
    budget_credits: float | None
    resend: bool
    retry_failed: bool = False

    def __attrs_post_init__(self) -> None:
        if self.budget_credits is not None:
            number("budget_credits", self.budget_credits, low=0)
        identifier("run_id", self.run_id)
        integer("max_concurrency", self.max_concurrency, 1, MAX_CONCURRENCY)


async def run_many(
    port: Port,
    submitter: Submitter,
    payloads: Sequence[JobPayload],
    options: RunOptions,
    wait: Wait,
    *,
    on_progress: Progress[Job],
) -> list[JobOutcome]:
    """Submit many jobs and wait for all; continue where an earlier call of the run ended."""
    log.info("run %s of %d jobs", options.run_id, len(payloads))
    run = _Run(port, submitter, payloads, options, wait, on_progress)
    note = f"run_many(…, run_id={options.run_id!r}) with the same specs continues it"
    with add_note_on_error(note, InsufficientCreditsError, ValueError):
        await run.load()
        await run.reconcile()
        if options.retry_failed:
            await run.retry_failed()
        await run.check_budget()
        return await run.execute()


@define
class _Run:
    """The state of a run while it is executed."""

    port: Port
    submitter: Submitter
    payloads: Sequence[JobPayload]
    options: RunOptions
    wait: Wait
    on_progress: Progress[Job]
    _outcomes: list[OpenOutcome] = field(init=False)
    _to_submit: deque[int] = field(factory=deque, init=False)
    _unresolved: list[Record] = field(factory=list, init=False)
    _replaced: dict[int, str] = field(factory=dict, init=False)  # failed intents, by position
    _spent: list[Item] = field(factory=list, init=False)  # what was paid for and replaced
    _positions: dict[str, int] = field(factory=dict, init=False)  # by job id
    _unconfirmed: int = field(default=0, init=False)  # submissions in a row
    _running: dict[str, int] = field(factory=dict, init=False)  # positions, by job id
    _states: dict[str, Job] = field(factory=dict, init=False)
    _not_found: Counter[str] = field(factory=Counter, init=False)
    _last_error: APIError | None = field(default=None, init=False)
    _not_before: float = field(default=0.0, init=False)
    _first_interval: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._first_interval = self.wait.interval
        self._outcomes = [
            OpenOutcome(position, payload.benchmark_ids[0])
            for position, payload in enumerate(self.payloads)
        ]

    async def load(self) -> None:
        """Read from the journal what became of each position in earlier calls."""
        submitter, run_id = self.submitter, self.options.run_id
        journal = submitter.journal
        lookup = await submitter.lookup(self.port, self.wait.deadline)
        account = lookup.digests.account(submitter.base_url, submitter.key)
        fingerprints = [lookup.digests.fingerprint(payload.canonical) for payload in self.payloads]
        now = submitter.now()
        begun = await lookup.call(journal.open_run, account, run_id, fingerprints, now)
        _check_same_specs(run_id, begun, fingerprints)
        records = await lookup.call(journal.run_records, account, run_id)
        for position in range(len(self.payloads)):
            record = records.get(position)
            if record is None:
                self._to_submit.append(position)
            elif record.is_unresolved:
                self._unresolved.append(record)
            else:
                self._accepted(position, record.id, record.job_ids[0])
        for position, record in records.items():
            self._spent += record.items if position < 0 else ()

    async def reconcile(self) -> None:
        """Find out what became of the submissions that were interrupted."""
        for record in self._unresolved:
            position = record.position or 0
            try:
                submitted = await self.submitter.resume(self.port, record.id, self.wait.deadline)
            except SubmissionUnknown as error:
                self._failed(position, error, record.id)
                # One more submission may show that the service confirms again.
                self._unconfirmed = min(self._unconfirmed + 1, _MAX_UNCONFIRMED - 1)
            except BenchwireError as error:
                # Another process may have found out meanwhile that it was not executed.
                lookup = await self.submitter.lookup(self.port, self.wait.deadline)
                current = await lookup.call(lookup.journal.find, record.id)
                if current is None or current.is_unresolved:
                    raise
                log.debug("submission %s was not executed: %s", record.id, error)
                self._to_submit.append(position)
            else:
                self._accepted(position, record.id, job_ids(submitted)[0])

    async def retry_failed(self) -> None:
        """Poll the jobs of earlier calls once; submit those anew that have failed."""
        await self._poll_all(JobLister())
        for outcome in self._outcomes:
            position, intent_id = outcome.index, outcome.intent_id
            # One that ended with a status that is absent or not known may have succeeded.
            if intent_id and outcome.job and outcome.job.status == JobStatus.FAILED:
                self._replaced[position] = intent_id
                self._spent += self.payloads[position].items
                self._outcomes[position] = evolve(outcome, job=None, error=None, intent_id=None)
                self._to_submit.append(position)

    async def check_budget(self) -> None:
        """Compare the cost of the run with budget and balance, before anything is spent."""
        if not self._to_submit:
            return
        benchmarks = await list_benchmarks(self.port, self.wait.deadline)
        prices = {
            benchmark_key(benchmark.id): benchmark.price_per_benchmark_unit
            for benchmark in benchmarks
        }
        account = await get_account(self.port, self.wait.deadline)
        available, budget = account.available_credits, self.options.budget_credits
        items = [item for payload in self.payloads for item in payload.items]
        total = _cost([*items, *self._spent], prices)
        needed = _cost([items[position] for position in self._to_submit], prices)
        if budget is not None and total > round(budget, _DIGITS):
            message = f"the run costs {total:.15g} credits and the budget is {budget:.15g}"
            needed = total
        elif needed > round(available, _DIGITS):
            message = f"{needed:.15g} credits are needed and {available:.15g} are available"
        else:
            return
        raise InsufficientCreditsError(
            f"{message}; nothing was submitted", needed=needed, available=available, budget=budget
        )

    async def execute(self) -> list[JobOutcome]:
        """Submit and poll until everything has ended."""
        lister = JobLister()
        while self._to_submit or self._running:
            await self._submit_some()
            if self._running:
                await self._poll(lister)
            if self._can_submit and self.wait.deadline.left > 0:
                continue
            if self._to_submit or self._running:
                await self._pause()
        return [outcome.final() for outcome in self._outcomes]

    async def _pause(self) -> None:
        pause = self.wait.pause()
        if pause is None:
            raise self._timeout_error()
        deadline = self.wait.deadline
        requested = self._not_before - deadline.clock()
        await self.port.sleep(max(pause, min(requested, deadline.left)))

    @property
    def _can_submit(self) -> bool:
        """Whether a job can be submitted without a pause."""
        return (
            self._last_error is None
            and bool(self._to_submit)
            and len(self._running) < self.options.max_concurrency
        )

    async def _submit_some(self) -> None:
        self._last_error = None
        while self._can_submit and self.wait.deadline.left > 0:
            position = self._to_submit.popleft()
            try:
                intent_id, submitted = await self.submitter.submit(
                    self.port,
                    self.payloads[position],
                    self.wait.deadline,
                    resend=self.options.resend,
                    position=RunPosition(
                        self.options.run_id, position, self._replaced.get(position)
                    ),
                )
            except SubmissionUnknown as error:
                self._failed(position, error, error.intent_id)
                self._unconfirmed += 1
                if self._unconfirmed >= _MAX_UNCONFIRMED:
                    self._stop(f"{self._unconfirmed} submissions in a row were not confirmed")
            except JournalError as error:
                if not any(outcome.intent_id for outcome in self._outcomes):
                    raise
                self._failed(position, error, None)  # the others go on
                self._stop(error.message)
            except APIError as error:
                # Nothing was executed; otherwise it would be a SubmissionUnknown.
                if is_transient(error):
                    self._to_submit.appendleft(position)
                    self._delay_after(error)
                else:
                    self._failed(position, error, None)
            else:
                self._unconfirmed = 0
                self._accepted(position, intent_id, submitted.job_id)
                log.info("run %s: job %s was submitted", self.options.run_id, submitted.job_id)

    def _stop(self, reason: str) -> None:
        """Submit nothing more; what was submitted is waited for."""
        message = f"not submitted: {reason}; run_many(…, run_id={self.options.run_id!r}) continues"
        log.warning("run %s: %d jobs %s", self.options.run_id, len(self._to_submit), message)
        for position in self._to_submit:
            self._failed(position, RunStoppedError(message), None)
        self._to_submit.clear()

    async def _poll(self, lister: JobLister) -> None:
        """Poll the jobs that have not ended; after a transient error the next round polls again."""
        try:
            await self._poll_all(lister)
        except APIError as error:
            if not is_transient(error):
                raise
            self._delay_after(error)
            log.warning("run %s: a poll failed: %s", self.options.run_id, error)

    async def _poll_all(self, lister: JobLister) -> None:
        deadline = self.wait.deadline.at_least(_MIN_POLL)
        rows = await lister.poll_pending(self.port, len(self._running), deadline)
        listed = {job.id: job for job in rows}
        for job_id in tuple(self._running):
            if job_id in listed:
                self._received(job_id, listed[job_id])
            else:
                await self._poll_one(job_id)

    async def _poll_one(self, job_id: str) -> None:
        """Poll a job that the list leaves out; a service may show a new job only after a while."""
        deadline = self.wait.deadline.at_least(_MIN_POLL)
        try:
            self._received(job_id, await get_job(self.port, job_id, deadline))
        except NotFoundError as error:
            self._not_found[job_id] += 1
            if self._not_found[job_id] > _MAX_NOT_FOUND:
                position = self._running.pop(job_id)
                self._failed(position, error, self._outcomes[position].intent_id)

    def _delay_after(self, error: APIError) -> None:
        """Record a transient error, and the ``Retry-After`` of its response."""
        self._last_error = error
        if isinstance(error, APIStatusError):
            requested = retry_after(error.headers) or 0.0
            self._not_before = self.wait.deadline.clock() + requested

    def _received(self, job_id: str, job: Job) -> None:
        self._states[job_id] = job
        position = self._running[job_id]
        self._outcomes[position] = evolve(self._outcomes[position], job=job)
        if self.on_progress is not None:
            self.on_progress(job)
        if self.wait.is_final(job):
            del self._running[job_id]
            self.wait.interval = self._first_interval  # jobs are ending: poll often
            if not is_success(job):
                self._failed(position, failure(job), self._outcomes[position].intent_id)

    def _accepted(self, position: int, intent_id: str, job_id: str) -> None:
        other = self._positions.setdefault(job_id, position)
        if other != position:  # the journal could not record one of them
            reason = f"the service named job {job_id} for specs[{other}] and specs[{position}]"
            error = DuplicateJobError(
                reason, intent_id=intent_id, kind="job", reason=reason, candidates=[job_id],
                missing=[],
            )  # fmt: skip
            self._failed(position, error, intent_id)
            return
        self._running[job_id] = position
        self._outcomes[position] = evolve(self._outcomes[position], intent_id=intent_id)

    def _failed(self, position: int, error: BenchwireError, intent_id: str | None) -> None:
        outcome = self._outcomes[position]
        self._outcomes[position] = evolve(outcome, error=error, intent_id=intent_id)

    def _timeout_error(self) -> WaitTimeoutError:
        cause = f"; the last poll failed: {self._last_error}" if self._last_error else ""
        return WaitTimeoutError(
            f"run {self.options.run_id} has not ended after {round(self.wait.timeout, 3):g}"
            f" seconds: {len(self._running)} jobs go on and {len(self._to_submit)} are not"
            f" submitted{cause}",
            pending=list(self._running),
            states=self._states,
        )


def _check_same_specs(run_id: str, begun: Sequence[str], fingerprints: Sequence[str]) -> None:
    if list(begun) == list(fingerprints):
        return
    pairs = zip(begun, fingerprints, strict=False)
    differing = next((position for position, (old, new) in enumerate(pairs) if old != new), None)
    what = (
        f"it had {len(begun)} specs and now has {len(fingerprints)}"
        if differing is None
        else f"specs[{differing}] is another"
    )
    raise ValueError(
        f"run {run_id!r} was begun with other specs: {what}; a new run needs a new run_id"
    )


def _cost(items: Sequence[Item], prices: dict[str, float | None]) -> float:
    costs = (item.units * unit_price(prices.get(item.benchmark_id)) for item in items)
    return round(sum(costs), _DIGITS)
