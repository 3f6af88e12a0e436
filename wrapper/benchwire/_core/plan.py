"""An operation as a plan: a generator that says what to send and when to sleep, and reads answers.

A plan is written once. A sync and an async shell run it, each doing nothing but the sending and the
sleeping, so the two can't drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from attrs import frozen

from benchwire.errors import APIError
from benchwire_api.types import Request, Response

T = TypeVar("T")
S = TypeVar("S")


@frozen
class Send:
    """Send this request; the plan goes on with the ``Response``.

    Attributes:
        within: Seconds the shell may wait for it, where that is less than its own timeout.
    """

    request: Request
    within: float | None = None


@frozen
class Sleep:
    """Sleep this many seconds; the plan goes on with ``None``."""

    seconds: float


Plan = Generator[Send | Sleep, Any, T]
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
