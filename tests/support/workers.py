"""Work that the workers of a test run share: the first that needs its result does it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Let one process at a time pass; the lock of one that ends is released."""
    with closing(sqlite3.connect(lock, timeout=600, isolation_level=None)) as held:
        held.execute("BEGIN EXCLUSIVE")
        yield


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that one worker makes for all; its tests only read it."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    with alone(root / f"{name}.db"):
        if not (root / name).exists():
            unfinished = factory.mktemp(name) / name
            make(unfinished)
            unfinished.rename(root / name)
    return root / name
