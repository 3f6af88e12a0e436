"""The embedded server in a thread of the caller's process, or in the foreground."""

from __future__ import annotations

import asyncio
import errno
import signal
import sys
import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar, cast

import uvicorn

from benchwire_local.app import create_app
from benchwire_local.data import SCHEMAS
from benchwire_local.data.database import Database
from benchwire_local.data.database_lock import lock_database
from benchwire_local.errors import LocalServerError
from benchwire_local.faults import FaultInjector, load_fault_plan
from benchwire_local.http.connection import ConnectionProtocol, close_longest_waiting, logger
from benchwire_local.http.stoppable_server import StoppableServer
from benchwire_local.jobs import JobRunner
from benchwire_local.loopback import BACKLOG, listen
from benchwire_local.settings import Settings

if TYPE_CHECKING:
    import socket
    import sqlite3
    from collections.abc import Callable
    from types import FrameType, TracebackType

    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Receive, Scope, Send

# Time for running requests to end when the server closes; jobs are stopped separately. Less than the
# 10 seconds after which Docker kills.
_GRACE_SECONDS = 8
if sys.platform == "win32":
    _STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK)
    # Seconds after which the main thread looks for a signal: on Windows none interrupts its waiting.
    _BETWEEN_SIGNALS: float | None = 0.25
else:
    _STOPPING = (signal.SIGINT, signal.SIGTERM)
    _BETWEEN_SIGNALS = None
_OUT_OF_RESOURCES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

Server = TypeVar("Server", bound="LocalServer")


class LocalServer:
    """The embedded server on a loopback socket, in a thread of this process.

    It accepts requests from :meth:`start` to :meth:`close`, or within a ``with`` block.

    Args:
        settings: The address, the database and the API key.
        middleware: An ASGI middleware factory: called with the app, it returns the app to serve
            instead. A fault plan applies outside of it, so faults also affect its responses.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        middleware: Callable[[ASGIApp], ASGIApp] | None = None,
    ) -> None:
        self.settings: Settings = settings or Settings()
        self._middleware = middleware
        self._db: Database | None = None
        self._lock: sqlite3.Connection | None = None
        self._server: _Server | None = None
        self._faults: FaultInjector | None = None
        self._thread: threading.Thread | None = None
        self._url = ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url or 'not running'})"

    def start(self: Server) -> Server:  # noqa: PYI019  jedi completes it, and knows no Self
        """Open the database, bind the socket and serve; return when requests are accepted.

        Raises:
            LocalServerError: It is running already, the address is in use, or the database or a
                spec is unusable. Nothing is left open.
        """
        if self._thread is not None:
            raise LocalServerError(f"the server is running already, at {self._url}")
        db = Database(self.settings.db, SCHEMAS)
        lock: sqlite3.Connection | None = None
        try:
            # Before the jobs are changed: they may be running in another server.
            if self.settings.db is not None:
                lock = lock_database(self.settings.db)
            faults = None if self.settings.faults is None else FaultInjector(self.settings.faults)
            app = create_app(self.settings, db, faults=faults, middleware=self._middleware)
            listener = self._listen()
            server = _Server(app, faults)
            thread = threading.Thread(
                target=server.run, args=([listener],), name="benchwire-local", daemon=True
            )
            url = _url(listener)
            try:
                thread.start()
                server.ready.wait()
                if not server.started:
                    thread.join()
                    cause = server.startup_error
                    raise LocalServerError(f"the server did not start: {cause}") from cause
            except BaseException:
                server.stop()
                if thread.is_alive():  # interrupted: it uses the socket and the database
                    thread.join()
                listener.close()
                raise
        except BaseException:
            db.close()
            if lock is not None:
                lock.close()
            raise
        self._db, self._lock, self._faults = db, lock, faults
        self._server, self._thread, self._url = server, thread, url
        return self

    def _listen(self) -> socket.socket:
        host, port = self.settings.host, self.settings.port
        try:
            return listen(host, port)
        except OSError as error:
            reason = error.strerror or error
            raise LocalServerError(f"can't listen on {host!r} port {port}: {reason}") from error

    def close(self) -> None:
        """Stop accepting, finish running requests, stop the jobs and close the database.

        Without effect if the server is not running.
        """
        if self._thread is None or self._server is None or self._db is None:
            return
        self._server.stop()
        self._thread.join()
        self._db.close()
        if self._lock is not None:
            self._lock.close()
        self._db = self._lock = self._server = self._thread = None

    def set_faults(self, plan: object) -> None:
        """Replace the fault plan from the next request on; all counts restart at zero.

        Args:
            plan: As for :func:`~benchwire_local.faults.load_fault_plan`.

        Raises:
            LocalServerError: The server was started without a plan, and so without the middleware
                for faults.
            PlanError: The plan is invalid; the old one remains.
        """
        self._injector().load(load_fault_plan(plan))

    @property
    def faults_fired(self) -> tuple[int, ...]:
        """The number of requests that each rule of the fault plan has failed so far.

        Raises:
            LocalServerError: The server was started without a fault plan.
        """
        return self._injector().fired

    def _injector(self) -> FaultInjector:
        if self._faults is None:
            raise LocalServerError("the server was not started with a fault plan")
        return self._faults

    @property
    def url(self) -> str:
        """The URL of the server, such as ``http://127.0.0.1:49321``.

        Raises:
            LocalServerError: The server is not running.
        """
        if self._thread is None:
            raise LocalServerError("the server is not running; start it first")
        return self._url

    @property
    def public_base_url(self) -> str:
        """The base URL for a client of the public API."""
        return self.url + "/api/v1"

    @property
    def v2_base_url(self) -> str:
        """The base URL for a client of the v2 API, whose paths begin with ``/api/v2``."""
        return self.url

    @property
    def v0_base_url(self) -> str:
        """The base URL for a client of the v0 API, whose paths begin with ``/v0``."""
        return self.url

    @property
    def api_key(self) -> str:
        """The key that all three APIs require."""
        return self.settings.api_key

    def __enter__(self: Server) -> Server:  # noqa: PYI019  jedi completes it, and knows no Self
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def run_forever(settings: Settings, on_ready: Callable[[LocalServer], None]) -> None:
    """Serve in the foreground until SIGINT, SIGTERM or, on Windows, SIGBREAK; for the main thread only.

    A second signal during shutdown ends the process at once.

    Args:
        settings: As for :class:`LocalServer`.
        on_ready: Called with the server once it accepts requests.

    Raises:
        LocalServerError: The server did not start.
    """
    # Unlike an Event, a SimpleQueue may be used in a signal handler that interrupts its reader.
    stop: SimpleQueue[None] = SimpleQueue()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        for number in _STOPPING:
            signal.signal(number, signal.SIG_DFL)
        stop.put(None)

    previous = {number: signal.signal(number, on_signal) for number in _STOPPING}
    try:
        with LocalServer(settings) as server:
            on_ready(server)
            while True:
                with suppress(Empty):
                    return stop.get(timeout=_BETWEEN_SIGNALS)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


class _Server(StoppableServer):
    """A server that signals to another thread when it has started or failed to start."""

    def __init__(self, app: Starlette, faults: FaultInjector | None) -> None:
        self._faults = faults
        self._jobs: JobRunner = app.state.jobs
        self._app = app
        super().__init__(
            uvicorn.Config(
                self._respond,
                interface="asgi3",
                lifespan="on",
                # The same on every machine, whatever packages are installed.
                loop="asyncio",
                http=ConnectionProtocol,
                ws="none",
                backlog=BACKLOG,
                access_log=False,
                log_config=None,
                # Errors are logged by the app or raised in the caller.
                log_level="critical",
                server_header=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        self.ready = threading.Event()
        self.startup_error: Exception | None = None

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app, and record an error of the startup: uvicorn keeps its text at most."""
        try:
            await self._app(scope, receive, send)
            if scope["type"] == "lifespan" and not self.ready.is_set():
                # It would serve without sample data, and run no jobs.
                raise RuntimeError("the middleware does not pass on the scope 'lifespan'")
        except Exception as error:
            if scope["type"] == "lifespan":
                self.startup_error = error
            raise

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets)
        except SystemExit:
            pass  # uvicorn's reaction to a failed startup; start() checks `started`
        finally:
            self.ready.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(self._on_loop_error)
        await super().startup(sockets)
        self.ready.set()

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        # asyncio calls it for each connection that it can't accept, thousands of times a second.
        if getattr(context.get("exception"), "errno", None) in _OUT_OF_RESOURCES:
            close_longest_waiting(cast("set[ConnectionProtocol]", self.server_state.connections))
            logger.warning("connections are not accepted: %s", context["exception"])
        elif not (self.should_exit and isinstance(context.get("exception"), ValueError)):
            # Once it stops, asyncio still tries to accept by sockets that are closed: a ValueError.
            loop.default_exception_handler(context)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._faults is not None:
            self._faults.stop()
        # First, while the connections to the demo model are open: httpcore loses one that is closed
        # by the other side if it is cancelled meanwhile.
        await self._jobs.cancel()
        await super().shutdown(sockets)


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    # It listens on all addresses; one of them is reachable from this machine in any case.
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
