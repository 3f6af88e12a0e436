"""An operation as a plan: a generator that says what to do next and reads what came of it.

A plan is written once. A sync and an async shell run it, each doing nothing but the sending, the
sleeping and the blocking calls, so the two can't drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from attrs import field, frozen

from benchwire.errors import APIError
from benchwire_api.types import Request, Response

T = TypeVar("T")
S = TypeVar("S")


@frozen
class Send:
    """Send this request; the plan goes on with the ``Response``, whatever its status.

    Where no answer came, an ``APIConnectionError`` is thrown into the plan; its ``never_sent`` says
    whether the request surely did not reach the service.

    Attributes:
        request: What to send.
        within: Seconds there are for it, its repetitions included, where that is less than the
            deadline leaves.
        once: Whether the request has an effect that must not happen twice. It is then sent again
            only where it surely had none, and on a connection of its own.
        secrets: Texts of the request that errors must not repeat after the service.
    """

    request: Request
    within: float | None = None
    once: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)


@frozen
class Sleep:
    """Sleep this many seconds; the plan goes on with ``None``."""

    seconds: float


@frozen
class Do:
    """Make this call, which may block on a file or a lock; the plan goes on with its result."""

    call: Callable[[], Any]


Plan = Generator[Send | Sleep | Do, Any, T]
"""Yields what to do next, is sent what came of it, and returns the operation's result."""


def send(request: Request, read: Callable[[Response], T], within: float | None = None) -> Plan[T]:
    """Send one request and read its answer."""
    response = yield Send(request, within)
    return read(response)


def answer(value: T) -> Plan[T]:
    """Give a result that needs no request."""
    return value
    yield  # a generator function that yields nothing


def then(plan: Plan[S], change: Callable[[S], T]) -> Plan[T]:
    """Turn the result of a plan into another."""
    return change((yield from plan))


def none_on_api_error(plan: Plan[T]) -> Plan[T | None]:
    """Give ``None`` where the plan would raise an ``APIError``; other errors go through."""
    try:
        return (yield from plan)
    except APIError:
        return None
