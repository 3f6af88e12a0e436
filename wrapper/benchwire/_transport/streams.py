"""The streams below a connection, which apply a deadline to every read and write.

httpcore's timeouts apply to one read or write each, so a response that arrives byte by byte never
times out. Its network backend sees every read and write and applies the deadline to each.
"""

from __future__ import annotations

import math
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import httpcore

from benchwire._transport.user_errors import mapped_user_error, was_raised_by_library

T = TypeVar("T")

_until = ContextVar("until", default=math.inf)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Apply a deadline to everything this thread or task does on these connections."""
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def time_left(timeout: float | None, error: type[httpcore.TimeoutException]) -> float | None:
    """Return the seconds left of a timeout or of the `deadline`; raise the error if there are none."""
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
        return _call(self._inner.read, max_bytes, time_left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.has_read = False
        _call(self._inner.write, buffer, time_left(timeout, httpcore.WriteTimeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = time_left(timeout, httpcore.ConnectTimeout)
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
    is_aborted = False

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
            left = time_left(limit, httpcore.ConnectTimeout)
            connect = httpcore.SyncBackend().connect_tcp
            try:
                inner = _call(connect, address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if address == addresses[-1]:
                    raise
            else:
                self.stream = _Stream(inner)
                if self.is_aborted:
                    self.stream.abort()
                    raise httpcore.ConnectError("the client is closed")
                return self.stream
        raise httpcore.ConnectError(f"{host} has no address")
