"""Waits for jobs and evaluations to end: when to poll, and when the wait is over."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from enum import Enum
from functools import partial
from random import Random
from typing import TYPE_CHECKING, TypeVar

from attrs import define, field

from benchwire._transport.deadline import Deadline
from benchwire._transport.options import seconds
from benchwire._transport.port import Port
from benchwire._transport.retry import is_transient, retry_after
from benchwire.errors import APIError, APIStatusError, JobFailedError, WaitTimeoutError
from benchwire_api.arguments import identifier, items
from benchwire_api.processes import fork_waits

if TYPE_CHECKING:
    # One of them is of an API that this process may not use.
    from typing_extensions import TypeIs

    from benchwire_api.public.models import Evaluation
    from benchwire_api.v0.models import Job

log = logging.getLogger("benchwire")

State = TypeVar("State", "Job", "Evaluation")
Argument = TypeVar("Argument")
Result = TypeVar("Result")
Poll = Callable[[Port, Argument, Deadline], Awaitable[Result]]
"""Sends one request, within a deadline."""
Progress = Callable[[State], object] | None
"""Is called with each state received."""

DEFAULT_TIMEOUT = 3600.0
DEFAULT_POLL_INTERVAL = 1.0

MIN_REQUEST = 0.05
"""Seconds that a request gets when the time is almost over: with none at all it would only fail."""

_GROWTH = 1.5
_MAX_INTERVAL = 30.0
_JITTER = 0.25
_MAX_NAMED = 5


@define
class Wait:
    """One wait: its deadline, and the growing, jittered intervals between polls.

    Attributes:
        timeout: Seconds until it ends.
        interval: Seconds between the first two polls; later intervals grow to 30 seconds, or to
            ``interval`` if that is longer.
        deadline: The deadline of the operation; shortened to that of the wait.
        random: The source of jitter.
        has_polled: Whether a poll has succeeded.
    """

    timeout: float
    interval: float
    deadline: Deadline
    random: Random
    has_polled: bool = field(default=False, init=False)
    _reported: set[str] = field(factory=set, init=False)

    def __attrs_post_init__(self) -> None:
        self.timeout = min(seconds("timeout", self.timeout), self.deadline.left)
        self.deadline = self.deadline.within(self.timeout)
        self.interval = seconds("poll_interval", self.interval)

    def pause(self) -> float | None:
        """Return the seconds until the next poll; ``None`` if the time is over.

        The jitter prevents many waiting clients from polling in step. The last pause is cut short,
        so that the final poll is still within the timeout.
        """
        left = self.deadline.left
        if left <= 0:
            return None
        length = self.interval * (1 - _JITTER * self.random.random())
        self.interval = min(self.interval * _GROWTH, max(_MAX_INTERVAL, self.interval))
        return min(length, left)

    def pause_after(self, error: APIError) -> float | None:
        """Return the seconds until a failed poll is retried; ``None`` if it is not."""
        if not (self.has_polled and is_transient(error)):
            return None
        requested = retry_after(error.headers) if isinstance(error, APIStatusError) else None
        if requested is not None and requested >= self.deadline.left:
            return None
        pause = self.pause()
        return None if pause is None else max(pause, requested or 0.0)

    def is_final(self, state: Job | Evaluation) -> bool:
        """Return whether a state is final; log a status that this version does not know, once."""
        status = str(state.status or "")
        if isinstance(state.status, Enum):
            successes, failures = _ends(state)
            return status in successes or status in failures
        if status not in self._reported:
            self._reported.add(status)
            log.warning("%s has the unknown status %r", _named(state), status or None)
        # With an end time it has ended, whatever the status means.
        return bool(state.completed_at if _is_job(state) else state.finished_at)

    def timeout_error(self, pending: Sequence[str], states: dict[str, State]) -> WaitTimeoutError:
        """Return the error for a wait whose time is over."""
        shown = ", ".join(
            f"{identity} ({states[identity].status if identity in states else 'no response'})"
            for identity in pending[:_MAX_NAMED]
        )
        more = f" and {len(pending) - _MAX_NAMED} more" if len(pending) > _MAX_NAMED else ""
        return WaitTimeoutError(
            f"not ended after {round(self.timeout, 3):g} seconds: {shown}{more}",
            pending=list(pending),
            states=states,
        )


def is_success(state: Job | Evaluation) -> bool:
    """Return whether a final state is a success."""
    return str(state.status) in _ends(state)[0]


def failure(state: Job | Evaluation) -> JobFailedError:
    """Return the error for a final state that is not a success."""
    reason = (
        state.error_message or state.progress_message
        if _is_job(state)
        else state.status_description
    )
    return JobFailedError(
        f"{_named(state)} ended with status {state.status and str(state.status)!r}"
        + (f": {reason}" if reason else ""),
        job=state,
    )


async def wait_for_one(
    port: Port, identity: str, get: Poll[str, State], wait: Wait, *, on_progress: Progress[State]
) -> State:
    """Poll one job or evaluation until it has ended.

    Args:
        port: The port of the operation.
        identity: Its id.
        get: Gets its state.
        wait: How long and how often to poll.
        on_progress: Called with each state received, the final one included.

    Raises:
        JobFailedError: If it ended without success.
        WaitTimeoutError: If it did not end in time.
    """
    states: dict[str, State] = {}
    while True:
        state = await _poll(port, partial(get, port, identity), [identity], states, wait)
        states[identity] = state
        if on_progress is not None:
            on_progress(state)
        if wait.is_final(state):
            if is_success(state):
                return state
            raise failure(state)
        await _pause(port, [identity], states, wait)


async def wait_for_all(
    port: Port,
    identities: Collection[str],
    list_states: Poll[int, list[State]],
    get: Poll[str, State],
    wait: Wait,
    *,
    on_progress: Progress[State],
) -> list[State]:
    """Poll several jobs or evaluations, with one list request a round, until all have ended.

    Args:
        port: The port of the operation.
        identities: Their ids; a repeated id is waited for once.
        list_states: Lists states, given the number of rows that are needed.
        get: Gets one state; used for those that the list leaves out.
        wait: How long and how often to poll.
        on_progress: Called with each state received.

    Returns:
        The final states in the order of ``identities``, including those that are no success.

    Raises:
        WaitTimeoutError: If not all ended in time.
    """
    identities = items("job_ids", identities, identifier, "str")
    pending = list(dict.fromkeys(identities))
    states: dict[str, State] = {}
    while pending:
        rows = await _poll(port, partial(list_states, port, len(pending)), pending, states, wait)
        listed = {state.id: state for state in rows}
        for identity in pending:
            state = listed.get(identity)
            if state is None:
                state = await _poll(port, partial(get, port, identity), pending, states, wait)
            states[identity] = state
            if on_progress is not None:
                on_progress(state)
        pending = [identity for identity in pending if not wait.is_final(states[identity])]
        if pending:
            await _pause(port, pending, states, wait)
    return [states[identity] for identity in identities]


async def _poll(
    port: Port,
    poll: Callable[[Deadline], Awaitable[Result]],
    pending: Sequence[str],
    states: dict[str, State],
    wait: Wait,
) -> Result:
    """Poll within the time that is left; a wait polls at least once.

    A transient error after the first success does not end the wait: what is waited for continues.
    """
    while True:
        error: APIError
        try:
            result = await poll(wait.deadline.at_least(MIN_REQUEST))
        except APIError as caught:
            error = caught
        else:
            wait.has_polled = True
            return result
        pause = wait.pause_after(error)
        if pause is None:
            is_late = wait.deadline.left <= 0 and is_transient(error)
            raise wait.timeout_error(pending, states) if is_late else error
        log.warning("a poll failed and is retried: %s", error)
        await port.sleep(pause)


async def _pause(port: Port, pending: Sequence[str], states: dict[str, State], wait: Wait) -> None:
    pause = wait.pause()
    if pause is None:
        raise wait.timeout_error(pending, states)
    await port.sleep(pause)


@fork_waits()
def _ends(state: Job | Evaluation) -> tuple[Collection[str], Collection[str]]:
    """Return the statuses of success and those of failure."""
    if _is_job(state):
        from benchwire_api.v0.models import JobStatus  # noqa: PLC0415  of an API that may not be used

        return {JobStatus.COMPLETED}, {JobStatus.FAILED}
    from benchwire_api.public.models import EvaluationStatus  # noqa: PLC0415  likewise

    failures = (EvaluationStatus.FAILURE, EvaluationStatus.TIMEOUT, EvaluationStatus.CANCELLED)
    return {EvaluationStatus.SUCCESS}, {*failures}


def _named(state: Job | Evaluation) -> str:
    return f"{'job' if _is_job(state) else 'evaluation'} {state.id or 'without an id'}"


def _is_job(state: Job | Evaluation) -> TypeIs[Job]:
    return hasattr(state, "completed_at")
