"""Turns the requests of a plan into attempts: repeated where that is safe, within the deadline."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any, TypeVar

from attrs import field, frozen

from benchwire._core import retrying
from benchwire._core.bodies import Flaw
from benchwire._core.exchange import (
    Exchange,
    Listeners,
    RequestEvent,
    ResponseEvent,
    RetryEvent,
)
from benchwire._core.hiding import forms, hidden
from benchwire._core.options import Options
from benchwire._core.plan import Do, Plan, Send, Sleep
from benchwire._core.retry_after import seconds_to_wait
from benchwire.errors import APIConnectionError, APITimeoutError, DeadlineExceededError
from benchwire.secret import Secret
from benchwire_api.types import Request, Response, ResponseInfo

T = TypeVar("T")

_TICK = 0.001
"""Seconds by which a timer may go off before its time."""


@frozen
class Attempt:
    """Send this request once; what comes is an ``Arrival``, or an ``APIConnectionError``.

    Attributes:
        request: What to send.
        seconds: How long the attempt may take in all; ``inf`` is no limit.
        fresh: Whether it needs a connection of its own.
    """

    request: Request
    seconds: float
    fresh: bool


@frozen
class Arrival:
    """What an attempt brought.

    Attributes:
        status_code: The HTTP status.
        headers: The headers, names in lower case.
        content: The body, decompressed; the beginning of it where it has a flaw.
        flaw: What is wrong with the body, if something is.
    """

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    flaw: Flaw | None


@frozen(kw_only=True)
class Delivered(Response):
    """An answer as plans read it, with what the transport knows of it.

    Attributes:
        attempts: How many requests it took.
        flaw: What is wrong with the body, if something is.
        ending: Why an error was not answered by one more attempt, where there is something to say.
        secrets: Texts that must not be shown though the service may send them back.
    """

    attempts: int = 1
    flaw: str | None = None
    ending: str | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def info(self) -> ResponseInfo:
        """What a result tells of its answer."""
        return ResponseInfo(
            status_code=self.status_code,
            headers={name: hidden(value, self.secrets) for name, value in self.headers.items()},
            attempts=self.attempts,
        )


@frozen
class Courier:
    """Delivers the requests of one operation.

    Attributes:
        service: What events call the API.
        key: The API's key, which must not be shown.
        options: How often, how long.
        until: The operation's deadline on the monotonic clock; ``inf`` is none.
        budget: What may be repeated in all.
        listeners: Who is told.
        clock: A monotonic clock.
        random: Where jitter comes from.
        leaves_429: Whether a refusal for the rate is for the plan to answer, not for a repetition.
    """

    service: str
    key: Secret
    options: Options
    until: float
    budget: retrying.Budget
    listeners: Listeners
    clock: Callable[[], float]
    random: Random
    leaves_429: bool = False

    def carry_out(self, plan: Plan[T]) -> Generator[Attempt | Sleep | Do, Any, T]:
        """Do what a plan says, in attempts, and give its result."""
        try:
            step = next(plan)
            while True:
                try:
                    outcome = yield from self._do(step)
                except BaseException as problem:  # the plan decides what it means
                    step = plan.throw(problem)
                else:
                    step = plan.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result

    def _do(self, step: Send | Sleep | Do) -> Generator[Attempt | Sleep | Do, Any, Any]:
        if isinstance(step, Send):
            return (yield from self._deliver(step))
        if isinstance(step, Sleep):
            # What is asked for after the deadline finds that it is over.
            left = max(0.0, self.until - self.clock())
            step = Sleep(min(step.seconds, left))
        return (yield step)

    def _deliver(self, send: Send) -> Generator[Attempt | Sleep, Any, Delivered]:
        until = min(self.until, math.inf if send.within is None else self.clock() + send.within)
        attempts = 0
        while True:
            attempts += 1
            event = self._event(send.request, attempts)
            outcome = yield from self._attempt(send, event, until)
            again = self._again(send, outcome, attempts, until)
            if isinstance(again, float):
                self.listeners.retry(RetryEvent(request=event, reason=_name(outcome), delay=again))
                yield Sleep(again)
                continue
            if isinstance(outcome, APIConnectionError):
                raise _ended(outcome, attempts, again)
            if outcome.status_code not in retrying.RETRIED_STATUSES:
                self.budget.answered(attempts - 1)
            return Delivered(
                status_code=outcome.status_code,
                headers=outcome.headers,
                content=outcome.content,
                attempts=attempts,
                flaw=None if outcome.flaw is None else outcome.flaw.text,
                ending=again,
                secrets=forms(self.key.reveal(), *send.secrets),
            )

    def _attempt(
        self, send: Send, event: RequestEvent, until: float
    ) -> Generator[Attempt, Arrival, Arrival | APIConnectionError]:
        request = send.request
        start = self.clock()
        if start >= until:
            # A request with an effect comes to a second attempt only where the first had none.
            never_sent = send.once or event.attempt == 1
            return self._too_late(request, never_sent=never_sent)
        self.listeners.request(event)
        total = self.options.timeouts.total
        left = until - start
        seconds = left if total is None else min(left, total)
        try:
            arrival = yield Attempt(request, seconds, send.once)
        except APIConnectionError as problem:
            problem.message = self._hidden(problem.message, send)
            problem.args = (problem.message,)
            late = isinstance(problem, APITimeoutError) and self.clock() >= self.until - _TICK
            return self._too_late(request, never_sent=problem.never_sent) if late else problem
        self._tell(send, event, arrival, self.clock() - start)
        if arrival.flaw and arrival.flaw.is_broken and arrival.status_code < 400:
            return APIConnectionError(
                f"{request.method} {request.path} answered {arrival.status_code} with a body that"
                f" did not arrive whole: {arrival.flaw.text}",
                operation=request.operation_id,
                request_id=self._hidden(arrival.headers.get("x-request-id", ""), send) or None,
            )
        return arrival

    def _hidden(self, text: str, send: Send) -> str:
        # A call of its own: tools that show the variables of a traceback must not find keys there.
        return hidden(text, forms(self.key.reveal(), *send.secrets))

    def _again(
        self, send: Send, outcome: Arrival | APIConnectionError, attempts: int, until: float
    ) -> float | str | None:
        """Give the seconds until the next attempt, or why there is none, if that is to be said."""
        if not self._may_repeat(send, outcome) or attempts > self.options.max_retries:
            return None
        wanted = self._wanted(outcome)
        delay = retrying.pause(attempts, wanted, self.random)
        left = until - self.clock()
        if delay >= left:
            return retrying.beyond(wanted, left)
        if wanted is not None and wanted > retrying.LONGEST_PAUSE and math.isinf(until):
            return retrying.too_long(wanted)
        if not self.budget.take():
            return "the client's retry budget is used up"
        return delay

    def _may_repeat(self, send: Send, outcome: Arrival | APIConnectionError) -> bool:
        if isinstance(outcome, DeadlineExceededError):
            return False
        if isinstance(outcome, APIConnectionError):
            return outcome.never_sent or not send.once
        if outcome.status_code == 429 and self.leaves_429:
            return False
        statuses = retrying.REFUSED_UNEXECUTED if send.once else retrying.RETRIED_STATUSES
        return outcome.status_code in statuses

    def _wanted(self, outcome: Arrival | APIConnectionError) -> float | None:
        if isinstance(outcome, APIConnectionError):
            return None
        return retry_after(outcome.headers)

    def _event(self, request: Request, attempt: int) -> RequestEvent:
        return RequestEvent(
            service=self.service,
            operation=request.operation_id,
            method=request.method,
            path=request.path,
            query=request.query,
            attempt=attempt,
        )

    def _tell(self, send: Send, event: RequestEvent, arrival: Arrival, elapsed: float) -> None:
        secrets = forms(self.key.reveal(), *send.secrets)
        headers = {name: hidden(value, secrets) for name, value in arrival.headers.items()}
        self.listeners.response(
            ResponseEvent(
                request=event,
                status_code=arrival.status_code,
                headers=headers,
                size=len(arrival.content),
                elapsed=elapsed,
            )
        )
        if self.listeners.taps:
            response = Response(
                status_code=arrival.status_code, headers=headers, content=arrival.content
            )
            self.listeners.exchange(Exchange(self.service, send.request, response))

    def _too_late(self, request: Request, *, never_sent: bool) -> APITimeoutError:
        where = f"{request.method} {request.path}"
        operation = request.operation_id
        if self.options.deadline is None or self.clock() < self.until - _TICK:
            # What is over is the time that the plan gave it.
            said = f"{where}: there is no time left for it"
            return APITimeoutError(said, operation=operation, never_sent=never_sent)
        said = f"{where}: the deadline of {self.options.deadline:g} s is over"
        return DeadlineExceededError(said, operation=operation, never_sent=never_sent)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Say for how long a service wants to be left alone."""
    value = headers.get("retry-after")
    return None if value is None else seconds_to_wait(value, datetime.now(UTC))


def _name(outcome: Arrival | APIConnectionError) -> str:
    if isinstance(outcome, APIConnectionError):
        return outcome.message
    return f"status {outcome.status_code}"


def _ended(
    problem: APIConnectionError, attempts: int, why: str | float | None
) -> APIConnectionError:
    said = [f"{attempts} attempts"] if attempts > 1 else []
    if isinstance(why, str):
        said.append(why)
    if said:
        problem.add_to_message("; ".join(said))
    return problem
