"""Histories of submissions on a virtual clock: every fault, every crash, several processes.

What must hold in each of them is in ``scripts/simulation/histories.py``. There are 10,000 in all, in
parts, so that they can run side by side.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripts.simulation.scenarios import PAYLOADS, History, Submit
from scripts.simulation.service import Fate, Fault, Habits

HISTORIES = 10_000

HABITS: dict[str, Habits] = {
    "as documented": Habits(),
    "its clock is ahead": Habits(ahead=7200.0),
    "its clock is behind": Habits(ahead=-86_400.0),
    "no date": Habits(says_date=False),
    "no time of creation": Habits(says_created=False),
    "no batch": Habits(says_batch=False),
    "no endpoint": Habits(says_endpoint=False),
    "no limit": Habits(refuses_limit=True),
    "short pages": Habits(page=3),
    "short pages, no limit, no date": Habits(page=2, refuses_limit=True, says_date=False),
}

names = st.sampled_from(sorted(PAYLOADS))
lags = st.sampled_from([0.0, 0.0, 2.0, 30.0, 90.0])
fates = st.builds(
    Fate,
    fault=st.sampled_from(Fault),
    delay=st.sampled_from([1.0, 20.0, 45.0]),
    lag=lags,
)
maybe = st.none() | st.integers(0, 60)
failing = st.lists(
    st.tuples(
        st.sampled_from(["begin", "accept", "failed", "unknown", "without_effect", "view"]),
        st.booleans(),
    ),
    max_size=1,
).map(tuple)
submits = st.builds(
    Submit, name=names, fate=fates, dies_at=maybe, interrupted_at=maybe, failing=failing
)
few = st.lists(submits, min_size=1, max_size=3)
events = st.lists(
    st.one_of(
        few.map(lambda given: ("submit", given)),
        few.map(lambda given: ("submit", given)),
        maybe.map(lambda dies_at: ("resume", dies_at)),
        st.tuples(st.just("others"), st.tuples(names, lags)),
        st.tuples(st.just("failing lists"), st.integers(1, 30)),
        st.tuples(st.just("time"), st.sampled_from([1.0, 30.0, 61.0, 700.0])),
    ),
    min_size=1,
    max_size=6,
)


def play(history: History, event: tuple[str, Any]) -> None:
    kind, value = event
    if kind == "submit":
        history.submit(*value)
    elif kind == "resume":
        history.resume(dies_at=value)
    elif kind == "others":
        history.others(*value)
    elif kind == "failing lists":
        history.world.service.failing_lists = value
    else:
        history.pass_time(value)


@pytest.mark.parametrize("habits", HABITS)
@settings(
    max_examples=HISTORIES // len(HABITS),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(happened=events)
def test_history(habits: str, happened: list[tuple[str, Any]]) -> None:
    history = History(HABITS[habits])
    for event in happened:
        play(history, event)
        history.check()
    if not history.foreign:
        assert history.mistaken() == []
    history.pass_time(3600)
    history.resume()
    history.check()
