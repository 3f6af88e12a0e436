"""Decides whether a request is sent again, and when.

The pieces are pure: (what came back, how often it was tried) gives a delay or an end. Libraries for
this were looked at and left: httpx-retries shortens a ``Retry-After`` that is over its cap, drops
fractions of a second and breaks on a non-standard status; tenacity and stamina repeat function
calls, and know nothing of deadlines shared by many calls, of a budget, or of what a submission may
not repeat.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from random import Random

from attrs import define, field

RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
"""What a read is sent again for."""

REFUSED_UNEXECUTED = frozenset({429})
"""What a request with an effect is sent again for: documented as refused before it was executed."""

DEFAULT_MAX_RETRIES = 2

LONGEST_PAUSE = 60.0
"""Seconds a ``Retry-After`` may ask for where there is no deadline to hold it against."""

_FIRST_PAUSE = 0.5
_LONGEST_BACKOFF = 8.0

_BUDGET = 100
_COST = 10
_EARNED = 1
"""A tenth of what a repetition costs; whole numbers, since ten times 0.1 is less than 1."""


def backoff(repetition: int, random: Random) -> float:
    """Seconds before a repetition, the first being 1: exponential, with full jitter."""
    return random.uniform(0, min(_LONGEST_BACKOFF, _FIRST_PAUSE * 2 ** min(repetition - 1, 10)))


def pause(repetition: int, retry_after: float | None, random: Random) -> float:
    """Seconds before a repetition; never less than the service asks for.

    Some jitter is added to what it asks for, so that all its clients do not come back at once.
    """
    wait = backoff(repetition, random)
    return wait if retry_after is None else retry_after + min(wait, retry_after / 10)


@define
class Budget:
    """What the requests of a client may be repeated in all, so that an outage is not made worse.

    Each repetition costs 1; one that helped is paid back, and each request that is answered earns a
    tenth, up to 10. While nothing is answered no more than 10 repetitions are made, however many
    calls there are.

    Attributes:
        lock: Held while it is changed, where several threads share it.
    """

    lock: AbstractContextManager[object] = field(factory=nullcontext, repr=False, eq=False)
    _left: int = field(default=_BUDGET, init=False)

    def take(self) -> bool:
        """Pay for a repetition, if there is enough."""
        with self.lock:
            if self._left < _COST:
                return False
            self._left -= _COST
            return True

    def answered(self, repetitions: int) -> None:
        """Report that a request was answered, after so many repetitions."""
        with self.lock:
            self._left = min(_BUDGET, self._left + repetitions * _COST + _EARNED)


def beyond(wanted: float | None, left: float) -> str:
    """Say that the next attempt would come too late."""
    what = "the next attempt" if wanted is None else f"Retry-After asks for {wanted:g} s, which"
    return f"{what} would be beyond the deadline, {max(0.0, left):.1f} s away"


def too_long(wanted: float) -> str:
    """Say that a service wants to be left alone for longer than anyone waits without a deadline."""
    return (
        f"Retry-After asks for {wanted:g} s; more than {LONGEST_PAUSE:g} s is waited for only under"
        " a deadline"
    )
