"""Spaces requests to a live service out, and decides which of those that failed to repeat."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# The repetitions of a read: a limiter may count by the minute, another trouble passes or does not.
_MAX_RETRIES_429, _MAX_RETRIES = 6, 2
MAX_PAUSE = 120.0  # the longest pause that a service is granted, in seconds
_LOWEST_RATE = 0.2  # requests a second, however often a service limits them


@dataclass
class Pace:
    """Spaces requests out, and limits their number."""

    per_second: float  # how many may start in a second
    max_requests: float = math.inf  # how many may start in all
    clock: Callable[[], float] = time.monotonic
    started: int = 0  # how many started so far
    _next: float = field(default=float("-inf"), repr=False)

    def reserve(self) -> float | None:
        """Reserve the next start, and return the seconds until it; ``None`` if none is left."""
        if self.started >= self.max_requests:
            return None
        self.started += 1
        now = self.clock()
        start = max(now, self._next)
        self._next = start + 1 / self.per_second
        return start - now

    def pause(self, seconds: float) -> None:
        """Start nothing for a while."""
        self._next = max(self._next, self.clock() + seconds)

    def back_off(self, status: int, attempt: int, requested: str | None) -> bool:
        """Pause after a read that failed (0: without a response), and decide whether to repeat it.

        The pauses grow exponentially, whatever ``Retry-After`` requests, and never fall below it. A
        429 also lowers the rate for good.
        """
        is_transient = status in {0, 429} or (status >= 500 and status != 501)
        if not is_transient or attempt >= (_MAX_RETRIES_429 if status == 429 else _MAX_RETRIES):
            return False
        if status == 429:
            self.per_second = max(self.per_second / 2, min(self.per_second, _LOWEST_RATE))
        self.pause(min(MAX_PAUSE, max(2.0**attempt, parse_retry_after(requested))))
        return True


def parse_retry_after(value: str | None) -> float:
    """Parse ``Retry-After``, a number of seconds or a date, into seconds; 0 if it is neither."""
    try:
        seconds = float(value or 0)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value or "")
        except (ValueError, ArithmeticError, LookupError, TypeError):
            return 0.0
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else 0.0
