"""One server whose plan each test sets, and raw sockets that show what really comes over the wire."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from benchwire_local import LocalServer, Settings, load_fault_plan

PRIVATE_DETAILS = 1
KEYS = "host: localhost\r\nx-api-key: benchwire-local\r\nauthorization: Bearer benchwire-local\r\n"


@dataclass
class Wire:
    """What came back on a connection until it ended."""

    received: bytes
    reset: bool

    @property
    def head(self) -> bytes:
        return self.received.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        return self.received.partition(b"\r\n\r\n")[2]

    @property
    def status(self) -> int:
        return int(self.head.split()[1])

    def header(self, name: str) -> str | None:
        for line in self.head.decode().splitlines()[1:]:
            key, _, value = line.partition(": ")
            if key == name:
                return value
        return None


class Faulty:
    """A running server with faults: raw requests to it, and the truth about what it did."""

    def __init__(self, server: LocalServer) -> None:
        self.server = server
        host, _, port = server.url.removeprefix("http://").partition(":")
        self.address = (host, int(port))
        self.http = httpx.Client(
            base_url=server.url,
            headers={"x-api-key": server.api_key, "authorization": f"Bearer {server.api_key}"},
            trust_env=False,
        )

    def plan(self, *rules: dict[str, Any], seed: int = 0) -> None:
        self.server.set_faults({"seed": seed, "rules": rules})

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=30)

    def exchange(self, request: bytes) -> Wire:
        """Send a request on a connection of its own, and take what comes until its end."""
        with self.connect() as connection:
            connection.sendall(request)
            return received_on(connection)

    def get(self, path: str = "/v0/me", headers: str = "connection: close\r\n") -> Wire:
        return self.exchange(f"GET {path} HTTP/1.1\r\n{KEYS}{headers}\r\n".encode())

    def submission(self, headers: str = "connection: close\r\n") -> bytes:
        body = json.dumps(
            {
                "benchmark_id": PRIVATE_DETAILS,
                "endpoint_url": f"{self.server.url}/demo/raw",
                "api_key": "k",
                "provider": "raw",
            }
        )
        return (
            f"POST /v0/jobs HTTP/1.1\r\n{KEYS}{headers}content-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def submit(self) -> Wire:
        return self.exchange(self.submission())

    def credits(self) -> int:
        """What the account has, from the database itself."""
        return int(self._rows("SELECT available_credits FROM v0_accounts")[0])

    def jobs(self) -> list[str]:
        """The ids of all jobs, newest first, from the database itself."""
        return self._rows("SELECT id FROM v0_jobs ORDER BY number DESC")

    def _rows(self, query: str) -> list[Any]:
        assert self.server.settings.db is not None
        with contextlib.closing(sqlite3.connect(self.server.settings.db)) as connection:
            return [row[0] for row in connection.execute(query)]


def received_on(connection: socket.socket) -> Wire:
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        return Wire(received, reset=True)
    return Wire(received, reset=False)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    db = tmp_path_factory.mktemp("faults") / "data.db"
    settings = Settings(db=db, faults=load_fault_plan([]), initial_credits=100_000)
    with LocalServer(settings) as server:
        faulty = Faulty(server)
        with faulty.http:
            yield faulty


@pytest.fixture
def faulty(running: Faulty) -> Faulty:
    running.plan()
    return running
