"""Decides whether a request is retried, and when.

The functions are pure: (what came back, how often it was tried) gives a delay or an end. Libraries
for this were considered and rejected: httpx-retries shortens a ``Retry-After`` that is over its cap,
drops fractions of a second and fails on a non-standard status; tenacity and stamina repeat function
calls, and have no deadline shared by many calls, no budget, and no notion of a request that must not
be executed twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random
from threading import RLock

from attrs import define, field, frozen

from benchwire._transport.retry_after import parse_date, parse_retry_after
from benchwire.errors import APIConnectionError, APIError, APIStatusError
from benchwire_api.processes import held

RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses after which a request that only reads is retried."""

REFUSED_UNEXECUTED = frozenset({429})
"""Statuses after which a request with an effect is retried: documented as refused unexecuted."""

MAX_PAUSE = 60.0
"""The longest ``Retry-After``, in seconds, that is respected where no deadline limits it."""

_FIRST_BACKOFF = 0.5
_MAX_BACKOFF = 8.0

_BUDGET = 100
_COST = 10
_EARNED = 1
"""A tenth of the cost of a retry; whole numbers, since ten times 0.1 is less than 1."""


def is_transient(error: APIError) -> bool:
    """Return whether the same request may succeed later.

    A lost connection, a refusal for the rate, and every fault of the service is transient: 520 and
    its like, which proxies send, as well as 503.
    """
    if isinstance(error, APIStatusError):
        return error.status_code in RETRIED_STATUSES or 500 <= error.status_code < 600
    return isinstance(error, APIConnectionError)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds in ``Retry-After``; ``None`` if there is no such header or it is invalid.

    A date counts from the ``Date`` of the response, since the clock here may be another.
    """
    value, now = headers.get("retry-after"), datetime.now(UTC)
    sent = parse_date(headers.get("date", ""), now)
    return None if value is None else parse_retry_after(value, sent or now)


def backoff(retry: int, random: Random) -> float:
    """Return the seconds before a retry, the first being 1: exponential, with full jitter."""
    return random.uniform(0, min(_MAX_BACKOFF, _FIRST_BACKOFF * 2 ** min(retry - 1, 10)))


def delay(retry: int, requested: float | None, random: Random) -> float:
    """Return the seconds before a retry: never less than the ``Retry-After`` requested.

    Some jitter is added to it, so that not all clients of the service return at once.
    """
    wait = backoff(retry, random)
    return wait if requested is None else requested + min(wait, requested / 10)


@frozen
class Retry:
    """The decision after an attempt.

    Attributes:
        delay: Seconds until the next attempt; ``None`` if there is none.
        reason: Why there is none, where there is something to report.
    """

    delay: float | None = None
    reason: str | None = None


def decide(
    retry: int,
    requested: float | None,
    left: float,
    random: Random,
    take_from_budget: Callable[[], bool],
) -> Retry:
    """Decide when a request that may be retried is retried.

    Args:
        retry: Which retry of the request it would be, from 1.
        requested: The ``Retry-After`` of the response, in seconds.
        left: Seconds until the deadline.
        random: The source of jitter.
        take_from_budget: Takes the cost of a retry; returns whether there was enough.
    """
    wait = delay(retry, requested, random)
    if wait >= left:
        return Retry(reason=past_deadline_reason(requested, left))
    if requested is not None and requested > MAX_PAUSE and left == float("inf"):
        return Retry(reason=retry_after_too_long_reason(requested))
    if not take_from_budget():
        return Retry(reason="the client's retry budget is used up")
    return Retry(wait)


@define
class Budget:
    """Limits the retries of a client as a whole, so that an outage is not made worse.

    Each retry costs 1; one that succeeded is refunded, and each request that gets a response earns a
    tenth, up to 10. While nothing gets a response no more than 10 retries are made, however many
    calls there are.
    """

    _lock: RLock = field(factory=RLock, init=False, repr=False, eq=False)
    _left: int = field(default=_BUDGET, init=False)

    def take(self) -> bool:
        """Take the cost of a retry; return whether there was enough."""
        with held(self._lock):
            if self._left < _COST:
                return False
            self._left -= _COST
            return True

    def refund(self, retries: int) -> None:
        """Report that a request got a response, after so many retries."""
        with held(self._lock):
            self._left = min(_BUDGET, self._left + retries * _COST + _EARNED)


def past_deadline_reason(requested: float | None, left: float) -> str:
    """Return why there is no retry: it would be past the deadline."""
    subject = "the next attempt" if requested is None else f"Retry-After is {requested:g} s, which"
    return f"{subject} would be past the deadline, {max(0.0, left):.1f} s from now"


def retry_after_too_long_reason(requested: float) -> str:
    """Return why there is no retry: ``Retry-After`` is long, and there is no deadline."""
    return (
        f"Retry-After is {requested:g} s; more than {MAX_PAUSE:g} s is respected only within a"
        " deadline"
    )
