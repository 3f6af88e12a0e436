"""Calls a journal on behalf of an operation: within its deadline, and with errors of one kind."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from attrs import frozen

from benchwire._jobs.locks import HeldLocks, Ticket
from benchwire._jobs.records import Record
from benchwire._transport.deadline import Deadline
from benchwire._transport.port import Port
from benchwire.errors import BenchwireError, DeadlineExceededError, JournalError

if TYPE_CHECKING:
    from benchwire._jobs.sqlite_journal import SqliteJournal

log = logging.getLogger("benchwire")

P = ParamSpec("P")
T = TypeVar("T")

_MAX_BUSY = 10.0
"""Seconds to wait for transactions of other processes; each takes a few milliseconds."""
_PAUSE = 0.01
_GROWTH = 1.5
_LOCK_GROWTH = 1.02  # makes a pause a fiftieth of the time for which the next in turn has waited
_MAX_PAUSE = 0.25


@frozen
class JournalAccess:
    """A journal, as one operation uses it until its deadline."""

    port: Port
    deadline: Deadline
    journal: SqliteJournal

    async def call(self, method: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Call a method of the journal; wait while another process writes; raise `JournalError`."""
        end, pause = self.deadline.within(_MAX_BUSY), _PAUSE
        while True:
            try:
                return await self.port.call(partial(method, *args, **options))
            except BenchwireError as error:
                if not (isinstance(error, JournalError) and error.is_busy) or end.left <= 0:
                    raise
            except Exception as error:
                message = f"the journal of submissions can't be used: {error!r}"
                break
            await self.port.sleep(min(pause, end.left))
            pause = min(pause * _GROWTH, _MAX_PAUSE)
        raise JournalError(message, path="")

    async def lock(self, stripes: Sequence[int], operation: str) -> HeldLocks:
        """Acquire locks, in turn, while other submissions whose jobs look alike have them."""
        ticket, pause = Ticket(), _PAUSE
        try:
            while (lock := await self.call(self.journal.try_lock, stripes, ticket)) is None:
                left = self.deadline.left
                if left <= 0:
                    raise DeadlineExceededError(
                        "the deadline passed before another submission of the same benchmark and"
                        " endpoint had ended; nothing was sent",
                        operation=operation,
                        never_sent=True,
                    )
                await self.port.sleep(min(pause * (1 + ticket.ahead), _MAX_PAUSE, left))
                pause *= 1 if ticket.ahead else _LOCK_GROWTH
            return lock
        finally:
            ticket.leave()


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
def logged(record: Record, what: str) -> Iterator[None]:
    """Log a failure to record an outcome: the caller gets the outcome all the same."""
    try:
        yield
    except JournalError as error:
        log.warning("submission %s %s, which could not be recorded: %s", record.id, what, error)
