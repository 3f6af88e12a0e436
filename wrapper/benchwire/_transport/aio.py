"""The transport of the async clients."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from functools import cached_property
from typing import Any, TypeVar

import httpx
from attrs import field, frozen

from benchwire._transport.connections import MAX_CONNECTIONS, AsyncPool, deadline
from benchwire._transport.deadline import Deadline
from benchwire._transport.endpoint import Endpoint
from benchwire._transport.http import (
    HTTP_ERRORS,
    KeyAuth,
    RawHeaders,
    body_reader,
    client_request,
    closed_error,
    pool_request,
    received,
    ssl_context,
    translated,
)
from benchwire._transport.options import Options
from benchwire._transport.port import Port
from benchwire._transport.received import Received
from benchwire._transport.transport import Transport
from benchwire.errors import BenchwireError
from benchwire_api.types import Request

T = TypeVar("T")

_Response = tuple[int, RawHeaders, AsyncIterator[bytes]]
"""The status, the headers and the body, still to be read."""

_GRACE = 0.05
"""Seconds after which an attempt on our own connections that should have ended is cancelled."""


class AsyncConnections:
    """The connections of a client and its copies: our own, or those of a user's httpx client.

    They belong to the event loop they were first used in. In another loop they would fail with
    meaningless errors, or hang.
    """

    def __init__(self, client: httpx.AsyncClient | None) -> None:
        if client is not None and not isinstance(client, httpx.AsyncClient):
            raise TypeError(
                f"http_client must be an httpx.AsyncClient, not {type(client).__name__}"
            )
        self._client = client
        # Made here, since it would take its time from the first attempt.
        self._context = ssl_context()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False

    def again(self) -> AsyncConnections:
        """Return connections that are opened and closed apart from these."""
        return AsyncConnections(self._client)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._is_closed or (self._client is not None and self._client.is_closed)

    async def aclose(self) -> None:
        """Close our own connections; those of a user's client stay open."""
        self._is_closed = True
        for name in ("_shared", "_unshared"):
            pool = self.__dict__.get(name)
            if pool is not None:
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
        self._check_loop()
        try:
            with deadline(seconds):
                return await self._exchange(endpoint, request, options, seconds, fresh=fresh)
        except HTTP_ERRORS as problem:
            error = translated(endpoint, request, problem, is_closed=self.is_closed)
        raise error

    async def _exchange(
        self, endpoint: Endpoint, request: Request, options: Options, seconds: float, *, fresh: bool
    ) -> Received:
        until = self._cancel_at(seconds)
        async with AsyncExitStack() as stack:
            async with asyncio.timeout_at(until):
                response = await stack.enter_async_context(
                    self._open(endpoint, request, options, seconds, fresh=fresh)
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
        self, endpoint: Endpoint, request: Request, options: Options, seconds: float, *, fresh: bool
    ) -> AsyncIterator[_Response]:
        if self._client is None:
            pool = self._unshared if fresh else self._shared
            own = await pool.send(pool_request(endpoint, request, options, seconds))
            async with aclosing(own):
                yield own.status, own.headers, own.aiter_stream()
            return
        foreign = await self._client.send(
            self._client.build_request(**client_request(endpoint, request, options, seconds)),
            stream=True,
            auth=KeyAuth(endpoint) if request.needs_key else None,
            follow_redirects=False,
        )
        async with aclosing(foreign):
            yield foreign.status_code, foreign.headers.raw, foreign.aiter_raw()

    def _check_loop(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        if self._loop is not loop:
            raise BenchwireError(
                "an async client belongs to the event loop it was first used in; make one in each"
                " loop (each asyncio.run has its own)"
            )

    @cached_property
    def _shared(self) -> AsyncPool:
        return AsyncPool(self._context, MAX_CONNECTIONS)

    @cached_property
    def _unshared(self) -> AsyncPool:
        return AsyncPool(self._context, 0)


async def _read(response: _Response, options: Options, until: float | None) -> Received:
    status, headers, chunks = response
    body = body_reader(status, headers, options)
    try:
        async with asyncio.timeout_at(until):
            async for chunk in chunks:
                body.feed(chunk)
                if body.fault is not None:
                    break
    except HTTP_ERRORS as error:
        if status < 400:  # the status of an error is enough
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
