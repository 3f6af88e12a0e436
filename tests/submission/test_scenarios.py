"""Scenarios of submissions on a virtual clock: every fault, every crash, several processes.

The invariants are in ``scripts/simulation/scenarios.py``. ``make test`` plays 100 scenarios for each
behaviour of a service, ``make test-long`` 10,000 in all.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripts.simulation.scenarios import PAYLOADS, Scenario, Submit
from scripts.simulation.service import Fault, FaultKind, ServiceBehaviour

BEHAVIOURS: dict[str, ServiceBehaviour] = {
    "as documented": ServiceBehaviour(),
    "its clock is ahead": ServiceBehaviour(ahead=7200.0),
    "its clock is behind": ServiceBehaviour(ahead=-86_400.0),
    "no date": ServiceBehaviour(sends_date=False),
    "no time of creation": ServiceBehaviour(shows_created=False),
    "no batch": ServiceBehaviour(shows_batch=False),
    "no endpoint": ServiceBehaviour(shows_endpoint=False),
    "no limit": ServiceBehaviour(refuses_limit=True),
    "short pages": ServiceBehaviour(page=3),
    "short pages, no limit, no date": ServiceBehaviour(
        page=2, refuses_limit=True, sends_date=False
    ),
    "oldest first": ServiceBehaviour(page=3, order="oldest"),
    "in any order": ServiceBehaviour(page=3, order="any"),
    "whole, in any order": ServiceBehaviour(order="any"),
}

names = st.sampled_from(sorted(PAYLOADS))
lags = st.sampled_from([0.0, 0.0, 2.0, 30.0, 90.0])
faults = st.builds(
    Fault,
    kind=st.sampled_from(FaultKind),
    delay=st.sampled_from([1.0, 20.0, 45.0]),
    lag=lags,
)
maybe = st.none() | st.integers(0, 60)
failing = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "begin",
                "settle_accepted",
                "mark_send_failed",
                "mark_unknown",
                "settle_not_executed",
                "snapshot",
                "mark_resent",
                "salt",
                "try_lock",
            ]
        ),
        st.booleans(),
    ),
    max_size=1,
).map(tuple)
submits = st.builds(
    Submit,
    name=names,
    fault=faults,
    dies_at=maybe,
    interrupted_at=maybe,
    failing=failing,
    resend=st.booleans(),
)
few = st.lists(submits, min_size=1, max_size=3)
events = st.lists(
    st.one_of(
        few.map(lambda chosen: ("submit", chosen)),
        few.map(lambda chosen: ("submit", chosen)),
        maybe.map(lambda dies_at: ("resume", dies_at)),
        st.tuples(st.just("elsewhere"), st.tuples(names, lags)),
        st.tuples(st.just("failing lists"), st.integers(1, 30)),
        st.tuples(st.just("time"), st.sampled_from([1.0, 30.0, 61.0, 700.0])),
    ),
    min_size=1,
    max_size=6,
)


def play(scenario: Scenario, event: tuple[str, Any]) -> None:
    kind, value = event
    if kind == "submit":
        scenario.submit(*value)
    elif kind == "resume":
        scenario.resume(dies_at=value)
    elif kind == "elsewhere":
        scenario.submit_elsewhere(*value)
    elif kind == "failing lists":
        scenario.world.service.failing_lists = value
    else:
        scenario.pass_time(value)


SCENARIOS = [100, pytest.param(10_000 // len(BEHAVIOURS), marks=pytest.mark.long)]


@pytest.mark.parametrize("scenarios", SCENARIOS)
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_scenario(behaviour: str, scenarios: int) -> None:
    @settings(
        max_examples=scenarios,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(happened=events)
    def any_events(happened: list[tuple[str, Any]]) -> None:
        scenario = Scenario(BEHAVIOURS[behaviour])
        for event in happened:
            play(scenario, event)
            scenario.check()
        if not scenario.foreign:
            assert scenario.mistaken() == []
        scenario.pass_time(3600)
        scenario.resume()
        scenario.check()

    any_events()
