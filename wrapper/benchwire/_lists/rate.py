"""Controls how many pages of a list are fetched at a time: slow start, then AIMD."""

from __future__ import annotations

from random import Random

from attrs import define, field

from benchwire._transport import retry
from benchwire._transport.deadline import Deadline
from benchwire.errors import RateLimitError

_START = 6
"""The pages fetched at a time at first; twice as many with each round, until a 429."""

_MAX_ROUNDS = 20
"""Maximum consecutive rounds of 429 responses before the page fails."""


@define
class RateController:
    """Raises the concurrency with each page, and halves it after each 429.

    Attributes:
        maximum: The maximum number of pages fetched at a time.
        deadline: When the list must have been read.
        may_retry: Whether a throttled page may be fetched again at all.
        random: The source of jitter.
        epoch: Counts the reductions.
    """

    maximum: int
    deadline: Deadline
    may_retry: bool
    random: Random
    epoch: int = field(default=0, init=False)
    _allowed: float = field(init=False)
    _threshold: float = field(init=False)  # until which a page raises it by one
    _pause_until: float = field(default=float("-inf"), init=False)
    _rounds: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._allowed = min(self.maximum, _START)
        self._threshold = self.maximum

    @property
    def allowed(self) -> int:
        """The number of pages that may be fetched at a time now."""
        return int(self._allowed)

    @property
    def pause(self) -> float:
        """Seconds until the next page may be requested."""
        return max(0.0, self._pause_until - self.deadline.clock())

    def arrived(self) -> None:
        """Report that a page arrived."""
        self._rounds = 0
        step = 1 if self._allowed < self._threshold else 1 / self._allowed
        self._allowed = min(self.maximum, self._allowed + step)

    def throttled(self, error: RateLimitError, epoch: int) -> str | None:
        """Report a 429.

        Args:
            error: The 429.
            epoch: The ``epoch`` when the page was requested. Pages requested at the same time are
                throttled together, which is one reason to slow down, not many.

        Returns:
            Why the page can't be requested again; ``None`` if it can.
        """
        if not self.may_retry:
            return ""
        requested = retry.retry_after(error.headers)
        too_long = requested is not None and requested > retry.MAX_PAUSE
        if requested is not None and too_long and self.deadline.is_unlimited:
            return retry.retry_after_too_long_reason(requested)
        if epoch == self.epoch:
            self.epoch += 1
            self._rounds += 1
            self._allowed = self._threshold = max(1.0, self._allowed / 2)
        if self._rounds > _MAX_ROUNDS:
            return f"throttled {self._rounds} times in a row"
        now, pause = self.deadline.clock(), retry.delay(self._rounds, requested, self.random)
        if now + pause >= self.deadline.at:
            return retry.past_deadline_reason(requested, self.deadline.at - now)
        self._pause_until = max(self._pause_until, now + pause)
        return None
