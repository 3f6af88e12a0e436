"""A page of another site gets nothing: ``Host``, ``Origin`` and ``Sec-Fetch-Site`` are checked."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import benchwire
from benchwire_local import LocalServer, Settings
from benchwire_local.demo_model import DemoModel

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", params=["loopback", "any host", "demo model"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """What is served, and its URL."""
    if request.param == "demo model":
        with DemoModel() as demo:
            yield request.param, demo.base_url
    else:
        host = "127.0.0.1" if request.param == "loopback" else "0.0.0.0"
        with LocalServer(Settings(host=host, api_key="not the default", sample=False)) as server:
            yield request.param, server.url


def status(url: str, *lines: str, target: str = "/v0/health", method: str = "GET") -> int:
    """Send a request of these header lines alone, and return the status of the response."""
    host, port = url.removeprefix("http://").split(":")
    head = "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "connection: close", "", ""])
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(head.encode("latin-1"))
        received = b""
        while chunk := connection.recv(4096):
            received += chunk
    return int(received.split()[1])


LOOPBACK_HOSTS = [
    *("localhost", "LOCALHOST", "localhost:1", "127.0.0.1", "127.0.0.1:99", "127.9.9.9"),
    *("[::1]", "[::1]:80", "[0:0:0:0:0:0:0:1]", "LocalHost:8765"),
]
OTHER_HOSTS = [
    *("evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example"),
    *("192.0.2.1", "0.0.0.0", "[2001:db8::1]", "[::]:80", "x.localhost", "localhost."),
    *("2130706433", "0x7f.1", "127.1", "127.0.0.1.nip.io", "local", "evil-localhost"),
]
BAD_HOSTS = ["", "a b", "localhost:x", "localhost:123456", "[::1", "::1", "user@localhost", "a,b"]


@pytest.mark.parametrize("host", LOOPBACK_HOSTS)
def test_loopback_names_are_served(served: tuple[str, str], host: str) -> None:
    ok = 404 if served[0] == "demo model" else 200
    assert status(served[1], f"host: {host}") == ok
    assert status(served[1], "host: evil.example", target=f"http://{host}/v0/health") == ok


@pytest.mark.parametrize("host", OTHER_HOSTS)
def test_other_names_are_served_only_on_other_addresses(served: tuple[str, str], host: str) -> None:
    expected = 200 if served[0] == "any host" else 403
    assert status(served[1], f"host: {host}") == expected
    # The authority of the target counts, not the header (RFC 9112, section 3.2.2).
    assert status(served[1], "host: localhost", target=f"http://{host}/v0/health") == expected


@pytest.mark.parametrize("host", BAD_HOSTS)
def test_what_is_no_host_is_refused(served: tuple[str, str], host: str) -> None:
    assert status(served[1], f"host: {host}") == 400


def test_there_is_one_host(served: tuple[str, str]) -> None:
    assert status(served[1]) == 400
    assert status(served[1], "host: localhost", "host: evil.example") == 400
    assert status(served[1], "host: localhost", "Host: localhost") == 400


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD", "PUT"])
@pytest.mark.parametrize(
    "lines",
    [
        ["origin: http://evil.example"],
        ["Origin: HTTPS://EVIL.example:8765"],
        ["origin: null"],
        ["origin: "],
        ["origin: file://"],
        ["origin: http://localhost.evil.example"],
        ["origin: http://localhost@evil.example"],
        ["origin: http://localhost/", "origin: http://evil.example"],
        ["origin: http://localhost", "origin: http://evil.example"],
        ["origin: http://evil.example", "content-type: text/plain", "content-length: 0"],
        ["origin: http://evil.example", "access-control-request-method: POST"],
        ["sec-fetch-site: cross-site"],
        ["sec-fetch-site: cross-site", "sec-fetch-mode: navigate"],
    ],
)
def test_pages_of_other_sites_are_refused(
    served: tuple[str, str], lines: list[str], method: str
) -> None:
    for target in ("/v0/health", "/demo/raw", "/api/v2/nothing"):
        assert status(served[1], "host: localhost", *lines, target=target, method=method) == 403


@pytest.mark.parametrize(
    "line",
    [
        *["origin: http://localhost", "origin: http://127.0.0.1:3000", "origin: https://[::1]:1"],
        *["sec-fetch-site: same-origin", "sec-fetch-site: same-site", "sec-fetch-site: none"],
    ],
)
def test_pages_of_this_machine_are_served(served: tuple[str, str], line: str) -> None:
    ok = 404 if served[0] == "demo model" else 200
    assert status(served[1], "host: localhost", line) == ok


def test_a_page_of_the_served_name_itself_is_served() -> None:
    settings = Settings(host="0.0.0.0", api_key="not the default", sample=False)
    with LocalServer(settings) as server:
        assert server.url.startswith("http://127.0.0.1:")
        lines = ("host: service:8765", "origin: http://service:8765")
        assert status(server.url, *lines) == 200
        assert status(server.url, lines[0], "origin: http://service:1") == 403


def test_a_refusal_says_why_in_the_shape_of_the_api(api: Any) -> None:
    for path in ("/api/v1/models", "/api/v2/benchmarks/types", "/v0/me"):
        response = api.http.get(path, headers={"host": "evil.example"})
        assert response.status_code == 403
        message = api.message_of(response)
        assert message.startswith("The host 'evil.example' is not served, localhost, 127.0.0.0/8")
        assert response.headers["x-request-id"]


def test_other_machines_need_a_key_of_their_own() -> None:
    with pytest.raises(ValueError, match=r"unless BENCHWIRE_LOCAL_API_KEY or api_key is a key"):
        benchwire.local.serve(host="0.0.0.0", api_key="benchwire-local")
    with benchwire.local.serve(host="0.0.0.0", api_key="own", sample=False) as server:
        with server.public_client() as client:
            assert client.models.get().total_count == 0
        url = server.public_base_url + "/models"
        wrong = httpx.get(url, headers={"x-api-key": "benchwire-local"})
        assert wrong.status_code == 401
