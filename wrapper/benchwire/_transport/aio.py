"""The transport of the async clients."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import field, frozen

from benchwire._transport.aio_connections import AsyncPool
from benchwire._transport.aio_streams import limited
from benchwire._transport.deadline import Deadline
from benchwire._transport.endpoint import Endpoint
from benchwire._transport.http import (
    RawHeaders,
    TotalTimeout,
    body_reader,
    closed_error,
    http_errors,
    is_of_network,
    pool_request,
    received,
    ssl_context,
    translated,
)
from benchwire._transport.options import Options
from benchwire._transport.own_frames import HiddenFrames
from benchwire._transport.port import Port
from benchwire._transport.proxies import ProxyTrace
from benchwire._transport.received import Received
from benchwire._transport.streams import deadline
from benchwire._transport.transport import Transport
from benchwire.errors import BenchwireError
from benchwire.options import Verify
from benchwire_api.processes import PerProcess, fork_waits
from benchwire_api.types import Request

if TYPE_CHECKING:
    import httpx

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
        self._user_client = None
        if client is not None:
            # Imported here, because httpx takes longer to import than all of benchwire.
            with fork_waits():
                from benchwire._transport.user_client import AsyncUserClient  # noqa: PLC0415

            self._user_client = AsyncUserClient(client, verify)
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
        if self._user_client is not None:
            return AsyncConnections(self._user_client.client)
        return AsyncConnections(None, self._context)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._is_closed or (self._user_client is not None and self._user_client.is_closed)

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
        if self._user_client is not None:
            self._user_client.check_process()
        self._check_loop()
        proxy = ProxyTrace(endpoint)
        try:
            with deadline(seconds):
                return await self._exchange(proxy, request, options, seconds, fresh=fresh)
        except http_errors() as problem:
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
        grace = _GRACE if self._user_client is None else 0.0
        return asyncio.get_running_loop().time() + seconds + grace

    def _open(
        self, proxy: ProxyTrace, request: Request, options: Options, seconds: float, *, fresh: bool
    ) -> AbstractAsyncContextManager[_Response]:
        if self._user_client is not None:
            return self._user_client.open(proxy, request, options, seconds)
        pool = self._pools.get()[fresh]
        if self._is_closed:  # while the pool was made, which `close` could not find
            raise closed_error(request)
        return pool.send(pool_request(proxy.endpoint, request, options, seconds))

    def _check_loop(self) -> None:
        if self._loop.get() is not asyncio.get_running_loop():
            raise BenchwireError(
                "an async client belongs to the event loop it was first used in; make one in each"
                " loop (each asyncio.run has its own)"
            )


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
    except http_errors() as error:
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
