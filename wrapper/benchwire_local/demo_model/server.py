"""A server of the demo model alone, on loopback, in a thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from benchwire_local.demo_model.routes import PATHS, routes
from benchwire_local.http.connection import ConnectionProtocol
from benchwire_local.http.hosts import HostMiddleware
from benchwire_local.http.stoppable_server import StoppableServer
from benchwire_local.loopback import listen

if TYPE_CHECKING:
    import socket
    from types import TracebackType


class DemoModel:
    """A context manager that serves the demo model on a port of its own.

    Args:
        api_key: The required key; ``None`` accepts any.
        latency_ms: The delay of each response in milliseconds.
        port: The port on 127.0.0.1; 0 for a free one.

    Example:
        >>> with DemoModel() as demo:
        ...     job_id = client.jobs.submit(endpoint_url=demo.url("openai"), ...)
    """

    def __init__(self, *, api_key: str | None = None, latency_ms: int = 0, port: int = 0) -> None:
        self._routes = routes(api_key=api_key, latency_ms=latency_ms)
        self._port = port
        self._socket: socket.socket | None = None
        self._server: StoppableServer | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        # Already listening: connections are queued until the thread runs.
        self._socket = listen("127.0.0.1", self._port)
        config = uvicorn.Config(
            Starlette(routes=self._routes, middleware=[Middleware(HostMiddleware)]),
            http=ConnectionProtocol,
            log_config=None,
            log_level="error",  # no line for each malformed request
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        self._server = StoppableServer(config)
        self._thread = threading.Thread(
            target=self._server.run,
            args=([self._socket],),
            name="benchwire-demo-model",
            daemon=True,
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is not None and self._thread is not None and self._socket is not None:
            self._server.stop()
            self._thread.join()
            self._socket.close()
            self._server = self._thread = self._socket = None

    @property
    def base_url(self) -> str:
        """The server's address, such as ``http://127.0.0.1:40123``.

        Raises:
            RuntimeError: The server is not running.
        """
        if self._socket is None:
            raise RuntimeError("the demo model is not running; use it as a context manager")
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def url(self, provider: str = "openai") -> str:
        """Return the URL for a shape: ``openai``, ``openai_responses``, ``gemini`` or ``raw``."""
        return self.base_url + PATHS[provider]
