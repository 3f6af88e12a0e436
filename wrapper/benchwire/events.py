"""Events of requests and responses, for the user's hooks, the log and the drift watch."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Mapping
from typing import TypeVar

from attrs import evolve, field, frozen

from benchwire_api.types import Request, Response

Event = TypeVar("Event")

log: logging.Logger = logging.getLogger("benchwire")


@frozen(kw_only=True)
class RequestEvent:
    """A request is about to be sent.

    Attributes:
        service: The API: ``public``, ``v2`` or ``v0``.
        operation: The operation's id in its spec file, such as ``listModels``; of a path of the
            user's own, the method and the path.
        method: The HTTP method.
        base_url: The API's base URL.
        path: The path below the base URL.
        template: The path as the spec has it, such as ``/datasets/{benchmark_id}/prompts``; empty
            for a path of the user's own.
        query: The query string without ``?``; it holds what was searched for.
        attempt: Which attempt at this request it is, from 1.
    """

    service: str
    operation: str
    method: str
    base_url: str
    path: str
    template: str
    query: str
    attempt: int


@frozen(kw_only=True)
class ResponseEvent:
    """A response was received, of any status.

    Attributes:
        request: The request.
        status_code: The HTTP status.
        headers: The response's headers, names in lower case, keys redacted.
        size: The bytes of the body, decompressed.
        elapsed: Seconds from the request to the end of the body.
        is_complete: False if the body of a success broke off: then `on_failure` is called next.
    """

    request: RequestEvent
    status_code: int
    headers: Mapping[str, str]
    size: int
    elapsed: float
    is_complete: bool

    @property
    def request_id(self) -> str | None:
        """The service's id of the request."""
        return self.headers.get("x-request-id")


@frozen(kw_only=True)
class RetryEvent:
    """A request will be retried.

    Attributes:
        request: The request that failed.
        reason: Why: ``status 503``, or what broke.
        delay: Seconds until the retry.
    """

    request: RequestEvent
    reason: str
    delay: float


@frozen
class FailureEvent:
    """An attempt at a request ended without a usable response.

    Attributes:
        request: The request.
        kind: The class of the error: an `APIConnectionError` or a subclass, ``CancelledError``,
            ``KeyboardInterrupt``, or an error of the user's own code, such as a transport's.
        reason: What the error says.
        elapsed: Seconds from the request; 0 if it was not sent, since no time was left for it.
        is_own: Whether the error is benchwire's: then `reason` has no value of a query.
    """

    request: RequestEvent
    kind: str
    reason: str
    elapsed: float
    is_own: bool = True


@frozen(kw_only=True)
class Hooks:
    """Functions that a client calls with its events; no event holds a key.

    They are called in the thread or event loop of the request and must not block. An exception in
    one is logged and suppressed: the result of a call does not depend on a hook.

    Attributes:
        on_request: Called before each attempt at a request.
        on_response: Called after each response.
        on_retry: Called before the pause before each retry.
        on_failure: Called where an attempt ends without a usable response. So each attempt ends in
            `on_response`, in `on_failure`, or, if its body broke off, in both.
    """

    on_request: Callable[[RequestEvent], object] | None = None
    on_response: Callable[[ResponseEvent], object] | None = None
    on_retry: Callable[[RetryEvent], object] | None = None
    on_failure: Callable[[FailureEvent], object] | None = None


def parse_hooks(hooks: Hooks | None) -> Hooks:
    """Validate hooks; ``None`` is no hooks."""
    if hooks is None:
        return Hooks()
    if not isinstance(hooks, Hooks):
        raise TypeError(f"hooks must be benchwire.Hooks, not {type(hooks).__name__}")
    return hooks


@frozen
class Exchange:
    """A request and its response as they were on the wire.

    Attributes:
        service: The API: ``public``, ``v2`` or ``v0``.
        request: The request, without the key.
        response: The response; its body is decompressed.
    """

    service: str
    request: Request
    response: Response


Observer = Callable[[Exchange], object]


@frozen
class Observers:
    """Observers of requests and responses. Everything is logged at DEBUG.

    Attributes:
        hooks: The user's functions.
        observers: Called with all that a client and its copies receive; shared, changed in place.
    """

    hooks: Hooks = field(factory=Hooks)
    observers: list[Observer] = field(factory=list)

    def with_hooks(self, hooks: Hooks | None) -> Observers:
        """Return them with other hooks; ``None`` keeps the hooks."""
        return self if hooks is None else evolve(self, hooks=parse_hooks(hooks))

    def request(self, event: RequestEvent) -> None:
        """Report that a request is about to be sent."""
        log.debug(
            "%s %s: %s %s, attempt %d",
            event.service,
            event.operation,
            event.method,
            event.path,
            event.attempt,
        )
        _call(self.hooks.on_request, event)

    def response(self, event: ResponseEvent) -> None:
        """Report a response."""
        log.debug(
            "%s %s: status %d, %d bytes in %.3f s, request id %s",
            event.request.service,
            event.request.operation,
            event.status_code,
            event.size,
            event.elapsed,
            event.request_id,
        )
        _call(self.hooks.on_response, event)

    def retry(self, event: RetryEvent) -> None:
        """Report that a request will be retried."""
        log.debug(
            "%s %s: retry in %.3f s: %s",
            event.request.service,
            event.request.operation,
            event.delay,
            event.reason,
        )
        _call(self.hooks.on_retry, event)

    def failure(self, event: FailureEvent) -> None:
        """Report that an attempt ended without a usable response."""
        log.debug(
            "%s %s: %s after %.3f s: %s",
            event.request.service,
            event.request.operation,
            event.kind,
            event.elapsed,
            event.reason,
        )
        _call(self.hooks.on_failure, event)

    def exchange(self, exchange: Exchange) -> None:
        """Report a request with its response."""
        for observer in tuple(self.observers):
            _call(observer, exchange)


def _call(observer: Callable[[Event], object] | None, event: Event) -> None:
    if observer is None:
        return
    try:
        observer(event)
    except Exception as error:
        if _was_raised_by_signal(error):
            raise
        log.exception("a hook failed on a %s", type(event).__name__)


def _was_raised_by_signal(error: BaseException) -> bool:
    """Return whether a signal handler raised an exception, wherever it was called."""
    handlers = {
        getattr(signal.getsignal(number), "__code__", None) for number in signal.valid_signals()
    }
    place = error.__traceback__
    while place is not None:
        if place.tb_frame.f_code in handlers:
            return True
        place = place.tb_next
    return False
