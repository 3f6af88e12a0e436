"""The connections of a pool, which a call leaves whole wherever it is broken off; the sync pool.

httpcore's own pools lose a connection when a call is cancelled before it was opened
(encode/httpcore#1093), and hang once all are lost. Here a connection counts while it is open and
something refers to it, so there is no count that could become wrong.
"""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import RLock
from typing import Any, Generic, Protocol, TypeVar
from weakref import ref

import httpcore

from benchwire._transport.streams import Backend, ReadTracker
from benchwire_api.processes import held

KEEPALIVE = 5.0
"""Seconds for which an idle connection is kept open."""

MAX_CONNECTIONS = 100

_CHECK_INTERVAL = 0.1
"""Seconds between checks whether one of the connections in use is free."""

Headers = list[tuple[bytes, bytes]]
C = TypeVar("C", bound=httpcore.HTTPConnection | httpcore.AsyncHTTPConnection)


class _Abortable(Protocol):
    def abort(self) -> None: ...


class _HasStream(Protocol):
    is_aborted: bool

    @property
    def stream(self) -> _Abortable | None: ...


class Link(Generic[C]):
    """A connection, which is closed without waiting for anything."""

    def __init__(self, connection: C, backend: _HasStream) -> None:
        self.connection = connection
        self._backend = backend

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, perhaps while it was connecting."""
        return self._backend.is_aborted

    def abort(self) -> None:
        """Close the connection."""
        # In this order: one that is connecting sets its stream first, and looks at this next.
        self._backend.is_aborted = True
        if self._backend.stream is not None:
            self._backend.stream.abort()


class Links(Generic[C]):
    """The connections of a pool."""

    def __init__(self, connect: Callable[[httpcore.Origin], Link[C]], *, keeps: bool) -> None:
        self._connect = connect
        self._keeps = keeps
        self._lock = RLock()  # a signal handler may use the client, too
        self._open: list[ref[Link[C]]] = []
        self._idle: list[Link[C]] = []
        self._is_closed = False

    def open(self) -> list[Link[C]]:
        """Return the open connections, those in use and those that are idle."""
        links = [link for each in self._open if (link := each()) is not None]
        return [link for link in links if not link.is_closed]

    def take(self, origin: httpcore.Origin) -> Link[C] | None:
        """Return a connection for one request; ``None`` while all are in use."""
        with held(self._lock):
            if self._is_closed:
                raise httpcore.ConnectError("the client is closed")
            for link in [link for link in self._idle if link.connection.has_expired()]:
                self._drop(link)
            links = self.open()
            for link in reversed(self._idle):
                if link.connection.can_handle_request(origin):
                    self._idle.remove(link)
                    return link
            if len(links) >= MAX_CONNECTIONS:
                if not self._idle:
                    return None
                self._drop(self._idle[0])
            link = self._connect(origin)
            self._open = [*map(ref, links), ref(link)]
            return link

    def give_back(self, link: Link[C]) -> None:
        """Return a connection to the pool if it is whole; else close it."""
        is_whole = link.connection.is_idle() and not link.connection.is_closed()
        if self._keeps and is_whole and not link.is_closed:
            self._idle.append(link)
        else:
            link.abort()

    def close(self) -> None:
        """Close all connections; no other is opened."""
        with held(self._lock):
            self._is_closed = True
            links = self.open()
            self._idle.clear()
        for link in links:
            link.abort()

    def _drop(self, link: Link[C]) -> None:
        self._idle.remove(link)
        link.abort()


class Pool:
    """Pooled connections that apply a `deadline`."""

    def __init__(self, context: ssl.SSLContext, *, keeps: bool) -> None:
        def connect(origin: httpcore.Origin) -> Link[httpcore.HTTPConnection]:
            options: dict[str, Any] = {"keepalive_expiry": KEEPALIVE, "network_backend": Backend()}
            connection = httpcore.HTTPConnection(origin, context, **options)
            return Link(connection, options["network_backend"])

        self._links = Links(connect, keeps=keeps)
        self._given_back: SimpleQueue[None] = SimpleQueue()

    @property
    def connections(self) -> list[httpcore.HTTPConnection]:
        """The open connections."""
        return [link.connection for link in self._links.open()]

    @contextmanager
    def send(self, request: httpcore.Request) -> Iterator[tuple[int, Headers, Iterator[bytes]]]:
        """Send a request; yield the status, the headers and the body, still to be read."""
        link = self._take(request)
        try:
            with closing(link.connection.handle_request(request)) as response:
                check_was_read(response)
                yield response.status, response.headers, response.iter_stream()
            self._links.give_back(link)
        except BaseException:
            link.abort()  # an interrupt may come between two changes of its state
            raise
        finally:
            if self._given_back.qsize() < MAX_CONNECTIONS:
                self._given_back.put(None)

    def close(self) -> None:
        """Close the connections."""
        self._links.close()

    def _take(self, request: httpcore.Request) -> Link[httpcore.HTTPConnection]:
        limit = request.extensions["timeout"]["pool"]
        until = math.inf if limit is None else time.monotonic() + limit
        while (link := self._links.take(request.url.origin)) is None:
            left = until - time.monotonic()
            if left <= 0:
                raise httpcore.PoolTimeout("all connections are in use")
            with suppress(Empty):
                self._given_back.get(timeout=min(left, _CHECK_INTERVAL))
        return link


def check_was_read(response: httpcore.Response) -> None:
    """Refuse a response that had arrived before the request was sent."""
    stream = response.extensions.get("network_stream")
    if isinstance(stream, ReadTracker) and not stream.has_read:
        raise httpcore.RemoteProtocolError("the response had been sent before the request was")
