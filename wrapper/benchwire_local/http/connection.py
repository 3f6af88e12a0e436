"""The HTTP protocol of a server with a fault plan: it exposes the connection to the ASGI app.

Faults affect the connection, to which ASGI gives no access. So each connection is stored in ASGI's
``state``, which does not depend on the implementation of HTTP.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import Scope

_KEY = "benchwire_local.http.connection"
# Linger on, zero seconds: closing sends a reset and drops unsent data.
_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


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
    """uvicorn's protocol with the connection in the ``state`` of each of its requests."""

    def __init__(self, *, app_state: dict[str, Any], **options: Any) -> None:
        self._state = dict(app_state)
        super().__init__(app_state=self._state, **options)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Store the transport of a new connection."""
        self._connection = self._state[_KEY] = Connection(transport)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Handle received data; reset a connection that is marked stale."""
        if self._connection.stale:
            self._connection.reset()
            return
        super().data_received(data)
