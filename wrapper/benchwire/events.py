"""Events of requests and responses, for the user's hooks and the drift watch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from benchwire_api.types import Request, Response


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
