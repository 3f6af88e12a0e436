"""The journal that a client is set to, which is opened when its jobs are first used."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from benchwire.errors import JournalError
from benchwire_api.processes import fork_waits

if TYPE_CHECKING:  # SQLite is for jobs alone
    from benchwire._jobs.sqlite_journal import SqliteJournal

VARIABLE = "BENCHWIRE_JOURNAL"

JournalSetting = str | os.PathLike[str] | Literal[False] | None


class ClientJournal:
    """The journal of a client and its copies.

    Args:
        setting: A path; ``False`` for a journal of the client's own, in memory; ``None`` for the
            path in the environment, or in the user's state directory.
        getenv: Returns a variable of the environment.
    """

    def __init__(self, setting: JournalSetting, getenv: Callable[[str], str | None]) -> None:
        value: object = setting  # of any type, if the caller has no type checker
        if value is not False and not isinstance(value, str | os.PathLike | None):
            raise TypeError(f"journal must be a path or False, not {value!r}")
        self._path: Path | None = None
        self._problem = ""
        try:
            self._path = None if setting is False else _path(setting, getenv)
        except (RuntimeError, OSError, ValueError) as error:  # such as of a user id without a home
            self._problem = f"the journal of submissions has no path: {error}; set {VARIABLE}"
        self._opened: dict[str, SqliteJournal] = {}

    @fork_waits()
    def open(self) -> SqliteJournal:
        """Return the journal; raise `JournalError` if there is no folder for it."""
        from benchwire._jobs.sqlite_journal import file_journal, memory_journal  # noqa: PLC0415

        if self._problem:
            raise JournalError(self._problem, path="")
        made = memory_journal() if self._path is None else file_journal(self._path)
        # No lock, which could be held at a fork: of two that threads make, one is used.
        return self._opened.setdefault("journal", made)


def _path(setting: str | os.PathLike[str] | None, getenv: Callable[[str], str | None]) -> Path:
    if setting is None:
        path: str | os.PathLike[str] = (getenv(VARIABLE) or "").strip() or _default_path(getenv)
    else:
        path = setting
    return Path(path).expanduser().resolve()  # a symbolic link has the locks of its journal


def _default_path(getenv: Callable[[str], str | None]) -> Path:
    """Return the path in the folder that the system has for a user's state."""
    if sys.platform == "win32":
        variable, folder = "LOCALAPPDATA", "AppData/Local"
    elif sys.platform == "darwin":
        variable, folder = "XDG_STATE_HOME", "Library/Application Support"
    else:
        variable, folder = "XDG_STATE_HOME", ".local/state"
    return Path(getenv(variable) or Path.home() / folder, "benchwire", "submissions.db")
