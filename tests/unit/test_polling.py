"""Waiting for jobs and evaluations to end, on a clock that only sleeping advances."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchwire._polling import Poll, Wait, wait_for_all, wait_for_one
from benchwire._transport.deadline import Deadline
from benchwire._transport.port import Port, run_sync
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
from support.ports import Clock, ListPort

T = TypeVar("T")
START = 1000.0


class SleepPort(ListPort):
    """A port that sends nothing: polls are functions of the test."""

    def __init__(self, deadline: float | None = None) -> None:
        super().__init__([], Clock(START))
        self.deadline_after = deadline

    @property
    def deadline(self) -> Deadline:
        return Deadline(START + (self.deadline_after or float("inf")), self.clock)

    @property
    def clock(self) -> Clock:
        return self._clock

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0
        await super().sleep(seconds)


class Polls(list[str]):
    """The ids that were polled, in order, and the timeout of each poll."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []


def job(status: str, identity: str = "j1", **fields: Any) -> Job:
    return Job.from_dict(wire.job(identity, status, **fields))


def evaluation(status: str, **fields: Any) -> Evaluation:
    return Evaluation.from_dict(wire.evaluation(1, status=status, **fields))


def run(port: SleepPort, operation: Callable[[Port], Coroutine[Any, Any, T]]) -> T:
    return run_sync(operation(port))


def new_wait(port: Port, timeout: Any = 60.0, interval: Any = 1.0, seed: int = 1) -> Wait:
    return Wait(timeout, interval, port.deadline, Random(seed))


def polling(
    states: Callable[[str], Any], polls: Polls, clock: Clock, takes: float = 0.0
) -> Poll[str, Any]:
    """Return a poll with the state from `states` as its result; an exception is raised."""

    async def poll(port: Port, identity: str, deadline: Deadline) -> Any:
        polls.append(identity)
        polls.seconds.append(deadline.left)
        late = takes > deadline.left
        clock.now += min(takes, deadline.left)
        if late:
            raise APITimeoutError("too late", operation="getJob")
        state = states(identity)
        if isinstance(state, Exception):
            raise state
        return state

    return poll


def sequence(*states: Any) -> Callable[[str], Any]:
    """Return a function that returns the states in turn, and the last one forever."""
    left = list(states)
    return lambda identity: left.pop(0) if len(left) > 1 else left[0]


def wait_once(
    *states: Any,
    timeout: float = 60.0,
    takes: float = 0.0,
    on_progress: Callable[[Any], object] | None = None,
    **options: Any,
) -> tuple[Any, SleepPort, Polls]:
    port, polls = SleepPort(), Polls()
    poll = polling(sequence(*states), polls, port.clock, takes)
    wait = new_wait(port, timeout, **options)
    state = run(port, lambda port: wait_for_one(port, "j1", poll, wait, on_progress=on_progress))
    return state, port, polls


def sleeps_until_timeout(timeout: float, interval: float, seed: int) -> tuple[SleepPort, Polls]:
    port, polls = SleepPort(), Polls()
    poll = polling(sequence(job("running")), polls, port.clock)
    wait = new_wait(port, timeout, interval, seed)
    with pytest.raises(WaitTimeoutError):
        run(port, lambda port: wait_for_one(port, "j1", poll, wait, on_progress=None))
    return port, polls


def test_a_wait_returns_the_final_state() -> None:
    seen: list[str] = []
    done = job("completed")
    state, port, polls = wait_once(
        job("pending"), job("running"), done, on_progress=lambda state: seen.append(state.status)
    )
    assert state is done
    assert (polls, seen) == (["j1"] * 3, ["pending", "running", "completed"])
    assert len(port.slept) == 2


def test_a_job_that_has_ended_needs_no_sleep() -> None:
    _, port, polls = wait_once(job("completed"))
    assert (polls, port.slept) == (["j1"], [])


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (
            job("failed", error_message="The endpoint returned 401."),
            ": The endpoint returned 401.",
        ),
        (job("failed", progress_message="stopped at 3 of 10"), ": stopped at 3 of 10"),
        (job("failed"), ""),
        (evaluation("failure", status_description="no quota"), ": no quota"),
        (evaluation("timeout"), ""),
        (evaluation("cancelled"), ""),
    ],
)
def test_every_failure_is_an_error_with_the_state(state: Any, reason: str) -> None:
    with pytest.raises(JobFailedError) as caught:
        wait_once(state)
    assert caught.value.job is state
    kind = "job" if isinstance(state, Job) else "evaluation"
    expected = f"{kind} {state.id} ended with status {str(state.status)!r}{reason}"
    assert str(caught.value) == expected


@pytest.mark.parametrize("status", ["completed", "success"])
def test_every_success_is_a_result(status: str) -> None:
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


def test_an_earlier_deadline_of_the_operation_is_enforced() -> None:
    port, polls = SleepPort(deadline=7.5), Polls()
    poll = polling(sequence(job("running")), polls, port.clock)
    wait = new_wait(port, 60)
    with pytest.raises(WaitTimeoutError, match=r"not ended after 7\.5 seconds"):
        run(port, lambda port: wait_for_one(port, "j1", poll, wait, on_progress=None))
    assert port.clock.now == START + 7.5


@pytest.mark.parametrize("timeout", [0.001, 0.5, 1.0, 7.3, 20.0, 86_400.0])
def test_the_last_poll_is_at_the_end(timeout: float) -> None:
    port, polls = sleeps_until_timeout(timeout, 1.0, seed=2)
    assert port.clock.now == pytest.approx(START + timeout)
    assert len(polls) == len(port.slept) + 1


def test_a_job_that_ends_at_the_very_end_is_a_success() -> None:
    port = SleepPort()
    poll = polling(
        lambda identity: job("completed" if port.clock.now >= START + 10 else "running"),
        Polls(),
        port.clock,
    )
    wait = new_wait(port, 10)
    state = run(port, lambda port: wait_for_one(port, "j1", poll, wait, on_progress=None))
    assert state.status == "completed"


@given(interval=st.floats(0.01, 120), timeout=st.floats(0.01, 10_000), seed=st.integers(0, 2**32))
@settings(max_examples=60)
def test_intervals_grow_within_bounds(interval: float, timeout: float, seed: int) -> None:
    slept = sleeps_until_timeout(timeout, interval, seed)[0].slept
    longest = interval
    for seconds in slept[:-1]:
        assert 0.75 * longest <= seconds * (1 + 1e-9)
        assert seconds <= longest * (1 + 1e-9)
        longest = max(interval, min(longest * 1.5, 30.0))
    # The last sleep is shortened, never extended.
    assert slept[-1] <= longest * (1 + 1e-9)
    assert sum(slept) == pytest.approx(timeout)


def test_intervals_differ_between_clients() -> None:
    first, same, other = (sleeps_until_timeout(100, 1, seed)[0].slept for seed in (1, 1, 2))
    assert first == same
    assert first[:5] != other[:5]


def test_the_timeout_of_a_poll_is_at_most_the_time_left() -> None:
    with pytest.raises(WaitTimeoutError):
        wait_once(job("running"), timeout=10, takes=60)
    _, _, polls = wait_once(job("running"), job("running"), job("completed"), timeout=10, takes=1)
    assert polls.seconds[0] == 10
    assert polls.seconds == sorted(polls.seconds, reverse=True)


def test_a_poll_that_ends_with_the_deadline_is_a_timeout_of_the_wait() -> None:
    with pytest.raises(WaitTimeoutError) as caught:
        wait_once(job("running"), timeout=10, takes=60)
    assert (caught.value.pending, caught.value.states, caught.value.job) == (["j1"], {}, None)
    assert str(caught.value) == "not ended after 10 seconds: j1 (no response)"


TRANSIENT = [
    APITimeoutError("the client's own timeout", operation="getJob"),
    APIConnectionError("reset", operation="getJob"),
    *(
        kind("busy", operation="getJob", status_code=status, body=None, headers={})
        for status, kind in [
            (408, APIStatusError),
            (429, RateLimitError),
            (500, ServerError),
            (503, ServerError),
            (520, ServerError),
        ]
    ),
]


@pytest.mark.parametrize("error", TRANSIENT)
def test_an_error_of_the_first_poll_is_raised(error: APIError) -> None:
    with pytest.raises(type(error)) as caught:
        wait_once(error)
    assert caught.value is error


@pytest.mark.parametrize("error", TRANSIENT)
def test_a_transient_error_of_a_later_poll_does_not_end_a_wait(error: APIError) -> None:
    state, _, polls = wait_once(job("running"), error, error, job("completed"))
    assert (state.status, len(polls)) == ("completed", 4)


def test_polls_that_fail_until_the_end_are_a_timeout() -> None:
    with pytest.raises(WaitTimeoutError) as caught:
        wait_once(job("running"), TRANSIENT[1])
    assert caught.value.job is not None


def test_a_later_poll_that_is_refused_is_an_error() -> None:
    missing = NotFoundError("missing", operation="getJob", status_code=404, body=None, headers={})
    with pytest.raises(NotFoundError):
        wait_once(job("running"), missing)


def busy(retry_after: str) -> RateLimitError:
    headers = {"retry-after": retry_after}
    return RateLimitError("busy", operation="getJob", status_code=429, body=None, headers=headers)


def test_retry_after_is_respected() -> None:
    _, port, _ = wait_once(job("running"), busy("20"), job("completed"))
    assert max(port.slept) >= 20


def test_a_retry_after_past_the_end_is_an_error_at_once() -> None:
    with pytest.raises(RateLimitError):
        wait_once(job("running"), busy("61"))


def test_an_unknown_status_is_logged_once_and_the_wait_ends(
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


def test_an_unknown_status_does_not_end_a_wait() -> None:
    assert wait_once(job("queued"), job("completed"))[0].status == "completed"


@pytest.mark.parametrize(
    "state",
    [
        job("aborted", completed_at="2025-06-03T09:16:02Z"),
        evaluation("errored", finished_at=1_750_000_000),
    ],
)
def test_an_unknown_status_with_an_end_time_is_final(state: Any) -> None:
    with pytest.raises(JobFailedError) as caught:
        wait_once(state)
    assert caught.value.job is state


def test_an_error_of_on_progress_is_raised() -> None:
    def stop(state: Any) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError):
        wait_once(job("running"), on_progress=stop)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("name", ["timeout", "poll_interval"])
def test_times_must_be_positive_and_finite(name: str, value: float) -> None:
    arguments = {"timeout": 1.0, "poll_interval": 1.0} | {name: value}
    with pytest.raises(ValueError, match=f"^{name} must be a positive, finite number of seconds"):
        new_wait(SleepPort(), *arguments.values())


@pytest.mark.parametrize("value", ["1", None, True, [1]])
def test_times_must_be_numbers(value: Any) -> None:
    with pytest.raises(TypeError, match="timeout must be a number of seconds"):
        new_wait(SleepPort(), value)


class Jobs:
    """Jobs at a service: each runs for some rounds, and the list omits the hidden ones."""

    def __init__(
        self,
        rounds: dict[str, int],
        *,
        hidden: frozenset[str] = frozenset(),
        failing: frozenset[str] = frozenset(),
    ) -> None:
        self.port = SleepPort()
        self.rounds = rounds
        self.hidden = hidden
        self.failing = failing
        self.listed = 0
        self.rows: list[int] = []
        self.polls = Polls()

    def state(self, identity: str) -> Job:
        if self.rounds[identity] >= self.listed:
            return job("running", identity)
        return job("failed" if identity in self.failing else "completed", identity)

    async def list(self, port: Port, count: int, deadline: Deadline) -> list[Job]:
        self.listed += 1
        self.rows.append(count)
        shown = [name for name in self.rounds if name not in self.hidden]
        return [job("running", "of another"), *map(self.state, shown)]

    def wait(self, identities: Any, timeout: float = 600.0, seen: Any = None) -> Any:
        poll = polling(self.state, self.polls, self.port.clock)
        wait = new_wait(self.port, timeout)
        progress = None if seen is None else lambda state: seen.append(state.id)
        return run(
            self.port,
            lambda port: wait_for_all(
                port, identities, self.list, poll, wait, on_progress=progress
            ),
        )


def test_each_round_is_one_list() -> None:
    jobs = Jobs({"a": 0, "b": 2, "c": 1})
    seen: list[str] = []
    states = jobs.wait(["b", "a", "c"], seen=seen)
    assert [state.id for state in states] == ["b", "a", "c"]
    assert [state.status for state in states] == ["completed"] * 3
    assert (jobs.listed, jobs.polls) == (3, [])
    assert jobs.rows == [3, 2, 1]
    # Each state received of each job that had not ended.
    assert seen == ["b", "a", "c", "b", "c", "b"]


def test_jobs_that_the_list_omits_are_polled_one_by_one() -> None:
    jobs = Jobs({"a": 1, "b": 1, "c": 0}, hidden=frozenset({"b", "c"}))
    jobs.wait(["a", "b", "c"])
    assert jobs.listed == 2
    assert jobs.polls == ["b", "c", "b"]


def test_a_repeated_id_is_waited_for_once() -> None:
    jobs = Jobs({"a": 0, "b": 0}, hidden=frozenset({"a"}))
    states = jobs.wait(["a", "b", "a"])
    assert [state.id for state in states] == ["a", "b", "a"]
    assert (jobs.polls, jobs.rows) == (["a"], [2])


def test_a_wait_for_nothing_polls_nothing() -> None:
    jobs = Jobs({})
    assert jobs.wait([]) == []
    assert (jobs.listed, jobs.port.slept) == (0, [])


def test_failed_jobs_are_among_the_results() -> None:
    jobs = Jobs({"a": 0, "b": 1}, failing=frozenset({"a"}))
    assert [state.status for state in jobs.wait(["a", "b"])] == ["failed", "completed"]


def test_the_timeout_names_the_pending_jobs() -> None:
    jobs = Jobs({"a": 0, **{f"x{number}": 10_000 for number in range(7)}})
    with pytest.raises(WaitTimeoutError) as caught:
        jobs.wait([*jobs.rounds], timeout=40)
    error = caught.value
    assert error.pending == [f"x{number}" for number in range(7)]
    assert error.states["a"].status == "completed"
    assert error.states["x6"].status == "running"
    assert str(error) == (
        "not ended after 40 seconds: x0 (running), x1 (running), x2 (running), x3 (running),"
        " x4 (running) and 2 more"
    )
    assert jobs.port.clock.now == pytest.approx(START + 40)


@pytest.mark.parametrize("identity", ["", ".", ".."])
def test_ids_are_validated_before_the_first_poll(identity: str) -> None:
    jobs = Jobs({"a": 0})
    with pytest.raises(ValueError, match="must be an id"):
        jobs.wait(["a", identity])
    assert jobs.listed == 0


def test_one_id_is_not_a_list_of_ids() -> None:
    jobs = Jobs({"a": 0})
    with pytest.raises(TypeError, match="job_ids must be a list of str, not one str: 'a'"):
        jobs.wait("a")
    assert jobs.listed == 0
