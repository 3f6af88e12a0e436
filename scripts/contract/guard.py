"""The guard between the contract checks and a live server: a small HTTP server on 127.0.0.1.

The test tool sends its requests here and has no key. The guard builds each request anew, adds the
key, and forwards what `guard_rules` allows. It follows no redirect, and prevents the test tool from
following one, which would send requests past the guard.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Self

import httpx
import uvicorn

from .guard_rules import READS, CreditBudget, GuardedRequest, RateLimit, RejectedError, Rules
from .services import SERVICES

if TYPE_CHECKING:
    import ssl

# The header of every response that is the guard's own and not the server's.
MARK = "x-contract-guard"
# Headers of one connection, of an encoding that is undone, or that lead elsewhere.
_DROPPED_HEADERS = frozenset(
    "connection keep-alive transfer-encoding upgrade trailer te proxy-connection content-encoding"
    f" content-length location refresh set-cookie {MARK}".split()
)
_MAX_BODY = 1024 * 1024
_MAX_RESPONSE = 64 * 1024 * 1024
_MAX_PAUSE = 120.0
_TIMEOUTS = {"connect": 10.0, "read": 60.0, "write": 60.0, "pool": 60.0}
_REDACTED = b"[key]"
_RETRIES = 2  # of a read that got a 429, each after the requested pause

Response = tuple[int, list[tuple[bytes, bytes]], bytes]


class Guard:
    """A forwarding server for reads, and for submissions within a credit budget.

    It adds the key; the checks send `token` in its place.
    """

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
        service = SERVICES[api]
        header, prefix = service.key_header.lower().encode(), service.key_prefix.encode()
        self.token = secrets.token_urlsafe(24)
        self.budget = CreditBudget(allow_spend)
        self.rate_limit = RateLimit(rate, max_requests)
        self.rejections: list[str] = []  # method, path without the query, and reason
        self.redirects = 0
        self._url = httpx.URL(base_url)
        self._prefix = self._url.raw_path.decode().rstrip("/")
        credential = header, prefix + self.token.encode()
        self._key = key.encode()
        self._rules = Rules(api, self._prefix, credential, prefix + self._key, self.budget)
        self._tls = tls
        self._sleep = sleep
        self._upstream: httpx.AsyncHTTPTransport  # of the thread below
        self._server = uvicorn.Server(
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
    def base_url(self) -> str:
        """The base URL for the checks."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}{self._prefix}"

    def __enter__(self) -> Self:
        # Listening already: connections from now on are served once the thread runs.
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(128)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    async def _serve(self) -> None:
        verify = True if self._tls is None else self._tls
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
            response = await self._forward_in_turn(forwarded)
            for _ in range(_RETRIES):
                if response[0] != 429 or forwarded.method not in READS:
                    break
                response = await self._forward_in_turn(forwarded)
        status, headers, content = response
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _forward_in_turn(self, request: GuardedRequest) -> Response:
        """Forward a request as the rate limit allows."""
        wait = self.rate_limit.reserve()
        if wait is None:
            self.budget.release(request.cost)
            return _own_response(403, "used up", "all requests of this run are used up")
        if wait > 0:
            await self._sleep(wait)
        try:
            return await self._forward(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            self.budget.release(request.cost)  # nothing of it was sent
            message = f"no connection to the server: {type(error).__name__}"
        except (httpx.HTTPError, httpx.InvalidURL, OverflowError) as error:
            # The type alone: the text of an error may contain headers.
            message = f"no response from the server: {type(error).__name__}"
        return _own_response(502, "failed", message)

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
            if response.status_code == 429:
                self.rate_limit.pause(_retry_after(response.headers.get("retry-after")))
            if 300 <= response.status_code < 400:
                self.redirects += 1
            content = bytearray()
            async for part in response.aiter_bytes():
                content += part
                if len(content) > _MAX_RESPONSE:
                    message = f"a response of more than {_MAX_RESPONSE} bytes"
                    return _own_response(502, "failed", message)
        finally:
            await response.aclose()
        headers = [
            (name.lower(), value.replace(self._key, _REDACTED))
            for name, value in response.headers.raw
            if name.decode("latin-1").lower() not in _DROPPED_HEADERS
        ]
        return response.status_code, headers, bytes(content).replace(self._key, _REDACTED)


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
    headers = [(MARK.encode(), mark.encode()), (b"content-type", b"application/json")]
    return status, headers, json.dumps({"error": f"contract guard: {message}"}).encode()


def _retry_after(value: str | None) -> float:
    try:
        seconds = float(value or 0)
    except ValueError:
        seconds = _MAX_PAUSE  # a date, whichever it is
    return seconds if 0 <= seconds <= _MAX_PAUSE else _MAX_PAUSE
