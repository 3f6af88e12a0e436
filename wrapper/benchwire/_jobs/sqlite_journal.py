"""The journal of submissions in SQLite.

Every method is one transaction, which is on the disk when the method returns. It may block, so
operations call it through ``port.call``; it raises `JournalError`, whatever fails.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchwire._jobs.database import (
    IS_UNRESOLVED_SQL,
    NOT_EXECUTED_SQL,
    Database,
    FileDatabase,
    MemoryDatabase,
)
from benchwire._jobs.locks import PRIMARY_CODE, HeldLocks, Ticket
from benchwire._jobs.records import JournalSnapshot, NotExecutedState, Record
from benchwire._jobs.rows import COLUMNS, strings, to_json, to_record, to_row
from benchwire.errors import JournalError
from benchwire_api.processes import fork_waits

_RETENTION = 90 * 24 * 3600.0
"""Seconds for which a settled intent is stored."""

_INSERT = (
    f"INSERT INTO intents ({COLUMNS}) VALUES"  # noqa: S608
    f" ({', '.join(f':{name}' for name in COLUMNS.split(', '))})"
)


class SqliteJournal:
    """Stores intents, in a file or in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __repr__(self) -> str:
        """Return the class and the path."""
        return f"SqliteJournal({self._database})"

    def salt(self) -> bytes:
        """Return the random bytes that the digests of this journal are computed with."""
        with self._reading() as db:
            row = db.execute("SELECT value FROM salt").fetchone()
            if row is None or not isinstance(row[0], bytes):
                raise sqlite3.DatabaseError("its salt is missing or damaged")
            return row[0]

    def try_lock(self, stripes: Sequence[int], ticket: Ticket | None = None) -> HeldLocks | None:
        """Acquire all the locks or none; return ``None`` if it is another's turn."""
        with self._access():
            return self._database.locks().try_lock(stripes, ticket)

    def begin(self, record: Record, replaces: str | None = None) -> Record:
        """Store a new intent that is about to be sent; it takes the position of one it replaces.

        Returns:
            The record. If its position of its run already has another intent that may have been
            executed, that one, and the new one is not stored.
        """
        with self._writing() as db:
            if record.run_id is not None:
                existing = db.execute(
                    f"SELECT {COLUMNS} FROM intents WHERE account = ? AND run_id = ? AND"  # noqa: S608
                    f" position = ? AND state NOT IN ({NOT_EXECUTED_SQL})",
                    (record.account, record.run_id, record.position),
                ).fetchone()
                if existing is not None and (replaces is None or existing[0] != replaces):
                    return to_record(existing)
                # A replaced intent keeps a position of its own: its job was paid for.
                db.execute("UPDATE intents SET position = -rowid WHERE id = ?", (replaces,))
            _prune(db, record.created_at)
            db.execute(_INSERT, to_row(record))
        return record

    def mark_resent(self, intent_id: str) -> None:
        """Record that an intent is about to be sent once more."""
        self._update("attempts = attempts + 1, failed_at = NULL", intent_id)

    def mark_send_failed(self, intent_id: str, message: str, at: float) -> None:
        """Record that sending an intent ended without a known outcome, when, and why."""
        self._update("failed_at = ?, message = ?", intent_id, at, message)

    def mark_unknown(self, intent_id: str) -> None:
        """Record that reconciliation ended without a decision; a settled intent does not change."""
        change = f"state = CASE WHEN {IS_UNRESOLVED_SQL} THEN 'unknown' ELSE state END"
        self._update(change, intent_id)

    def settle_not_executed(
        self, intent_id: str, state: NotExecutedState, message: str, at: float
    ) -> None:
        """Settle an intent that was certainly not executed."""
        change = "state = ?, message = ?, settled_at = ?, baseline = '[]'"
        self._update(change, intent_id, state, message, at)

    def settle_accepted(
        self, intent_id: str, job_ids: Sequence[str], batch_id: str | None, at: float
    ) -> str | None:
        """Settle an intent and claim its jobs; return another intent that has claimed one already."""
        with self._writing() as db:
            other: tuple[str] | None = db.execute(
                "SELECT claims.intent_id FROM claims JOIN intents USING (base_url)"
                " WHERE intents.id = ?1 AND claims.intent_id != ?1"
                " AND job_id IN (SELECT value FROM json_each(?2))",
                (intent_id, to_json(job_ids)),
            ).fetchone()
            if other is not None:
                return other[0]
            db.executemany(
                "INSERT OR IGNORE INTO claims (base_url, job_id, intent_id)"
                " SELECT base_url, ?, id FROM intents WHERE id = ?",
                [(job_id, intent_id) for job_id in job_ids],
            )
            _update(
                db,
                "state = 'accepted', job_ids = ?, batch_id = ?, settled_at = ?, message = NULL,"
                " baseline = '[]'",
                intent_id,
                (to_json(job_ids), batch_id, at),
            )
        return None

    def find(self, intent_id: str) -> Record | None:
        """Return an intent, or ``None`` if there is none with this id."""
        with self._reading() as db:
            records = _select(db, "id = ?", (intent_id,))
        return records[0] if records else None

    def unresolved(self, base_url: str) -> list[Record]:
        """Return the unresolved intents of a service, oldest first."""
        return list(self.snapshot(base_url, ()).unresolved)

    def snapshot(self, base_url: str, job_ids: Collection[str]) -> JournalSnapshot:
        """Return the unresolved intents and the already claimed ids among ``job_ids``."""
        with self._reading() as db:
            claimed = db.execute(
                "SELECT job_id FROM claims WHERE base_url = ? AND job_id IN"
                " (SELECT value FROM json_each(?))",
                (base_url, to_json(job_ids)),
            ).fetchall()
            unresolved = _select(db, f"base_url = ? AND {IS_UNRESOLVED_SQL}", (base_url,))
        return JournalSnapshot(unresolved, frozenset(job_id for (job_id,) in claimed))

    def open_run(
        self, account: str, run_id: str, fingerprints: Sequence[str], at: float
    ) -> Sequence[str]:
        """Record the fingerprints of a new run; return those the run was begun with."""
        with self._writing() as db:
            existing = db.execute(
                "SELECT fingerprints FROM runs WHERE account = ? AND run_id = ?", (account, run_id)
            ).fetchone()
            if existing is not None:
                return strings(existing[0])
            db.execute(
                "INSERT INTO runs (account, run_id, fingerprints, created_at) VALUES (?, ?, ?, ?)",
                (account, run_id, to_json(fingerprints), at),
            )
        return fingerprints

    def run_records(self, account: str, run_id: str) -> dict[int, Record]:
        """Return the intents of a run that may have been executed, by position; replaced ones < 0."""
        condition = f"account = ? AND run_id = ? AND state NOT IN ({NOT_EXECUTED_SQL})"
        with self._reading() as db:
            records = _select(db, condition, (account, run_id))
        damaged = [record.id for record in records if record.position is None]
        if damaged:
            message = f"run {run_id!r} has submissions with a damaged position: {damaged}"
            raise JournalError(f"{message}; jobs.resolve settles them", path=str(self._database))
        return {record.position: record for record in records if record.position is not None}

    def _update(self, change: str, intent_id: str, *arguments: str | float) -> None:
        with self._writing() as db:
            _update(db, change, intent_id, arguments)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._access(), self._database.connection() as db:
            db.execute("BEGIN")
            try:
                yield db
            finally:
                db.rollback()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._access(), self._database.connection() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.commit()
            except BaseException:
                db.rollback()
                raise

    @contextmanager
    def _access(self) -> Iterator[None]:
        """Delay forks while the database is in use; raise `JournalError`, with the file, whatever fails."""
        is_busy = False
        try:
            with fork_waits():
                yield
        except JournalError:
            raise
        except Exception as error:
            if isinstance(error, sqlite3.OperationalError):
                is_busy = error.sqlite_errorcode & PRIMARY_CODE == sqlite3.SQLITE_BUSY
            what = str(error) if isinstance(error, OSError | sqlite3.Error) else repr(error)
            message = f"the journal of submissions {self._database} can't be used: {what}"
        else:
            return
        raise JournalError(message, path=str(self._database), is_busy=is_busy)


def file_journal(path: Path) -> SqliteJournal:
    """Return the journal in a file, which is created when it is first needed."""
    return SqliteJournal(FileDatabase(path))


def memory_journal() -> SqliteJournal:
    """Return a new journal in memory."""
    return SqliteJournal(MemoryDatabase())


def _prune(db: sqlite3.Connection, now: float) -> None:
    """Delete intents settled long ago, except those of runs: a run must never be paid for twice."""
    old = f"run_id IS NULL AND settled_at < ? AND NOT ({IS_UNRESOLVED_SQL})"
    for statement in (
        f"DELETE FROM claims WHERE intent_id IN (SELECT id FROM intents WHERE {old})",  # noqa: S608
        f"DELETE FROM intents WHERE {old}",  # noqa: S608
    ):
        db.execute(statement, (now - _RETENTION,))


def _select(db: sqlite3.Connection, condition: str, arguments: Sequence[str]) -> list[Record]:
    rows = db.execute(
        f"SELECT {COLUMNS} FROM intents WHERE {condition} ORDER BY created_at, id",  # noqa: S608
        tuple(arguments),
    )
    return [to_record(row) for row in rows]


def _update(
    db: sqlite3.Connection, change: str, intent_id: str, arguments: Sequence[str | float | None]
) -> None:
    updated = db.execute(f"UPDATE intents SET {change} WHERE id = ?", (*arguments, intent_id))  # noqa: S608
    if not updated.rowcount:
        raise sqlite3.DatabaseError(f"the record of submission {intent_id} is gone from it")
