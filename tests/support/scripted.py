"""A small HTTP service on a real socket that answers as a test tells it to, and records all it got.

For faults and odd services that the embedded server has no reason to play.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

PATIENCE = 20.0
"""Seconds after which a test that waits for an event has failed."""


@dataclass(frozen=True)
class Received:
    """One request as it came.

    Attributes:
        target: The raw bytes between the method and the version.
        headers: Names in lower case, in order; a name that came twice stands there twice.
    """

    method: str
    target: bytes
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target.decode("ascii")).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target.decode("ascii")).query, keep_blank_values=True))

    def header(self, name: str) -> str | None:
        """The one value of a header; a header that came twice fails the test."""
        found = [value for key, value in self.headers if key == name]
        assert len(found) <= 1, f"{name} came {len(found)} times"
        return found[0] if found else None

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer; `withheld` bytes at its end are announced and never sent."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    withheld: int = 0


def json_reply(body: object, status: int = 200, **headers: str) -> Reply:
    """An answer in JSON; ``_`` in a header's name stands for ``-``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(json.dumps(body).encode(), status, {"content-type": "application/json", **named})


Handler = Callable[[Received], Reply | None]
"""Gives the answer to a request; ``None`` hangs up without one."""


class _Connection(BaseHTTPRequestHandler):
    """One connection of a client; `ScriptedService` decides what it says."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one segment
    disable_nagle_algorithm = True  # which waits 40 ms for an ACK between two segments
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.service.count_connection(1)

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.server.service.count_connection(-1)

    def do_GET(self) -> None:
        received = Received(
            self.command,
            self.raw_requestline.split(b" ")[1],
            [(name.lower(), value) for name, value in self.headers.items()],
            self.rfile.read(int(self.headers.get("content-length", 0))),
        )
        reply = self.server.service.answer(received)
        if reply is None:
            self.close_connection = True
            return
        try:
            self._send(reply)
        except ConnectionError:
            self.close_connection = True  # the client gave up, as some tests want

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815  names of the base class

    def _send(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        self.send_header("content-length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) - reply.withheld])
        self.wfile.flush()
        if reply.withheld:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class _Server(ThreadingHTTPServer):
    service: ScriptedService
    # With the default of 5, a connection too many seems open to the client and is never served.
    request_queue_size = 256
    is_over = False

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's asks for the name of the host, too

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        """Wait for connections only, not for the end every few milliseconds in between."""
        while not self.is_over:
            self.handle_request()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return not self.is_over

    def shutdown(self) -> None:
        self.is_over = True
        socket.create_connection(self.server_address[:2]).close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that resets the connection is no fault of the service


class ScriptedService:
    """The running service: where it is, what it received, how many connections it took.

    A context manager. At its end every connection must have been closed by the clients: one that
    is still open is a leak, and fails the test. So does a handler that raised.
    """

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[Received] = []
        self.connections = 0
        self._open = 0
        self._failures: list[Exception] = []
        self._changed = threading.Condition()
        self._server = _Server(("127.0.0.1", 0), _Connection)
        self._server.service = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        with self._changed:
            closed = self._changed.wait_for(lambda: self._open == 0, PATIENCE)
        if self._failures:
            raise self._failures[0]
        assert closed, f"{self._open} connections were left open"

    def wait_for_requests(self, count: int) -> None:
        """Wait until this many requests have come; too few fail the test."""
        with self._changed:
            enough = self._changed.wait_for(lambda: len(self.requests) >= count, PATIENCE)
        assert enough, f"{len(self.requests)} requests came, not {count}"

    def targets(self) -> list[bytes]:
        return [request.target for request in self.requests]

    def queries(self, name: str) -> list[str | None]:
        """The value of a query parameter in each request."""
        return [request.query.get(name) for request in self.requests]

    def answer(self, received: Received) -> Reply | None:
        """Record a request, and give what the handler says to it."""
        with self._changed:
            self.requests.append(received)
            self._changed.notify_all()
        try:
            return self.handler(received)
        except Exception as problem:
            self._failures.append(problem)
            return None

    def count_connection(self, change: int) -> None:
        with self._changed:
            self._open += change
            self.connections += max(change, 0)
            self._changed.notify_all()


def in_turn(replies: Iterable[Reply | None]) -> Handler:
    """Answer with one reply after the other; a request too many is a fault of the test's service."""
    left = iter(list(replies))
    lock = threading.Lock()

    def handler(received: Received) -> Reply | None:
        with lock:
            for reply in left:
                return reply
        raise AssertionError(f"one request more than expected: {received.target!r}")

    return handler


def always(reply: Reply | None) -> Handler:
    """Answer every request alike."""
    return lambda received: reply


Scripted = Callable[[Handler], ScriptedService]
"""Starts a scripted service; see the fixture ``scripted``."""
