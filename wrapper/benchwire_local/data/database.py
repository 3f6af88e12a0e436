"""One SQLite database, in a file or in memory, shared by the server's threads.

The threads share one connection, guarded by a lock: an in-memory database has only one connection,
and a file never reports "database is locked" to this process. Queries take microseconds to
milliseconds, so the lock is no bottleneck for a server on one machine.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from benchwire_local.data.database_lock import lock_database
from benchwire_local.data.key_lists import DatabaseConnection
from benchwire_local.data.migrations import MIGRATIONS, statements
from benchwire_local.data.staged_folder import check_path, publish, staging
from benchwire_local.errors import DatabaseBusyError, DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# "bwir": identifies our files, so that no other program's database is modified.
_APPLICATION_ID = 0x62776972
# Maximum time that a write waits for the write of another process, such as an import.
_PATIENCE_SECONDS = 5.0
# Time per attempt, and between two of them, in which the threads of this process may read. The second is
# shorter than the pauses between the short writes of an import.
_TRY_MILLISECONDS = 50
_BETWEEN_SECONDS = 0.005

# No space, a failing disk, a file or folder that may not be written to, a damaged file, and one whose
# tables are not ours: the statements are.
_FILE_ERRORS = {
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
}


class Database:
    """A SQLite database with one connection.

    It has two SQL functions: ``fold(text)`` returns the case-folded text, and
    ``contains(text, folded)`` whether the text contains a folded one, case-insensitively. Both
    support all of Unicode, unlike SQLite's own functions, and have no wildcards.

    Args:
        path: The file; ``None`` for memory. One that does not exist is made beside, complete and with
            mode 0600, and takes no other file's place.
        schemas: Scripts of ``CREATE … IF NOT EXISTS`` statements, run in a new file and after a
            migration.
        migrations: Scripts that each bring a file to the next version; the first, to version 2. A
            file of an earlier version is migrated at opening, completely or not at all.

    Raises:
        DatabaseError: The file can't be opened, its folder does not exist, it is not a database
            of this server, or a later version wrote it.
    """

    def __init__(
        self,
        path: Path | None,
        schemas: Iterable[str] = (),
        migrations: Sequence[str] = MIGRATIONS,
    ) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._latest: int | None = None  # until the file has this version
        schemas = tuple(schemas)
        if path is not None:
            check_path(path)
        try:
            if path is not None and not path.exists():
                _create(Path(os.path.realpath(path)), schemas, migrations)
            self._connection = _connect(path)
        except (OSError, sqlite3.Error) as error:
            raise DatabaseError(f"the database {path} can't be opened: {error}") from error
        try:
            self._prepare(schemas, migrations)
        except BaseException as error:
            self._connection.close()
            if isinstance(error, sqlite3.Error | UnicodeDecodeError):
                raise DatabaseError(f"the database {path} can't be used: {error}") from error
            raise

    def _prepare(self, schemas: Iterable[str], migrations: Sequence[str]) -> None:
        connection = self._connection
        connection.row_factory = sqlite3.Row
        connection.create_function("fold", 1, _fold, deterministic=True)
        connection.create_function("contains", 2, _contains, deterministic=True)
        latest = 1 + len(migrations)
        is_current = self._version(latest) == latest  # before anything is written
        if self.path is not None:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA busy_timeout = {_TRY_MILLISECONDS}")
        if not is_current:
            lock = self._lock_served() if self._version(latest) else None
            try:
                self._upgrade(schemas, migrations)
            finally:
                if lock is not None:
                    lock.close()
        self._latest = latest
        # Only now: a migration may replace a table that others refer to.
        connection.execute("PRAGMA foreign_keys = ON")

    def _lock_served(self) -> sqlite3.Connection | None:
        """Lock the file as a server does: one of an earlier version could not use a migrated one."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self.path is not None:
            try:
                return lock_database(Path(self.path))
            except DatabaseBusyError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(_TRY_MILLISECONDS / 1000)
        return None

    def _version(self, latest: int) -> int:
        """Return the version of the file, 0 if it is empty.

        Raises:
            DatabaseError: Another program, or a later version of this one, wrote it.
        """
        # In one statement: another process may be creating the tables.
        application, version, tables = self._connection.execute(
            "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)"
            " FROM pragma_application_id, pragma_user_version"
        ).fetchone()
        if not tables:
            return 0
        if application != _APPLICATION_ID or version < 1:
            raise DatabaseError(f"{self.path} is another program's database")
        if version > latest:
            raise DatabaseError(
                f"the database {self.path} has version {version}, and this program reads versions"
                f" up to {latest}; a later version of it wrote the file"
            )
        found: int = version
        return found

    def _upgrade(self, schemas: Iterable[str], migrations: Sequence[str]) -> None:
        """Create the tables of an empty file, or migrate those of an earlier version."""
        latest = 1 + len(migrations)
        with self.write() as connection:
            # Another process may have done it since; then there is nothing left to do.
            version = self._version(latest)
            missing = migrations[version - 1 :] if version else ()
            for script in (*missing, *schemas):
                for statement in statements(script):
                    connection.execute(statement)
            if missing and connection.execute("PRAGMA foreign_key_check").fetchone():
                raise DatabaseError(f"the database {self.path} can't be migrated: rows are missing")
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {latest}")

    @contextmanager
    def read(self) -> Iterator[DatabaseConnection]:
        """Yield the connection for reading; other threads wait meanwhile.

        Raises:
            DatabaseError: The file is damaged, or can't be read.
        """
        with self._lock, naming(self.path, "read"):
            yield self._connection

    def check(self) -> None:
        """Open the file anew and read of it, without waiting for what is under way here.

        A database in memory is there as long as the process is.

        Raises:
            DatabaseError: The file is gone or damaged, or can't be read.
        """
        if self.path is None:
            return
        name = f"{Path(self.path).absolute().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(name, timeout=1, uri=True)) as fresh:
                fresh.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except sqlite3.Error as error:
            raise DatabaseError(f"can't read the database {self.path}: {error}") from error

    @contextmanager
    def write(self) -> Iterator[DatabaseConnection]:
        """Yield the connection in a transaction: committed at the end, rolled back on an error.

        Raises:
            DatabaseBusyError: Another process keeps the file locked.
            DatabaseError: The file is damaged, or can't be written to.
        """
        self._begin()
        try:
            with naming(self.path, "write to"):
                self._refuse_migrated()
                yield self._connection
                self._connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        finally:
            self._lock.release()

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # SQLite itself ends it on some errors
            with suppress(sqlite3.Error):  # a failing disk; the error of the write is raised
                self._connection.execute("ROLLBACK")

    def _refuse_migrated(self) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if self._latest not in {None, version}:
            raise DatabaseError(
                f"the database {self.path} has version {version} now: another program migrated it,"
                f" and this one writes version {self._latest}; restart it with the later version"
            )

    def _begin(self) -> None:
        """Acquire the lock and begin a transaction; unlock while another process writes."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            self._lock.acquire()
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except BaseException as error:
                self._lock.release()
                if not isinstance(error, sqlite3.Error):
                    raise
                message = f"can't write to the database {self.path}: {error}"
                if _code(error) != sqlite3.SQLITE_BUSY:
                    raise DatabaseError(message) from error
                if time.monotonic() > deadline:
                    raise DatabaseBusyError(message) from error
            else:
                return
            # The lock is not fair: without a pause, other threads would not acquire it.
            time.sleep(_BETWEEN_SECONDS)

    def close(self) -> None:
        """Close the connection, and so delete an in-memory database."""
        with self._lock:
            self._connection.close()


@contextmanager
def naming(path: Path | None, action: str) -> Iterator[None]:
    """Raise an error of a database file, which names no file, as a `DatabaseError` that does.

    Raises:
        DatabaseError: The file is damaged or can't be used; errors of a statement are raised unchanged.
    """
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        # A damaged file has names in its messages that are no text.
        if isinstance(error, sqlite3.Error) and _code(error) not in _FILE_ERRORS:
            raise
        raise DatabaseError(f"can't {action} the database {path}: {error}") from error


def _code(error: sqlite3.Error) -> int:
    # Bytes that are no text, of a damaged file, have no code.
    of_text = sqlite3.SQLITE_CORRUPT if isinstance(error, sqlite3.OperationalError) else 0
    return getattr(error, "sqlite_errorcode", of_text) & 0xFF


def _create(path: Path, schemas: tuple[str, ...], migrations: Sequence[str]) -> None:
    """Create a file that only its owner can read, unless another process creates it meanwhile."""
    with staging(path) as folder:
        made = folder / path.name
        os.close(os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        Database(made, schemas, migrations).close()
        publish(made, path)


def _connect(path: Path | None) -> DatabaseConnection:
    # Transactions are explicit: a read has none, and a write is all or nothing.
    return sqlite3.connect(
        ":memory:" if path is None else path,
        check_same_thread=False,
        isolation_level=None,
        factory=DatabaseConnection,
    )


def _fold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def _contains(text: str | None, folded: str) -> bool:
    return text is not None and folded in text.casefold()
