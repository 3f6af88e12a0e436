"""Submits jobs and waits for them: one, or many as a run that can be gone on with."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

from attrs import define, evolve, field, frozen

from benchwire._core.checks import identifier, whole
from benchwire._core.delivery import retry_after
from benchwire._core.plan import Do, Plan, Sleep
from benchwire._jobs import payload as payloads
from benchwire._jobs import requests as v0_calls
from benchwire._jobs.digests import Marks
from benchwire._jobs.noting import noting
from benchwire._jobs.outcomes import job_ids
from benchwire._jobs.payload import Payload
from benchwire._jobs.records import Record
from benchwire._jobs.submit import Place, Submitter
from benchwire._polling import Wait, ended_well, failure, wait_for_one
from benchwire.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    BenchwireError,
    InsufficientCreditsError,
    JobFailedError,
    NotFoundError,
    RateLimitError,
    ServerError,
    SubmissionUnknown,
    WaitTimeoutError,
)
from benchwire.models import JobOutcome, JobSpec
from benchwire_api.v0.models import Job, SubmitJobResponse

log = logging.getLogger("benchwire")

DEFAULT_RUN_TIMEOUT = 24 * 3600.0
DEFAULT_MAX_CONCURRENCY = 10
MAX_CONCURRENCY = 1000

_MOST_MISSED = 8
"""Rounds in which a job that was accepted may be found nowhere."""

Progress = Callable[[Job], object] | None


def submit_and_wait(
    submission: Plan[tuple[str, SubmitJobResponse]], wait: Wait, on_progress: Progress
) -> Plan[Job]:
    """Submit a job, then ask for it until it has ended."""
    _, submitted = yield from submission
    job_id = submitted.job_id
    log.info("job %s was submitted", job_id)
    # It is paid for: the id must not get lost with a failed look or a Ctrl-C.
    note = f"job {job_id} was submitted and goes on; wait for it again"
    with noting(note, JobFailedError, WaitTimeoutError):
        return (yield from wait_for_one(job_id, v0_calls.get_job, wait, on_progress))


@frozen
class RunOptions:
    """How a run is made.

    Attributes:
        run_id: Its name; the same name and the same specs go on with the same run.
        max_concurrency: The most jobs of it that are submitted and have not ended.
        budget_credits: The most it may cost in all.
        resend: Whether what certainly was not executed within the window is sent once more.
    """

    run_id: str
    max_concurrency: int
    budget_credits: float | None
    resend: bool


def run_options(
    run_id: str | None, max_concurrency: int, budget_credits: float | None, *, resend: bool
) -> RunOptions:
    """Check how a run is to be made."""
    if budget_credits is not None:
        if isinstance(budget_credits, bool) or not isinstance(budget_credits, int | float):
            raise TypeError(f"budget_credits must be a number, not {type(budget_credits).__name__}")
        if not budget_credits >= 0:
            raise ValueError(f"budget_credits must not be negative, not {budget_credits}")
    return RunOptions(
        str(uuid4()) if run_id is None else identifier("run_id", run_id),
        whole("max_concurrency", max_concurrency, 1, MAX_CONCURRENCY),
        budget_credits,
        resend,
    )


def payloads_of(specs: Sequence[JobSpec]) -> list[Payload[Any]]:
    """Check what is to be run; the message of an error names the position."""
    if not isinstance(specs, Sequence):
        raise TypeError(f"specs must be a list of JobSpec, not one {type(specs).__name__}")
    return [_payload(position, spec) for position, spec in enumerate(specs)]


def _payload(position: int, spec: JobSpec) -> Payload[SubmitJobResponse]:
    if not isinstance(spec, JobSpec):
        raise TypeError(f"specs[{position}] must be a JobSpec, not {type(spec).__name__}")
    try:
        return payloads.job(
            spec.benchmark_id,
            spec.endpoint_url,
            spec.api_key,
            provider=spec.provider,
            model=spec.model,
            headers=spec.headers,
            benchmark_count=spec.benchmark_count,
            seed=spec.seed,
        )
    except (TypeError, ValueError) as problem:
        kind, said = type(problem), str(problem)
    raise kind(f"specs[{position}]: {said}")


def run_many(
    submitter: Submitter,
    orders: Sequence[Payload[Any]],
    options: RunOptions,
    wait: Wait,
    on_progress: Progress,
) -> Plan[list[JobOutcome]]:
    """Submit many jobs and wait for all, going on where an earlier call ended."""
    log.info("run %s of %d jobs", options.run_id, len(orders))
    run = _Run(submitter, orders, options, wait, on_progress)
    note = f"run_many(…, run_id={options.run_id!r}) with the same specs goes on with it"
    with noting(note, InsufficientCreditsError, ValueError):
        yield from run.opened()
        yield from run.reconciled()
        yield from run.afforded()
        return (yield from run.carried_out())


@define
class _Run:
    """A run while it is carried out."""

    submitter: Submitter
    orders: Sequence[Payload[Any]]
    options: RunOptions
    wait: Wait
    on_progress: Progress
    _outcomes: list[JobOutcome] = field(init=False)
    _to_submit: deque[int] = field(factory=deque, init=False)
    _open: list[Record] = field(factory=list, init=False)
    _jobs: dict[str, int] = field(factory=dict, init=False)  # those that have not ended
    _states: dict[str, Job] = field(factory=dict, init=False)
    _missed: Counter[str] = field(factory=Counter, init=False)
    _last_problem: APIError | None = field(default=None, init=False)
    _not_before: float = field(default=0.0, init=False)
    _first_interval: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._first_interval = self.wait.interval
        self._outcomes = [
            JobOutcome(index=position, benchmark_id=order.items[0].benchmark_id)
            for position, order in enumerate(self.orders)
        ]

    def opened(self) -> Plan[None]:
        """Find in the journal what the run has come to."""
        submitter, run_id = self.submitter, self.options.run_id
        marks = Marks((yield Do(submitter.journal.salt)))
        account = marks.account(submitter.base_url, submitter.key)
        prints = [marks.fingerprint(order.canonical) for order in self.orders]
        begun = yield Do(
            lambda: submitter.journal.open_run(account, run_id, prints, submitter.now())
        )
        _check_same(run_id, begun, prints)
        records = yield Do(lambda: submitter.journal.run_records(account, run_id))
        for position in range(len(self.orders)):
            record = records.get(position)
            if record is None:
                self._to_submit.append(position)
            elif record.is_unresolved:
                self._open.append(record)
            else:
                self._accepted(position, record.id, record.job_ids[0])

    def reconciled(self) -> Plan[None]:
        """Find out what became of the submissions that were interrupted."""
        for record in self._open:
            position = record.position or 0
            try:
                found = yield from self.submitter.resume(record.id, lambda: self.wait.left)
            except SubmissionUnknown as error:
                self._failed(position, error, record.id)
            except BenchwireError as error:
                # Another process found meanwhile that it had no effect.
                still: Record | None = yield Do(
                    lambda: self.submitter.journal.find(record.id)  # noqa: B023
                )
                if still is None or still.is_unresolved:
                    raise
                log.debug("submission %s had no effect: %s", record.id, error)
                self._to_submit.append(position)
            else:
                self._accepted(position, record.id, job_ids(found)[0])

    def afforded(self) -> Plan[None]:
        """Hold what the run costs against the budget and the balance, before anything is spent."""
        if not self._to_submit:
            return
        listed = yield from v0_calls.list_benchmarks(self.wait.left)
        prices = {benchmark.id: benchmark.price_per_benchmark_unit for benchmark in listed}
        account = yield from v0_calls.get_account(self.wait.left)
        available, budget = account.available_credits, self.options.budget_credits
        in_all = sum(_cost(order, prices) for order in self.orders)
        needed = sum(_cost(self.orders[position], prices) for position in self._to_submit)
        if budget is not None and in_all > budget:
            raise InsufficientCreditsError(
                f"the run costs {in_all:g} credits and the budget is {budget:g}; nothing was"
                " submitted",
                needed=in_all,
                available=available,
                budget=budget,
            )
        if needed > available:
            raise InsufficientCreditsError(
                f"{needed:g} credits are needed and {available:g} are available; nothing was"
                " submitted",
                needed=needed,
                available=available,
                budget=budget,
            )

    def carried_out(self) -> Plan[list[JobOutcome]]:
        """Submit and wait until everything has ended."""
        ask_list = v0_calls.list_for_wait()
        while self._to_submit or self._jobs:
            yield from self._submit_some()
            if self._jobs:
                yield from self._look(ask_list)
            if self._has_room and self.wait.left > 0:
                continue
            if self._to_submit or self._jobs:
                yield self._pause()
        return self._outcomes

    def _pause(self) -> Sleep:
        pause = self.wait.pause()
        if pause is None:
            raise self._late()
        asked_for = self._not_before - self.wait.clock()
        return Sleep(max(pause.seconds, min(asked_for, self.wait.left)))

    @property
    def _has_room(self) -> bool:
        """Whether a job can be submitted at once, because others have ended."""
        return (
            self._last_problem is None
            and bool(self._to_submit)
            and len(self._jobs) < self.options.max_concurrency
        )

    def _submit_some(self) -> Plan[None]:
        self._last_problem = None
        while self._has_room:
            if self.wait.left <= 0:
                return
            position = self._to_submit.popleft()
            place = Place(self.options.run_id, position)
            try:
                intent_id, submitted = yield from self.submitter.submit(
                    self.orders[position],
                    lambda: self.wait.left,
                    resend=self.options.resend,
                    place=place,
                )
            except SubmissionUnknown as error:
                self._failed(position, error, error.intent_id)
            except APIError as error:
                # Nothing was executed, or it would be unknown.
                if _may_pass(error):
                    self._to_submit.appendleft(position)
                    self._passing(error)
                else:
                    self._failed(position, error, None)
            else:
                self._accepted(position, intent_id, submitted.job_id)
                log.info("run %s: job %s was submitted", self.options.run_id, submitted.job_id)

    def _look(self, ask_list: Callable[[int, float], Plan[list[Job]]]) -> Plan[None]:
        """Look at the jobs that have not ended; a look that fails is made up for by the next."""
        try:
            within = max(self.wait.left, 1.0)
            listed = {job.id: job for job in (yield from ask_list(len(self._jobs), within))}
            for job_id in tuple(self._jobs):
                if job_id in listed:
                    self._seen(job_id, listed[job_id])
                else:
                    yield from self._look_at(job_id)
        except APIError as error:
            if not _may_pass(error):
                raise
            self._passing(error)
            log.warning("run %s: a look failed: %s", self.options.run_id, error)

    def _look_at(self, job_id: str) -> Plan[None]:
        """Look at a job that the list leaves out; a service may need a while to show it at all."""
        try:
            self._seen(job_id, (yield from v0_calls.get_job(job_id, max(self.wait.left, 1.0))))
        except NotFoundError as error:
            self._missed[job_id] += 1
            if self._missed[job_id] > _MOST_MISSED:
                position = self._jobs.pop(job_id)
                self._failed(position, error, self._outcomes[position].intent_id)

    def _passing(self, error: APIError) -> None:
        """Take note of a failure that may pass, and of how long the service wants to be left alone."""
        self._last_problem = error
        if isinstance(error, APIStatusError):
            self._not_before = self.wait.clock() + (retry_after(error.headers) or 0.0)

    def _seen(self, job_id: str, job: Job) -> None:
        self._states[job_id] = job
        position = self._jobs[job_id]
        self._outcomes[position] = evolve(self._outcomes[position], job=job)
        if self.on_progress is not None:
            self.on_progress(job)
        if self.wait.over(job):
            del self._jobs[job_id]
            self.wait.interval = self._first_interval  # things move, so look often
            if not ended_well(job):
                self._failed(position, failure(job), self._outcomes[position].intent_id)

    def _accepted(self, position: int, intent_id: str, job_id: str) -> None:
        self._jobs[job_id] = position
        self._outcomes[position] = evolve(self._outcomes[position], intent_id=intent_id)

    def _failed(self, position: int, error: BenchwireError, intent_id: str | None) -> None:
        self._outcomes[position] = evolve(
            self._outcomes[position], error=error, intent_id=intent_id
        )

    def _late(self) -> WaitTimeoutError:
        problem = f"; the last look failed: {self._last_problem}" if self._last_problem else ""
        return WaitTimeoutError(
            f"run {self.options.run_id} has not ended after {self.wait.timeout:g} seconds:"
            f" {len(self._jobs)} jobs go on and {len(self._to_submit)} are not submitted{problem}",
            pending=list(self._jobs),
            states=self._states,
        )


def _check_same(run_id: str, begun: Sequence[str], now: Sequence[str]) -> None:
    if list(begun) == list(now):
        return
    shared = zip(begun, now, strict=False)
    differing = next((place for place, (old, new) in enumerate(shared) if old != new), None)
    what = (
        f"it had {len(begun)} specs and now has {len(now)}"
        if differing is None
        else f"specs[{differing}] is another"
    )
    raise ValueError(
        f"run {run_id!r} was begun with other specs: {what}; a new run needs a new run_id"
    )


def _cost(order: Payload[Any], prices: dict[str, float | None]) -> float:
    (item,) = order.items
    price = prices.get(item.benchmark_id)
    return item.units * (1 if price is None else price)


def _may_pass(error: APIError) -> bool:
    """Whether something else may come of it a moment later."""
    if isinstance(error, APIStatusError):
        return isinstance(error, RateLimitError | ServerError) or error.status_code == 408
    return isinstance(error, APIConnectionError)
