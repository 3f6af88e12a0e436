"""The moment by which an operation must have ended."""

from __future__ import annotations

import math
from collections.abc import Callable

from attrs import field, frozen

Clock = Callable[[], float]
"""Returns seconds on a monotonic clock."""


@frozen
class Deadline:
    """A moment on a monotonic clock by which something must have ended.

    Attributes:
        at: The moment, in seconds on the clock; ``inf`` is never.
        clock: The clock.
    """

    at: float
    clock: Clock = field(repr=False, eq=False)

    @classmethod
    def after(cls, seconds: float | None, clock: Clock) -> Deadline:
        """Return the deadline that many seconds from now; ``None`` is never."""
        return cls(math.inf if seconds is None else clock() + seconds, clock)

    def within(self, seconds: float | None) -> Deadline:
        """Return the earlier of this deadline and that many seconds from now."""
        if seconds is None:
            return self
        return Deadline(min(self.at, self.clock() + seconds), self.clock)

    def at_least(self, seconds: float) -> Deadline:
        """Return the later of this deadline and that many seconds from now.

        A request that starts when the time is almost over still gets a response.
        """
        return Deadline(max(self.at, self.clock() + seconds), self.clock)

    @property
    def left(self) -> float:
        """Seconds left; negative once it has passed, ``inf`` if there is no limit."""
        return self.at - self.clock()

    @property
    def is_unlimited(self) -> bool:
        """Whether there is no limit."""
        return math.isinf(self.at)
