"""What is done with a request that must be answered within a time of its own."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import pytest

from benchwire._core.delivery import Arrival, Attempt, Courier
from benchwire._core.exchange import Listeners
from benchwire._core.hiding import forms, hidden
from benchwire._core.options import options
from benchwire._core.plan import Plan, Send, Sleep
from benchwire._core.retrying import Budget
from benchwire.errors import APITimeoutError, DeadlineExceededError
from benchwire.secret import Secret
from benchwire_api.types import Request, Response

REQUEST = Request(operation_id="getJob", method="GET", path="/v0/jobs/j1")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def courier(clock: Clock, deadline: float | None = None) -> Courier:
    return Courier(
        service="v0",
        key=Secret("k"),
        options=options(None, deadline, 5, None),
        until=math.inf if deadline is None else clock.now + deadline,
        budget=Budget(),
        listeners=Listeners(),
        clock=clock,
        random=Random(1),
    )


def asking(within: float | None) -> Plan[Response]:
    response: Response = yield Send(REQUEST, within)
    return response


def carried_out(plan: Any, clock: Clock, answer: Arrival, takes: float) -> tuple[Any, list[float]]:
    """Answer every attempt the same way; gives the result and the seconds each attempt had."""
    given: list[float] = []
    try:
        step = next(plan)
        while True:
            if isinstance(step, Sleep):
                clock.now += step.seconds
                step = plan.send(None)
            else:
                assert isinstance(step, Attempt)
                given.append(step.seconds)
                clock.now += takes
                step = plan.send(answer)
    except StopIteration as end:
        return end.value, given


BUSY = Arrival(503, {"retry-after": "1"}, b"", None)


def test_repetitions_stay_within_the_time_of_a_request() -> None:
    clock = Clock()
    plan = courier(clock).carry_out(asking(4.0))
    response, given = carried_out(plan, clock, BUSY, takes=0.5)
    assert response.status_code == 503
    assert 2 <= len(given) < 6, "the time ends it, not the number of repetitions"
    assert given == sorted(given, reverse=True)
    assert given[0] == 4.0
    assert clock.now <= 104.0
    assert "beyond the deadline" in response.ending


def test_a_request_without_time_is_not_sent() -> None:
    clock = Clock()
    with pytest.raises(APITimeoutError, match="no time left") as caught:
        carried_out(courier(clock).carry_out(asking(0.0)), clock, BUSY, takes=0.0)
    assert caught.value.never_sent
    assert not isinstance(caught.value, DeadlineExceededError)


def test_a_request_after_the_deadline_is_not_sent() -> None:
    clock = Clock()
    late = courier(clock, deadline=2.0)
    clock.now += 2
    with pytest.raises(DeadlineExceededError, match="the deadline of 2 s is over") as caught:
        carried_out(late.carry_out(asking(None)), clock, BUSY, takes=0.0)
    assert caught.value.never_sent


def test_secrets_too_short_to_be_any_are_not_hidden() -> None:
    assert hidden("benchmark", forms("k")) == "benchmark"
    assert hidden("a key: sk-1", forms("sk-1")) == "a key: **********"
