"""Attempts of a request with its own deadline."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TypeVar

import pytest

from benchwire._transport.attempts import Sender
from benchwire._transport.deadline import Deadline
from benchwire._transport.endpoint import V0, Endpoint
from benchwire._transport.observers import Observers
from benchwire._transport.options import parse_options
from benchwire._transport.port import run_sync
from benchwire._transport.received import Received
from benchwire._transport.redaction import Redactor
from benchwire._transport.retry import Budget, is_transient
from benchwire.errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    DeadlineExceededError,
)
from benchwire.secret import Secret
from benchwire_api.types import Request
from support.ports import Clock

T = TypeVar("T")

REQUEST = Request(operation_id="getJob", method="GET", path="/v0/jobs/j1")
BUSY = Received(status_code=503, headers={"retry-after": "1"}, content=b"")


class BusyIO:
    """Replies 503 to every attempt, after some seconds.

    Attributes:
        seconds: What each attempt was allowed to take.
    """

    def __init__(self, clock: Clock, takes: float) -> None:
        self._clock = clock
        self._takes = takes
        self.seconds: list[float] = []

    async def attempt(self, request: Request, seconds: float, *, fresh: bool) -> Received:
        self.seconds.append(seconds)
        self._clock.now += self._takes
        return BUSY

    async def sleep(self, seconds: float) -> None:
        self._clock.now += seconds

    async def call(self, function: Callable[[], T]) -> T:
        return function()


def sender(io: BusyIO, clock: Clock, deadline: float | None = None) -> Sender:
    return Sender(
        io=io,
        endpoint=Endpoint(V0, "https://jobs.example", Secret("k")),
        options=parse_options(None, deadline, 5, None),
        deadline=Deadline.after(deadline, clock),
        budget=Budget(),
        observers=Observers(),
        random=Random(1),
    )


def send(sender: Sender, within: float | None) -> Received:
    return run_sync(sender.send(REQUEST, deadline=sender.deadline.within(within)))


def test_retries_stay_within_the_deadline_of_a_request() -> None:
    clock = Clock()
    io = BusyIO(clock, takes=0.5)
    response = send(sender(io, clock), 4.0)
    assert response.status_code == 503
    assert 2 <= len(io.seconds) < 6, "the deadline ends it, not the number of retries"
    assert io.seconds == sorted(io.seconds, reverse=True)
    assert io.seconds[0] == 4.0
    assert clock.now <= 104.0
    assert "past the deadline" in (response.retry_stopped or "")


def test_a_request_without_time_left_is_not_sent() -> None:
    clock = Clock()
    io = BusyIO(clock, takes=0.0)
    with pytest.raises(APITimeoutError, match="no time left") as caught:
        send(sender(io, clock), 0.0)
    assert caught.value.never_sent
    assert not isinstance(caught.value, DeadlineExceededError)
    assert io.seconds == []


def test_a_request_after_the_deadline_is_not_sent() -> None:
    clock = Clock()
    io = BusyIO(clock, takes=0.0)
    late = sender(io, clock, deadline=2.0)
    clock.now += 2
    with pytest.raises(DeadlineExceededError, match="the deadline of 2 s has passed") as caught:
        send(late, None)
    assert caught.value.never_sent
    assert io.seconds == []


def test_secrets_that_are_too_short_are_not_redacted() -> None:
    assert Redactor.of([Secret("k")]).text("benchmark") == "benchmark"
    assert Redactor.of([Secret("sk-1")]).text("a key: sk-1") == "a key: **********"


def status_error(status: int) -> APIStatusError:
    return APIStatusError("m", operation="getJob", status_code=status, body=None, headers={})


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 507, 520, 522, 599])
def test_statuses_that_are_transient(status: int) -> None:
    assert is_transient(status_error(status))


@pytest.mark.parametrize("status", [200, 302, 400, 401, 402, 403, 404, 409, 422, 499, 600])
def test_statuses_that_are_not_transient(status: int) -> None:
    assert not is_transient(status_error(status))


def test_errors_that_are_transient() -> None:
    invalid = APIResponseValidationError(
        "m", operation="o", request_id=None, status_code=200, path="$", expected="a", got="b"
    )
    errors: list[tuple[APIError, bool]] = [
        (APIConnectionError("m", operation="o"), True),
        (APITimeoutError("m", operation="o"), True),
        (invalid, False),
    ]
    assert [is_transient(error) for error, _ in errors] == [expected for _, expected in errors]
