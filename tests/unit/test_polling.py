"""Waiting for something to end at the service: with a clock that only the sleeping moves."""

from __future__ import annotations

import logging
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchwire._core.plan import Plan, Send, Sleep
from benchwire._polling import Wait, wait_for_all, wait_for_one
from benchwire.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    JobFailedError,
    NotFoundError,
    RateLimitError,
    ServerError,
    WaitTimeoutError,
)
from benchwire.models import Evaluation, Job
from support import wire


class Clock:
    """A clock that stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeps: list[float] = []

    def __call__(self) -> float:
        return self.now


class Asked(list[str]):
    """What was asked for, in order, and the seconds there were for each."""

    def __init__(self) -> None:
        super().__init__()
        self.within: list[float] = []


def job(status: str, identity: str = "j1", **fields: Any) -> Job:
    return Job.from_dict(wire.job(identity, status, **fields))


def evaluation(status: str, **fields: Any) -> Evaluation:
    return Evaluation.from_dict(wire.evaluation(1, status=status, **fields))


def run(plan: Plan[Any], clock: Clock) -> Any:
    """Do what a plan says; a sleep moves the clock and nothing else."""
    try:
        step = next(plan)
        while True:
            assert isinstance(step, Sleep), "the fake asking needs no sending"
            assert step.seconds > 0
            clock.sleeps.append(step.seconds)
            clock.now += step.seconds
            step = plan.send(None)
    except StopIteration as end:
        return end.value


def answering(
    states: Callable[[str], Any], asked: Asked, clock: Clock, takes: float = 0.0
) -> Callable[[str, float], Plan[Any]]:
    """Answer each asking with what `states` gives; an exception is raised, and time goes by."""

    def ask(identity: str, within: float) -> Plan[Any]:
        asked.append(identity)
        asked.within.append(within)
        clock.now += min(takes, within)
        if takes > within:
            raise APITimeoutError("too late", operation="getJob")
        state = states(identity)
        if isinstance(state, Exception):
            raise state
        return state
        yield Send  # pragma: no cover  (makes it a plan)

    return ask


def sequence(*states: Any) -> Callable[[str], Any]:
    """One state after the other; the last goes on for ever."""
    left = list(states)
    return lambda identity: left.pop(0) if len(left) > 1 else left[0]


def wait_once(
    *states: Any,
    timeout: float = 60.0,
    interval: float = 1.0,
    takes: float = 0.0,
    on_progress: Callable[[Any], object] | None = None,
) -> tuple[Any, Clock, Asked]:
    clock, asked = Clock(), Asked()
    watch = Wait(timeout, interval, clock, Random(1))
    ask = answering(sequence(*states), asked, clock, takes)
    return run(wait_for_one("j1", ask, watch, on_progress), clock), clock, asked


def test_it_ends_with_the_state_it_waited_for() -> None:
    seen: list[str] = []
    done = job("completed")
    state, clock, asked = wait_once(
        job("pending"), job("running"), done, on_progress=lambda state: seen.append(state.status)
    )
    assert state is done
    assert (asked, seen) == (["j1"] * 3, ["pending", "running", "completed"])
    assert len(clock.sleeps) == 2


def test_what_has_ended_needs_no_sleep() -> None:
    _, clock, asked = wait_once(job("completed"))
    assert (asked, clock.sleeps) == (["j1"], [])


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (
            job("failed", error_message="The endpoint answered 401."),
            ": The endpoint answered 401.",
        ),
        (job("failed", progress_message="stopped at 3 of 10"), ": stopped at 3 of 10"),
        (job("failed"), ""),
        (evaluation("failure", status_description="no quota"), ": no quota"),
        (evaluation("timeout"), ""),
        (evaluation("cancelled"), ""),
    ],
)
def test_every_bad_end_is_an_error_with_the_state(state: Any, reason: str) -> None:
    with pytest.raises(JobFailedError) as caught:
        wait_once(state)
    assert caught.value.job is state
    kind = "job" if isinstance(state, Job) else "evaluation"
    expected = f"{kind} {state.id} ended with status {str(state.status)!r}{reason}"
    assert str(caught.value) == expected


@pytest.mark.parametrize("status", ["completed", "success"])
def test_every_good_end_is_a_result(status: str) -> None:
    state = job(status) if status == "completed" else evaluation(status)
    assert wait_once(state)[0] is state


@pytest.mark.parametrize(
    "state",
    [job("pending"), job("running"), *map(evaluation, ("pending", "in-progress", "paused"))],
)
def test_the_timeout_is_enforced(state: Any) -> None:
    with pytest.raises(WaitTimeoutError) as caught:
        wait_once(state, timeout=20)
    assert caught.value.pending == ["j1"]
    assert caught.value.states == {"j1": state}
    assert caught.value.job is state
    assert str(caught.value) == f"not ended after 20 seconds: j1 ({state.status})"


@pytest.mark.parametrize("timeout", [0.001, 0.5, 1.0, 7.3, 20.0, 86_400.0])
def test_the_last_look_falls_on_the_end(timeout: float) -> None:
    clock, asked = Clock(), Asked()
    watch = Wait(timeout, 1.0, clock, Random(2))
    with pytest.raises(WaitTimeoutError):
        run(
            wait_for_one("j1", answering(sequence(job("running")), asked, clock), watch, None),
            clock,
        )
    assert clock.now == pytest.approx(1000.0 + timeout)
    assert len(asked) == len(clock.sleeps) + 1


def test_a_state_that_ends_at_the_very_end_counts() -> None:
    clock, asked = Clock(), Asked()
    states = answering(
        lambda identity: job("completed" if clock.now >= 1010 else "running"), asked, clock
    )
    state = run(wait_for_one("j1", states, Wait(10, 1, clock), None), clock)
    assert state.status == "completed"


@given(interval=st.floats(0.01, 120), timeout=st.floats(0.01, 10_000), seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_intervals_grow_within_bounds(interval: float, timeout: float, seed: int) -> None:
    clock, asked = Clock(), Asked()
    watch = Wait(timeout, interval, clock, Random(seed))
    ask = answering(sequence(job("running")), asked, clock)
    with pytest.raises(WaitTimeoutError):
        run(wait_for_one("j1", ask, watch, None), clock)
    longest = interval
    for slept in clock.sleeps[:-1]:
        assert 0.75 * longest <= slept * (1 + 1e-9)
        assert slept <= longest * (1 + 1e-9)
        longest = max(interval, min(longest * 1.5, 30.0))
    # The last sleep is cut short, never drawn out.
    assert clock.sleeps[-1] <= longest * (1 + 1e-9)
    assert sum(clock.sleeps) == pytest.approx(timeout)


def test_intervals_differ_between_waiters() -> None:
    def sleeps(seed: int) -> list[float]:
        clock = Clock()
        watch = Wait(100, 1, clock, Random(seed))
        ask = answering(sequence(job("running")), Asked(), clock)
        with pytest.raises(WaitTimeoutError):
            run(wait_for_one("j1", ask, watch, None), clock)
        return clock.sleeps

    assert sleeps(1) == sleeps(1)
    assert sleeps(1)[:5] != sleeps(2)[:5]


def test_asking_gets_no_more_time_than_is_left() -> None:
    with pytest.raises(WaitTimeoutError):
        wait_once(job("running"), timeout=10, takes=60)
    _, _, asked = wait_once(job("running"), job("running"), job("completed"), timeout=10, takes=1)
    assert asked.within[0] == 10
    assert asked.within == sorted(asked.within, reverse=True)


def test_an_asking_that_is_cut_off_by_the_end_is_a_timeout_of_the_wait() -> None:
    with pytest.raises(WaitTimeoutError) as caught:
        wait_once(job("running"), timeout=10, takes=60)
    assert (caught.value.pending, caught.value.states, caught.value.job) == (["j1"], {}, None)
    assert str(caught.value) == "not ended after 10 seconds: j1 (no answer)"


PASSING = [
    APITimeoutError("the client's own timeout", operation="getJob"),
    APIConnectionError("reset", operation="getJob"),
    *(
        kind("busy", operation="getJob", status_code=status, body=None, headers={})
        for status, kind in [
            (408, APIStatusError),
            (429, RateLimitError),
            (500, ServerError),
            (503, ServerError),
        ]
    ),
]


@pytest.mark.parametrize("problem", PASSING)
def test_a_first_look_that_fails_is_an_error(problem: APIError) -> None:
    with pytest.raises(type(problem)) as caught:
        wait_once(problem)
    assert caught.value is problem


@pytest.mark.parametrize("problem", PASSING)
def test_a_later_look_that_fails_is_no_news(problem: APIError) -> None:
    state, _, asked = wait_once(job("running"), problem, problem, job("completed"))
    assert (state.status, len(asked)) == ("completed", 4)


def test_looks_that_go_on_failing_end_with_the_wait() -> None:
    with pytest.raises(WaitTimeoutError) as caught:
        wait_once(job("running"), PASSING[1])
    assert caught.value.job is not None


def test_a_later_look_that_is_refused_is_an_error() -> None:
    gone = NotFoundError("gone", operation="getJob", status_code=404, body=None, headers={})
    with pytest.raises(NotFoundError):
        wait_once(job("running"), gone)


def test_no_look_is_made_before_the_service_wants_one() -> None:
    busy = RateLimitError(
        "busy", operation="getJob", status_code=429, body=None, headers={"retry-after": "20"}
    )
    _, clock, _ = wait_once(job("running"), busy, job("completed"))
    assert max(clock.sleeps) >= 20


def test_a_service_that_wants_none_before_the_end_is_told_at_once() -> None:
    busy = RateLimitError(
        "busy", operation="getJob", status_code=429, body=None, headers={"retry-after": "61"}
    )
    with pytest.raises(RateLimitError):
        wait_once(job("running"), busy)


def test_an_unknown_status_is_reported_once_and_does_not_hang(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with (
        caplog.at_level(logging.WARNING, "benchwire"),
        pytest.raises(WaitTimeoutError) as caught,
    ):
        wait_once(job("queued"), job("queued"), job("odd"), job("queued"), timeout=30)
    assert caught.value.job is not None
    assert [record.getMessage() for record in caplog.records] == [
        "job j1 has the unknown status 'queued'",
        "job j1 has the unknown status 'odd'",
    ]


def test_an_unknown_status_on_the_way_does_not_end_it() -> None:
    assert wait_once(job("queued"), job("completed"))[0].status == "completed"


@pytest.mark.parametrize(
    "state",
    [
        job("aborted", completed_at="2025-06-03T09:16:02Z"),
        evaluation("errored", finished_at=1_750_000_000),
    ],
)
def test_an_unknown_status_with_an_end_is_an_end(state: Any) -> None:
    with pytest.raises(JobFailedError) as caught:
        wait_once(state)
    assert caught.value.job is state


def test_what_on_progress_raises_goes_through() -> None:
    def stop(state: Any) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError):
        wait_once(job("running"), on_progress=stop)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("name", ["timeout", "poll_interval"])
def test_times_must_be_positive_and_finite(name: str, value: float) -> None:
    arguments = {"timeout": 1.0, "poll_interval": 1.0} | {name: value}
    with pytest.raises(ValueError, match=f"^{name} must be a positive, finite number of seconds"):
        Wait(arguments["timeout"], arguments["poll_interval"], Clock())


@pytest.mark.parametrize("value", ["1", None, True, [1]])
def test_times_must_be_numbers(value: Any) -> None:
    with pytest.raises(TypeError, match="timeout must be a number of seconds"):
        Wait(value, 1.0, Clock())


class Jobs:
    """Jobs at a service: each runs for some rounds; a list shows some of them."""

    def __init__(self, rounds: dict[str, int], *, hidden: frozenset[str] = frozenset()) -> None:
        self.clock = Clock()
        self.rounds = rounds
        self.hidden = hidden
        self.listed = 0
        self.limits: list[int] = []
        self.asked = Asked()

    def state(self, identity: str) -> Job:
        ended = self.rounds[identity] < self.listed
        return job("completed" if ended else "running", identity)

    def list(self, count: int, within: float) -> Plan[list[Job]]:
        self.listed += 1
        self.limits.append(count)
        shown = [name for name in self.rounds if name not in self.hidden]
        return [job("running", "foreign"), *map(self.state, shown)]
        yield Send  # pragma: no cover

    def wait(self, *identities: str, timeout: float = 600.0, seen: list[str] | None = None) -> Any:
        watch = Wait(timeout, 1.0, self.clock, Random(1))
        ask = answering(self.state, self.asked, self.clock)
        progress = None if seen is None else lambda state: seen.append(state.id)
        return run(wait_for_all(identities, self.list, ask, watch, progress), self.clock)


def test_all_are_waited_for_with_one_list_a_round() -> None:
    jobs = Jobs({"a": 0, "b": 2, "c": 1})
    seen: list[str] = []
    states = jobs.wait("b", "a", "c", seen=seen)
    assert [state.id for state in states] == ["b", "a", "c"]
    assert [state.status for state in states] == ["completed"] * 3
    assert (jobs.listed, jobs.asked) == (3, [])
    assert jobs.limits == [3, 2, 1]
    # Each state seen of each that had not ended.
    assert seen == ["b", "a", "c", "b", "c", "b"]


def test_what_the_list_leaves_out_is_asked_for_one_by_one() -> None:
    jobs = Jobs({"a": 1, "b": 1, "c": 0}, hidden=frozenset({"b", "c"}))
    jobs.wait("a", "b", "c")
    assert jobs.listed == 2
    assert jobs.asked == ["b", "c", "b"]


def test_one_that_stands_there_twice_is_waited_for_once() -> None:
    jobs = Jobs({"a": 0, "b": 0}, hidden=frozenset({"a"}))
    states = jobs.wait("a", "b", "a")
    assert [state.id for state in states] == ["a", "b", "a"]
    assert (jobs.asked, jobs.limits) == (["a"], [2])


def test_nothing_to_wait_for_asks_for_nothing() -> None:
    jobs = Jobs({})
    assert jobs.wait() == []
    assert (jobs.listed, jobs.clock.sleeps) == (0, [])


def test_failed_ones_are_among_the_results() -> None:
    clock, asked = Clock(), Asked()

    def listed(count: int, within: float) -> Plan[list[Job]]:
        return [job("failed", "a"), job("completed", "b")]
        yield Send  # pragma: no cover

    ask = answering(lambda identity: pytest.fail("nothing is left out"), asked, clock)
    states = run(wait_for_all(["a", "b"], listed, ask, Wait(9, 1, clock), None), clock)
    assert [state.status for state in states] == ["failed", "completed"]


def test_the_timeout_of_all_names_those_that_go_on() -> None:
    jobs = Jobs({"a": 0, **{f"x{number}": 10_000 for number in range(7)}})
    with pytest.raises(WaitTimeoutError) as caught:
        jobs.wait(*jobs.rounds, timeout=40)
    error = caught.value
    assert error.pending == [f"x{number}" for number in range(7)]
    assert error.states["a"].status == "completed"
    assert error.states["x6"].status == "running"
    assert str(error) == (
        "not ended after 40 seconds: x0 (running), x1 (running), x2 (running), x3 (running),"
        " x4 (running) and 2 more"
    )
    assert jobs.clock.now == pytest.approx(1040)


@pytest.mark.parametrize("identity", ["", ".", ".."])
def test_ids_are_checked_before_anything_is_asked(identity: str) -> None:
    jobs = Jobs({"a": 0})
    with pytest.raises(ValueError, match="must be an id"):
        jobs.wait("a", identity)
    assert jobs.listed == 0


def test_one_id_is_no_list_of_ids() -> None:
    jobs = Jobs({"a": 0})
    plan = wait_for_all("a", jobs.list, jobs.list, Wait(9, 1, jobs.clock), None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="job_ids must be a list of str, not one str: 'a'"):
        run(plan, jobs.clock)
    assert jobs.listed == 0
