"""Import into a database file that others may be using.

The answers are read into a database of their own beside the file. A file that does not exist is then made
of it in one step; one that exists gets its rows as `merge` adds them. Only files that the import itself
made are ever removed.
"""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchwire_local.data import SCHEMAS, public_tables
from benchwire_local.data.database import Database
from benchwire_local.data.migrations import statements
from benchwire_local.errors import DatabaseError, ImportFailedError
from benchwire_local.results.importer import stage
from benchwire_local.results.merge import merge
from benchwire_local.results.places import forget_places

if TYPE_CHECKING:
    from benchwire_local.results.catalogue import ImportSummary
    from benchwire_local.results.formats import Results

# If anything fails, the whole file is removed: it needs no journal. The keys in it are correct. The index is
# made at the end, which takes half the time.
_FOR_A_STAGED_FILE = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA cache_size = -16000",
    "DROP INDEX public_results_correct",
)


def import_results(db_path: Path, results: Results) -> ImportSummary:
    """Import answers into a database file, created if it does not exist; all or nothing.

    Args:
        db_path: The database file; after an error it is unchanged, or not created.
        results: The answers.

    Raises:
        DatabaseError: The database can't be opened or written to.
        ImportFailedError: A file can't be read, two answers or prompts contradict each other, or no
            answer has a score.
    """
    if not db_path.parent.is_dir():
        folder = db_path.parent
        raise DatabaseError(f"the database {db_path} can't be created: there is no folder {folder}")
    beside = db_path.with_name(f".{db_path.name}.{secrets.token_hex(6)}.import")
    now = int(time.time())
    try:
        staged = Database(beside, SCHEMAS)
        try:
            with staged.read() as connection:
                for statement in _FOR_A_STAGED_FILE:
                    connection.execute(statement)
            summary = stage(staged, results, now)
            _check_scores(results, summary)
            is_new = not db_path.exists()
            if is_new:
                _complete(staged)
        finally:
            staged.close()  # SQLite removes the other files of a database
        if not is_new:
            return merge(db_path, beside, summary)
        if _publish(beside, db_path):
            return summary
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{beside}{suffix}").unlink(missing_ok=True)
    # Another process has made the file meanwhile.
    return import_results(db_path, results)


def _complete(staged: Database) -> None:
    """Make a staged file one that a server uses."""
    with staged.write() as connection:
        forget_places(connection)
        for statement in statements(public_tables.SCHEMA):
            connection.execute(statement)
    with staged.read() as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA journal_mode = WAL")


def _check_scores(results: Results, summary: ImportSummary) -> None:
    if not summary.answers:
        without = f"{summary.unscored} have no score, {summary.errors} failed or never ran"
        places = ", ".join(report.source for report in results.reports)
        raise ImportFailedError(places, None, f"no answer has a score: {without}")


def _publish(made: Path, path: Path) -> bool:
    """Return whether a file got a name; false if another file has it since."""
    with made.open("r+b") as file:
        os.fsync(file.fileno())  # SQLite has not
    try:
        os.link(made, path)
    except FileExistsError:
        return False
    except OSError:
        # There are no hard links on this file system. A file that appears just now is not replaced on
        # Windows; elsewhere the window is a moment between two calls.
        if path.exists():
            return False
        made.rename(path)
    return True
