"""Locking of a database file by a server: a second one would fail the jobs of the first."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from benchwire_local.errors import DatabaseBusyError, DatabaseError

if TYPE_CHECKING:
    from pathlib import Path


def lock_database(database: Path) -> sqlite3.Connection:
    """Lock a database file without waiting, until the connection is closed or the process ends.

    It is SQLite's own lock on an empty file beside the database, ``<name>.lock``: this works on
    every system, and imports can still write to the database. The file is never deleted, because
    then two servers could each lock a file of this name.

    Raises:
        DatabaseBusyError: Another server holds the lock.
        DatabaseError: The lock file can't be created.
    """
    connection: sqlite3.Connection | None = None
    try:
        real = database.resolve()  # links to one file have one lock
        path = real.with_name(f"{real.name}.lock")
        # The thread that closes the server may be another one.
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        connection.execute("BEGIN EXCLUSIVE")
        path.chmod(0o600)
    except (OSError, sqlite3.Error) as error:
        if connection is not None:
            connection.close()
        if _is_busy(error):
            raise DatabaseBusyError(
                f"the database {database} is served by another server"
            ) from None
        raise DatabaseError(f"{database}.lock can't be locked: {error}") from error
    return connection


def _is_busy(error: Exception) -> bool:
    return (
        isinstance(error, sqlite3.OperationalError)
        and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    )
