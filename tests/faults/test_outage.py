"""A service that is down is not made worse: few repetitions, and none before its time."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import Any

import pytest

import benchwire
from support.both import Flavour
from support.fault_calls import BEFORE, Caller
from support.fault_clock import SkippingClock
from support.fault_kinds import FAULTS
from support.fault_server import Exchange, Fault, FaultServer, message

RETRIES = 10
some_or_a_thousand = pytest.mark.parametrize(
    "calls", [250, pytest.param(1_000, marks=pytest.mark.long)]
)


@some_or_a_thousand
@pytest.mark.parametrize("name", ["503", "closed-on-accept"])
def test_an_outage_costs_hardly_more_than_a_request_a_call(
    name: str, calls: int, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    caller = Caller(flavour, service, clock)
    plan = service.break_with(FAULTS[name])
    errors = {type(caller.read().error) for _ in range(calls)}
    assert errors == {benchwire.ServerError if name == "503" else benchwire.APIConnectionError}
    assert calls < plan.happened <= calls + RETRIES


@some_or_a_thousand
def test_a_dead_service_is_hardly_tried_again(
    calls: int, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    """Nobody counts there, so the attempts are counted here."""
    attempts: list[Any] = []
    hooks = benchwire.Hooks(on_request=attempts.append)
    caller = Caller(flavour, service, clock, hooks=hooks)
    service.break_with(FAULTS["refused"])
    assert {type(caller.read().error) for _ in range(calls)} == {benchwire.APIConnectionError}
    assert calls < len(attempts) <= calls + RETRIES
    service.heal()


def test_copies_of_a_client_share_what_may_be_repeated(
    flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    caller = Caller(flavour, service, clock)
    plan = service.break_with(FAULTS["503"])
    for _ in range(100):
        copy = caller.client.with_options(timeout=5)
        with pytest.raises(benchwire.ServerError):
            flavour.result(copy.me())
    assert plan.happened <= 110


def test_repetitions_are_earned_again_by_answers(
    flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    caller = Caller(flavour, service, clock)
    service.break_with(FAULTS["503"])
    for _ in range(20):
        caller.read()
    assert "retry budget" in str(caller.read().error)
    service.heal()
    for _ in range(10):
        assert caller.read().value == [BEFORE]
    service.break_with(FAULTS["503"], times=1)
    assert caller.read().value == [BEFORE]


def test_answers_that_come_are_no_outage(
    flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    """One failure in each call, fifty times: a repetition that helps is not taken off the budget."""
    caller = Caller(flavour, service, clock)
    for _ in range(50):
        service.break_with(FAULTS["503"], times=1)
        assert caller.read().value == [BEFORE]


def busy(status: int, retry_after: str) -> Fault:
    def act(exchange: Exchange) -> None:
        exchange.honest()
        exchange.send(message(b"{}", status, retry_after=retry_after))

    return Fault(f"{status} {retry_after}", act, executes=False)


class Diary:
    """When requests were sent, and what the pauses were to be, on the clock of the test."""

    def __init__(self, clock: SkippingClock) -> None:
        self.sent: list[float] = []
        self.delays: list[float] = []
        self.hooks = benchwire.Hooks(
            on_request=lambda event: self.sent.append(clock.now()),
            on_retry=lambda event: self.delays.append(event.delay),
        )


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("seconds", ["0.75", "1", "2.5", "29", "3, 7"])
def test_never_before_retry_after(
    status: int, seconds: str, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    diary = Diary(clock)
    caller = Caller(flavour, service, clock, hooks=diary.hooks, deadline=120)
    service.break_with(busy(status, seconds), times=2)
    assert caller.read().value == [BEFORE]
    least = float(seconds.rsplit(",", maxsplit=1)[-1])
    first, second, third = diary.sent
    assert second - first >= least
    assert third - second >= least
    assert min(diary.delays) >= least


def test_never_before_the_date_in_retry_after(
    flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    moment = int(time.time()) + 20
    wakes: list[float] = []
    hooks = benchwire.Hooks(on_retry=lambda event: wakes.append(time.time() + event.delay))
    caller = Caller(flavour, service, clock, hooks=hooks)
    service.break_with(busy(503, formatdate(moment, usegmt=True)), times=1)
    assert caller.read().value == [BEFORE]
    assert wakes[0] >= moment


def test_a_submission_waits_for_retry_after_too(
    flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    diary = Diary(clock)
    caller = Caller(flavour, service, clock, hooks=diary.hooks)
    service.break_with(busy(429, "5"), method="POST", times=1)
    assert caller.submit("job").value == ["job-1"]
    _, first, second = diary.sent
    assert second - first >= 5


@pytest.mark.parametrize(("deadline", "retry_after"), [(10, "11"), (10, "9" * 400), (None, "3600")])
def test_a_retry_after_that_is_too_far_away_ends_the_call_at_once(
    deadline: float | None,
    retry_after: str,
    flavour: Flavour,
    service: FaultServer,
    clock: SkippingClock,
) -> None:
    caller = Caller(flavour, service, clock, deadline=deadline)
    plan = service.break_with(busy(503, retry_after))
    error = caller.read().error
    assert isinstance(error, benchwire.ServerError)
    assert "Retry-After is" in str(error)
    assert "deadline" in str(error)
    assert clock.slept == []
    assert plan.happened == 1


@pytest.mark.parametrize("retries", [0, 1, 5])
def test_max_retries_of_a_client_and_of_a_call(
    retries: int, flavour: Flavour, service: FaultServer, clock: SkippingClock
) -> None:
    plan = service.break_with(FAULTS["503"])
    caller = Caller(flavour, service, clock, max_retries=retries)
    caller.read()
    assert plan.happened == 1 + retries

    plan = service.break_with(FAULTS["503"])
    other = Caller(flavour, service, clock)
    with pytest.raises(benchwire.ServerError):
        flavour.result(other.client.me(max_retries=retries))
    assert plan.happened == 1 + retries
