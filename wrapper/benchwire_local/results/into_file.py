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

from benchwire_local.data import SCHEMAS
from benchwire_local.data.database import Database
from benchwire_local.errors import DatabaseError
from benchwire_local.results.catalogue import ImportSummary
from benchwire_local.results.importer import forget_lines, read_into
from benchwire_local.results.merge import merge


def import_into(db_path: Path, file: Path) -> ImportSummary:
    """Import a JSONL file of answers into a database file, created if it does not exist.

    Args:
        db_path: The database file; after an error it is unchanged, or not created.
        file: As for :func:`~benchwire_local.results.importer.import_results`.

    Raises:
        DatabaseError: The database can't be opened or written to.
        ImportFailedError: As for :func:`~benchwire_local.results.importer.import_results`.
    """
    if not db_path.parent.is_dir():
        folder = db_path.parent
        raise DatabaseError(f"the database {db_path} can't be created: there is no folder {folder}")
    beside = db_path.with_name(f".{db_path.name}.{secrets.token_hex(6)}.import")
    now = int(time.time())
    try:
        staged = Database(beside, SCHEMAS)
        try:
            summary = read_into(staged, file, now, keeps_lines=True)
            is_new = not db_path.exists()
            if is_new:
                with staged.write() as connection:
                    forget_lines(connection)
        finally:
            staged.close()  # SQLite removes the other files of a database
        if not is_new:
            return merge(db_path, beside, file.name, summary)
        if _publish(beside, db_path):
            return summary
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{beside}{suffix}").unlink(missing_ok=True)
    # Another process has made the file meanwhile.
    return import_into(db_path, file)


def _publish(made: Path, path: Path) -> bool:
    """Return whether a file got a name; false if another file has it since."""
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
