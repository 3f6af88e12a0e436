"""The transport of the async clients."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from typing import Any, TypeVar, cast

from attrs import field, frozen

from benchwire._transport.connections import AsyncPool
from benchwire._transport.deadline import Deadline
from benchwire._transport.endpoint import Endpoint
from benchwire._transport.http import (
    HTTP_ERRORS,
    KeyAuth,
    RawHeaders,
    TotalTimeout,
    body_reader,
    check_is_current,
    check_uses,
    client_request,
    closed_error,
    is_of_network,
    pool_request,
    read_already,
    received,
    ssl_context,
    translated,
)
from benchwire._transport.options import Options
from benchwire._transport.own_frames import HiddenFrames
from benchwire._transport.port import Port
from benchwire._transport.proxies import ProxyTrace
from benchwire._transport.received import Received
from benchwire._transport.streams import deadline, limited
from benchwire._transport.transport import Transport
from benchwire._transport.without_command import httpx
from benchwire.errors import BenchwireError
from benchwire.options import Verify
from benchwire_api.processes import PerProcess
from benchwire_api.types import Request

T = TypeVar("T")

_Response = tuple[int, RawHeaders, AsyncGenerator[bytes]]
"""The status, the headers and the body, still to be read."""

_GRACE = 0.05
"""Seconds after which an attempt on our own connections that should have ended is cancelled."""


class AsyncConnections:
    """The connections of a client and its copies: our own, or those of a user's httpx client.

    They belong to the event loop they were first used in. In another loop they would fail with
    meaningless errors, or hang.
    """

    def __init__(self, client: httpx.AsyncClient | None, verify: Verify = None) -> None:
        if client is not None and not isinstance(client, httpx.AsyncClient):
            raise TypeError(
                f"http_client must be an httpx.AsyncClient, not {type(client).__name__}"
            )
        if client is not None and verify is not None:
            raise ValueError("verify is for connections of our own: http_client has its own")
        self._client = client
        self._uses = PerProcess(object)
        # Made here, since it would take its time from the first attempt.
        context = self._context = ssl_context(verify)
        # A request that must be executed once gets a connection of its own.
        self._pools = PerProcess(
            lambda: [AsyncPool(context, keeps=keeps) for keeps in (True, False)]
        )
        self._loop = PerProcess(asyncio.get_running_loop)
        self._is_closed = False

    def again(self) -> AsyncConnections:
        """Return connections that are opened and closed apart from these."""
        return AsyncConnections(self._client, None if self._client else self._context)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._is_closed or (self._client is not None and self._client.is_closed)

    async def aclose(self) -> None:
        """Close our own connections; those of a user's client stay open."""
        self._is_closed = True
        for pool in self._pools.made() or ():
            self._check_loop()
            await pool.aclose()

    async def send(
        self, endpoint: Endpoint, request: Request, options: Options, seconds: float, *, fresh: bool
    ) -> Received:
        """Send a request once and read the response.

        Raises:
            APIConnectionError: If there was no response.
        """
        if self.is_closed:
            raise closed_error(request)
        if self._client is not None:
            check_uses(self._uses)
        self._check_loop()
        proxy = ProxyTrace(endpoint)
        try:
            with deadline(seconds):
                return await self._exchange(proxy, request, options, seconds, fresh=fresh)
        except HTTP_ERRORS as problem:
            error = translated(endpoint, request, problem, is_closed=self.is_closed, proxy=proxy)
        raise error

    async def _exchange(
        self, proxy: ProxyTrace, request: Request, options: Options, seconds: float, *, fresh: bool
    ) -> Received:
        until = self._cancel_at(seconds)
        async with AsyncExitStack() as stack:
            async with _until(until):
                response = await stack.enter_async_context(
                    self._open(proxy, request, options, seconds, fresh=fresh)
                )
            return await _read(response, options, until)

    def _cancel_at(self, seconds: float) -> float | None:
        """Return when to cancel an attempt, on the loop's clock.

        Our own connections apply the deadline themselves and close in order; for them, cancelling is
        the fallback.
        """
        if math.isinf(seconds):
            return None
        grace = _GRACE if self._client is None else 0.0
        return asyncio.get_running_loop().time() + seconds + grace

    @asynccontextmanager
    async def _open(
        self, proxy: ProxyTrace, request: Request, options: Options, seconds: float, *, fresh: bool
    ) -> AsyncIterator[_Response]:
        endpoint = proxy.endpoint
        if self._client is None:
            pool = self._pools.get()[fresh]
            async with pool.send(pool_request(endpoint, request, options, seconds)) as response:
                yield response
            return
        foreign = await self._client.send(
            self._client.build_request(
                **client_request(endpoint, request, options, seconds, proxy.awaited)
            ),
            stream=True,
            auth=KeyAuth(endpoint) if request.needs_key else None,
            follow_redirects=False,
        )
        async with aclosing(foreign):
            check_is_current(request, foreign)
            headers, body = read_already(foreign) or (foreign.headers.raw, None)
            chunks = cast("AsyncGenerator[bytes]", foreign.aiter_raw())
            yield foreign.status_code, headers, chunks if body is None else _whole(body)

    def _check_loop(self) -> None:
        if self._loop.get() is not asyncio.get_running_loop():
            raise BenchwireError(
                "an async client belongs to the event loop it was first used in; make one in each"
                " loop (each asyncio.run has its own)"
            )


async def _whole(body: bytes) -> AsyncGenerator[bytes]:
    yield body


def _until(moment: float | None) -> AbstractAsyncContextManager[None]:
    return limited(asyncio.timeout_at(moment), TotalTimeout("the attempt has taken too long"))


async def _read(response: _Response, options: Options, until: float | None) -> Received:
    status, headers, chunks = response
    body = body_reader(status, headers, options)
    try:
        async with _until(until):
            async for chunk in chunks:
                body.feed(chunk)
                if body.fault is not None:
                    # Else the event loop would close it, at a time of its own.
                    await chunks.aclose()
                    break
    except HTTP_ERRORS as error:
        if status < 400 or not is_of_network(error):  # the status of an error is enough
            raise
        body.break_off(error)
    return received(status, headers, body)


@frozen(kw_only=True)
class AsyncTransport(Transport):
    """Runs the operations of the async clients.

    Attributes:
        connections: Shared by all copies of a client.
        sleep: Sleeps; replaceable, so that tests do not wait.
    """

    connections: AsyncConnections = field(repr=False)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(
        self,
        operation: Callable[[Port], Coroutine[Any, Any, T]],
        deadline: Deadline | None = None,
        *,
        retries_429: bool = True,
    ) -> T:
        """Run an operation and return its result.

        Args:
            operation: Makes the coroutine, from its port.
            deadline: The operation's deadline, if it began earlier than now.
            retries_429: Whether a 429 is retried, and not left to the operation.
        """
        until = self.deadline() if deadline is None else deadline
        with HiddenFrames():
            return await operation(self.sender(_AsyncIO(self), until, retries_429=retries_429))


@frozen
class _AsyncIO:
    """Input and output of asyncio."""

    transport: AsyncTransport

    async def attempt(self, request: Request, seconds: float, *, fresh: bool) -> Received:
        transport = self.transport
        return await transport.connections.send(
            transport.endpoint, request, transport.options, seconds, fresh=fresh
        )

    async def sleep(self, seconds: float) -> None:
        await self.transport.sleep(seconds)

    async def call(self, function: Callable[[], T]) -> T:
        return await asyncio.to_thread(function)
