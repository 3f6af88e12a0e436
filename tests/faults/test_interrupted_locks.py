"""A signal's handler that raises just after a lock was acquired leaves no lock acquired."""

from __future__ import annotations

import ast
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

import benchwire
import benchwire.drift
from benchwire import SubmissionUnknown
from benchwire._jobs import database, locks
from benchwire._transport import connections, retry
from benchwire_api import processes
from benchwire_drift import collector
from support.both import KEY
from support.fault_server import FaultServer
from support.scripted import PATIENCE
from support.shared import REPOSITORY


class Interrupt(BaseException):
    """What the handler raises."""


class InterruptedLock:
    """Raises once, after so many locks of this class were acquired in the main thread."""

    until = 0

    def __init__(self) -> None:
        self._lock = ORIGINAL()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        is_acquired = self._lock.acquire(blocking, timeout)
        if threading.current_thread() is threading.main_thread():
            InterruptedLock.until -= 1
            if InterruptedLock.until == 0:
                raise Interrupt
        return is_acquired

    def release(self) -> None:
        self._lock.release()

    __enter__ = acquire

    def __exit__(self, *_: object) -> None:
        self.release()


ORIGINAL = threading.RLock


@pytest.fixture(autouse=True)
def interrupted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for module in (retry, connections):
        monkeypatch.setattr(module, "RLock", InterruptedLock)
    ours = SimpleNamespace(**{**vars(threading), "RLock": InterruptedLock})
    for module in (collector, database, locks, processes):  # not those of other libraries
        monkeypatch.setattr(module, "threading", ours)
    monkeypatch.setattr(processes, "_sections", processes._Sections())
    yield
    InterruptedLock.until = 0


def was_interrupted(url: str, number: int) -> bool:
    """Interrupt calls at a lock, check that another thread can make them, and return whether it was."""
    with (
        benchwire.V0Client(KEY, url, journal=False) as client,
        benchwire.drift.watch(client),
    ):

        def use() -> None:
            client.jobs.submit("b", "https://models.example.com/v1", "key")
            client.jobs.get("job-1")

        InterruptedLock.until = number
        with suppress(Interrupt, SubmissionUnknown):
            use()
        is_left = InterruptedLock.until > 0
        InterruptedLock.until = 0
        other = threading.Thread(target=use, daemon=True)
        other.start()
        other.join(PATIENCE)
        assert not other.is_alive(), f"waits for lock {number}"
    return not is_left


def test_calls_of_another_thread_work(service: FaultServer) -> None:
    locks = next(number for number in count(1) if not was_interrupted(service.url, number))
    assert locks > 15


def test_a_handler_that_raises_while_a_thread_waits_for_a_lock() -> None:
    class Waiting(InterruptedLock):
        def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
            raise Interrupt

    with pytest.raises(Interrupt), processes.held(Waiting()):  # type: ignore[arg-type]
        pass


# The main thread uses this database before the server's threads do, and after them.
ALONE = Path(REPOSITORY, "wrapper/benchwire_local/data/database.py")


def test_no_lock_is_held_by_a_plain_with() -> None:
    found = [
        f"{path}: with {name}"
        for room in ("wrapper", "generated/benchwire_api")
        for path in Path(REPOSITORY, room).rglob("*.py")
        if path != ALONE
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.With)
        for item in node.items
        if re.fullmatch(r"[\w.]*(lock|gate)", name := ast.unparse(item.context_expr).lower())
    ]
    assert found == []
