"""Locks between submissions whose jobs look alike: across threads, tasks and processes."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

PRIMARY_CODE = 0xFF  # masks the primary code of an extended one


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
        self._release: Callable[[], None] | None = release

    def release(self) -> None:
        """Release the locks. Non-blocking and idempotent."""
        release, self._release = self._release, None
        if release is not None:
            with suppress(Exception):  # what was paid for is not lost over a lock
                release()

    def __del__(self) -> None:
        # A task that is cancelled while a thread acquires the locks for it never receives them.
        self.release()


class FileLocks:
    """Locks that are shared by processes.

    Each is SQLite's own lock on an empty file. That works on every system, and the system releases
    it when the process ends. The files are never removed: if one were, two could hold its lock.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def try_lock(self, stripes: Sequence[int]) -> HeldLocks | None:
        """Acquire all the locks or none; return ``None`` if another thread or process has one."""
        self._directory.mkdir(mode=0o700, exist_ok=True)
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
        return HeldLocks(release)

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
        self._lock = threading.Lock()
        self._acquired: set[int] = set()

    def try_lock(self, stripes: Sequence[int]) -> HeldLocks | None:
        """Acquire all the locks or none; return ``None`` if another thread has one."""
        wanted = set(stripes)
        with self._lock:
            if wanted & self._acquired:
                return None
            self._acquired |= wanted
        return HeldLocks(lambda: self._release(wanted))

    def _release(self, stripes: set[int]) -> None:
        with self._lock:
            self._acquired -= stripes
