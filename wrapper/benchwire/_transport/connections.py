"""Connection pools that apply a deadline to every read, write and handshake, sync and async.

httpcore's timeouts apply to one read or write each, so a response that arrives byte by byte never
times out. Its network backend sees every read and write and applies the deadline to each. Cancelling
an attempt instead would do in async, but leaves a connection unclosed in the middle of its handshake.
"""

from __future__ import annotations

import math
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Lock
from typing import Any
from weakref import WeakSet

import httpcore

_KEEPALIVE = 5.0
"""Seconds for which an idle connection is kept open."""

_until = ContextVar("until", default=math.inf)


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


class _ReadTracker:
    """Records whether something was read since the last write.

    httpcore takes bytes after a response for the response to the next request on the connection.
    That response then arrives without a read, and must not be used.
    """

    def __init__(self) -> None:
        self.has_read = False


class _OpenStreams:
    """Tracks the open connections of a pool.

    A closed pool loses track of a connection that another thread is opening at that moment.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._streams: WeakSet[_Stream] = WeakSet()

    def add(self, stream: _Stream) -> None:
        with self._lock:
            self._streams.add(stream)

    def close(self) -> None:
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            stream.close()


class _Stream(httpcore.NetworkStream, _ReadTracker):
    def __init__(self, inner: httpcore.NetworkStream, opened: _OpenStreams) -> None:
        super().__init__()
        self._inner = inner
        self._opened = opened
        opened.add(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.has_read = True
        return self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.has_read = False
        self._inner.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._opened)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def close(self) -> None:
        # Without a shutdown, a thread that waits for data would not wake up.
        with suppress(OSError):
            self._inner.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._inner.close()


class _Backend(httpcore.NetworkBackend):
    def __init__(self, opened: _OpenStreams) -> None:
        self._inner = httpcore.SyncBackend()
        self._opened = opened

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        # The backend would give each address of a host name the whole timeout.
        until = math.inf if timeout is None else time.monotonic() + timeout
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from None
        addresses = list(dict.fromkeys(str(info[4][0]) for info in infos))
        for tried, address in enumerate(addresses):
            # An address that does not respond must not use up the time of the next ones.
            share = (until - time.monotonic()) / (len(addresses) - tried)
            limit = None if math.isinf(until) else max(share, 0.001)
            try:
                stream = self._inner.connect_tcp(
                    address,
                    port,
                    _left(limit, httpcore.ConnectTimeout),
                    local_address,
                    socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if address == addresses[-1]:
                    raise
            else:
                return _Stream(stream, self._opened)
        raise httpcore.ConnectError(f"{host} has no address")


class _AsyncStream(httpcore.AsyncNetworkStream, _ReadTracker):
    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        super().__init__()
        self._inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.has_read = True
        return await self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.has_read = False
        await self._inner.write(buffer, _left(timeout, httpcore.WriteTimeout))

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _AsyncStream(await self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    async def aclose(self) -> None:
        await self._inner.aclose()


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    def __init__(self) -> None:
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        stream = await self._inner.connect_tcp(host, port, left, local_address, socket_options)
        return _AsyncStream(stream)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


MAX_CONNECTIONS = 100


class Pool:
    """Pooled connections that apply a `deadline`."""

    def __init__(self, context: ssl.SSLContext, max_keepalive: int) -> None:
        self._streams = _OpenStreams()
        self._pool = httpcore.ConnectionPool(
            context,
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=max_keepalive,
            keepalive_expiry=_KEEPALIVE,
            network_backend=_Backend(self._streams),
        )

    def send(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request and return the response, with its body unread."""
        response = self._pool.handle_request(request)
        if _was_sent_before(response):
            response.close()
            raise _sent_before()
        return response

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()
        self._streams.close()


class AsyncPool:
    """Pooled connections that apply a `deadline`."""

    def __init__(self, context: ssl.SSLContext, max_keepalive: int) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            context,
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=max_keepalive,
            keepalive_expiry=_KEEPALIVE,
            network_backend=_AsyncBackend(),
        )

    async def send(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request and return the response, with its body unread."""
        response = await self._pool.handle_async_request(request)
        if _was_sent_before(response):
            await response.aclose()
            raise _sent_before()
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()


def _was_sent_before(response: httpcore.Response) -> bool:
    stream = response.extensions.get("network_stream")
    return isinstance(stream, _ReadTracker) and not stream.has_read


def _sent_before() -> httpcore.RemoteProtocolError:
    return httpcore.RemoteProtocolError("the response had been sent before the request was")
