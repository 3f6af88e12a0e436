"""A v0 service on a real socket whose connections go wrong in the way a test asks for.

It keeps jobs and credits, so that what a client believes of a submission can be held against what
was charged. It writes raw bytes: an HTTP library would not let most of these faults happen.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlsplit

from support.fault_ledger import Ledger
from support.scripted import PATIENCE

Stage = Literal["request", "accept", "reuse", "refuse"]
"""When a fault happens: when a request has come, before one can, when a connection is used again,
or instead of there being a connection."""

_RESET = struct.pack("ii", 1, 0)  # linger for 0 seconds: close() sends RST in place of FIN


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong on a connection.

    Attributes:
        name: What the table calls it.
        act: Does it.
        stage: When it happens.
        executes: Whether a request it happens to can have had its effect.
    """

    name: str
    act: Callable[[Exchange], None]
    stage: Stage = "request"
    executes: bool = True


@dataclass(frozen=True)
class Got:
    """A request that was read to its end."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    executed: bool

    @property
    def path(self) -> str:
        return urlsplit(self.target).path


@dataclass
class Plan:
    """Which requests a fault happens to.

    Attributes:
        fault: The fault.
        method: The method it happens to; ``None`` is any.
        times: How often; ``None`` is always.
        after: How many sound answers must have been given since it was planned.
        executes: Whether a submission that it happens to is executed.
    """

    fault: Fault
    method: str | None = None
    times: int | None = None
    after: int = 0
    executes: bool = True
    happened: int = 0


class FaultServer:
    """The running service.

    A context manager. At its end every connection must have been closed by the clients: one that is
    still open is a leak, and fails the test.

    Attributes:
        plan: The fault that happens, and to what; ``None`` is a sound service.
        ledger: Jobs and credits.
        requests: Every request that was read.
        connections: How many connections were accepted.
        left: Set when a client hung up on a connection that was held open or kept busy.
        go_on: Set by a test to end `Exchange.wait_unread`.
    """

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self.ledger = Ledger()
        self.requests: list[Got] = []
        self.connections = 0
        self.answered = 0
        self.left = threading.Event()
        self.go_on = threading.Event()
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self._open: set[socket.socket] = set()
        self._failures: list[Exception] = []
        self._stopped = False
        self._listener = _bound()
        self._listener.listen(1024)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._acceptor = threading.Thread(target=self._accept_all, daemon=True)

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            closed = self._changed.wait_for(lambda: not self._open, PATIENCE)
            self._stopped = True
            left_open = list(self._open)
        for connection in left_open:
            _shut_down(connection)
        _shut_down(self._listener)
        self._acceptor.join(PATIENCE)
        self._listener.close()
        if self._failures:
            raise self._failures[0]
        assert closed, f"{len(left_open)} connections were left open"

    def break_with(self, fault: Fault, **aim: Any) -> Plan:
        """Let a fault happen from now on; see `Plan` for its aim."""
        with self.lock:
            plan = self.plan = Plan(fault, **aim)
            self.answered = 0
            self.left.clear()
        self._refuse_if_planned()
        return plan

    def heal(self) -> None:
        """Be a sound service from now on."""
        with self.lock:
            refused = self._refusing()
            self.plan = None
        if refused:
            self._acceptor.join(
                PATIENCE
            )  # it may not have seen yet that there is nothing to accept
            self._listener.listen(1024)
            self._acceptor = threading.Thread(target=self._accept_all, daemon=True)
            self._acceptor.start()

    def posts(self) -> list[Got]:
        """The submissions that were read."""
        with self.lock:
            return [request for request in self.requests if request.method == "POST"]

    def take(self, stage: Stage, method: str | None = None) -> Plan | None:
        """Whether the fault happens here; if so, it has happened once more."""
        with self.lock:
            plan = self.plan
            if (
                plan is None
                or plan.fault.stage != stage
                or plan.times == plan.happened
                or self.answered < plan.after
                or (method is not None and plan.method not in {None, method})
            ):
                return None
            plan.happened += 1
            return plan

    def answers_one(self) -> None:
        """Count a sound answer; a fault that refuses connections may begin with it."""
        with self.lock:
            self.answered += 1
        self._refuse_if_planned()

    def answer(self, got: Got) -> tuple[int, object]:
        """What a sound service says: status and body."""
        with self.lock:
            if got.method == "POST":
                return 202, self.ledger.accept(got.path, json.loads(got.body), real=got.executed)
            if got.path.endswith("/me"):
                return 200, {"available_credits": self.ledger.credits}
            if not got.path.endswith("/jobs"):
                return 200, {"id": got.path.rsplit("/", 1)[1], "status": "pending"}
            query = dict(parse_qsl(urlsplit(got.target).query))
            return 200, {"jobs": self.ledger.listed(int(query.get("limit", 100)))}

    def _refusing(self) -> bool:
        plan = self.plan
        return plan is not None and plan.fault.stage == "refuse" and self.answered >= plan.after

    def _refuse_if_planned(self) -> None:
        if self._refusing():
            # The port stays bound and nobody listens there, so no one else can take it.
            _shut_down(self._listener)

    def _accept_all(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._changed:
                self.connections += 1
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            _Conversation(self, connection).hold()
        except ConnectionError:
            pass  # the client hung up, or a fault did
        except Exception as problem:
            if not self._stopped:
                self._failures.append(problem)
        finally:
            connection.close()
            with self._changed:
                self._open.discard(connection)
                self._changed.notify_all()


class _Conversation:
    """One connection, request after request."""

    def __init__(self, server: FaultServer, connection: socket.socket) -> None:
        self.server = server
        self.connection = connection

    def hold(self) -> None:
        plan = self.server.take("accept")
        if plan is not None:
            plan.fault.act(Exchange(self.server, self.connection, plan))
            return
        count = 0
        # Looked at and not read: a reset before anything is read must leave it unread.
        while start := self.connection.recv(8, socket.MSG_PEEK):
            method = start.split(b" ")[0].decode("ascii")
            plan = self.server.take("reuse", method) if count else None
            plan = plan or self.server.take("request", method)
            exchange = Exchange(self.server, self.connection, plan)
            if plan is None:
                exchange.reply()
            else:
                plan.fault.act(exchange)
            if exchange.is_over:
                return
            count += 1


class Exchange:
    """One request and what is to go wrong with it. A fault is made of the methods of this."""

    def __init__(self, server: FaultServer, connection: socket.socket, plan: Plan | None) -> None:
        self.server = server
        self.connection = connection
        self.executes = plan is None or (plan.executes and plan.fault.executes)
        self.is_over = False

    def reply(self) -> None:
        """Do what a sound service does."""
        answer = self.honest()
        self.server.answers_one()  # counted before the client can go on
        self.send(answer)

    def honest(self, *, unread: bool = False, **headers: str) -> bytes:
        """Read the request, do what it asks for, and give the whole right answer to it.

        With ``unread`` the request's body is looked at and left where it is.
        """
        status, body = self.result(unread=unread)
        return message(body, status, **headers)

    def result(self, *, unread: bool = False) -> tuple[int, bytes]:
        """Read the request, do what it asks for, and give status and body of the right answer."""
        status, body = self.server.answer(self.read(unread=unread))
        return status, json.dumps(body).encode()

    def read(self, *, unread: bool = False) -> Got:
        """Read the request to its end."""
        method, target, headers = self._head()
        length = int(headers.get("content-length", 0))
        flags = socket.MSG_WAITALL | (socket.MSG_PEEK if unread else 0)
        body = self.connection.recv(length, flags) if length else b""
        if len(body) < length:
            raise ConnectionAbortedError
        got = Got(method, target, headers, body, self.executes)
        with self.server.lock:
            self.server.requests.append(got)
        return got

    def pause(self, seconds: float) -> None:
        """Let time pass, or less if the client hangs up."""
        select.select([self.connection], [], [], seconds)

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.connection.sendall(data)

    def end(self) -> None:
        """Close the connection in order."""
        self.is_over = True
        self.connection.close()

    def reset(self) -> None:
        """Close the connection with RST."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.end()

    def wait(self) -> None:
        """Say nothing more until the client hangs up."""
        with self._until_left() as going_on:
            while going_on():
                self._listen(0.5)

    def wait_unread(self) -> None:
        """Read nothing of the request until told to go on, then until the client hangs up."""
        self.server.go_on.wait(PATIENCE)
        self.wait()

    def drip(self, data: bytes, pause: float = 0.02) -> None:
        """Send bytes one by one, again from the start, until the client hangs up."""
        with self._until_left() as going_on:
            position = 0
            while going_on():
                self.send(data[position : position + 1])
                position = (position + 1) % len(data)
                self._listen(pause)

    def pour(self, data: bytes) -> None:
        """Send the same bytes over and over until the client hangs up."""
        with self._until_left() as going_on:
            while going_on():
                self.send(data)

    @contextmanager
    def _until_left(self) -> Iterator[Callable[[], bool]]:
        """Note that the client hung up. A client that never does is let go after a while."""
        self.is_over = True
        end = time.monotonic() + PATIENCE
        try:
            yield lambda: time.monotonic() < end
        except ConnectionError:
            self.server.left.set()

    def _listen(self, seconds: float) -> None:
        """Wait for the client to hang up, which ends the conversation, and no longer than that."""
        readable, _, _ = select.select([self.connection], [], [], seconds)
        if readable and not self.connection.recv(65536):
            raise ConnectionAbortedError

    def _head(self) -> tuple[str, str, dict[str, str]]:
        """Read method, target and headers, and not a byte more."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            seen = self.connection.recv(65536, socket.MSG_PEEK)
            if not seen:
                raise ConnectionAbortedError
            end = (head + seen).find(b"\r\n\r\n")
            head += self.connection.recv(len(seen) if end < 0 else end + 4 - len(head))
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        method, target, _ = first.split(" ")
        pairs = (line.partition(":") for line in lines)
        return method, target, {name.lower(): value.strip() for name, _, value in pairs}


def message(body: bytes, status: int = 200, **headers: str) -> bytes:
    """A whole answer; ``_`` in a header's name stands for ``-``. A header given replaces ours."""
    named = {
        "date": formatdate(usegmt=True),
        "content-type": "application/json",
        "content-length": str(len(body)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return head(status, named) + body


def head(status: int, headers: dict[str, str]) -> bytes:
    """The beginning of an answer up to its body."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Answer\r\n{lines}\r\n".encode("latin-1")


def _bound() -> socket.socket:
    """Give a socket that keeps its port when it stops listening: one that was asked for by number."""
    with socket.socket() as first:
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        first.bind(("127.0.0.1", 0))
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(first.getsockname())
    return listener


def _shut_down(connection: socket.socket) -> None:
    """End what waits on a socket, if it is still open."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
