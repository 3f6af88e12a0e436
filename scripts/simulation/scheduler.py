"""Runs operations side by side on a virtual clock; each may be killed or interrupted at any step.

A step is one call of an operation to its port. The operation is suspended there, so that the
scheduler decides when it goes on, and whether it does.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Iterator, Sequence
from itertools import count
from typing import Any, Generic, TypeVar, cast

from attrs import define, field, frozen
from scripts.simulation.service import EPOCH, Fault, Service

from benchwire._jobs.records import Record
from benchwire._jobs.sqlite_journal import SqliteJournal, memory_journal
from benchwire._jobs.submit import Submitter
from benchwire._transport.deadline import Deadline
from benchwire._transport.port import Port
from benchwire._transport.received import Received
from benchwire.errors import JournalError
from benchwire.secret import Secret
from benchwire_api.types import Request

T = TypeVar("T")
Operation = Callable[[Port], Coroutine[Any, Any, Any]]

BASE_URL = "https://jobs.example"

_LATENCY = 0.05
_MAX_STEPS = 100_000


@frozen
class Step(Generic[T]):
    """Suspends an operation until the scheduler has taken the action and the seconds have passed."""

    action: Callable[[], T]
    seconds: float = 0.0

    def __await__(self) -> Generator[Step[T], T, T]:
        return (yield self)


@frozen
class StepPort:
    """The port of a process of a world."""

    process: Process
    world: World

    @property
    def deadline(self) -> Deadline:
        """No limit."""
        return self.world.deadline

    async def send(
        self,
        request: Request,
        *,
        deadline: Deadline | None = None,  # noqa: ARG002  every request takes the same time
        secrets: Sequence[Secret] = (),  # noqa: ARG002  the service sends none back
    ) -> Received:
        """Send a request; a submission meets the next fault of the process."""
        process, world = self.process, self.world

        def respond() -> Received:
            fault = next(process.faults, Fault()) if request.once else Fault()
            return world.service.respond(request, world.now, process.owner, fault)

        response: Received = await Step(respond, _LATENCY)
        return response

    async def sleep(self, seconds: float) -> None:
        """Sleep."""
        await Step(lambda: None, max(seconds, 0.001))

    async def call(self, function: Callable[[], T]) -> T:
        """Call a method of the journal."""
        result: T = await Step(function)
        return result


class ProcessJournal:
    """The journal of one process, some methods of which fail."""

    def __init__(self, journal: SqliteJournal, failing: dict[str, bool]) -> None:
        self._journal = journal
        self.failing = failing  # the methods that fail, and whether they write before they fail
        self.begun: list[Record] = []  # the intents that the process began

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._journal, name)
        if name not in self.failing:
            return method

        def fail(*args: Any, **options: Any) -> Any:
            if self.failing[name]:
                method(*args, **options)
            raise JournalError("the disk is full", path="in memory")

        return fail

    def begin(self, record: Record, *options: str | None) -> Record:
        """Store a new intent."""
        self.begun.append(record)
        return cast("Record", self.__getattr__("begin")(record, *options))


@frozen
class End:
    """How the operation of a process ended: with a result, with an error, or by being killed."""

    result: Any = None
    error: BaseException | None = None
    killed: bool = False


@define
class Process:
    """A process that runs one operation."""

    operation: Operation
    owner: str  # the name under which the service notes its submissions
    faults: Iterator[Fault]  # the faults of its submissions, in turn; after them there are none
    dies_at: int | None = None  # when it is killed: 2n is before step n, 2n + 1 after it
    interrupted_at: int | None = None  # the step at which a Ctrl-C arrives
    wakes: float = 0.0
    end: End | None = None
    steps: int = 0
    _coroutine: Coroutine[Step[Any], Any, Any] | None = None
    _value: Any = None  # the value of the last step, or its error
    _error: BaseException | None = None

    def advance(self, world: World) -> None:
        """Run the operation up to its next step, and take that step."""
        coroutine = self._coroutine or self.operation(StepPort(self, world))
        self._coroutine = coroutine
        value, error, self._value, self._error = self._value, self._error, None, None
        try:
            step = coroutine.send(value) if error is None else coroutine.throw(error)
        except StopIteration as stop:
            self.end = End(result=stop.value)
            return
        except BaseException as caught:
            self.end = End(error=caught)
            return
        number, self.steps = self.steps, self.steps + 1
        if self.interrupted_at == number and self.dies_at != 2 * number:
            self._error = KeyboardInterrupt()
        elif self.dies_at != 2 * number:
            self._take(step, world)
        if self.dies_at is not None and self.dies_at // 2 == number:
            # Releases its locks, as the system does when a process dies: those that the operation
            # holds, and those that it was about to receive.
            self._value = None
            coroutine.close()
            self.end = End(killed=True)

    def _take(self, step: Step[Any], world: World) -> None:
        """Take a step; the operation gets its value or error when the process wakes."""
        self.wakes = world.now + step.seconds
        try:
            self._value = step.action()
        except Exception as error:
            self._error = error


@define
class World:
    """A service, a machine with a journal, and the time."""

    service: Service = field(factory=Service)
    now: float = EPOCH
    journal: SqliteJournal = field(factory=memory_journal)
    _ids: Iterator[int] = field(factory=count)

    def submitter(self, journal: ProcessJournal | None = None) -> Submitter:
        """Return the submitter of a process."""
        used = ProcessJournal(self.journal, {}) if journal is None else journal
        return Submitter(BASE_URL, Secret("key"), cast("Any", used), self.clock, self._new_id)

    @property
    def deadline(self) -> Deadline:
        """No limit."""
        return Deadline.after(None, self.clock)

    def clock(self) -> float:
        """Return the time, of the wall clock and of the monotonic clock."""
        return self.now

    def _new_id(self) -> str:
        return f"intent-{next(self._ids)}"

    def run(self, *processes: Process) -> list[End]:
        """Run processes side by side until all have ended."""
        for process in processes:
            process.wakes = max(process.wakes, self.now)
        running = list(processes)
        while running:
            process = min(running, key=lambda one: one.wakes)
            self.now = max(self.now, process.wakes)
            process.advance(self)
            if process.steps > _MAX_STEPS:
                raise AssertionError("an operation does not end")
            if process.end is not None:
                running.remove(process)
        return [process.end for process in processes if process.end is not None]
