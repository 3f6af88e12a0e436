"""Decides how to wait for something that ends at the service: when to ask, and when it is over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from attrs import define, field

from benchwire._core.checks import identifiers, seconds
from benchwire._core.delivery import retry_after
from benchwire._core.plan import Plan, Sleep
from benchwire._core.retrying import RETRIED_STATUSES
from benchwire.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    JobFailedError,
    WaitTimeoutError,
)
from benchwire_api.public.models import Evaluation, EvaluationStatus
from benchwire_api.v0.models import Job, JobStatus

log = logging.getLogger("benchwire")

Clock = Callable[[], float]
"""A monotonic clock, in seconds."""

State = TypeVar("State", Job, Evaluation)
What = TypeVar("What")
Answer = TypeVar("Answer")

DEFAULT_TIMEOUT = 3600.0
DEFAULT_POLL_INTERVAL = 1.0

_GROWTH = 1.5
_LONGEST_INTERVAL = 30.0
_JITTER = 0.25
_MOST_NAMED = 5

_SHORTEST_REQUEST = 0.05
"""What a request gets when the time is all but up; no time at all would be an error, not an answer."""

_ENDED_BADLY: frozenset[str] = frozenset(
    {
        JobStatus.FAILED,
        EvaluationStatus.FAILURE,
        EvaluationStatus.TIMEOUT,
        EvaluationStatus.CANCELLED,
    }
)
_ENDED_WELL: frozenset[str] = frozenset({JobStatus.COMPLETED, EvaluationStatus.SUCCESS})
_GOES_ON: frozenset[str] = frozenset({*JobStatus, *EvaluationStatus} - _ENDED_WELL - _ENDED_BADLY)


@define
class Wait:
    """One wait: its end, and the growing, jittered times between asking.

    Attributes:
        timeout: Seconds until it is given up.
        interval: Seconds until the second asking; later ones lie up to 30 seconds apart, or
            ``interval`` where that is longer.
        clock: A monotonic clock.
        deadline: Seconds a client gives every operation; the shorter of the two counts.
        has_seen: Whether a look has succeeded.
    """

    timeout: float
    interval: float
    clock: Clock
    random: Random = field(factory=Random)
    deadline: float | None = None
    has_seen: bool = field(default=False, init=False)
    _end: float = field(init=False)
    _reported: set[str] = field(factory=set, init=False)

    def __attrs_post_init__(self) -> None:
        self.timeout = seconds("timeout", self.timeout)
        if self.deadline is not None:
            self.timeout = min(self.timeout, self.deadline)
        self.interval = seconds("poll_interval", self.interval)
        self._end = self.clock() + self.timeout

    @property
    def left(self) -> float:
        """Seconds left."""
        return self._end - self.clock()

    def pause(self) -> Sleep | None:
        """Say how long to sleep before asking again; ``None`` if the time is up.

        The jitter keeps many waiters from asking in step. The last sleep is cut short so that the
        final asking still falls within the timeout.
        """
        left = self.left
        if left <= 0:
            return None
        length = self.interval * (1 - _JITTER * self.random.random())
        self.interval = min(self.interval * _GROWTH, max(_LONGEST_INTERVAL, self.interval))
        return Sleep(min(length, left))

    def pause_after(self, problem: APIError) -> Sleep | None:
        """Say how long to sleep after a look that failed; ``None`` if it is not to be repeated."""
        if not (self.has_seen and _passes(problem)):
            return None
        wanted = retry_after(problem.headers) if isinstance(problem, APIStatusError) else None
        if wanted is not None and wanted >= self.left:
            return None
        pause = self.pause()
        return pause and Sleep(max(pause.seconds, wanted or 0.0))

    def over(self, state: Job | Evaluation) -> bool:
        """Whether this is a final state; a status this version does not know is reported once."""
        status = str(state.status)
        known = JobStatus if isinstance(state, Job) else EvaluationStatus
        if status in {*known}:
            return status not in _GOES_ON
        if status not in self._reported:
            self._reported.add(status)
            log.warning("%s %s has the unknown status %r", _kind(state), state.id, status)
        # What has an end time is over, whatever its status is called.
        ended = state.completed_at if isinstance(state, Job) else state.finished_at
        return bool(ended)


def ended_well(state: Job | Evaluation) -> bool:
    """Whether a final state is a success."""
    return str(state.status) in _ENDED_WELL


def failure(state: Job | Evaluation) -> JobFailedError:
    """The error for a final state that is no success."""
    reason = (
        state.error_message or state.progress_message
        if isinstance(state, Job)
        else state.status_description
    )
    return JobFailedError(
        f"{_kind(state)} {state.id} ended with status {str(state.status)!r}"
        + (f": {reason}" if reason else ""),
        job=state,
    )


def wait_for_one(
    identity: str,
    ask: Callable[[str, float], Plan[State]],
    wait: Wait,
    on_progress: Callable[[State], object] | None,
) -> Plan[State]:
    """Ask for one thing until it has ended.

    Args:
        identity: Its id.
        ask: Makes the plan that gets its state, from the id and the seconds there are for it.
        wait: How long, how often.
        on_progress: Called with each state seen, the final one included.

    Raises:
        JobFailedError: If it ended, and not with success.
        WaitTimeoutError: If it did not end in time.
    """
    states: dict[str, State] = {}
    while True:
        state = yield from _in_time(ask, identity, [identity], states, wait)
        states[identity] = state
        if on_progress is not None:
            on_progress(state)
        if wait.over(state):
            if ended_well(state):
                return state
            raise failure(state)
        pause = wait.pause()
        if pause is None:
            raise _timeout([identity], states, wait)
        yield pause


def wait_for_all(
    identities: Sequence[str],
    ask_list: Callable[[int, float], Plan[list[State]]],
    ask: Callable[[str, float], Plan[State]],
    wait: Wait,
    on_progress: Callable[[State], object] | None,
) -> Plan[list[State]]:
    """Ask for several things, one list request a round, until all have ended.

    Args:
        identities: Their ids; one that stands there twice is waited for once.
        ask_list: Makes the plan that gets the list, from the number of rows wanted and the time.
        ask: Makes the plan that gets one; used for what the list leaves out.
        wait: How long, how often.
        on_progress: Called with each state seen.

    Returns:
        The final states in the order of ``identities``; those that failed are among them.

    Raises:
        WaitTimeoutError: If not all ended in time.
    """
    identities = identifiers("job_ids", identities)
    pending = list(dict.fromkeys(identities))
    states: dict[str, State] = {}
    while pending:
        rows = yield from _in_time(ask_list, len(pending), pending, states, wait)
        listed = {state.id: state for state in rows}
        for identity in pending:
            state = listed.get(identity)
            if state is None:
                state = yield from _in_time(ask, identity, pending, states, wait)
            states[identity] = state
            if on_progress is not None:
                on_progress(state)
        pending = [identity for identity in pending if not wait.over(states[identity])]
        if pending:
            pause = wait.pause()
            if pause is None:
                raise _timeout(pending, states, wait)
            yield pause
    return [states[identity] for identity in identities]


def _in_time(
    ask: Callable[[What, float], Plan[Answer]],
    what: What,
    pending: list[str],
    states: dict[str, State],
    wait: Wait,
) -> Plan[Answer]:
    """Ask, with no more time than the wait has left; a wait always asks at least once.

    Once something was seen, a look that fails for a reason that passes is no news, and no end: what
    is waited for goes on meanwhile.
    """
    while True:
        problem: APIError
        try:
            answer = yield from ask(what, max(wait.left, _SHORTEST_REQUEST))
        except APIError as failure:
            problem = failure
        else:
            wait.has_seen = True
            return answer
        pause = wait.pause_after(problem)
        if pause is None:
            is_late = wait.left <= 0 and _passes(problem)
            raise _timeout(pending, states, wait) if is_late else problem
        log.warning("a look while waiting failed and is made again: %s", problem)
        yield pause


def _passes(problem: APIError) -> bool:
    """Whether a look may succeed the next time."""
    if isinstance(problem, APIStatusError):
        return problem.status_code in RETRIED_STATUSES
    return isinstance(problem, APIConnectionError)


def _timeout(pending: list[str], states: dict[str, State], wait: Wait) -> WaitTimeoutError:
    shown = ", ".join(
        f"{identity} ({states[identity].status if identity in states else 'no answer'})"
        for identity in pending[:_MOST_NAMED]
    )
    more = f" and {len(pending) - _MOST_NAMED} more" if len(pending) > _MOST_NAMED else ""
    return WaitTimeoutError(
        f"not ended after {wait.timeout:g} seconds: {shown}{more}", pending=pending, states=states
    )


def _kind(state: Job | Evaluation) -> str:
    return "job" if isinstance(state, Job) else "evaluation"
