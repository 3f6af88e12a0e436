"""The SQLite database of a journal: a file of the user's own, or the memory of this process."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from weakref import finalize

from benchwire._jobs.locks import FileLocks, MemoryLocks, create_private
from benchwire._jobs.records import NOT_EXECUTED
from benchwire_api.processes import fork_waits, held

_BUSY_TIMEOUT = 0.02
"""Seconds that SQLite waits for another process; operations wait longer, within their deadline."""

_VERSION = 1

NOT_EXECUTED_SQL = ", ".join(f"'{state}'" for state in sorted(NOT_EXECUTED))
IS_UNRESOLVED_SQL = f"state NOT IN ('accepted', {NOT_EXECUTED_SQL})"
"""A damaged state is among the unresolved."""

_SCHEMA = f"""
CREATE TABLE salt (value BLOB NOT NULL);
CREATE TABLE intents (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    base_url TEXT NOT NULL,
    account TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    items TEXT NOT NULL,
    created_at REAL NOT NULL,
    sent_at REAL NOT NULL,
    clock_offset REAL,
    failed_at REAL,
    baseline TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    run_id TEXT,
    position INTEGER,
    job_ids TEXT NOT NULL,
    batch_id TEXT,
    message TEXT,
    settled_at REAL
);
CREATE INDEX intents_unresolved ON intents (base_url) WHERE {IS_UNRESOLVED_SQL};
CREATE INDEX intents_settled ON intents (settled_at) WHERE run_id IS NULL;
-- A position of a run is never submitted twice, whatever several processes do at once.
CREATE UNIQUE INDEX intents_of_runs ON intents (account, run_id, position)
    WHERE run_id IS NOT NULL AND state NOT IN ({NOT_EXECUTED_SQL});
CREATE TABLE claims (
    base_url TEXT NOT NULL,
    job_id TEXT NOT NULL,
    intent_id TEXT NOT NULL,
    PRIMARY KEY (base_url, job_id)
) WITHOUT ROWID;
CREATE INDEX claims_of ON claims (intent_id);
CREATE TABLE runs (
    account TEXT NOT NULL,
    run_id TEXT NOT NULL,
    fingerprints TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (account, run_id)
) WITHOUT ROWID;
"""


class FileDatabase:
    """A database file, created when it is first needed; its ``str`` is its path.

    Each connection is used by one thread, so that threads, tasks and processes share the file and
    nothing else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_ready = False
        self._locks = FileLocks(path.with_name(f"{path.name}.locks"))

    def __str__(self) -> str:
        return str(self._path)

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Open a connection; create the file and its tables if necessary."""
        if not self._is_ready or not self._path.exists():
            self._create()
        with closing(_connect(str(self._path))) as db:
            if not self._is_ready:
                _create_tables(db)
                if os.name == "posix" and self._path.stat().st_mode & 0o077:
                    self._path.chmod(0o600)
                self._is_ready = True
            yield db

    def locks(self) -> FileLocks:
        """Return the locks beside the file."""
        _create_private_directory(self._path.parent)
        return self._locks

    def _create(self) -> None:
        self._is_ready = False
        _create_private_directory(self._path.parent)
        # SQLite creates its own files beside it with the same mode.
        create_private(self._path)


class MemoryDatabase:
    """A database that ends with the process."""

    def __init__(self) -> None:
        with fork_waits():
            self._open()

    def _open(self) -> None:
        self._process = os.getpid()
        self._lock = threading.RLock()
        self._locks = MemoryLocks()
        self._db = _connect(":memory:")
        # Python warns of a connection that is not closed. Not in __del__: of a cycle, Python may
        # finalize the connection earlier than this object.
        self._finalize = finalize(self, _close, self._db)
        _create_tables(self._db)

    def _leave_to_parent(self) -> None:
        """Begin anew in a forked child: no thread of it would release a lock held at the fork."""
        if os.getpid() != self._process:
            self._finalize.detach()  # closing it might wait for such a lock
            self._inherited = self._db
            self._open()

    def __str__(self) -> str:
        return "in memory"

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Yield the only connection, to one thread at a time."""
        self._leave_to_parent()
        with held(self._lock):
            yield self._db

    def locks(self) -> MemoryLocks:
        """Return the locks."""
        self._leave_to_parent()
        return self._locks


Database = FileDatabase | MemoryDatabase


def _close(db: sqlite3.Connection) -> None:
    with fork_waits():
        db.close()


def _create_private_directory(path: Path) -> None:
    if not path.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _connect(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
    try:
        # A transaction, its end included, is on the disk before it returns.
        db.execute("PRAGMA synchronous = EXTRA")
    except BaseException:  # the file is damaged, or a folder
        db.close()
        raise
    # A text with damaged bytes makes its own record unreadable, not all of them.
    db.text_factory = lambda data: data.decode(errors="replace")
    return db


def _create_tables(db: sqlite3.Connection) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        db.execute("BEGIN IMMEDIATE")
        try:
            if not db.execute("PRAGMA user_version").fetchone()[0]:
                if db.execute("SELECT 1 FROM sqlite_schema").fetchone():
                    raise sqlite3.DatabaseError("it is another program's database")
                for statement in _SCHEMA.split(";\n"):
                    db.execute(statement)
                db.execute("INSERT INTO salt VALUES (?)", (secrets.token_bytes(32),))
                db.execute(f"PRAGMA user_version = {_VERSION}")
            db.commit()
        except BaseException:
            db.rollback()
            raise
    elif version != _VERSION:
        raise sqlite3.DatabaseError(
            f"it has the format {version}, and this version of benchwire knows {_VERSION}"
        )
