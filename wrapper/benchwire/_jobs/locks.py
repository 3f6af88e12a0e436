"""Locks between submissions whose jobs look alike: across threads, tasks and processes."""

from __future__ import annotations

import os
import sqlite3
import struct
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from uuid import uuid4
from weakref import WeakKeyDictionary, WeakSet, finalize

from benchwire_api.processes import fork_waits, held

PRIMARY_CODE = 0xFF  # masks the primary code of an extended one

_STALE = 3.0
"""Seconds after which a ticket that was not renewed is that of a process that has died."""


def create_private(path: Path) -> None:
    """Create a file that only the user can read, if it does not exist.

    An existing file is not opened: closing it again would release every lock that this process has
    on it, those of SQLite included (POSIX binds them to process and file, not to the descriptor).
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


class HeldLocks:
    """Acquired locks. They are released with their holder, however it ends."""

    def __init__(self, release: Callable[[], None]) -> None:
        # A task that is cancelled while a thread acquires the locks for it never receives them. Not
        # in __del__: of a cycle, Python may finalize what holds the locks earlier than their holder.
        self._finalize = finalize(self, _release, release)
        self._finalize.atexit = False  # a thread may still need them; they end with the process

    @property
    def is_held(self) -> bool:
        """Whether they were not released."""
        return self._finalize.alive

    def release(self) -> None:
        """Release the locks. Non-blocking and idempotent."""
        self._finalize()


def _release(release: Callable[[], None]) -> None:
    with suppress(Exception), fork_waits():  # what was paid for is not lost over a lock
        release()


_held_files: WeakSet[HeldLocks] = WeakSet()

if sys.platform != "win32":
    # The SQLite of a forked child takes the locks of its parent for its own.
    os.register_at_fork(after_in_child=lambda: [*map(HeldLocks.release, list(_held_files))])


class Ticket:
    """A place in the queue for locks: a file, named after the time, that is touched at each try.

    The queue only makes waiting fair: one that is lost costs its place at most.

    Attributes:
        ahead: How many that want one of the locks came earlier.
    """

    def __init__(self) -> None:
        self.ahead = 0
        self._path: Path | None = None

    def queue(self, directory: Path, stripes: Sequence[int]) -> None:
        """Take or renew the place, and count those ahead."""
        directory.mkdir(mode=0o700, exist_ok=True)
        if self._path is None:
            names = ".".join(map(str, stripes))
            self._path = directory / f"{time.time_ns():020}-{uuid4().hex}-{names}"
        self._path.touch(mode=0o600)
        earlier = [name for name in os.listdir(directory) if name < self._path.name]
        self.ahead = sum(_is_waiting(directory / name, stripes) for name in earlier)

    def leave(self) -> None:
        """Remove the place. Non-blocking and idempotent."""
        with suppress(OSError):
            if self._path is not None:
                self._path.unlink(missing_ok=True)


def _is_waiting(ticket: Path, stripes: Sequence[int]) -> bool:
    with suppress(OSError, ValueError):
        if set(stripes).isdisjoint(map(int, ticket.name.rpartition("-")[2].split("."))):
            return False
        # The clock may have been set back since: one of the future is not renewed either.
        if abs(ticket.stat().st_mtime - time.time()) < _STALE:
            return True
        ticket.unlink()
    return False


class FileLocks:
    """Locks that are shared by processes.

    Each is SQLite's own lock on an empty file. That works on every system, and the system releases
    it when the process ends. The files are never removed: if one were, two could hold its lock.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._is_checked = False

    def try_lock(self, stripes: Sequence[int], ticket: Ticket | None = None) -> HeldLocks | None:
        """Acquire all the locks or none; return ``None`` if another thread or process has one.

        With a ticket, also if another one is ahead in the queue.
        """
        self._directory.mkdir(mode=0o700, exist_ok=True)
        self._check()
        if ticket is not None:
            ticket.queue(self._directory / "queue", stripes)
            if ticket.ahead:
                return None
        acquired: list[sqlite3.Connection] = []

        def release() -> None:
            for connection in acquired:
                connection.close()

        try:
            for stripe in stripes:
                connection = self._try_one(stripe)
                if connection is None:
                    release()
                    return None
                acquired.append(connection)
        except BaseException:
            release()
            raise
        held = HeldLocks(release)
        _held_files.add(held)
        return held

    def _check(self) -> None:
        """Raise if the file system accepts locks and does not keep them.

        On Linux that shows within one process: a lock of an open file conflicts with SQLite's.
        """
        if sys.platform == "linux" and not self._is_checked:
            from fcntl import F_OFD_SETLK, F_WRLCK, fcntl  # noqa: PLC0415  of POSIX

            path = self._directory / f"probe-{uuid4().hex}"
            create_private(path)
            try:
                with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as probe:
                    probe.execute("BEGIN EXCLUSIVE")
                    with path.open("rb+") as file, suppress(OSError):  # or it has no such locks
                        fcntl(file, F_OFD_SETLK, struct.pack("hhqqi0q", F_WRLCK, 0, 0, 0, 0))
                        raise sqlite3.DatabaseError("its file system does not keep locks")
            finally:
                path.unlink(missing_ok=True)
            self._is_checked = True

    def _try_one(self, stripe: int) -> sqlite3.Connection | None:
        path = self._directory / f"{stripe:02}"
        create_private(path)
        # The thread that ends the submission releases it, whichever that is.
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            if error.sqlite_errorcode & PRIMARY_CODE == sqlite3.SQLITE_BUSY:
                return None
            raise
        except BaseException:
            connection.close()
            raise
        return connection


class MemoryLocks:
    """Locks within this process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        # Not a set of those acquired: what is broken off on its way would never leave it.
        self._stripes: WeakKeyDictionary[HeldLocks, set[int]] = WeakKeyDictionary()

    def try_lock(
        self,
        stripes: Sequence[int],
        ticket: Ticket | None = None,  # noqa: ARG002  only processes queue
    ) -> HeldLocks | None:
        """Acquire all the locks or none; return ``None`` if another thread has one."""
        wanted = set(stripes)
        with held(self._lock):
            if any(wanted & each for locks, each in self._stripes.items() if locks.is_held):
                return None
            locks = HeldLocks(lambda: None)
            self._stripes[locks] = wanted
            return locks
