"""The server in the foreground: signals end it in order, and a second one at once."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from support import forks
from support.systems import needs_posix

if TYPE_CHECKING:
    from pathlib import Path

# On Windows, one process can be sent Ctrl-Break alone, if it has a group of its own.
SIGNALS: list[int]
if sys.platform == "win32":
    SIGNALS, GROUP = (
        [signal.CTRL_BREAK_EVENT],
        {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP},
    )
else:
    SIGNALS, GROUP = [signal.SIGINT, signal.SIGTERM], {}

ASK_FOR_AN_EVALUATION = (
    b"GET /api/v1/evaluations/e HTTP/1.1\r\nhost: localhost\r\nx-api-key: benchwire-local\r\n\r\n"
)

FOREGROUND = """
import sys
from pathlib import Path
from benchwire_local import Settings
from benchwire_local import run_forever
settings = Settings(db=Path(sys.argv[1]), sample=False)
run_forever(settings, lambda server: print(server.url, flush=True))
print("closed", flush=True)
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_foreground_server_in_order(tmp_path: Path, number: int) -> None:
    process: Any = forks.Popen(
        [sys.executable, "-W", "error", "-c", FOREGROUND, str(tmp_path / "d.db")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **GROUP,
    )
    with process:
        url = process.stdout.readline().strip()
        assert httpx.get(url).status_code == 404
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "closed\n", "")
    assert not (tmp_path / "d.db-wal").exists()  # closed cleanly


@needs_posix("signals that a process can send another")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_it_at_once(tmp_path: Path, number: int) -> None:
    # The first signal is given while a request hangs, so that closing takes its time.
    code = FOREGROUND.replace(
        "settings =",
        "import threading\n"
        "from benchwire_local import server\n"
        "server._GRACE_SECONDS = 3600\n"
        "from benchwire_local.api import public\n"
        "def hang(call):\n"
        "    print('entered', flush=True)\n"
        "    threading.Event().wait()\n"
        "public.HANDLERS['getEvaluation'] = hang\n"
        "settings =",
    )
    process: Any = forks.Popen(
        [sys.executable, "-c", code, str(tmp_path / "d.db")], stdout=subprocess.PIPE, text=True
    )
    with process, socket.socket() as asking:
        url = process.stdout.readline().strip()
        host, port = url.removeprefix("http://").split(":")
        asking.connect((host, int(port)))
        asking.sendall(ASK_FOR_AN_EVALUATION)
        assert process.stdout.readline() == "entered\n"
        process.send_signal(number)
        wait_until_refused(host, int(port))  # the first signal has arrived
        assert process.poll() is None
        process.send_signal(number)
        try:
            assert process.wait(timeout=30) == -number
        finally:
            process.kill()


@pytest.mark.parametrize("number", SIGNALS)
def test_requests_under_way_are_finished(tmp_path: Path, number: int) -> None:
    code = FOREGROUND.replace(
        "settings =",
        "from benchwire_local import server\n"
        "server._GRACE_SECONDS = 3600\n"
        "from benchwire_local.api import public\n"
        "answer = public.HANDLERS['getEvaluation']\n"
        "def slow(call):\n"
        "    print('entered', flush=True)\n"
        "    sys.stdin.readline()\n"
        "    return answer(call)\n"
        "public.HANDLERS['getEvaluation'] = slow\n"
        "settings =",
    )
    process: Any = forks.Popen(
        [sys.executable, "-W", "error", "-c", code, str(tmp_path / "d.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **GROUP,
    )
    with process, contextlib.ExitStack() as stack:
        host, port = process.stdout.readline().strip().removeprefix("http://").split(":")
        address = (host, int(port))
        asking, *others = (stack.enter_context(socket.create_connection(address)) for _ in range(3))
        asking.sendall(ASK_FOR_AN_EVALUATION)
        others[0].sendall(
            ASK_FOR_AN_EVALUATION[:20]
        )  # neither this one nor an idle one is waited for
        assert process.stdout.readline() == "entered\n"
        process.send_signal(number)
        wait_until_refused(*address)
        process.stdin.write("\n")
        process.stdin.flush()
        received = b""
        while chunk := asking.recv(65536):
            received += chunk
        assert received.startswith(b"HTTP/1.1 404 ")
        assert process.wait(timeout=30) == 0


def wait_until_refused(host: str, port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, port)).close()
        except ConnectionError:
            return
    raise AssertionError("the server still accepts connections")
