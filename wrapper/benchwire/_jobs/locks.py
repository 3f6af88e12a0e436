"""Locks between submissions that look alike: of threads, tasks and processes."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

_BUSY = 0xFF  # the primary code of an extended one


def make_private(path: Path) -> None:
    """Make a file that is the user's alone, if there is none.

    One that is there is not opened: to close it again would end every lock that this process has on
    it, also those of SQLite (POSIX ties them to the process and the file, not to what opened it).
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


class Locks:
    """Locks that are held; they end with their holder, however it ends."""

    def __init__(self, release: Callable[[], None]) -> None:
        self._release: Callable[[], None] | None = release

    def release(self) -> None:
        """Let others have them."""
        release, self._release = self._release, None
        if release is not None:
            release()

    def __del__(self) -> None:
        # A task that is cancelled while a thread takes the locks for it never gets to see them.
        self.release()


class FileLocks:
    """Locks of a journal file.

    Each is SQLite's own lock on an empty file: that works on every system, and the system gives it
    up when the process ends. The files are left there for good; removing one could let two hold it.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def try_lock(self, stripes: Sequence[int]) -> Locks | None:
        """Take locks, all or none; ``None`` where another thread or process has one."""
        self._directory.mkdir(mode=0o700, exist_ok=True)
        taken: list[sqlite3.Connection] = []

        def release() -> None:
            for connection in taken:
                connection.close()

        try:
            for stripe in stripes:
                connection = self._try_one(stripe)
                if connection is None:
                    release()
                    return None
                taken.append(connection)
        except BaseException:
            release()
            raise
        return Locks(release)

    def _try_one(self, stripe: int) -> sqlite3.Connection | None:
        path = self._directory / f"{stripe:02}"
        make_private(path)
        # Whichever thread ends the submission releases it.
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as problem:
            connection.close()
            if problem.sqlite_errorcode & _BUSY == sqlite3.SQLITE_BUSY:
                return None
            raise
        except BaseException:
            connection.close()
            raise
        return connection


class MemoryLocks:
    """Locks within this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: set[int] = set()

    def try_lock(self, stripes: Sequence[int]) -> Locks | None:
        """Take locks, all or none; ``None`` where another thread has one."""
        wanted = set(stripes)
        with self._lock:
            if wanted & self._taken:
                return None
            self._taken |= wanted
        return Locks(lambda: self._release(wanted))

    def _release(self, stripes: set[int]) -> None:
        with self._lock:
            self._taken -= stripes
