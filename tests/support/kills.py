"""Runs functions in forked children: killed at a step of theirs, or on a full disk."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable

import pytest

from benchwire_local import DatabaseError
from benchwire_local.data.key_lists import DatabaseConnection

_EVENTS = {"open", "os.mkdir", "os.link", "os.rename", "os.remove", "os.rmdir", "sqlite3.connect"}


def in_child(action: Callable[[], object], *, killed_at: int | None = None) -> int:
    """Run a function in a forked child; return its exit status, or -9 if it was killed.

    Args:
        action: The function; an assertion that fails in it ends the child with 1.
        killed_at: The step before which the child is killed: a statement, or a call for a file.
    """
    if pid := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    status = 1
    try:
        if killed_at is not None:
            _kill_at(killed_at)
        action()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def on_full_disk(action: Callable[[], object], limit: int) -> str:
    """Run a function in a forked child whose files can't grow above a limit; return its error."""
    import resource

    reading, writing = os.pipe()

    def fill() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        with pytest.raises(DatabaseError) as raised:
            action()
        os.write(writing, str(raised.value).encode())

    status = in_child(fill)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        message = pipe.read()
    assert status == 0
    return message


def _kill_at(step: int) -> None:
    taken = 0

    def take(*_: object) -> None:
        nonlocal taken
        taken += 1
        if taken == step:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)

    sys.addaudithook(lambda event, _: take() if event in _EVENTS else None)
    execute = DatabaseConnection.execute

    def counted(self: DatabaseConnection, *arguments: object) -> object:
        take()
        return execute(self, *arguments)  # type: ignore[arg-type]

    DatabaseConnection.execute = counted  # type: ignore[method-assign,assignment]
