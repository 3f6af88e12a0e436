"""Reports on stderr what a run does, also while it waits for a response."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

INTERVAL = 10.0  # seconds


@contextmanager
def told(describe: Callable[[], str]) -> Iterator[None]:
    """Print what is being done, after each interval until the end."""
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(INTERVAL):
            print(describe(), file=sys.stderr, flush=True)

    thread = threading.Thread(target=tell, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
