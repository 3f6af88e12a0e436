"""One look before a run: `make drift` and `make contract` judge nothing that is not the API's."""

from __future__ import annotations

import io
import json
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from scripts.contract.__main__ import main as contract
from scripts.contract.services import SERVICES
from scripts.drift.__main__ import main as drift

from benchwire_drift.availability import connection_reason, foreign_reason, unavailable_reason
from benchwire_drift.look import READS
from benchwire_local import LocalServer, Settings
from contract.recording import CannedResponse, ReceivedRequest, RecordingServer

KEY = "canary-one-look-key-51c2"
APIS = ("public", "v2", "v0")
TOOLS = ("drift", "contract")
PAGE = b"<!DOCTYPE html><html><form>Log in</form></html>"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in SERVICES.values():
        monkeypatch.setenv(service.key_variables[0], KEY)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setattr("benchwire_drift.pace.MAX_PAUSE", 0.01)  # of the guard, which sleeps


def run(tool: str, api: str, url: str, folder: Path, *options: str) -> int:
    if tool == "drift":
        return drift(["--api", api, "--base-url", url, "--rate", "1000", *options])
    limits = ("--rate", "100000", "--max-requests", "400", "--report-dir", str(folder))
    return contract(["--api", api, "--base-url", url, *limits, *options])


# ---- before the run --------------------------------------------------------------------------


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (CannedResponse(401), "the key was rejected (status 401)"),
        (CannedResponse(403, PAGE), "the key was rejected (status 403)"),
        (CannedResponse(429), "it limits the rate of requests (status 429)"),
        (CannedResponse(503, PAGE), "it is not available (status 503)"),
        (CannedResponse(200, PAGE), "it sends an HTML page, such as one to log in, and no JSON (status 200)"),
        (CannedResponse(404, b"\n <html>"), "it sends an HTML page, such as one to log in, and no JSON (status 404)"),
        (CannedResponse(302, headers={"location": "https://login.example/x?key=1"}),
         "it redirects to login.example (status 302)"),
        (CannedResponse(308, headers={"location": "/elsewhere"}),
         "it redirects to another path (status 308)"),
        (CannedResponse(511), "it is not available (status 511)"),
        (CannedResponse(200, b"abcd", {"content-encoding": "gzip"}),
         "its compressed response can't be decompressed"),
    ],
)  # fmt: skip
def test_nothing_is_judged_where_a_look_shows_no_api(
    tool: str, api: str, response: CannedResponse, reason: str,
    tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    with RecordingServer(lambda received: response) as server:
        assert run(tool, api, server.url, tmp_path) == 2
        assert len(server.received) == 1
        assert KEY in str(server.received[0].headers)
    printed = capsys.readouterr()
    first = printed.err.splitlines()[0]
    assert first.startswith(f"error: the {api} API at {server.url}")
    assert first.endswith(f" can't be checked: {reason}")
    assert printed.out == ""
    assert KEY not in printed.err
    assert list(tmp_path.iterdir()) == []


STRANGER = "it sends the JSON of something else"


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (CannedResponse(200, b""), "it sends nothing (status 200)"),
        (CannedResponse(204, b""), "it sends nothing (status 204)"),
        (CannedResponse(200, b"Welcome!"), "it sends no JSON (status 200)"),
        *((CannedResponse(200, body), STRANGER) for body in (
            b"null", b"5", b"{}", b"[[]]", b'{"error": "invalid key"}', b'{"detail": [{"msg": "x"}]}',
            b'{"object": "list", "data": [{"id": "a", "object": "model", "owned_by": "b"}]}')),
        *((CannedResponse(status), f"with the status {status}") for status in (400, 405, 500)),
        (CannedResponse(404), "with the status 404; is the base URL right?"),
    ],
)  # fmt: skip
def test_nothing_is_judged_where_no_look_shows_the_api(
    tool: str, api: str, response: CannedResponse, reason: str,
    tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    with RecordingServer(lambda received: response) as server:
        assert run(tool, api, server.url, tmp_path) == 2
        targets = {received.target for received in server.received}
        assert len(server.received) == len(targets) == len(READS[api])
    printed = capsys.readouterr()
    assert printed.err.splitlines()[0].endswith(reason)
    assert (printed.out, len(printed.err.splitlines())) == ("", 1)


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(("api", "other"), [("public", ""), ("v2", "/api/v1"), ("v0", "/v2")])
def test_another_api_behind_the_url(
    tool: str, api: str, other: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with LocalServer(Settings(api_key=KEY)) as local:
        assert run(tool, api, local.url + other, tmp_path) == 2
    assert capsys.readouterr().err.splitlines()[0].endswith("is the base URL right?")


@pytest.mark.parametrize("response", [CannedResponse(404), CannedResponse(200, b"null")])
@pytest.mark.parametrize("tool", TOOLS)
def test_a_service_that_lacks_one_operation_is_judged(
    tool: str, response: CannedResponse, tmp_path: Path
) -> None:
    with (
        LocalServer(Settings(api_key=KEY)) as local,
        RecordingServer(Failing(local, response, healthy=0, path="/v0/me")) as server,
    ):
        options = ["-k", "test"] if tool == "contract" else []  # all relations
        assert run(tool, "v0", server.url, tmp_path, *options) == 1


@pytest.mark.parametrize("tool", TOOLS)
def test_a_report_that_can_not_be_written_is_an_error(
    tool: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    options = ["--report-dir", str(file)] if tool == "contract" else ["--json", str(file / "x")]
    module = contract if tool == "contract" else drift
    assert module([*options, *(["-k", "health"] if tool == "contract" else [])]) == 2
    assert "can't be written" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("tool", TOOLS)
def test_nobody_listens(tool: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    assert run(tool, "v2", url, tmp_path) == 2
    line = "can't be checked: nobody listens there (connection refused)"
    assert capsys.readouterr().err.splitlines()[0].endswith(line)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_host_that_does_not_exist(
    tool: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tool, "v2", "https://no-such-host.invalid", tmp_path) == 2
    assert (
        capsys.readouterr().err.splitlines()[0].startswith("error: the v2 API at https://no-such")
    )


@pytest.fixture(scope="module")
def untrusted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingServer]:
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with RecordingServer(tls=context) as server:
        yield server


@pytest.mark.parametrize("tool", TOOLS)
def test_an_untrusted_certificate(
    tool: str, untrusted: RecordingServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tool, "v0", untrusted.url, tmp_path) == 2
    line = "can't be checked: its TLS certificate is not accepted (self-signed certificate)"
    assert capsys.readouterr().err.splitlines()[0].endswith(line)
    assert untrusted.received == []


@pytest.mark.parametrize("tool", TOOLS)
def test_a_missing_key_is_named_in_the_first_line(
    tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BENCHWIRE_V2_API_KEY")
    assert run(tool, "v2", "http://127.0.0.1:9", tmp_path) == 2
    assert "BENCHWIRE_V2_API_KEY" in capsys.readouterr().err.splitlines()[0]


@pytest.mark.parametrize("status", [200, 202, 400, 404, 405, 500, 501])
def test_what_a_service_itself_returns_is_judged(status: int) -> None:
    for content in (b"{}", b"[1]", b"", b"no JSON", b'"<html>"'):
        assert foreign_reason(status, {"content-type": "text/html"}, content) is None
    assert unavailable_reason(status) is None


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ReadTimeout("secret"), "does not respond in time"),
        (TimeoutError(), "does not respond in time"),
        (ssl.SSLError(1, "secret"), "does not speak TLS"),
        (socket.gaierror(-2, "secret"), "no host of this name"),
        (httpx.RemoteProtocolError("secret"), "the connection was lost or refused"),
        (ConnectionResetError("secret"), "the connection was lost or refused"),
        (
            httpx.RemoteProtocolError("without sending complete message body (secret)"),
            "its response was cut",
        ),
    ],
)
def test_a_lost_connection_is_a_sentence(error: Exception, words: str) -> None:
    outer = OSError("secret")
    outer.__cause__ = error
    error.__context__ = outer  # a cycle
    for one in (error, outer):
        assert words in connection_reason(one)
        assert "secret" not in connection_reason(one)


@pytest.mark.parametrize(
    "head",
    [b"transfer-encoding: chunked\r\n\r\n20\r\n{", b"content-length: 20\r\n\r\n{"],
    ids=["chunked", "sized"],
)
@pytest.mark.parametrize("tool", TOOLS)
def test_a_cut_response_is_called_so(
    tool: str, head: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Cutting(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            self.request.sendall(b"HTTP/1.1 200 OK\r\n" + head)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Cutting) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        assert run(tool, "v2", f"http://127.0.0.1:{server.server_address[1]}", tmp_path) == 2
        server.shutdown()
    assert "its response was cut" in capsys.readouterr().err


# ---- during the run --------------------------------------------------------------------------


class Heard(io.StringIO):
    """A stream that tells when a text was written to it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.written = text, threading.Event()

    def write(self, text: str) -> int:
        if self.text in text:
            self.written.set()
        return super().write(text)


@pytest.mark.parametrize(
    ("slow", "words"),
    [(1, "public: waiting, with 1 requests sent"), (2, "requests sent, the last GET /datasets")],
)
def test_a_run_that_waits_for_a_response_says_so(
    slow: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Heard(words)
    monkeypatch.setattr("sys.stderr", heard)
    monkeypatch.setattr("scripts.contract.progress.INTERVAL", 0.01)
    said = []
    with LocalServer(Settings(api_key=KEY)) as local:
        forward = Failing(local, CannedResponse(503), healthy=10**9)

        def respond(received: ReceivedRequest) -> CannedResponse:
            if len(server.received) == slow:
                said.append(heard.written.wait(60))
            return forward(received)

        with RecordingServer(respond) as server:
            options = ("-k", "default_page_size and listBenchmarks")
            assert run("contract", "public", f"{server.url}/api/v1", tmp_path, *options) == 0
    assert said == [True]


@pytest.fixture(scope="module", autouse=True)
def forwarding() -> Iterator[None]:
    with httpx.Client(trust_env=False) as Failing.client:
        yield


class Failing:
    """Forwards to an embedded server; some requests get another response."""

    client: httpx.Client

    def __init__(
        self, server: LocalServer, response: CannedResponse, *, healthy: int, path: str = ""
    ) -> None:
        self.server, self.response, self.healthy, self.path = server, response, healthy, path
        self.count = 0

    def __call__(self, received: ReceivedRequest) -> CannedResponse:
        self.count += 1
        if self.count > self.healthy and received.target.endswith(self.path):
            return self.response
        headers = {n: v for n, v in received.headers.items() if n not in {"host", "content-length"}}
        url = self.server.url + received.target
        got = self.client.request(received.method, url, headers=headers)
        kept = {n: v for n, v in got.headers.items() if n == "x-request-id"}
        return CannedResponse(got.status_code, got.content, kept)


@pytest.mark.parametrize("status", [401, 503])
@pytest.mark.parametrize("tool", TOOLS)
def test_a_service_that_fails_during_the_run_is_not_all_well(
    tool: str, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with LocalServer(Settings(api_key=KEY)) as local:
        failing = Failing(local, CannedResponse(status), healthy=2)
        with RecordingServer(failing) as server:
            assert run(tool, "v2", server.url, tmp_path) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: not ")
    assert f"(status {status})" in last
    if tool == "contract":
        # Three failed reads, each repeated at most twice, and nothing more.
        assert len(server.received) <= 2 + 3 * 3
        report = json.loads((tmp_path / "v2" / "findings.json").read_bytes())
        assert report["relations"]["findings"] == report["strict"] == []


@pytest.mark.parametrize("tool", TOOLS)
def test_an_operation_whose_every_call_fails_is_named(
    tool: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with LocalServer(Settings(api_key=KEY)) as local:
        failing = Failing(local, CannedResponse(403), healthy=0, path="/test-cases")
        with RecordingServer(failing) as server:
            options = ["-k", "run"] if tool == "contract" else []
            assert run(tool, "v2", server.url, tmp_path, *options) == 2
    assert "the key was rejected (status 403)" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("tool", TOOLS)
def test_one_page_of_a_gateway_among_many_responses_is_no_finding(
    tool: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with LocalServer(Settings(api_key=KEY)) as local:
        forward = Failing(local, CannedResponse(503, PAGE), healthy=10**9)

        def flaky(received: ReceivedRequest) -> CannedResponse:
            return CannedResponse(503, PAGE) if len(server.received) % 5 == 3 else forward(received)

        with RecordingServer(flaky) as server:
            options = ["-k", "run"] if tool == "contract" else []
            assert run(tool, "v2", server.url, tmp_path, *options) == 0
    assert len(server.received) > 8
    assert "error" not in capsys.readouterr().err


def test_a_keyword_that_is_no_expression(capsys: pytest.CaptureFixture[str]) -> None:
    assert contract(["-k", "(("]) == 2
    assert "no relations were run: is '((' an expression" in capsys.readouterr().err


def test_a_keyword_that_selects_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert contract(["-k", "no_such_relation", "--report-dir", str(tmp_path)]) == 2
    assert capsys.readouterr().err.endswith("error: -k selects no relation\n")
