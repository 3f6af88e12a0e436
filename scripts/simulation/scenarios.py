"""Scenarios of submissions, and the invariants that must hold in each of them at every moment."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import orjson
from attrs import define, field, frozen
from scripts.simulation.scheduler import BASE_URL, End, Process, ProcessJournal, World
from scripts.simulation.service import HARMLESS, Fault, Service, ServiceBehaviour

from benchwire._jobs.outcomes import job_ids
from benchwire._jobs.payload import Payload, Submitted, batch_payload, job_payload
from benchwire.errors import SubmissionUnknown
from benchwire.models import JobSpec

_KEY = "key-of-the-endpoint"


def _job(benchmark_id: str, url: str, **fields: Any) -> Payload[Submitted]:
    return job_payload(JobSpec(benchmark_id=benchmark_id, endpoint_url=url, api_key=_KEY, **fields))


def _batch(jobs: list[Any], url: str) -> Payload[Submitted]:
    return batch_payload(jobs, url, _KEY, provider=None, model=None, headers=None, seed=None)


GATEWAY = "https://gateway.example/v1"
OTHER = "https://other.example/v1"
PAYLOADS: dict[str, Payload[Submitted]] = {
    "one": _job("bench-1", GATEWAY, model="small"),
    # Looks like the first one in the list, which does not show the model.
    "alike": _job("bench-1", GATEWAY, model="large"),
    "elsewhere": _job("bench-1", OTHER),
    "another": _job("bench-2", GATEWAY, benchmark_count=3),
    "batch": _batch(["bench-1", {"benchmark_id": "bench-2", "benchmark_count": 2}], GATEWAY),
    "twice": _batch(["bench-2", {"benchmark_id": "bench-2", "benchmark_count": 2}], GATEWAY),
}


def require(holds: object, message: str) -> None:
    """Raise if an invariant does not hold."""
    if not holds:
        raise AssertionError(message)


@frozen
class Submit:
    """One submission of a scenario."""

    name: str  # which of `PAYLOADS`
    fault: Fault = field(factory=Fault)
    dies_at: int | None = None  # when its process is killed, as in `Process`
    interrupted_at: int | None = None  # the step at which a Ctrl-C arrives
    failing: tuple[tuple[str, bool], ...] = ()  # the journal's methods; whether they write first
    resend: bool = False  # whether it may be sent once more


@define
class Owner:
    """A submission, the journal of its process, and how it ended."""

    submit: Submit
    payload: Payload[Submitted]
    journal: ProcessJournal
    end: End = field(factory=End)
    job_ids: tuple[str, ...] = ()

    @property
    def is_called_failed(self) -> bool:
        """Whether the caller got an error that means that nothing was executed."""
        error = self.end.error
        return isinstance(error, Exception) and not isinstance(error, SubmissionUnknown)


@define
class Scenario:
    """What happened so far, and the methods that make more happen."""

    behaviour: ServiceBehaviour = field(factory=ServiceBehaviour)
    world: World = field(init=False)
    owners: dict[str, Owner] = field(factory=dict)
    foreign: set[str] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        self.world = World(Service(self.behaviour))

    def submit(self, *submits: Submit) -> None:
        """Submit in processes that run side by side."""
        started = [self._process(submit) for submit in submits]
        ends = self.world.run(*(process for process, _ in started))
        for (_, owner), end in zip(started, ends, strict=True):
            owner.end = end
            if end.result is not None:
                owner.job_ids = tuple(job_ids(end.result[1]))

    def resume(self, *, dies_at: int | None = None) -> None:
        """Resume everything that is unresolved, in new processes."""
        for record in self.world.journal.unresolved(BASE_URL):
            submitter, deadline = self.world.submitter(), self.world.deadline
            resume = partial(submitter.resume, intent_id=record.id, deadline=deadline)
            (end,) = self.world.run(Process(resume, "nobody", iter(()), dies_at))
            owner = self._owner_of(record.id)
            if end.result is not None and owner is not None:
                owner.end = End(result=(record.id, end.result))
                owner.job_ids = tuple(job_ids(end.result))
            elif end.error is not None and not isinstance(end.error, SubmissionUnknown):
                raise AssertionError("an unresolved intent ended otherwise") from end.error

    def submit_elsewhere(self, name: str, lag: float) -> None:
        """Execute a submission that another client made with the same key."""
        body = orjson.loads(bytes(PAYLOADS[name].request.body or b""))
        _, ids = self.world.service.execute(body, self.world.now, None, lag)
        self.foreign.update(ids)

    def pass_time(self, seconds: float) -> None:
        """Advance the clock."""
        self.world.now += seconds

    def check(self) -> None:
        """Check every guarantee."""
        service = self.world.service
        unresolved = self.unresolved()
        claimed: Counter[str] = Counter()
        for name, owner in self.owners.items():
            sent = [kind for other, kind in service.submissions if other == name]
            executed = [kind for kind in sent if kind not in HARMLESS]
            require(len(executed) <= 1 + owner.submit.resend, f"{name} was sent {sent}")
            charged = service.charged_to(name)
            require(len(charged) in {0, len(owner.payload.items)}, f"{name} was charged twice")
            if owner.is_called_failed:
                message = f"{name} failed for the caller and was charged: {owner.end.error!r}"
                require(not charged, message)
            if ("settle_accepted", False) not in owner.submit.failing:
                # Otherwise the journal does not show that its jobs are claimed.
                claimed.update(owner.job_ids)
            self._check_journal(name, owner, unresolved, is_charged=bool(charged))
        for job_id, times in claimed.items():
            require(times == 1, f"{job_id} belongs to {times} submissions")

    def unresolved(self) -> set[str]:
        """Return the ids of the intents whose outcome is not known."""
        return {record.id for record in self.world.journal.unresolved(BASE_URL)}

    def mistaken(self) -> list[str]:
        """Return the submissions that were assigned a job of another client.

        A job of an equal submission of our own does not count.
        """
        payloads = {name: owner.payload.canonical for name, owner in self.owners.items()}
        actual = {job.id: payloads.get(job.owner or "") for job in self.world.service.jobs}
        return [
            name
            for name, owner in self.owners.items()
            if {actual[job_id] for job_id in owner.job_ids} - {payloads[name]}
        ]

    def _check_journal(
        self, name: str, owner: Owner, unresolved: set[str], *, is_charged: bool
    ) -> None:
        """Check that the journal has all that was or may have been charged, until it is found."""
        error, begun = owner.end.error, owner.journal.begun
        if is_charged:
            require(begun, f"{name} was charged and is not in the journal")
        for intent_id in (record.id for record in begun):
            record = self.world.journal.find(intent_id)
            if record is None:
                require(not is_charged, f"{name} was charged and is gone from the journal")
            elif record.is_unresolved:
                require(record.id in unresolved, f"{name} is unresolved and not listed")
            elif is_charged:
                require(record.state == "accepted", f"{name} was charged and is {record.state}")
        if isinstance(error, SubmissionUnknown):
            # After a method that fails and has written, the journal has more than the error shows.
            record = self.world.journal.find(error.intent_id)
            state = "gone" if record is None else record.state
            is_recorded = state in {"sent", "unknown", "accepted"}
            require(is_recorded, f"{name} is unknown, its intent {state}")
        if isinstance(error, KeyboardInterrupt) and is_charged:
            noted = any(begun[0].id in note for note in error.__notes__)
            require(noted, f"the interrupt of {name} does not name its intent")

    def _process(self, submit: Submit) -> tuple[Process, Owner]:
        name = f"owner-{len(self.owners)}"
        journal = ProcessJournal(self.world.journal, dict(submit.failing))
        owner = Owner(submit, PAYLOADS[submit.name], journal)
        self.owners[name] = owner
        operation = partial(
            self.world.submitter(journal).submit,
            payload=owner.payload,
            deadline=self.world.deadline,
            resend=submit.resend,
        )
        faults = iter([submit.fault])
        return Process(operation, name, faults, submit.dies_at, submit.interrupted_at), owner

    def _owner_of(self, intent_id: str) -> Owner | None:
        begun = {one.id: owner for owner in self.owners.values() for one in owner.journal.begun}
        return begun.get(intent_id)
