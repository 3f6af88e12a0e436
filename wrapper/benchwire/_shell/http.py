"""What the sync and the async transport share: requests put to httpx, answers taken, faults told."""

from __future__ import annotations

import math
import ssl
from collections.abc import Generator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpcore
import httpx
from attrs import field, frozen

from benchwire._core.bodies import ACCEPT_ENCODING, KEPT_OF_ERRORS, Body, Flaw
from benchwire._core.delivery import Arrival, Attempt
from benchwire._core.options import Options, Timeouts
from benchwire._core.settings import Access
from benchwire.errors import APIConnectionError, APITimeoutError, BenchwireError
from benchwire_api.types import Request

try:
    _VERSION = version("benchwire")
except PackageNotFoundError:
    _VERSION = "unknown"

USER_AGENT = f"benchwire/{_VERSION}"

LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=100)
UNSHARED = httpx.Limits(max_connections=100, max_keepalive_connections=0)
"""For requests that need a fresh connection: none is kept to be used again."""

NEVER_SENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol"})
"""What the libraries raise where nothing of a request has left."""


@cache
def ssl_context() -> ssl.SSLContext:
    """Give what all connections trust; the environment has no say in it.

    Made once, since it takes longer to make than all else that a client consists of.
    """
    return httpx.create_ssl_context(trust_env=False)


@frozen
class Outgoing:
    """One attempt at a request, ready for httpx; the key is not in it yet.

    Attributes:
        access: Where the API is and what opens it.
        attempt: The attempt.
        limits: What its parts may take.
    """

    access: Access
    attempt: Attempt
    limits: Timeouts

    @property
    def _timeouts(self) -> dict[str, float | None]:
        """The timeouts for httpx, none longer than the attempt may take."""
        seconds = self.attempt.seconds
        parts = {
            "connect": self.limits.connect,
            "read": self.limits.read,
            "write": self.limits.write,
            "pool": self.limits.pool,
        }
        if math.isinf(seconds):
            return parts
        return {
            name: seconds if part is None else min(part, seconds) for name, part in parts.items()
        }

    @property
    def _url(self) -> str:
        return self.access.base_url + self.attempt.request.target

    @property
    def _headers(self) -> dict[str, str]:
        return {
            "accept": "application/json",
            "accept-encoding": ACCEPT_ENCODING,
            "user-agent": USER_AGENT,
            **self.attempt.request.headers,
        }

    def for_transport(self) -> httpx.Request:
        """Give the request with the key, for a transport of ours; nobody else gets to see it."""
        request = httpx.Request(
            self.attempt.request.method,
            self._url,
            headers=self._headers,
            content=self.attempt.request.body,
            extensions={"timeout": self._timeouts},
        )
        name, value = self.key_header(request.url)
        request.headers[name] = value
        return request

    def for_client(self) -> dict[str, Any]:
        """Give the arguments of ``build_request`` of a client of the user's, without the key."""
        return {
            "method": self.attempt.request.method,
            "url": self._url,
            "headers": self._headers,
            "content": self.attempt.request.body,
            "timeout": httpx.Timeout(**self._timeouts),
        }

    def key_header(self, url: httpx.URL) -> tuple[str, str]:
        """Give the header with the key, for the API's own origin alone."""
        base = httpx.URL(self.access.base_url)
        if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
            raise BenchwireError(f"a request left {base.host} for {url.host}: it gets no key")
        return self.access.key_header


class KeyAuth(httpx.Auth):
    """Puts the key on a request for the time it is under way, in a client of the user's.

    So the request that httpx's exceptions and responses hold has no key. The client's own event
    hooks do see it: they are called while it is under way.
    """

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Add the key, and take it away again."""
        name, value = self._outgoing.key_header(request.url)
        request.headers[name] = value
        try:
            yield request
        finally:
            del request.headers[name]


@frozen
class Incoming:
    """An answer while its body is read.

    Attributes:
        response: What httpx received, its body still to be read.
        body: Takes the body.
    """

    response: httpx.Response = field(repr=False)
    body: Body

    @classmethod
    def of(cls, response: httpx.Response, options: Options) -> Incoming:
        """Begin to read an answer."""
        most = options.max_body
        if response.status_code >= 300:
            most = min(most, KEPT_OF_ERRORS)
        return cls(response, Body(most, response.headers.get("content-encoding", "")))

    @property
    def may_break(self) -> bool:
        """Whether the status says enough, so that the body need not arrive."""
        return self.response.status_code >= 400

    def broke(self, problem: Exception) -> None:
        """Report that the rest of the body will not come."""
        self.body.flaw = Flaw(f"it broke off: {type(problem).__name__}", is_broken=True)

    def arrival(self) -> Arrival:
        """Give the answer, after its body was read."""
        content = self.body.finish()
        headers: dict[str, str] = {}
        for raw_name, raw_value in self.response.headers.raw:
            # Latin-1 reads every byte. Several lines of one name are one list (RFC 9110, 5.3).
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return Arrival(self.response.status_code, headers, content, self.body.flaw)


def closed(request: Request) -> BenchwireError:
    """Give the error for a request of a client that is closed."""
    return BenchwireError(f"{request.method} {request.path}: the client is closed")


def fault(access: Access, request: Request, problem: Exception, *, is_closed: bool) -> Exception:
    """Give the error to raise for what httpx raised.

    It must be raised outside the except block: httpx's exception may hold the request, and the
    request the key.
    """
    if is_closed:
        return closed(request)
    where = f"{request.method} {access.base_url}{request.path}"
    kind = type(problem).__name__
    never_sent = kind in NEVER_SENT
    if isinstance(problem, httpx.TimeoutException | httpcore.TimeoutException | TimeoutError):
        phase = "total" if kind == "TimeoutError" else kind.removesuffix("Timeout").lower()
        return APITimeoutError(
            f"{where} got no answer in time ({phase})",
            operation=request.operation_id,
            never_sent=never_sent,
        )
    if isinstance(problem, RuntimeError) and not isinstance(problem, httpx.StreamError):
        # It comes from a hook or a transport of the user's own, and says nothing about whether the
        # request went out.
        return problem
    return APIConnectionError(
        f"{where} got no answer: {kind}: {problem}",
        operation=request.operation_id,
        never_sent=never_sent,
    )


FAULTS = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    RuntimeError,
    TimeoutError,
)
"""What httpx and httpcore raise where there is no answer."""
