"""Decides how many pages of a list may be under way, by how the service takes them."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from attrs import define, field

from benchwire._core import retrying
from benchwire._core.delivery import retry_after
from benchwire.errors import RateLimitError

_MOST_ROUNDS = 20
"""Refusals in a row, one pause behind the other, after which a service is taken at its word."""


@define
class Pace:
    """How fast a list is read: slower after each refusal for the rate, faster with each page.

    Attributes:
        most: The pages that may be under way at the best of times.
        until: When the list must be read, on the monotonic clock; ``inf`` is never.
        may_repeat: Whether a page that was refused may be asked for again at all.
        clock: A monotonic clock.
        random: Where jitter comes from.
        turn: Counts the times it was slowed down.
    """

    most: int
    until: float
    may_repeat: bool
    clock: Callable[[], float]
    random: Random
    _allowed: float = field(init=False)
    turn: int = field(default=0, init=False)
    _go_on_at: float = field(default=-math.inf, init=False)
    _rounds: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._allowed = self.most

    @property
    def allowed(self) -> int:
        """The pages that may be under way now."""
        return int(self._allowed)

    @property
    def pause(self) -> float:
        """Seconds until the next page may be asked for."""
        return max(0.0, self._go_on_at - self.clock())

    def arrived(self) -> None:
        """Report that a page came."""
        self._rounds = 0
        self._allowed = min(self.most, self._allowed + 1 / self._allowed)

    def refused(self, error: RateLimitError, turn: int) -> str | None:
        """Report that a page was refused.

        Args:
            error: The refusal.
            turn: What ``turn`` was when the page was asked for. Those that were under way together
                are refused together, and that is one reason to slow down, not many.

        Returns:
            Why it can't be asked for again, if so; ``None`` if it can.
        """
        if not self.may_repeat:
            return ""
        now = self.clock()
        wanted = retry_after(error.headers)
        if wanted is not None and wanted > retrying.LONGEST_PAUSE and math.isinf(self.until):
            return retrying.too_long(wanted)
        if turn == self.turn:
            self.turn += 1
            self._rounds += 1
            self._allowed = max(1.0, self._allowed / 2)
        if self._rounds > _MOST_ROUNDS:
            return f"refused {self._rounds} times in a row"
        pause = retrying.pause(self._rounds, wanted, self.random)
        if now + pause >= self.until:
            return retrying.beyond(wanted, self.until - now)
        self._go_on_at = max(self._go_on_at, now + pause)
        return None
