"""Sends the requests of one operation: attempts, retries, the deadline, events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Protocol, TypeVar

from attrs import evolve, field, frozen

from benchwire._transport import retry
from benchwire._transport.deadline import Deadline
from benchwire._transport.endpoint import Endpoint
from benchwire._transport.observers import Observers
from benchwire._transport.options import Options
from benchwire._transport.received import Received
from benchwire._transport.redaction import Redactor
from benchwire._transport.retry import Budget, Retry
from benchwire.errors import (
    APIConnectionError,
    APITimeoutError,
    BenchwireError,
    DeadlineExceededError,
)
from benchwire.events import (
    Exchange,
    FailureEvent,
    RequestEvent,
    ResponseEvent,
    RetryEvent,
)
from benchwire.secret import Secret
from benchwire_api.types import Request, Response

T = TypeVar("T")

_TIMER_TOLERANCE = 0.001
"""Seconds by which a timer may fire early."""


class IO(Protocol):
    """The input and output in which the sync and the async transport differ."""

    async def attempt(self, request: Request, seconds: float, *, fresh: bool) -> Received:
        """Send a request once.

        Args:
            request: What to send.
            seconds: How long the attempt may take; ``inf`` is no limit.
            fresh: Whether it needs a connection of its own.

        Raises:
            APIConnectionError: If there was no response.
        """

    async def sleep(self, seconds: float) -> None:
        """Sleep."""

    async def call(self, function: Callable[[], T]) -> T:
        """Call a function that may block."""


@frozen
class _Sending:
    """One request being sent, with the arguments of `Port.send`."""

    request: Request
    deadline: Deadline
    redactor: Redactor


@frozen(kw_only=True)
class Sender:
    """The `Port` of one operation.

    Attributes:
        io: Makes the attempts.
        endpoint: The API.
        options: Timeouts and retries.
        deadline: When the operation must have ended.
        budget: Limits the retries of the client as a whole.
        observers: Called with each event.
        random: The source of jitter.
        retries_429: Whether a 429 is retried here, and not by the operation.
    """

    io: IO
    endpoint: Endpoint
    options: Options
    deadline: Deadline
    budget: Budget
    observers: Observers
    random: Random
    retries_429: bool = True
    _redactor: Redactor = field(init=False)

    @_redactor.default
    def _default_redactor(self) -> Redactor:
        return self._redactor_of(())

    def _redactor_of(self, secrets: Sequence[Secret]) -> Redactor:
        values = self.options.extra_headers.values()
        own = [value for value in values if isinstance(value, Secret)]
        return Redactor.of([self.endpoint.key, *own, *secrets])

    async def sleep(self, seconds: float) -> None:
        """Sleep, until the deadline at most: what comes next then finds that it has passed."""
        await self.io.sleep(min(seconds, max(0.0, self.deadline.left)))

    async def call(self, function: Callable[[], T]) -> T:
        """Call a function that may block."""
        return await self.io.call(function)

    async def send(
        self,
        request: Request,
        *,
        deadline: Deadline | None = None,
        secrets: Sequence[Secret] = (),
    ) -> Received:
        """Send a request, retrying where that is safe; see `Port.send`."""
        is_earlier = deadline is not None and deadline.at < self.deadline.at
        sending = _Sending(
            request,
            deadline if deadline is not None and is_earlier else self.deadline,
            self._redactor_of(secrets) if secrets else self._redactor,
        )
        attempt = 0
        while True:
            attempt += 1
            event = self._event(request, attempt)
            outcome = await self._attempt(sending, event)
            decision = self._decide(sending, outcome, attempt)
            if decision.delay is None:
                break
            self.observers.retry(
                RetryEvent(request=event, reason=_reason(outcome), delay=decision.delay)
            )
            await self.sleep(decision.delay)
        url = self.endpoint.base_url + request.target
        if isinstance(outcome, APIConnectionError):
            outcome.sent = (request.method, sending.redactor.text(url))
            raise _annotated(outcome, attempt, decision)
        if outcome.status_code not in retry.RETRIED_STATUSES:
            self.budget.refund(attempt - 1)
        return evolve(
            outcome,
            url=url,
            attempts=attempt,
            retry_stopped=decision.reason,
            redactor=sending.redactor,
        )

    async def _attempt(
        self, sending: _Sending, event: RequestEvent
    ) -> Received | APIConnectionError:
        """Send a request once, within its deadline, and report it."""
        request = sending.request
        left = sending.deadline.left
        if left <= 0:
            # A request with an effect gets a second attempt only if the first was not executed.
            late = self._too_late(request, never_sent=request.once or event.attempt == 1)
            self.observers.failure(FailureEvent(event, type(late).__name__, late.message, 0.0))
            return late
        self.observers.request(event)
        start = self.deadline.clock()
        try:
            outcome = await self._exchange(sending, event, left, start)
        except BaseException as error:  # cancelled or interrupted, or of the user's own code
            self._failed(sending, event, error, start)
            raise
        if isinstance(outcome, APIConnectionError):
            self._failed(sending, event, outcome, start)
        return outcome

    def _failed(
        self, sending: _Sending, event: RequestEvent, error: BaseException, start: float
    ) -> None:
        kind, text = type(error).__name__, sending.redactor.text(str(error))
        elapsed = self.deadline.clock() - start
        is_own = isinstance(error, BenchwireError)
        self.observers.failure(FailureEvent(event, kind, text, elapsed, is_own))

    async def _exchange(
        self, sending: _Sending, event: RequestEvent, left: float, start: float
    ) -> Received | APIConnectionError:
        """Send a request once and report the response, if there is one."""
        request = sending.request
        total = self.options.timeouts.total
        seconds = left if total is None else min(left, total)
        try:
            response = await self.io.attempt(request, seconds, fresh=request.once)
        except APIConnectionError as error:
            error.message = sending.redactor.text(error.message)
            error.args = (error.message,)
            is_late = isinstance(error, APITimeoutError) and self.deadline.left <= _TIMER_TOLERANCE
            return self._too_late(request, never_sent=error.never_sent) if is_late else error
        self._report(sending, event, response, self.deadline.clock() - start)
        if response.break_off:
            request_id = sending.redactor.text(response.headers.get("x-request-id", ""))
            return APIConnectionError(
                f"{request.method} {request.path}: the response with status"
                f" {response.status_code} has an incomplete body: {response.break_off.text}",
                operation=request.operation_id,
                request_id=request_id or None,
            )
        return response

    def _decide(
        self, sending: _Sending, outcome: Received | APIConnectionError, attempt: int
    ) -> Retry:
        """Decide whether to retry after an attempt."""
        if attempt > self.options.max_retries or not self._may_retry(sending, outcome):
            return Retry()
        return retry.decide(
            attempt,
            retry.retry_after(outcome.headers) if isinstance(outcome, Received) else None,
            sending.deadline.left,
            self.random,
            self.budget.take,
        )

    def _may_retry(self, sending: _Sending, outcome: Received | APIConnectionError) -> bool:
        if isinstance(outcome, DeadlineExceededError):
            return False
        if isinstance(outcome, APIConnectionError):
            return outcome.never_sent or not sending.request.once
        if outcome.status_code == 429 and not self.retries_429:
            return False
        statuses = retry.REFUSED_UNEXECUTED if sending.request.once else retry.RETRIED_STATUSES
        return outcome.status_code in statuses

    def _event(self, request: Request, attempt: int) -> RequestEvent:
        return RequestEvent(
            service=self.endpoint.service.name,
            operation=request.operation_id,
            method=request.method,
            base_url=self.endpoint.base_url,
            path=request.path,
            template=request.template,
            query=request.query,
            attempt=attempt,
        )

    def _report(
        self, sending: _Sending, event: RequestEvent, response: Received, elapsed: float
    ) -> None:
        headers = {name: sending.redactor.text(value) for name, value in response.headers.items()}
        self.observers.response(
            ResponseEvent(
                request=event,
                status_code=response.status_code,
                headers=headers,
                size=len(response.content),
                elapsed=elapsed,
                is_complete=response.break_off is None,
            )
        )
        if self.observers.observers:
            redacted = Response(
                status_code=response.status_code, headers=headers, content=response.content
            )
            service = self.endpoint.service.name
            self.observers.exchange(Exchange(service, sending.request, redacted))

    def _too_late(self, request: Request, *, never_sent: bool) -> APITimeoutError:
        target = f"{request.method} {request.path}"
        operation = request.operation_id
        if self.options.deadline is None or self.deadline.left > _TIMER_TOLERANCE:
            # Only the deadline of this request has passed, not that of the operation.
            message = f"{target}: there is no time left for it"
            return APITimeoutError(message, operation=operation, never_sent=never_sent)
        message = f"{target}: the deadline of {self.options.deadline:g} s has passed"
        return DeadlineExceededError(message, operation=operation, never_sent=never_sent)


def _reason(outcome: Received | APIConnectionError) -> str:
    if isinstance(outcome, APIConnectionError):
        return outcome.message
    return f"status {outcome.status_code}"


def _annotated(error: APIConnectionError, attempts: int, decision: Retry) -> APIConnectionError:
    details = [f"{attempts} attempts"] if attempts > 1 else []
    if decision.reason is not None:
        details.append(decision.reason)
    if details:
        error.add_to_message("; ".join(details))
    return error
