"""Connections that keep to a deadline at every read, write and handshake, sync and async.

httpcore's timeouts are for one read or write each: bytes that keep dripping in renew them for ever.
Its network backend is the place that sees every one of them. To cancel from outside what takes too
long would do in async, but it leaves a connection in the middle of its handshake unclosed.
"""

from __future__ import annotations

import math
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Lock
from typing import Any
from weakref import WeakSet

import httpcore
import httpx

_until = ContextVar("until", default=math.inf)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Bound everything that is done here on such connections."""
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def _left(timeout: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    until = _until.get()
    if math.isinf(until):
        return timeout
    left = until - time.monotonic()
    if left <= 0:
        raise late("the deadline is over")
    return left if timeout is None else min(timeout, left)


class Traffic:
    """Knows whether something was read since the last write.

    What stands behind an answer is taken for the answer to the next request on the connection. That
    one then comes without a read.
    """

    def __init__(self) -> None:
        self.is_answered = False


class _Open:
    """The connections that are open, for a pool forgets all of its own when it is closed.

    So it does one that another thread is just opening.
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


class _Stream(httpcore.NetworkStream, Traffic):
    def __init__(self, inner: httpcore.NetworkStream, opened: _Open) -> None:
        super().__init__()
        self._inner = inner
        self._opened = opened
        opened.add(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.is_answered = True
        return self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.is_answered = False
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
        # Closing alone does not wake a thread that waits for data.
        with suppress(OSError):
            self._inner.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._inner.close()


class _Backend(httpcore.NetworkBackend):
    def __init__(self, opened: _Open) -> None:
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
        # The backend would give each address of a name the whole time.
        until = math.inf if timeout is None else time.monotonic() + timeout
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as problem:
            raise httpcore.ConnectError(str(problem)) from None
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        for tried, address in enumerate(addresses):
            # One that does not answer must not take the time of those behind it.
            share = (until - time.monotonic()) / (len(addresses) - tried)
            own = None if math.isinf(until) else max(share, 0.001)
            try:
                stream = self._inner.connect_tcp(
                    address,
                    port,
                    _left(own, httpcore.ConnectTimeout),
                    local_address,
                    socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if address == addresses[-1]:
                    raise
            else:
                return _Stream(stream, self._opened)
        raise httpcore.ConnectError(f"{host} has no address")


class _AsyncStream(httpcore.AsyncNetworkStream, Traffic):
    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        super().__init__()
        self._inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.is_answered = True
        return await self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.is_answered = False
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


class DeadlineTransport(httpx.BaseTransport):
    """The way from httpx to httpcore, with connections that keep to a `deadline`."""

    def __init__(self, context: ssl.SSLContext, limits: httpx.Limits) -> None:
        self._opened = _Open()
        self._pool = httpcore.ConnectionPool(
            context, **_limits(limits), network_backend=_Backend(self._opened)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and give the answer, its body still to be read."""
        answer = self._pool.handle_request(_request(request))
        response = _response(answer, _Body(answer))
        if not _is_an_answer(answer):
            response.close()
            raise httpcore.RemoteProtocolError("what came had been sent before the request was")
        return response

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()
        self._opened.close()


class AsyncDeadlineTransport(httpx.AsyncBaseTransport):
    """The way from httpx to httpcore, with connections that keep to a `deadline`."""

    def __init__(self, context: ssl.SSLContext, limits: httpx.Limits) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            context, **_limits(limits), network_backend=_AsyncBackend()
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and give the answer, its body still to be read."""
        answer = await self._pool.handle_async_request(_request(request))
        response = _response(answer, _AsyncBody(answer))
        if not _is_an_answer(answer):
            await response.aclose()
            raise httpcore.RemoteProtocolError("what came had been sent before the request was")
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()


def _limits(limits: httpx.Limits) -> dict[str, Any]:
    return {
        "max_connections": limits.max_connections,
        "max_keepalive_connections": limits.max_keepalive_connections,
        "keepalive_expiry": limits.keepalive_expiry,
    }


def _request(request: httpx.Request) -> httpcore.Request:
    return httpcore.Request(
        method=request.method,
        url=httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        ),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


def _response(
    answer: httpcore.Response, body: httpx.SyncByteStream | httpx.AsyncByteStream
) -> httpx.Response:
    return httpx.Response(status_code=answer.status, headers=answer.headers, stream=body)


def _is_an_answer(answer: httpcore.Response) -> bool:
    stream = answer.extensions.get("network_stream")
    return not isinstance(stream, Traffic) or stream.is_answered


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._answer.aiter_stream()

    async def aclose(self) -> None:
        await self._answer.aclose()
