"""Locks a database file for one server: a second one would end the jobs of the first."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Self

from benchwire_local.errors import DatabaseError

if TYPE_CHECKING:
    from pathlib import Path


class DatabaseLock:
    """A server's hold on a database file, until it is released or the process ends, however it does.

    It is SQLite's own lock on an empty file beside the database, ``<name>.lock``: that works on
    every system, and the database itself stays free for imports. The file is left there for good;
    removing it could let two servers hold one of the same name each.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def take(cls, database: Path) -> Self:
        """Take the lock of a database file, or fail at once.

        Raises:
            DatabaseError: Another server has it, or the lock file can't be made.
        """
        connection: sqlite3.Connection | None = None
        try:
            real = database.resolve()  # links to one file share one lock
            path = real.with_name(f"{real.name}.lock")
            # Whichever thread closes the server releases the lock.
            connection = sqlite3.connect(
                path, timeout=0, isolation_level=None, check_same_thread=False
            )
            connection.execute("BEGIN EXCLUSIVE")
            path.chmod(0o600)
        except (OSError, sqlite3.Error) as error:
            if connection is not None:
                connection.close()
            if _is_busy(error):
                raise DatabaseError(
                    f"the database {database} is served by another server"
                ) from None
            raise DatabaseError(f"{database}.lock can't be locked: {error}") from error
        return cls(connection)

    def release(self) -> None:
        """Release the database for another server."""
        self._connection.close()


def _is_busy(error: Exception) -> bool:
    return (
        isinstance(error, sqlite3.OperationalError)
        and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    )
