"""What Python 3.13 does with a connection of SQLite that nobody closed, in the earlier versions."""

from __future__ import annotations

import sqlite3
import sys
import warnings
from typing import Any

_connect = sqlite3.connect


class _Reported(sqlite3.Connection):
    """A connection that warns, as one of Python 3.13 does, if it is deleted before it is closed.

    Its file can't be deleted on Windows until then.
    """

    is_open = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.is_open = True

    def close(self) -> None:
        super().close()
        self.is_open = False

    def __del__(self) -> None:
        if self.is_open:
            warnings.warn(f"unclosed database in {self!r}", ResourceWarning, stacklevel=2)


def report_unclosed() -> None:
    """Warn of each connection that is opened from now on and never closed."""
    if sys.version_info < (3, 13):
        sqlite3.connect = _connect_reported


def _connect_reported(*arguments: Any, factory: Any = _Reported, **options: Any) -> Any:
    return _connect(*arguments, factory=factory, **options)
