"""What goes over the wire, as those are told who listen: event hooks, the log, the drift watch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from attrs import field, frozen

from benchwire_api.types import Request, Response

log = logging.getLogger("benchwire")


@frozen(kw_only=True)
class RequestEvent:
    """A request is about to be sent.

    Attributes:
        service: The API: ``public``, ``v2`` or ``v0``.
        operation: The operation's id in its spec file, such as ``listModels``.
        method: The HTTP method.
        path: The path below the base URL.
        query: The query string without ``?``; it holds what was searched for.
        attempt: Which attempt at this request it is, from 1.
    """

    service: str
    operation: str
    method: str
    path: str
    query: str
    attempt: int


@frozen(kw_only=True)
class ResponseEvent:
    """An answer was received, of whatever status.

    Attributes:
        request: The request.
        status_code: The HTTP status.
        headers: The answer's headers, names in lower case, with stars in place of keys.
        size: The bytes of the body, decompressed.
        elapsed: Seconds from the request to the end of the body.
    """

    request: RequestEvent
    status_code: int
    headers: Mapping[str, str]
    size: int
    elapsed: float

    @property
    def request_id(self) -> str | None:
        """The service's name for the request."""
        return self.headers.get("x-request-id")


@frozen(kw_only=True)
class RetryEvent:
    """A request will be sent again.

    Attributes:
        request: The request that failed.
        reason: Why: ``status 503``, or what broke.
        delay: Seconds until it is sent again.
    """

    request: RequestEvent
    reason: str
    delay: float


@frozen(kw_only=True)
class Hooks:
    """Functions that are told what a client does; no event holds a key.

    They are called in the thread or event loop of the request and must not block. An exception in
    one is logged and goes no further: what the caller gets does not depend on a hook.

    Attributes:
        on_request: Called before each attempt at a request.
        on_response: Called after each answer.
        on_retry: Called before each pause that ends with another attempt.
    """

    on_request: Callable[[RequestEvent], object] | None = None
    on_response: Callable[[ResponseEvent], object] | None = None
    on_retry: Callable[[RetryEvent], object] | None = None


def checked_hooks(hooks: Hooks | None) -> Hooks:
    """Check what was given for hooks; ``None`` stands for none."""
    if hooks is None:
        return Hooks()
    if not isinstance(hooks, Hooks):
        raise TypeError(f"hooks must be benchwire.Hooks, not {type(hooks).__name__}")
    return hooks


@frozen
class Exchange:
    """A request and its answer as they were on the wire.

    Attributes:
        service: The API: ``public``, ``v2`` or ``v0``.
        request: The request, without the key.
        response: The answer; its body is decompressed.
    """

    service: str
    request: Request
    response: Response


Tap = Callable[[Exchange], object]


@frozen
class Listeners:
    """Who is told. The log is always told, at DEBUG.

    Attributes:
        hooks: The functions of the user.
        taps: What watches all that a client and its copies receive; shared and changed in place.
    """

    hooks: Hooks = field(factory=Hooks)
    taps: list[Tap] = field(factory=list)

    def request(self, event: RequestEvent) -> None:
        """Tell of a request."""
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
        """Tell of an answer."""
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
        """Tell of a repetition."""
        log.debug(
            "%s %s: again in %.3f s: %s",
            event.request.service,
            event.request.operation,
            event.delay,
            event.reason,
        )
        _call(self.hooks.on_retry, event)

    def exchange(self, exchange: Exchange) -> None:
        """Tell the taps of an answer."""
        for tap in tuple(self.taps):
            _call(tap, exchange)


def _call(listener: Callable[..., object] | None, event: object) -> None:
    if listener is None:
        return
    try:
        listener(event)
    except Exception:
        log.exception("a hook failed on a %s", type(event).__name__)
