"""The HTTP protocol of the server: it limits connections, and exposes them to the ASGI app.

Faults affect the connection, to which ASGI gives no access. So each connection is stored in ASGI's
``state``, which does not depend on the implementation of HTTP.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
import sys
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Scope
    from uvicorn.protocols.http.h11_impl import RequestResponseCycle

# What clients cause by their connections, and could cause thousands of times a second.
logger: logging.Logger = logging.getLogger("benchwire_local.connections")

_KEY = "benchwire_local.http.connection"
# Linger on, zero seconds: closing sends a reset and drops unsent data.
_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class OncePerSecond(logging.Filter):
    """A filter that passes one record a second."""

    def __init__(self) -> None:
        super().__init__()
        self._last = float("-inf")

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
        """Return whether no record was passed within the last second."""
        now = monotonic()
        passed = now - self._last >= 1
        if passed:
            self._last = now
        return passed


logger.addFilter(OncePerSecond())


class Connection:
    """A connection at the level of its transport."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.stale = False

    @property
    def closed(self) -> bool:
        """Whether it is closed, by either side."""
        return self._transport.is_closing()

    def write(self, content: bytes) -> None:
        """Send bytes that bypass HTTP."""
        self._transport.write(content)

    def close(self) -> None:
        """Close the connection in order, once all data is sent."""
        self._transport.close()

    def reset(self) -> None:
        """Close the connection with a TCP reset."""
        if not self.closed:
            sock = cast("socket.socket", self._transport.get_extra_info("socket"))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        self._transport.abort()


def connection_of(scope: Scope) -> Connection:
    """Return the connection of a request."""
    return cast("Connection", scope["state"][_KEY])


class ConnectionProtocol(H11Protocol):
    """uvicorn's protocol with limits, and the connection in the ``state`` of each request.

    A new connection above :func:`connection_limit` replaces the one that has waited longest for
    its client; without one, it is itself closed.
    """

    # For the head of a request: from connecting, or from the previous response.
    head_seconds: float = 10.0
    # Without progress in a response that the client does not read.
    unread_seconds: float = 60.0

    def __init__(self, *, app_state: dict[str, Any], **options: Any) -> None:
        self._state = dict(app_state)
        self._timer: asyncio.TimerHandle | None = None
        self._unsent = 0
        self.since: float = 0.0
        super().__init__(app_state=self._state, **options)

    @property
    def waits_for_client(self) -> bool:
        """Whether no request has arrived completely that is not responded to yet."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or cycle.response_complete:
            return True
        return cycle.more_body and not cycle.response_started

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Store the transport of a new connection; close another one above the limit."""
        self._connection = self._state[_KEY] = Connection(transport)
        super().connection_made(transport)
        self.since = self.loop.time()
        self._watch()
        if len(self.connections) > connection_limit():
            close_longest_waiting(cast("set[ConnectionProtocol]", self.connections))
            logger.warning("connections are closed: too many are open at once")

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer of a closed connection."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Handle received data; reset a connection that is marked stale."""
        if self._connection.stale:
            self._connection.reset()
            return
        super().data_received(data)

    def handle_events(self) -> None:
        """Handle what was received; the timer runs while the head of a request is incomplete."""
        super().handle_events()
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self.since = self.loop.time()
        super().on_response_complete()
        self._watch()

    def close_now(self) -> None:
        """Close the connection without waiting for the client, and count it no more."""
        self.connections.discard(self)
        self.transport.abort()

    def _watch(self) -> None:
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is not None and not cycle.response_complete:
            self._stop_timer()
        elif self._timer is None and self in self.connections:
            self._timer = self.loop.call_later(self.head_seconds, self._expire)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        unsent, self._unsent = self._unsent, self.transport.get_write_buffer_size()
        if self._unsent and self._unsent != unsent:  # the client is still reading
            self._timer = self.loop.call_later(self.unread_seconds, self._expire)
        else:
            self.close_now()


def connection_limit() -> int:
    """Return the maximum of open connections: 512, or half of the file descriptors."""
    if sys.platform != "win32":
        descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return 512 if descriptors == resource.RLIM_INFINITY else min(512, max(8, descriptors // 2))
    return 256


def close_longest_waiting(connections: Iterable[ConnectionProtocol]) -> None:
    """Close the connection that has waited longest for its client, or else the newest."""
    known = list(connections)
    waiting = [each for each in known if each.waits_for_client]
    if waiting:
        min(waiting, key=lambda each: each.since).close_now()
    elif known:
        max(known, key=lambda each: each.since).close_now()
