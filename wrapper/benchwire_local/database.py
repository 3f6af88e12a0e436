"""One SQLite database, shared by the server's threads: a file that survives restarts, or memory.

The server reads and writes from a pool of threads. One connection behind a lock keeps an in-memory
database whole and a file free of "database is locked"; a query of this size takes microseconds to
milliseconds, so the lock is no bottleneck for a server on one machine.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Database:
    """A SQLite database with one connection.

    Args:
        path: The file, made with mode 0600 if it does not exist; ``None`` for memory.
        schemas: Scripts of ``CREATE … IF NOT EXISTS`` statements, run at opening.
    """

    def __init__(self, path: Path | None, schemas: Iterable[str] = ()) -> None:
        self.path = path
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._lock = threading.RLock()
        # Transactions are begun by hand, so that a read takes none and a write is all or nothing.
        self._connection = sqlite3.connect(
            ":memory:" if path is None else path, check_same_thread=False, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA foreign_keys = ON")
        if path is not None:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA busy_timeout = 5000")
        for schema in schemas:
            self._connection.executescript(schema)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for reading; other threads wait meanwhile."""
        with self._lock:
            yield self._connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give the connection in a transaction: committed at the end, rolled back on an error."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection; an in-memory database is gone with it."""
        with self._lock:
            self._connection.close()
