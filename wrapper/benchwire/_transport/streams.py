"""The streams below a connection, sync and async, which apply a deadline to every read and write.

httpcore's timeouts apply to one read or write each, so a response that arrives byte by byte never
times out. Its network backend sees every read and write and applies the deadline to each. An async
stream is asyncio's own, since it can be aborted without an await, which could be cancelled.
"""

from __future__ import annotations

import asyncio
import math
import selectors
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import httpcore

from benchwire._transport.user_errors import mapped_user_error, was_raised_by_library

T = TypeVar("T")

_MAX_UNREAD = 2**18
"""Bytes that an async stream receives before they are read."""

_until = ContextVar("until", default=math.inf)

_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Apply a deadline to everything this thread or task does on these connections."""
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def _left(timeout: float | None, error: type[httpcore.TimeoutException]) -> float | None:
    until = _until.get()
    if math.isinf(until):
        return timeout
    left = until - time.monotonic()
    if left <= 0:
        raise error("the deadline has passed")
    return left if timeout is None else min(timeout, left)


def _call(function: Callable[..., T], *arguments: Any) -> T:
    """Call a function of httpcore; raise an exception of the user's own as it was raised.

    A signal handler may raise in the middle of a system call, and httpcore maps what it raises.
    """
    try:
        return function(*arguments)
    except (httpcore.TimeoutException, httpcore.NetworkError) as error:
        own = mapped_user_error(error)
        if own is None:
            raise
    raise own


def _is_readable(connected: socket.socket | None) -> bool:
    if connected is None or connected.fileno() < 0:
        return True
    with _Selector() as selector:
        selector.register(connected, selectors.EVENT_READ)
        return bool(selector.select(0))


class ReadTracker:
    """Records whether something was read since the last write.

    httpcore takes bytes after a response for the response to the next request on the connection.
    That response then arrives without a read, and must not be used.
    """

    has_read = False


class _Stream(httpcore.NetworkStream, ReadTracker):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.has_read = True
        return _call(self._inner.read, max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.has_read = False
        _call(self._inner.write, buffer, _left(timeout, httpcore.WriteTimeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        self._inner = _call(self._inner.start_tls, ssl_context, server_hostname, left)
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def close(self) -> None:
        try:
            # Without a shutdown, a thread that waits for data would not wake up.
            self._inner.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        except OSError as error:
            if not was_raised_by_library(error):
                raise
        finally:
            self._inner.close()

    abort = close


class Backend(httpcore.NetworkBackend):
    """Connects one stream."""

    stream: _Stream | None = None

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that accepts."""
        # The backend would give each address of a host name the whole timeout.
        until = math.inf if timeout is None else time.monotonic() + timeout
        try:
            infos = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            if not was_raised_by_library(error):
                raise
            raise httpcore.ConnectError(str(error)) from None
        # As bytes: the codec that a text goes through replaces what a signal handler raises in it.
        addresses = list(dict.fromkeys(str(info[4][0]).encode("ascii") for info in infos))
        for tried, address in enumerate(addresses):
            # An address that does not respond must not use up the time of the next ones.
            share = (until - time.monotonic()) / (len(addresses) - tried)
            limit = None if math.isinf(until) else max(share, 0.001)
            left = _left(limit, httpcore.ConnectTimeout)
            connect = httpcore.SyncBackend().connect_tcp
            try:
                inner = _call(connect, address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if address == addresses[-1]:
                    raise
            else:
                self.stream = _Stream(inner)
                return self.stream
        raise httpcore.ConnectError(f"{host} has no address")


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
    return limited(asyncio.timeout(_left(timeout, error)), error("the time limit has passed"))


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
        async with time_limit(timeout, httpcore.WriteTimeout):
            if not self._transport.is_closing():
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
        connect = asyncio.get_running_loop().create_connection
        delay = None if ":" in host or host[-1:].isdigit() else 0.25  # an address is tried alone
        async with time_limit(timeout, httpcore.ConnectTimeout), _connecting():
            await connect(lambda: stream, host, port, happy_eyeballs_delay=delay)
        return stream


@asynccontextmanager
async def _connecting() -> AsyncIterator[None]:
    try:
        yield
    except (OSError, UnicodeError) as error:
        if not was_raised_by_library(error):
            raise
        raise httpcore.ConnectError(str(error)) from None
