"""The async streams below a connection: asyncio's own, which apply a deadline as the sync ones do.

They can be aborted without an await, which could be cancelled.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpcore

from benchwire._transport.streams import ReadTracker, time_left
from benchwire._transport.user_errors import was_raised_by_library

_MAX_UNREAD = 2**18
"""Bytes that a stream receives before they are read."""

_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)


@asynccontextmanager
async def limited(limit: asyncio.Timeout, error: Exception) -> AsyncIterator[None]:
    """Raise an error where an asyncio timeout expires, and no other ``TimeoutError``."""
    try:
        async with limit:
            yield
        return
    except TimeoutError:
        if not limit.expired():
            raise
    raise error


def time_limit(
    timeout: float | None, error: type[httpcore.TimeoutException]
) -> AbstractAsyncContextManager[None]:
    """Raise an error of httpcore after a timeout, or once the `deadline` has passed."""
    return limited(asyncio.timeout(time_left(timeout, error)), error("the time limit has passed"))


class _AsyncStream(asyncio.Protocol, httpcore.AsyncNetworkStream, ReadTracker):
    def __init__(self) -> None:
        self._transport: Any = None  # asyncio types it as the base of all transports
        self._unread = bytearray()
        self._has_ended = False
        self._error: Exception | None = None
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if len(self._unread) > _MAX_UNREAD:
            self._transport.pause_reading()
        self._arrived.set()

    def eof_received(self) -> None:
        self._has_ended = True
        self._arrived.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._error = exc or self._error
        self._has_ended = True
        self._arrived.set()
        self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.has_read = True
        async with time_limit(timeout, httpcore.ReadTimeout):
            while not self._unread and not self._has_ended:
                self._arrived.clear()
                await self._arrived.wait()
        if not self._unread and self._error is not None:
            raise httpcore.ReadError(str(self._error))
        data = bytes(self._unread[:max_bytes])
        del self._unread[:max_bytes]
        if len(self._unread) <= _MAX_UNREAD and not self._has_ended:
            self._transport.resume_reading()
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.has_read = False
        if buffer and not self._transport.is_closing():  # the end of a request is empty
            async with time_limit(timeout, httpcore.WriteTimeout):
                self._transport.write(buffer)
                await self._writable.wait()
        if self._transport.is_closing():
            raise httpcore.WriteError(str(self._error or "the connection is closed"))

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        start = asyncio.get_running_loop().start_tls
        async with time_limit(timeout, httpcore.ConnectTimeout), _connecting():
            self._transport = await start(
                self._transport, self, ssl_context, server_hostname=server_hostname
            )
        return self

    def get_extra_info(self, info: str) -> Any:
        if info != "is_readable":
            return self._transport.get_extra_info(info)
        is_over = self._unread or self._has_ended or self._transport.is_closing()
        return bool(is_over) or _is_readable(self._transport.get_extra_info("socket"))

    async def aclose(self) -> None:
        self.abort()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class AsyncBackend(httpcore.AsyncNetworkBackend):
    """Connects one stream."""

    stream: _AsyncStream | None = None
    is_aborted = False

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002  not used by any client
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Connect to a host, to several of its addresses at a time if need be (RFC 8305)."""
        self.stream = stream = _AsyncStream()
        loop = asyncio.get_running_loop()
        # An address is tried alone, and the loop of uvloop has no such option.
        is_own = type(loop).create_connection is asyncio.BaseEventLoop.create_connection
        has_delay = is_own and not (":" in host or host[-1:].isdigit())
        options: dict[str, Any] = {"happy_eyeballs_delay": 0.25} if has_delay else {}
        async with time_limit(timeout, httpcore.ConnectTimeout), _connecting():
            await loop.create_connection(lambda: stream, host, port, **options)
        if self.is_aborted:
            stream.abort()
            raise httpcore.ConnectError("the client is closed")
        return stream


@asynccontextmanager
async def _connecting() -> AsyncIterator[None]:
    try:
        yield
    except (OSError, UnicodeError) as error:
        if not was_raised_by_library(error):
            raise
        raise httpcore.ConnectError(str(error)) from None


def _is_readable(connected: socket.socket | None) -> bool:
    if connected is None or connected.fileno() < 0:
        return True
    with _Selector() as selector:
        selector.register(connected, selectors.EVENT_READ)
        return bool(selector.select(0))
