"""Import into a database file that others may be using.

The answers are read into a database of their own beside the file. A file that does not exist is then made
of it in one step; one that exists gets its rows as `merge` adds them. Only files that the import itself
made are ever removed.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from benchwire_local.data import SCHEMAS, public_tables
from benchwire_local.data.database import Database
from benchwire_local.data.migrations import statements
from benchwire_local.data.staged_folder import publish, staging
from benchwire_local.errors import ImportFailedError
from benchwire_local.results.importer import stage
from benchwire_local.results.merge import merge
from benchwire_local.results.places import forget_places

if TYPE_CHECKING:
    from pathlib import Path

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
    now = int(time.time())
    with staging(db_path) as folder:
        beside = folder / "staged.db"
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
        if publish(beside, db_path):
            return summary
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
