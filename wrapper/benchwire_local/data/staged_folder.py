"""A hidden folder beside a database file, in which a new one is made, or what an import has read."""

from __future__ import annotations

import glob
import os
import secrets
import shutil
import sys
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from benchwire_local.data.database_lock import lock_database
from benchwire_local.errors import DatabaseError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

_OWNER = "owner"


def check_path(database: Path) -> None:
    """Raise a DatabaseError for the path of a folder, as an empty one is: that of the working folder."""
    if os.path.isdir(database):  # which takes a path that is too long, too
        raise DatabaseError(f"the database {str(database)!r} is a folder, or its path is empty")


@contextmanager
def staging(database: Path) -> Iterator[Path]:
    """Yield a folder beside a database file, removed at the end, and remove those of killed processes.

    The lock of a folder is held by its process until that ends: one that is in use is never removed.

    Raises:
        DatabaseError: The folder can't be made, or a file in it can't be written to.
    """
    check_path(database)
    for left in database.parent.glob(f".{glob.escape(database.name)}.*.import"):
        _remove_if_left(left)
    folder = database.with_name(f".{database.name}.{secrets.token_hex(6)}.import")
    try:
        with closing(_locked(folder, database)):
            yield folder
    except DatabaseError as error:
        if folder.name not in str(error):
            raise
        # The user knows one file.
        cause = error.__cause__ or error
        raise DatabaseError(f"can't write to the database {database}: {cause}") from cause
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(made: Path, path: Path) -> bool:
    """Return whether a closed database got a name; false if another file has it since.

    Raises:
        DatabaseError: Not all of it could be written to its file.
    """
    if made.with_name(f"{made.name}-wal").exists():
        raise DatabaseError(f"can't write to the database {path}: the disk may be full")
    try:
        with made.open("r+b") as file:
            os.fsync(file.fileno())  # a staged database is written without it
    except OSError as error:
        raise DatabaseError(f"can't write to the database {path}: {error.strerror}") from error
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


def _locked(folder: Path, database: Path, attempts: int = 5) -> sqlite3.Connection:
    """Make a folder and lock it, which another process may remove before it is locked."""
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        reason = error.strerror
        if not database.parent.is_dir():
            reason = f"there is no folder {database.parent}"
        raise DatabaseError(f"the database {database} can't be created: {reason}") from error
    try:
        lock = lock_database(folder / _OWNER)
        if folder.exists():
            return lock
        lock.close()  # of a file that another process had open to remove it
    except DatabaseError:
        shutil.rmtree(folder, ignore_errors=True)
        if attempts <= 1:
            raise
    return _locked(folder, database, attempts - 1)


def _remove_if_left(folder: Path) -> None:
    with suppress(DatabaseError):
        with closing(lock_database(folder / _OWNER)):
            shutil.rmtree(folder, ignore_errors=True)
        # On Windows, what is locked can't be removed; elsewhere its process may have made it anew.
        if sys.platform == "win32":
            shutil.rmtree(folder, ignore_errors=True)
