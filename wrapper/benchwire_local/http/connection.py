"""The HTTP protocol of a server with a fault plan: it lets the app lay hands on the connection.

Faults are of the connection, which ASGI does not show. The plain way to it that depends on no
implementation of HTTP is ASGI's own ``state``: every connection puts itself there.
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
# On, and zero seconds: the socket is closed with a reset, and what was not sent yet is dropped.
_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class Connection:
    """One connection, below HTTP."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.stale = False

    @property
    def closed(self) -> bool:
        """Whether this side or the other has closed it."""
        return self._transport.is_closing()

    def write(self, content: bytes) -> None:
        """Send bytes past HTTP."""
        self._transport.write(content)

    def close(self) -> None:
        """Send what is still to be sent, then end the connection in the orderly way."""
        self._transport.close()

    def reset(self) -> None:
        """Break the connection off with a TCP reset."""
        if not self.closed:
            sock = cast("socket.socket", self._transport.get_extra_info("socket"))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        self._transport.abort()


def connection_of(scope: Scope) -> Connection:
    """Return the connection of a request."""
    return cast("Connection", scope["state"][_KEY])


class ConnectionProtocol(H11Protocol):
    """uvicorn's protocol, with its connection in the ``state`` of every request on it."""

    def __init__(self, *, app_state: dict[str, Any], **options: Any) -> None:
        self._state = dict(app_state)
        super().__init__(app_state=self._state, **options)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Store the transport of a new connection."""
        self._connection = self._state[_KEY] = Connection(transport)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Take what came, unless the connection is to be found stale."""
        if self._connection.stale:
            self._connection.reset()
            return
        super().data_received(data)
