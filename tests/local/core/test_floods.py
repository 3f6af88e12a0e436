"""More connections than can be open, and clients that send nothing: others are still served."""

from __future__ import annotations

import contextlib
import errno
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from benchwire_local import LocalServer, Settings
from benchwire_local.demo_model import DemoModel
from benchwire_local.http import connection, request_bodies
from support import forks

if TYPE_CHECKING:
    from pathlib import Path

HEAD = b"POST /demo/raw HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99\r\n\r\n"
STARTS = [b"", b"GET / HTTP/1.1\r\nhost: loc", HEAD, HEAD + b"{"]

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
from benchwire_local import Settings, run_forever
run_forever(Settings(sample=False), lambda server: print(server.url, flush=True))
"""


def opened(url: str, sent: bytes = b"") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=30)
    made.sendall(sent)
    return made


def ended(client: socket.socket) -> bytes:
    """Return all that is received until the server closes the connection."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := client.recv(65536):
            received += chunk
    return received


@pytest.mark.parametrize("sent", STARTS)
def test_a_flood_takes_no_place_of_others(
    sent: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connection, "connection_limit", lambda: 10)
    monkeypatch.setattr(connection.ConnectionProtocol, "head_seconds", 3600.0)
    clock = [0.0]
    monkeypatch.setattr(connection, "monotonic", lambda: clock[0])
    monkeypatch.setattr(connection.logger, "filters", [connection.OncePerSecond()])
    with LocalServer(Settings(sample=False)) as server, contextlib.ExitStack() as stack:
        for second in range(2):
            clock[0] += 1000
            clients = [stack.enter_context(opened(server.url, sent)) for _ in range(40)]
            for _ in range(5):
                assert httpx.get(server.url + "/v0/health").status_code == 200
            for client in clients[:30]:
                ended(client)
            assert len(caplog.records) == second + 1
    assert "too many are open" in caplog.text


@pytest.mark.parametrize("limited", STARTS[:2])
def test_the_head_of_a_request_has_a_time_limit(
    limited: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection.ConnectionProtocol, "head_seconds", 0.05)
    with LocalServer(Settings(sample=False)) as server:
        with opened(server.url, limited) as client:
            assert ended(client) == b""
        get = b"GET /v0/health HTTP/1.1\r\nhost: localhost\r\n\r\n"
        with opened(server.url, get + limited) as client:  # after a first request, too
            assert ended(client).count(b"HTTP/1.1 200") == 1


def test_a_body_has_a_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "MAX_BODY_SECONDS", 0.05)
    with LocalServer(Settings(sample=False)) as server:
        headers = {"authorization": f"Bearer {server.api_key}", "content-type": "application/json"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        for path, status in (("/v0/jobs", b"400"), ("/demo/raw", b"413")):
            head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\n{lines}content-length: 9\r\n\r\n"
            with opened(server.url, head.encode()) as client:
                answer = client.recv(65536)
                while b"}" not in answer:
                    answer += client.recv(65536)
            assert answer.startswith(b"HTTP/1.1 " + status)
            assert b"within the limit of 0.05 seconds" in answer


def test_a_client_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("head_seconds", "unread_seconds"):
        monkeypatch.setattr(connection.ConnectionProtocol, name, 0.05)

    def large(app: Any) -> Any:
        async def wrapped(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": bytes(50_000_000)})

        return wrapped

    with (
        LocalServer(Settings(sample=False), large) as server,
        opened(server.url, b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n") as client,
    ):
        client.recv(10)
        assert server._server is not None
        while server._server.server_state.connections:
            time.sleep(0.01)
        assert len(ended(client)) < 50_000_000


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of file descriptors")
def test_without_file_descriptors_it_goes_on(tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    with (
        errors.open("wb") as log,
        forks.Popen(
            [sys.executable, "-c", LIMITED], stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
        contextlib.ExitStack() as stack,
    ):
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        for _ in range(200):
            stack.enter_context(opened(url))
        for _ in range(5):
            assert httpx.get(url + "/v0/health", timeout=30).status_code == 200
        process.terminate()
        assert process.wait(30) == 0
    assert len(errors.read_bytes()) < 5_000


def test_malformed_requests_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with LocalServer(Settings(sample=False)) as server, DemoModel() as demo:
        for url in (server.url, demo.base_url):
            with opened(url, b"no HTTP\r\n\r\n") as client:
                assert ended(client).startswith(b"HTTP/1.1 400")
    assert not caplog.records


def test_connections_that_cannot_be_accepted_are_one_line(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "monotonic", lambda: 1e9)
    monkeypatch.setattr(connection.logger, "filters", [connection.OncePerSecond()])
    with LocalServer(Settings(sample=False)) as server:
        loop_error = server._server._on_loop_error  # type: ignore[union-attr]
        for _ in range(100):
            loop_error(None, {"exception": OSError(errno.EMFILE, "Too many open files")})  # type: ignore[arg-type]
    (record,) = caplog.records
    assert "Too many open files" in record.getMessage()
