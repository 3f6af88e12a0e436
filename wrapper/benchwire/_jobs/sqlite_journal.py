"""The journal of submissions: an SQLite file of the user's own, or this process's memory.

Every operation opens a connection of its own, so that threads, tasks and processes share a file
without sharing anything else, and is one transaction that is on the disk when it ends.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal

import orjson

from benchwire._jobs.journal import Held, View
from benchwire._jobs.locks import FileLocks, MemoryLocks, make_private
from benchwire._jobs.records import UNRESOLVED, WITHOUT_EFFECT, Item, Record
from benchwire.errors import JournalError

VARIABLE = "BENCHWIRE_JOURNAL"

JournalSetting = str | os.PathLike[str] | Literal[False] | None

_KEPT = 90 * 24 * 3600.0
"""Seconds for which a settled intent is kept."""

_PATIENCE = 10.0
"""Seconds to wait for another process's transaction; each takes a few milliseconds."""

_VERSION = 1

_UNRESOLVED = ", ".join(f"'{state}'" for state in sorted(UNRESOLVED))
_WITHOUT_EFFECT = ", ".join(f"'{state}'" for state in sorted(WITHOUT_EFFECT))

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
CREATE INDEX intents_unresolved ON intents (base_url) WHERE state IN ({_UNRESOLVED});
CREATE INDEX intents_settled ON intents (settled_at) WHERE run_id IS NULL;
-- A position of a run is never submitted twice, whatever several processes do at once.
CREATE UNIQUE INDEX intents_of_runs ON intents (account, run_id, position)
    WHERE run_id IS NOT NULL AND state NOT IN ({_WITHOUT_EFFECT});
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

_COLUMNS = (
    "id, kind, state, base_url, account, fingerprint, endpoint, items, created_at, sent_at,"
    " clock_offset, failed_at, baseline, attempts, run_id, position, job_ids, batch_id, message"
)
_INSERT = (
    f"INSERT INTO intents ({_COLUMNS}) VALUES"  # noqa: S608
    f" ({', '.join(f':{name}' for name in _COLUMNS.split(', '))})"
)


class SqliteJournal:
    """A journal in SQLite; see ``_core/submission/journal.py`` for what its methods do."""

    def __init__(self, place: _File | _Memory) -> None:
        self._place = place

    def __repr__(self) -> str:
        """Name the place."""
        return f"SqliteJournal({self._place})"

    def salt(self) -> bytes:
        """Give the random bytes of the marks."""
        with self._reading() as db:
            value: bytes = db.execute("SELECT value FROM salt").fetchone()[0]
            return value

    def try_lock(self, stripes: Sequence[int]) -> Held | None:
        """Take locks, all or none."""
        with self._told():
            return self._place.locks().try_lock(stripes)

    def begin(self, record: Record) -> Record:
        """Keep a new intent, unless its position of its run has one."""
        with self._writing() as db:
            if record.run_id is not None:
                known = db.execute(
                    f"SELECT {_COLUMNS} FROM intents WHERE account = ? AND run_id = ? AND"  # noqa: S608
                    f" position = ? AND state NOT IN ({_WITHOUT_EFFECT})",
                    (record.account, record.run_id, record.position),
                ).fetchone()
                if known is not None:
                    return _record(known)
            _prune(db, record.created_at)
            db.execute(_INSERT, _row(record))
        return record

    def again(self, intent_id: str) -> None:
        """Keep that an intent is about to be sent once more."""
        with self._writing() as db:
            db.execute(
                "UPDATE intents SET attempts = attempts + 1, failed_at = NULL WHERE id = ?",
                (intent_id,),
            )

    def failed(self, intent_id: str, message: str, at: float) -> None:
        """Keep that the sending ended without an outcome, and why."""
        with self._writing() as db:
            db.execute(
                "UPDATE intents SET failed_at = ?, message = ? WHERE id = ?",
                (at, message, intent_id),
            )

    def unknown(self, intent_id: str) -> None:
        """Keep that an intent was looked for and not found."""
        with self._writing() as db:
            db.execute(
                "UPDATE intents SET state = 'unknown' WHERE id = ?"  # noqa: S608
                f" AND state IN ({_UNRESOLVED})",
                (intent_id,),
            )

    def without_effect(self, intent_id: str, state: str, message: str, at: float) -> None:
        """Settle an intent that was surely not executed."""
        with self._writing() as db:
            db.execute(
                "UPDATE intents SET state = ?, message = ?, settled_at = ?, baseline = '[]'"
                " WHERE id = ?",
                (state, message, at, intent_id),
            )

    def accept(
        self,
        intent_id: str,
        job_ids: Sequence[str],
        batch_id: str | None,
        at: float,
        *,
        certain: bool,
    ) -> bool:
        """Settle an intent that became these jobs, unless one of them is another intent's."""
        claim = "INSERT OR REPLACE" if certain else "INSERT OR IGNORE"
        with self._writing() as db:
            claims = [(job_id, intent_id) for job_id in job_ids]
            made = db.executemany(
                f"{claim} INTO claims (base_url, job_id, intent_id)"  # noqa: S608
                " SELECT base_url, ?, id FROM intents WHERE id = ?",
                claims,
            ).rowcount
            if made < len(claims):
                db.rollback()
                return False
            db.execute(
                "UPDATE intents SET state = 'accepted', job_ids = ?, batch_id = ?, settled_at = ?,"
                " message = NULL, baseline = '[]' WHERE id = ?",
                (orjson.dumps(list(job_ids)).decode(), batch_id, at, intent_id),
            )
        return True

    def find(self, intent_id: str) -> Record | None:
        """Give an intent."""
        found = self._records("id = ?", intent_id)
        return found[0] if found else None

    def unresolved(self, base_url: str) -> list[Record]:
        """Give the unresolved intents of a service, the oldest first."""
        return self._records(f"base_url = ? AND state IN ({_UNRESOLVED})", base_url)

    def view(self, base_url: str, job_ids: Collection[str]) -> View:
        """Give what bears on whose these jobs are."""
        asked = orjson.dumps(list(job_ids)).decode()
        with self._reading() as db:
            claimed = db.execute(
                "SELECT job_id FROM claims WHERE base_url = ? AND job_id IN"
                " (SELECT value FROM json_each(?))",
                (base_url, asked),
            ).fetchall()
            unresolved = _select(db, f"base_url = ? AND state IN ({_UNRESOLVED})", (base_url,))
        return View(unresolved, frozenset(job_id for (job_id,) in claimed))

    def open_run(
        self, account: str, run_id: str, fingerprints: Sequence[str], at: float
    ) -> Sequence[str]:
        """Begin a run, or give what it was begun with."""
        with self._writing() as db:
            known = db.execute(
                "SELECT fingerprints FROM runs WHERE account = ? AND run_id = ?", (account, run_id)
            ).fetchone()
            if known is not None:
                begun: list[str] = orjson.loads(known[0])
                return begun
            db.execute(
                "INSERT INTO runs (account, run_id, fingerprints, created_at) VALUES (?, ?, ?, ?)",
                (account, run_id, orjson.dumps(list(fingerprints)).decode(), at),
            )
        return fingerprints

    def run_records(self, account: str, run_id: str) -> dict[int, Record]:
        """Give the intents of a run that may have been executed, by position."""
        records = self._records(
            f"account = ? AND run_id = ? AND state NOT IN ({_WITHOUT_EFFECT})", account, run_id
        )
        return {record.position or 0: record for record in records}

    def _records(self, condition: str, *arguments: str) -> list[Record]:
        with self._reading() as db:
            return _select(db, condition, arguments)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._told(), self._place.connection() as db:
            db.execute("BEGIN")
            try:
                yield db
            finally:
                db.rollback()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._told(), self._place.connection() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.commit()
            except BaseException:
                db.rollback()
                raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say which file it is and what is wrong with it."""
        try:
            yield
        except (OSError, sqlite3.Error) as problem:
            said = f"the journal of submissions {self._place} can't be used: {problem}"
        else:
            return
        raise JournalError(said, path=str(self._place))


class _File:
    """A journal file, made when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_ready = False

    def __str__(self) -> str:
        return str(self._path)

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        if not self._is_ready or not self._path.exists():
            self._make()
        with closing(_connect(str(self._path))) as db:
            if not self._is_ready:
                _prepare(db)
                self._is_ready = True
            yield db

    def locks(self) -> FileLocks:
        _private_directory(self._path.parent)
        return FileLocks(self._path.with_name(f"{self._path.name}.locks"))

    def _make(self) -> None:
        self._is_ready = False
        _private_directory(self._path.parent)
        # SQLite gives its own files beside it the same mode.
        make_private(self._path)
        if os.name == "posix" and self._path.stat().st_mode & 0o077:
            self._path.chmod(0o600)


class _Memory:
    """The journal of a process that keeps none on the disk."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._locks = MemoryLocks()
        self._db = _connect(":memory:")
        _prepare(self._db)

    def __del__(self) -> None:
        # Nobody else has the connection, and one that is not closed is warned of.
        self._db.close()

    def __str__(self) -> str:
        return "in memory"

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            yield self._db

    def locks(self) -> MemoryLocks:
        return self._locks


def file_journal(path: Path) -> SqliteJournal:
    """Give the journal in a file, which is made when it is first needed."""
    return SqliteJournal(_File(path))


def memory_journal() -> SqliteJournal:
    """Give a journal of its own in memory."""
    return SqliteJournal(_Memory())


_shared_lock = threading.Lock()
_shared: list[SqliteJournal] = []


def open_journal(setting: JournalSetting, environment: Mapping[str, str]) -> SqliteJournal:
    """Give the journal a client was told to keep.

    Args:
        setting: A path; ``False`` for one that ends with the process and is shared by all its
            clients; ``None`` for the path in the environment, or the user's state directory.
        environment: The environment.
    """
    if setting is False:
        with _shared_lock:
            if not _shared:
                _shared.append(memory_journal())
            return _shared[0]
    given: object = setting  # whatever the type says
    if not isinstance(given, str | os.PathLike | None):
        raise TypeError(f"journal must be a path or False, not {given!r}")
    path = environment.get(VARIABLE) or _default_path() if setting is None else setting
    return file_journal(Path(path).expanduser().absolute())


def _default_path() -> Path:
    import platformdirs  # noqa: PLC0415  only who submits jobs needs it

    path: Path = platformdirs.user_state_path("benchwire", appauthor=False)
    return path / "submissions.db"


def _private_directory(path: Path) -> None:
    if not path.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _connect(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    # What a transaction wrote is on the disk, and its end is, too, before it returns.
    db.execute("PRAGMA synchronous = EXTRA")
    return db


def _prepare(db: sqlite3.Connection) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        db.execute("BEGIN IMMEDIATE")
        try:
            if not db.execute("PRAGMA user_version").fetchone()[0]:
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


def _prune(db: sqlite3.Connection, now: float) -> None:
    """Forget what was settled long ago; not what belongs to a run, which is never paid for twice."""
    db.execute(
        "DELETE FROM claims WHERE intent_id IN"
        " (SELECT id FROM intents WHERE run_id IS NULL AND settled_at < ?)",
        (now - _KEPT,),
    )
    db.execute("DELETE FROM intents WHERE run_id IS NULL AND settled_at < ?", (now - _KEPT,))


def _select(db: sqlite3.Connection, condition: str, arguments: Sequence[str]) -> list[Record]:
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM intents WHERE {condition} ORDER BY created_at, id",  # noqa: S608
        tuple(arguments),
    )
    return [_record(row) for row in rows]


def _row(record: Record) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(record, name) for name in _COLUMNS.split(", ")}
    row["items"] = orjson.dumps([[item.benchmark_id, item.units] for item in record.items]).decode()
    row["baseline"] = orjson.dumps(sorted(record.baseline)).decode()
    row["job_ids"] = orjson.dumps(list(record.job_ids)).decode()
    return row


def _record(row: Sequence[Any]) -> Record:
    fields = dict(zip(_COLUMNS.split(", "), row, strict=True))
    fields["items"] = tuple(Item(*item) for item in orjson.loads(fields["items"]))
    fields["baseline"] = frozenset(orjson.loads(fields["baseline"]))
    fields["job_ids"] = tuple(orjson.loads(fields["job_ids"]))
    return Record(**fields)
