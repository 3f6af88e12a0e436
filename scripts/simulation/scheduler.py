"""Drives plans on a virtual clock: several processes at once, any of which may die at any step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

from attrs import define, field, frozen
from scripts.simulation.service import EPOCH, Fate, Service

from benchwire._core.plan import Do, Plan, Send, Sleep
from benchwire._jobs.journal import Journal
from benchwire._jobs.records import Record
from benchwire._jobs.sqlite_journal import SqliteJournal, memory_journal
from benchwire._jobs.submit import Submitter
from benchwire.errors import JournalError

BASE_URL = "https://jobs.example"
LATENCY = 0.05

_MOST_STEPS = 100_000


class ProcessJournal:
    """The journal as one process has it: its calls fail as told, before they wrote or after.

    Attributes:
        failing: The methods that fail, and whether they do what they should before they do.
        begun: The intents that the process began.
    """

    def __init__(self, journal: SqliteJournal, failing: dict[str, bool]) -> None:
        self._journal = journal
        self.failing = failing
        self.begun: list[Record] = []

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._journal, name)
        if name not in self.failing:
            return call

        def fail(*args: Any, **options: Any) -> Any:
            if self.failing[name]:
                call(*args, **options)
            raise JournalError("the disk is full", path="in memory")

        return fail

    def begin(self, record: Record) -> Record:
        """Keep a new intent."""
        self.begun.append(record)
        kept: Record = self.__getattr__("begin")(record)
        return kept


@frozen
class End:
    """How the plan of a process ended: with a result, with an error, or by being killed."""

    result: Any = None
    error: BaseException | None = None
    killed: bool = False


@define
class Process:
    """A process that carries out one plan.

    Attributes:
        plan: The plan.
        owner: Who the service is to note the submissions of the plan for.
        fates: What happens to its submissions, one after the other; then nothing does.
        dies_at: The moment it is killed: an even number 2n before step n, an odd one after it.
        interrupted_at: The step at which a Ctrl-C arrives.
    """

    plan: Plan[Any]
    owner: str
    fates: Iterator[Fate]
    dies_at: int | None = None
    interrupted_at: int | None = None
    wakes: float = 0.0
    end: End | None = None
    steps: int = 0
    _due: Callable[[], Any] | None = None  # what the plan is to be given when it wakes

    def advance(self, world: World) -> None:
        """Take one step of the plan."""
        try:
            due, self._due = self._due, None
            step = next(self.plan) if due is None else self._delivered(due)
        except StopIteration as stop:
            self.end = End(result=stop.value)
            return
        except BaseException as error:
            self.end = End(error=error)
            return
        number, self.steps = self.steps, self.steps + 1
        if self.dies_at == 2 * number:
            self._die()
            return
        self._do(step, number, world)
        if self.dies_at == 2 * number + 1:
            self._die()

    def _delivered(self, due: Callable[[], Any]) -> Send | Sleep | Do:
        try:
            value = due()
        except BaseException as problem:
            return self.plan.throw(problem)
        return self.plan.send(value)

    def _do(self, step: Send | Sleep | Do, number: int, world: World) -> None:
        """Let a step have its effect; what comes of it reaches the plan when it wakes."""
        if self.interrupted_at == number:
            self._due = _raising(KeyboardInterrupt())
            return
        if isinstance(step, Sleep):
            self.wakes = world.now + max(step.seconds, 0.001)
            self._due = lambda: None
            return
        try:
            if isinstance(step, Do):
                value = step.call()
            else:
                fate = next(self.fates, Fate()) if step.once else Fate()
                value = world.service.answer(step.request, world.now, self.owner, fate)
        except Exception as problem:
            self._due = _raising(problem)
        else:
            self._due = lambda: value
        self.wakes = world.now + (LATENCY if isinstance(step, Send) else 0.0)

    def _die(self) -> None:
        self._due = None
        self.plan.close()  # the system gives up its locks; nothing else may happen
        self.end = End(killed=True)


def _raising(problem: BaseException) -> Callable[[], Any]:
    def call() -> Any:
        raise problem

    return call


@define
class World:
    """A service, a machine with a journal, and the time."""

    service: Service = field(factory=Service)
    now: float = EPOCH
    journal: SqliteJournal = field(factory=memory_journal)

    def submitter(self, journal: ProcessJournal | None = None) -> Submitter:
        """Give the submitter of a process."""
        kept = ProcessJournal(self.journal, {}) if journal is None else journal
        return Submitter(BASE_URL, "key", cast("Journal", kept), self.clock, self.clock)

    def clock(self) -> float:
        """Give the time, on the wall and otherwise."""
        return self.now

    def run(self, *processes: Process) -> list[End]:
        """Run processes side by side until all have ended."""
        for process in processes:
            process.wakes = max(process.wakes, self.now)
        going = list(processes)
        while going:
            process = min(going, key=lambda one: one.wakes)
            self.now = max(self.now, process.wakes)
            process.advance(self)
            if process.steps > _MOST_STEPS:
                raise AssertionError("a plan does not end")
            if process.end is not None:
                going.remove(process)
        return [process.end for process in processes if process.end is not None]
