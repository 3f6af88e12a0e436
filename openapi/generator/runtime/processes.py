"""Values of one process, sections that a fork waits for, and locks that no interrupt keeps acquired."""

from __future__ import annotations

import functools
import os
import threading
import time
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["PerProcess", "cached_property", "fork_waits", "held", "this_process"]

T = TypeVar("T")
S = TypeVar("S")


class _Process:
    current: object = object()


def _forked() -> None:
    _Process.current = object()


@contextmanager
def held(lock: threading.RLock) -> Iterator[None]:
    """Acquire a lock, and release it also where a signal's handler raises once it is acquired.

    In Python 3.14, ``with lock`` may leave it acquired then (CPython's issue 148874), and whoever wants it
    next waits for ever. A generator that is dropped runs its ``finally``.
    """
    try:
        lock.acquire()
        yield
    finally:
        try:  # noqa: SIM105  a handler could raise before the lock is released
            lock.release()
        except RuntimeError:
            pass  # the handler raised while this thread waited


_MAX_WAIT = 2.0
"""Seconds that a fork waits for all sections together."""


class _Sections:
    """The locks of the threads that have been within `fork_waits`, one of each thread."""

    def __init__(self) -> None:
        self._own = threading.local()
        self._all: WeakSet[threading.RLock] = WeakSet()
        self._gate = threading.RLock()
        self._acquired: list[threading.RLock] = []

    def lock(self) -> threading.RLock:
        """Return the lock of this thread."""
        found: threading.RLock | None = getattr(self._own, "lock", None)
        if found is None:
            found = self._own.lock = threading.RLock()
            with held(self._gate):
                self._all.add(found)
        return found

    def before_fork(self) -> None:
        self._gate.acquire()
        until = time.monotonic() + _MAX_WAIT
        for lock in list(self._all):
            if lock.acquire(timeout=max(0.0, until - time.monotonic())):
                self._acquired.append(lock)

    def after_fork(self) -> None:
        while self._acquired:
            self._acquired.pop().release()
        self._gate.release()


_sections = _Sections()

if hasattr(os, "register_at_fork"):
    # Registers a hook that acquires a lock, which a section may need. The last one is called first.
    import logging  # noqa: F401

    os.register_at_fork(after_in_child=_forked)
    os.register_at_fork(
        before=_sections.before_fork,
        after_in_parent=_sections.after_fork,
        after_in_child=_sections.after_fork,
    )


@contextmanager
def fork_waits() -> Iterator[None]:
    """Delay forks by other threads while this one is within; threads do not wait for each other.

    SQLite has locks of the whole process, and an import has one of each module: one that a thread has
    at a fork stays locked in the child, where every use of it would then wait for ever.
    """
    with held(_sections.lock()):
        yield


def this_process() -> object:
    """Return an object that is another one in each process, unlike the process's id in all time."""
    return _Process.current


class PerProcess(Generic[T]):
    """A value that each process makes for itself, when it is first needed there.

    A child keeps what its parent made and never touches it: the sockets in it are the parent's, and
    its locks may be held by a thread that the child does not have.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._values: dict[object, T] = {}

    def get(self) -> T:
        """Return the value of this process."""
        process = _Process.current
        value = self._values.get(process)
        # No lock, which could be held at a fork: of two values that threads make, one is used.
        return self._values.setdefault(process, self._make()) if value is None else value

    def made(self) -> T | None:
        """Return the value of this process, if there is one."""
        return self._values.get(_Process.current)

    def forget(self) -> T | None:
        """Return the value of this process, if there is one; the next `get` makes another."""
        return self._values.pop(_Process.current, None)

    def was_made_before(self) -> bool:
        """Return whether a process before this one made a value."""
        return bool(self._values.keys() - {_Process.current})


class cached_property(functools.cached_property[S]):  # noqa: N801  as the one of functools
    """The `functools.cached_property`, without the lock of Python 3.11.

    All instances share that lock, and a thread may hold it at a fork. The function may import modules.
    """

    def __init__(self, function: Callable[[Any], S]) -> None:
        super().__init__(fork_waits()(function))
        self.lock: nullcontext[None] = nullcontext()
