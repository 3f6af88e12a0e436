"""A clock for real sockets on which pauses take no time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from attrs import evolve

FEW_POLLS = 12.0
"""How many times as long pauses are where four polls of a list are as good as eight."""


class SkippingClock:
    """Real time, except that who sleeps wakes at once and finds that the time has passed.

    Attributes:
        slept: Every pause, in seconds.
        stretch: How many times as long as it should each pause seems to last.
        on_sleep: Called at each pause.
    """

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.stretch = 1.0
        self.on_sleep: Callable[[], object] = lambda: None
        self._skipped = 0.0

    def now(self) -> float:
        return time.monotonic() + self._skipped

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._skipped += max(0.0, seconds) * self.stretch
        self.on_sleep()

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)
        await asyncio.sleep(0)


def on_clock(client: Any, clock: SkippingClock) -> Any:
    """Make a client, sync or async, use this clock; before its resources are first used."""
    sleep = clock.sleep_async if type(client).__name__.startswith("Async") else clock.sleep
    transport = evolve(client._transport, sleep=sleep, clock=clock.now)
    client._open(transport, client._on_error, owned=client._owned)
    return client
