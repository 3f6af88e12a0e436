"""Histories of submissions, and what must hold in each of them at every moment."""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import Any

import orjson
from attrs import define, field, frozen
from scripts.simulation.scheduler import BASE_URL, End, Process, ProcessJournal, World
from scripts.simulation.service import HARMLESS, Fate, Habits, Service

from benchwire._jobs import payload as payloads
from benchwire._jobs.outcomes import job_ids
from benchwire._jobs.payload import Payload
from benchwire.errors import SubmissionUnknown

_OPTIONS: dict[str, Any] = {"provider": None, "headers": None, "seed": None}


def _job(benchmark_id: str, url: str, **options: Any) -> Payload[Any]:
    given = {**_OPTIONS, "model": None, "benchmark_count": None, **options}
    return payloads.job(benchmark_id, url, "key-of-the-endpoint", **given)


def _batch(jobs: list[Any], url: str) -> Payload[Any]:
    return payloads.batch(jobs, url, "key-of-the-endpoint", **{**_OPTIONS, "model": None})


GATEWAY = "https://gateway.example/v1"
OTHER = "https://other.example/v1"
PAYLOADS: dict[str, Payload[Any]] = {
    "one": _job("bench-1", GATEWAY, model="small"),
    # Its row looks like that of the first: the list does not echo the model.
    "alike": _job("bench-1", GATEWAY, model="large"),
    "elsewhere": _job("bench-1", OTHER),
    "another": _job("bench-2", GATEWAY, benchmark_count=3),
    "batch": _batch(["bench-1", {"benchmark_id": "bench-2", "benchmark_count": 2}], GATEWAY),
    "twice": _batch(["bench-2", {"benchmark_id": "bench-2", "benchmark_count": 2}], GATEWAY),
}


def hold(holds: object, otherwise: str) -> None:
    """Say what does not hold."""
    if not holds:
        raise AssertionError(otherwise)


@frozen
class Submit:
    """One submission, as a history has it.

    Attributes:
        name: Which of `PAYLOADS`.
        fate: What happens to it.
        dies_at: The moment its process is killed, as in `Process`.
        interrupted_at: The step at which a Ctrl-C arrives.
        failing: The journal's methods that fail, and whether they write first.
        resend: Whether it may be sent once more.
    """

    name: str
    fate: Fate = field(factory=Fate)
    dies_at: int | None = None
    interrupted_at: int | None = None
    failing: tuple[tuple[str, bool], ...] = ()
    resend: bool = False


@define
class Owner:
    """Who submits in a history: the submission, what the journal has of it, and what came of it."""

    submit: Submit
    payload: Payload[Any]
    journal: ProcessJournal
    end: End = field(factory=End)
    job_ids: tuple[str, ...] = ()

    @property
    def is_called_failed(self) -> bool:
        """Whether the caller was told that nothing was executed."""
        error = self.end.error
        return isinstance(error, Exception) and not isinstance(error, SubmissionUnknown)


@define
class History:
    """What happened so far, and the means to let more happen."""

    habits: Habits = field(factory=Habits)
    world: World = field(init=False)
    owners: dict[str, Owner] = field(factory=dict)
    foreign: set[str] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        self.world = World(Service(self.habits))

    def submit(self, *submits: Submit) -> None:
        """Let processes submit side by side."""
        started = [self._started(submit) for submit in submits]
        ends = self.world.run(*(process for process, _ in started))
        for (_, owner), end in zip(started, ends, strict=True):
            owner.end = end
            if end.result is not None:
                owner.job_ids = tuple(job_ids(end.result[1]))

    def resume(self, *, dies_at: int | None = None) -> None:
        """Let a new process look for everything that is unresolved."""
        for record in self.world.journal.unresolved(BASE_URL):
            plan = self.world.submitter().resume(record.id, lambda: inf)
            (end,) = self.world.run(Process(plan, "nobody", iter(()), dies_at))
            owner = self._owner_of(record.id)
            if end.result is not None and owner is not None:
                owner.end = End(result=(record.id, end.result))
                owner.job_ids = tuple(job_ids(end.result))
            elif end.error is not None and not isinstance(end.error, SubmissionUnknown):
                raise AssertionError("an unresolved intent ended otherwise") from end.error

    def others(self, name: str, lag: float) -> None:
        """Let someone else submit with the same key."""
        body = orjson.loads(PAYLOADS[name].request.body or b"")
        _, made = self.world.service.execute(body, self.world.now, None, lag)
        self.foreign.update(made)

    def pass_time(self, seconds: float) -> None:
        """Let time go by."""
        self.world.now += seconds

    def check(self) -> None:
        """Hold what happened to what is guaranteed."""
        service = self.world.service
        unresolved = self.unresolved()
        taken: Counter[str] = Counter()
        for name, owner in self.owners.items():
            sent = [fault for who, fault in service.submissions if who == name]
            possibly = [fault for fault in sent if fault not in HARMLESS]
            hold(len(possibly) <= 1 + owner.submit.resend, f"{name} was sent {sent}")
            charged = service.of(name)
            if not owner.submit.resend:
                hold(len(charged) in {0, len(owner.payload.items)}, f"{name} was charged twice")
            if owner.is_called_failed:
                hold(not charged, f"{name} was called failed and charged: {owner.end.error!r}")
            if ("accept", False) not in owner.submit.failing:
                # Else nothing tells the others that its jobs are taken.
                taken.update(owner.job_ids)
            self._check_journal(name, owner, unresolved, is_charged=bool(charged))
        for job_id, times in taken.items():
            hold(times == 1, f"{job_id} was given to {times} submissions")

    def unresolved(self) -> set[str]:
        """Give the intents of which it is not known what became of them."""
        return {record.id for record in self.world.journal.unresolved(BASE_URL)}

    def mistaken(self) -> list[str]:
        """Give the submissions that took a job of someone else for theirs.

        One that took the job of an equal submission of ours is none of them.
        """
        owners = {job.id: job.owner for job in self.world.service.jobs}
        mistaken = []
        for name, owner in self.owners.items():
            for job_id in owner.job_ids:
                real = owners[job_id]
                if real != name and (
                    real is None or self.owners[real].payload.canonical != owner.payload.canonical
                ):
                    mistaken.append(name)
        return mistaken

    def _check_journal(
        self, name: str, owner: Owner, unresolved: set[str], *, is_charged: bool
    ) -> None:
        """What was charged, or may have been, is never lost: it is in the journal until it is found."""
        error, begun = owner.end.error, owner.journal.begun
        if is_charged:
            hold(begun, f"{name} was charged and is not in the journal")
        for record in begun:
            kept = self.world.journal.find(record.id)
            if kept is None:
                hold(not is_charged, f"{name} was charged and is gone from the journal")
            elif kept.is_unresolved:
                hold(kept.id in unresolved, f"{name} is unresolved and not listed")
            elif is_charged:
                hold(kept.state == "accepted", f"{name} was charged and is {kept.state}")
        if isinstance(error, SubmissionUnknown):
            # A journal that fails after it has written knows more than the error.
            kept = self.world.journal.find(error.intent_id)
            state = "gone" if kept is None else kept.state
            hold(state in {"sent", "unknown", "accepted"}, f"{name} is unknown, its intent {state}")
        if isinstance(error, KeyboardInterrupt) and is_charged:
            noted = any(begun[0].id in note for note in error.__notes__)
            hold(noted, f"the interrupt of {name} does not name its intent")

    def _started(self, submit: Submit) -> tuple[Process, Owner]:
        name = f"owner-{len(self.owners)}"
        journal = ProcessJournal(self.world.journal, dict(submit.failing))
        owner = Owner(submit, PAYLOADS[submit.name], journal)
        self.owners[name] = owner
        plan = self.world.submitter(journal).submit(
            owner.payload, lambda: inf, resend=submit.resend
        )
        fates = iter([submit.fate])
        return Process(plan, name, fates, submit.dies_at, submit.interrupted_at), owner

    def _owner_of(self, intent_id: str) -> Owner | None:
        for owner in self.owners.values():
            if any(record.id == intent_id for record in owner.journal.begun):
                return owner
        return None
