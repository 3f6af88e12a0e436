"""A server that records every request."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class ReceivedRequest:
    """A recorded request."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class CannedResponse:
    """The response to send."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)


class RecordingServer:
    """Responds to every request, whatever its method, and records it.

    Args:
        respond: Returns the response to a request; by default 200 with an empty object.
        tls: Serves https with this context.
    """

    def __init__(
        self,
        respond: Callable[[ReceivedRequest], CannedResponse] = lambda received: CannedResponse(),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.received: list[ReceivedRequest] = []
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one segment
            disable_nagle_algorithm = True  # which waits 40 ms for an ACK between two segments

            def _any(handler) -> None:  # noqa: N805
                length = int(handler.headers.get("content-length") or 0)
                headers = {name.lower(): value for name, value in handler.headers.items()}
                body = handler.rfile.read(length)
                received = ReceivedRequest(handler.command, handler.path, headers, body)
                with lock:
                    self.received.append(received)
                response = respond(received)
                handler.send_response(response.status)
                for name, value in response.headers.items():
                    handler.send_header(name, value)
                handler.send_header("content-type", "application/json")
                handler.send_header("content-length", str(len(response.body)))
                handler.end_headers()
                if handler.command != "HEAD":
                    handler.wfile.write(response.body)

            def __getattr__(handler, name: str) -> Any:  # noqa: N805
                if name.startswith("do_"):
                    return handler._any
                raise AttributeError(name)

            def log_message(handler, *args: Any) -> None:  # noqa: N805
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._scheme = "http"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
            self._scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    @property
    def methods(self) -> list[str]:
        return [received.method for received in self.received]

    @property
    def credits(self) -> int:
        """The credits of all recorded submissions."""
        total = 0
        for received in self.received:
            if received.method == "POST":
                body = json.loads(received.body)
                total += sum(job.get("benchmark_count", 1) for job in body.get("jobs", [body]))
        return total

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
