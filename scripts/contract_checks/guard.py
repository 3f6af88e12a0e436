"""Stands between the contract checks and a live server: a small HTTP server on 127.0.0.1.

The test tool talks to it and has no key; it makes each request anew and adds the key. What it does
not pass on is decided in `guard_rules`. It follows no redirect and does not let the test tool
follow one, for then the tool would talk to the network itself.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import httpx
import uvicorn

from .guard_rules import READS, Incoming, Outgoing, Pace, Purse, RefusedError, Rules
from .services import SERVICES, place_of

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

# On every answer that is the guard's own and not the server's.
MARK = "x-contract-guard"
# One that belongs to a connection, tells of an encoding that is undone, or leads elsewhere.
_NOT_PASSED_BACK = frozenset(
    {
        "connection",
        "keep-alive",
        "transfer-encoding",
        "upgrade",
        "trailer",
        "te",
        "proxy-connection",
    }
    | {"content-encoding", "content-length", "location", "refresh", "set-cookie", MARK}
)
_MOST_BODY = 1024 * 1024
_MOST_ANSWER = 64 * 1024 * 1024
_LONGEST_HOLD = 120.0
_TIMEOUTS = {"connect": 10.0, "read": 60.0, "write": 60.0, "pool": 60.0}
_HIDDEN = b"[key]"

# How often a read that was answered with 429 is sent again, each time after the wait asked for.
_PATIENCE = 2

Sleep = Callable[[float], Awaitable[None]]
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


@dataclass(frozen=True)
class Refusal:
    """A request that was not passed on. Its query is left out."""

    method: str
    path: str
    why: str


class Guard:
    """A forwarding server that lets reads through, and submissions up to a number of credits.

    Args:
        api: The API behind it: ``public``, ``v2`` or ``v0``.
        base_url: Where that is, as for the SDK.
        key: The key it adds. The checks use `token` in its place.
        rate: How many requests a second it passes on.
        max_requests: How many it passes on in all.
        allow_spend: How many credits submissions may cost; 0 lets none through.
        tls: What to trust, where it is not what the machine trusts.
        sleep: How it waits.
    """

    def __init__(
        self,
        api: str,
        base_url: str,
        key: str,
        *,
        rate: float = 2.0,
        max_requests: int = 500,
        allow_spend: int = 0,
        tls: ssl.SSLContext | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        service = SERVICES[api]
        self._place = place_of(base_url)
        self.token = secrets.token_urlsafe(24)
        header = service.key_header.lower().encode()
        prefix = service.key_prefix.encode()
        self.purse = Purse(allow_spend)
        self.pace = Pace(rate, max_requests, time.monotonic)
        self.refusals: list[Refusal] = []
        self.redirects = 0
        self._rules = Rules(
            api,
            self._place,
            (header, prefix + self.token.encode()),
            prefix + key.encode(),
            self.purse,
        )
        self._key = key.encode()
        self._tls = tls
        self._sleep = sleep
        self._upstream: httpx.AsyncHTTPTransport | None = None
        self._server = _Server(self)

    @property
    def base_url(self) -> str:
        """Where the checks find the API."""
        return f"http://127.0.0.1:{self._server.port}{self._place.prefix}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.close()

    async def close_upstream(self) -> None:
        """Close the connections to the live server."""
        if self._upstream is not None:
            await self._upstream.aclose()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request (the ASGI call)."""
        target = scope["raw_path"]
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        try:
            request = Incoming(scope["method"], target, scope["headers"], await _body(receive))
            outgoing = self._rules.decide(request)
        except RefusedError as error:
            path = target.partition(b"?")[0].decode("ascii", "replace")
            self.refusals.append(Refusal(scope["method"], path, str(error)))
            await _send_back(send, 403, *_own("refused", str(error)))
            return
        answer = await self._answer(outgoing)
        for _ in range(_PATIENCE):
            if answer[0] != 429 or outgoing.method not in READS:
                break
            answer = await self._answer(outgoing)
        await _send_back(send, *answer)

    async def _answer(self, outgoing: Outgoing) -> Answer:
        """Pass a request on when it is its turn."""
        wait = self.pace.reserve()
        if wait is None:
            self.purse.give_back(outgoing.cost)
            return 403, *_own("used up", "all requests of this run are used up")
        if wait > 0:
            await self._sleep(wait)
        try:
            return await self._forward(outgoing)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            self.purse.give_back(outgoing.cost)  # nothing of it was sent
            return 502, *_own("failed", f"no connection to the server: {type(error).__name__}")
        except (httpx.HTTPError, httpx.InvalidURL, OverflowError) as error:
            # The type alone: the text of an error may show headers.
            return 502, *_own("failed", f"no answer from the server: {type(error).__name__}")

    async def _forward(self, request: Outgoing) -> Answer:
        if self._upstream is None:
            self._upstream = httpx.AsyncHTTPTransport(
                verify=True if self._tls is None else self._tls, trust_env=False
            )
        place = self._place
        sent = httpx.Request(
            request.method,
            httpx.URL(scheme=place.scheme, host=place.host, port=place.port, path="/"),
            headers=[*request.headers, (b"accept-encoding", b"identity")],
            content=request.body or None,
            # The target exactly as the test tool wrote it.
            extensions={"timeout": _TIMEOUTS, "target": request.target},
        )
        response = await self._upstream.handle_async_request(sent)
        try:
            if response.status_code == 429:
                self.pace.hold(_retry_after(response.headers.get("retry-after")))
            if 300 <= response.status_code < 400:
                self.redirects += 1
            content = bytearray()
            async for part in response.aiter_bytes():
                content += part
                if len(content) > _MOST_ANSWER:
                    return 502, *_own("failed", f"an answer of more than {_MOST_ANSWER} bytes")
        finally:
            await response.aclose()
        headers = [
            (name.lower(), value.replace(self._key, _HIDDEN))
            for name, value in response.headers.raw
            if name.decode("latin-1").lower() not in _NOT_PASSED_BACK
        ]
        return response.status_code, headers, bytes(content).replace(self._key, _HIDDEN)


async def _body(receive: Any) -> bytes:
    content = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusedError("it was not sent to its end")
        content += message.get("body", b"")
        if len(content) > _MOST_BODY:
            raise RefusedError(f"its body has more than {_MOST_BODY} bytes")
        if not message.get("more_body", False):
            return bytes(content)


def _own(mark: str, message: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    headers = [(MARK.encode(), mark.encode()), (b"content-type", b"application/json")]
    return headers, json.dumps({"error": f"contract guard: {message}"}).encode()


async def _send_back(
    send: Any, status: int, headers: list[tuple[bytes, bytes]], content: bytes
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _retry_after(value: str | None) -> float:
    try:
        seconds = float(value or 0)
    except ValueError:
        seconds = _LONGEST_HOLD  # a date: whatever it says, wait
    return seconds if 0 <= seconds <= _LONGEST_HOLD else _LONGEST_HOLD


class _Server(uvicorn.Server):
    """uvicorn in a thread, telling when it listens."""

    def __init__(self, guard: Guard) -> None:
        super().__init__(
            uvicorn.Config(
                guard, host="127.0.0.1", port=0, lifespan="off", loop="asyncio", http="h11",
                ws="none", access_log=False, log_config=None, log_level="critical",
                server_header=False, date_header=False, timeout_graceful_shutdown=3,
            )
        )  # fmt: skip
        self._guard = guard
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self.run, name="contract-guard", daemon=True)

    @property
    def port(self) -> int:
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return port

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()
        if not self.started:
            raise RuntimeError("the guard did not start")

    def close(self) -> None:
        self.should_exit = True
        self._thread.join()

    def run(self, sockets: Any = None) -> None:
        try:
            super().run(sockets)
        finally:
            self._ready.set()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self._ready.set()

    async def shutdown(self, sockets: Any = None) -> None:
        await super().shutdown(sockets)
        await self._guard.close_upstream()
