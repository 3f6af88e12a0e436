"""A port at which nobody should call, or where something other than plain HTTP happens."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self

from support.scripted import PATIENCE


class Listener:
    """Counts the connections to a port and does something with each.

    Attributes:
        connections: How many there were.
        received: The first bytes of each.
        left: Set when a client has hung up.
    """

    def __init__(self, answer: bytes | None = None, host: str = "127.0.0.1") -> None:
        self.connections = 0
        self.received: list[bytes] = []
        self.left = threading.Event()
        self._answer = answer
        self._socket = socket.create_server((host, 0))
        self.host, self.port = self._socket.getsockname()[:2]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(PATIENCE)
            self.received.append(connection.recv(65536))
            if self._answer is not None:
                connection.sendall(self._answer)
                return
            while connection.recv(65536):
                pass
            self.left.set()
