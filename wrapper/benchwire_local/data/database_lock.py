"""Locking of a database file by a server: a second one would fail the jobs of the first."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING

from benchwire_local.errors import DatabaseBusyError, DatabaseError

if TYPE_CHECKING:
    from pathlib import Path


# How long an import waits for another one.
_PATIENCE_SECONDS = 60.0


def lock_database(database: Path) -> sqlite3.Connection:
    """Lock a database file without waiting, until the connection is closed or the process ends.

    Imports can still write to the database.

    Raises:
        DatabaseBusyError: Another server holds the lock.
        DatabaseError: The lock file can't be created.
    """
    return _lock(database, "lock", "is served by another server")


def lock_imports(database: Path) -> sqlite3.Connection:
    """Lock a database file against other imports, after those that are under way.

    Raises:
        DatabaseBusyError: Another import has not ended for a minute.
        DatabaseError: The lock file can't be created.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return _lock(database, "import.lock", "is being written to by another import")
        except DatabaseBusyError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def _lock(database: Path, suffix: str, busy: str) -> sqlite3.Connection:
    """Lock an empty file beside the database, by SQLite's own lock: this works on every system.

    The file is never deleted, because then two processes could each lock a file of this name.
    """
    connection: sqlite3.Connection | None = None
    try:
        real = database.resolve()  # links to one file have one lock
        path = real.with_name(f"{real.name}.{suffix}")
        # The thread that closes the server may be another one.
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        connection.execute("BEGIN EXCLUSIVE")
        path.chmod(0o600)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if not isinstance(error, OSError | sqlite3.Error):
            raise
        if _is_busy(error):
            raise DatabaseBusyError(f"the database {database} {busy}") from None
        raise DatabaseError(f"{database}.{suffix} can't be locked: {error}") from error
    return connection


def _is_busy(error: Exception) -> bool:
    return (
        isinstance(error, sqlite3.OperationalError)
        and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    )
