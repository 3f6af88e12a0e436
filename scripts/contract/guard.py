"""The guard between the contract checks and a live server: a small HTTP server on 127.0.0.1.

The guard builds each request anew, adds the key, and forwards what `guard_rules` allows. It follows
no redirect, and prevents the test tool from following one, which would lead past the guard.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Self

import httpx
import uvicorn

from benchwire_drift.availability import connection_reason
from benchwire_drift.pace import Pace
from benchwire_local.http.stoppable_server import StoppableServer

from .guard_rules import READS, CreditBudget, GuardedRequest, RejectedError, Rules
from .services import SERVICES

if TYPE_CHECKING:
    import ssl

# The headers of every response that is the guard's own and not the server's.
MARK, REASON = "x-contract-guard", "x-contract-guard-reason"
# Headers of one connection, of an encoding that is undone, or that lead elsewhere.
_DROPPED_HEADERS = frozenset(
    "connection keep-alive transfer-encoding upgrade trailer te proxy-connection content-encoding"
    f" content-length location refresh set-cookie {MARK}".split()
)
_MAX_BODY = 1024 * 1024
_MAX_RESPONSE = 64 * 1024 * 1024
_TIMEOUTS = {"connect": 10.0, "read": 60.0, "write": 60.0, "pool": 60.0}
_REDACTED = b"[key]"
_MIN_SECRET = 16  # characters; a shorter key may be a word of a response
_MAX_FAILED = 3  # requests in a row without a usable response, after which nothing is forwarded

Response = tuple[int, list[tuple[bytes, bytes]], bytes]


class Guard:
    """A forwarding server, which replaces the `token` that the checks send by the key."""

    def __init__(
        self,
        api: str,
        base_url: str,
        key: str,
        *,
        rate: float = 2.0,  # requests a second
        max_requests: int = 500,
        allow_spend: int = 0,  # credits that submissions may cost; 0 rejects all of them
        tls: ssl.SSLContext | None = None,  # trusted in place of the system's certificates
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self.budget = CreditBudget(allow_spend)
        self.rate_limit = Pace(rate, max_requests)
        self.rejections: list[str] = []  # method, path without the query, and reason
        self.redirects = 0
        self.failures: list[str] = []  # why a request had no response that shows anything
        self._failed_in_a_row = 0
        self._url = httpx.URL(base_url)
        self._prefix = self._url.raw_path.decode().rstrip("/")
        auth = SERVICES[api].address.auth
        credential = auth(self.token)[0].lower().encode(), auth(self.token)[1].encode()
        self._key = key.encode()
        self._rules = Rules(api, self._prefix, credential, auth(key)[1].encode(), self.budget)
        self._tls = tls
        self._sleep = sleep
        self._upstream: httpx.AsyncHTTPTransport  # of the thread below
        self._server = StoppableServer(
            uvicorn.Config(
                self, lifespan="off", loop="asyncio", http="h11", ws="none", access_log=False,
                log_config=None, log_level="critical", server_header=False, date_header=False,
                timeout_graceful_shutdown=3,
            )
        )  # fmt: skip
        # asyncio sends small writes at once (TCP_NODELAY) only where the protocol is named.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve()), name="contract-guard", daemon=True
        )

    @property
    def server_url(self) -> str:
        """The base URL of the server."""
        return str(self._url)

    @property
    def base_url(self) -> str:
        """The base URL for the checks."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}{self._prefix}"

    @property
    def is_stopped(self) -> bool:
        """Whether nothing is forwarded any more, as too many requests in a row had no response."""
        return self._failed_in_a_row >= _MAX_FAILED

    def __enter__(self) -> Self:
        # Listening already: connections from now on are served once the thread runs.
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(128)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self._thread.join()
        self._socket.close()

    async def _serve(self) -> None:
        verify = self._tls or httpx.create_ssl_context()  # of SSL_CERT_FILE, if it is set
        async with httpx.AsyncHTTPTransport(verify=verify, trust_env=False) as self._upstream:
            await self._server.serve([self._socket])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Handle a request (the ASGI call)."""
        target = scope["raw_path"]
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        try:
            body = await _read_body(receive)
            request = GuardedRequest(scope["method"], target, scope["headers"], body)
            forwarded = self._rules.apply(request)
        except RejectedError as error:
            path = target.partition(b"?")[0].decode("ascii", "replace")
            self.rejections.append(f"{scope['method']} {path}: {error}")
            response = _own_response(403, "rejected", str(error))
        else:
            response = await self._forward_patiently(forwarded)
        status, headers, content = response
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _forward_patiently(self, request: GuardedRequest) -> Response:
        """Forward a request; return a response of the guard's own if that shows nothing."""
        for attempt in itertools.count():
            wait = None if self.is_stopped else self.rate_limit.reserve()
            if wait is None:
                self.budget.release(request.cost)
                if self.is_stopped:
                    return _own_response(403, "stopped", f"stopped: {self.failures[-1]}")
                return _own_response(403, "used up", "all requests of this run are used up")
            if wait > 0:
                await self._sleep(wait)
            try:
                status, headers, content = await self._forward(request)
                reason = self._rules.shows_nothing(request, status)
            except (httpx.HTTPError, httpx.InvalidURL, OverflowError) as error:
                if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                    self.budget.release(request.cost)  # nothing of it was sent
                is_large = isinstance(error, OverflowError)
                reason = "its response is too large" if is_large else connection_reason(error)
                status, headers, content = 0, [], b""
            requested = dict(headers).get(b"retry-after", b"").decode("latin-1")
            is_read = request.method in READS
            if not is_read or not self.rate_limit.back_off(status, attempt, requested):
                break
        if status != 403:  # which may concern one operation alone
            self._failed_in_a_row = self._failed_in_a_row + 1 if reason else 0
        if reason is None:
            return status, headers, content
        self.failures.append(reason)
        return _own_response(status or 502, "failed", f"no usable response: {reason}")

    async def _forward(self, request: GuardedRequest) -> Response:
        outgoing = httpx.Request(
            request.method,
            self._url.copy_with(path="/"),
            headers=[*request.headers, (b"accept-encoding", b"identity")],
            content=request.body or None,
            # The target exactly as the test tool wrote it.
            extensions={"timeout": _TIMEOUTS, "target": request.target},
        )
        response = await self._upstream.handle_async_request(outgoing)
        try:
            if 300 <= response.status_code < 400:
                self.redirects += 1
            content = bytearray()
            async for part in response.aiter_bytes():
                content += part
                if len(content) > _MAX_RESPONSE:
                    raise OverflowError
        finally:
            await response.aclose()
        headers = [
            (name.lower(), self._redact(b'"%b"' % value, response.status_code)[1:-1])
            for name, value in response.headers.raw
            if name.decode("latin-1").lower() not in _DROPPED_HEADERS
        ]
        return response.status_code, headers, self._redact(bytes(content), response.status_code)

    def _redact(self, content: bytes, status: int) -> bytes:
        """Redact the key where a response repeats it.

        A short key may be a word of the data, so it is redacted in errors alone, and there only
        where it is a whole string of JSON and no name.
        """
        if len(self._key) >= _MIN_SECRET:
            return content.replace(self._key, _REDACTED)
        pattern = rb'(?<=")(?<!\\")(Bearer )?%b(?="(?!\s*:))' % re.escape(self._key)
        return re.sub(pattern, _REDACTED, content) if status >= 400 else content


async def _read_body(receive: Any) -> bytes:
    content = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RejectedError("its connection was closed before its end")
        content += message.get("body", b"")
        if len(content) > _MAX_BODY:
            raise RejectedError(f"its body has more than {_MAX_BODY} bytes")
        if not message.get("more_body", False):
            return bytes(content)


def _own_response(status: int, mark: str, message: str) -> Response:
    reason = f"contract guard: {message}"
    marks = {MARK: mark, REASON: reason, "content-type": "application/json"}
    headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in marks.items()]
    return status, headers, json.dumps({"error": reason}).encode()
