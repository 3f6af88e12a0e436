"""A request, and the key with it, goes to the service's own origin and nowhere else."""

from __future__ import annotations

import json
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

import pytest

import benchwire
from support.both import KEY, Flavour
from support.fault_calls import BEFORE, Caller, Kind
from support.fault_clock import SkippingClock
from support.fault_listener import Listener
from support.fault_server import Exchange, Fault, FaultServer, message
from support.limits import with_growing_limit
from support.scripted import PATIENCE, always, json_reply

REDIRECTS = [301, 302, 303, 307, 308]


@pytest.fixture
def elsewhere() -> Iterator[Listener]:
    """Another host: what comes here was sent to the wrong place."""
    with Listener(host="127.0.0.2") as listener:
        yield listener


def redirect(status: int, location: str) -> Fault:
    def act(exchange: Exchange) -> None:
        exchange.honest()
        exchange.send(message(b"", status, location=location))

    return Fault(f"{status} to {location}", act, executes=False)


@pytest.mark.parametrize("to", ["host", "port", "scheme", "path", "userinfo"])
@pytest.mark.parametrize("status", REDIRECTS)
def test_redirects_are_not_followed(
    status: int,
    to: str,
    flavour: Flavour,
    service: FaultServer,
    clock: SkippingClock,
    elsewhere: Listener,
) -> None:
    with Listener() as other_port:
        places = {
            "host": f"http://{elsewhere.host}:{elsewhere.port}/v0/jobs",
            "port": f"http://127.0.0.1:{other_port.port}/v0/jobs",
            "scheme": f"https://127.0.0.1:{other_port.port}/v0/jobs",
            "path": "/v0/elsewhere",
            "userinfo": f"http://user:word@{elsewhere.host}:{elsewhere.port}/",
        }
        service.break_with(redirect(status, places[to]))
        caller = Caller(flavour, service, clock)
        error = caller.read().error
        assert isinstance(error, benchwire.APIStatusError)
        assert error.status_code == status
        service.break_with(redirect(status, places[to]), method="POST")
        assert isinstance(caller.submit("job").error, benchwire.SubmissionUnknown)
        assert (elsewhere.connections, other_port.connections) == (0, 0)
    assert len(service.posts()) == 1
    assert {request.path for request in service.requests} == {"/v0/jobs"}


@pytest.mark.parametrize("status", REDIRECTS)
def test_not_even_by_a_client_of_the_users_that_follows_them(
    status: int, flavour: Flavour, service: FaultServer, elsewhere: Listener
) -> None:
    service.break_with(redirect(status, f"http://{elsewhere.host}:{elsewhere.port}/v0/jobs"))
    http = flavour.http(follow_redirects=True)
    with pytest.raises(benchwire.APIStatusError):
        flavour.result(flavour.v0(service.url, http_client=http).me())
    assert elsewhere.connections == 0


def test_proxies_and_netrc_of_the_environment_are_not_used(
    flavour: Flavour,
    service: FaultServer,
    clock: SkippingClock,
    elsewhere: Listener,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        proxy = f"http://{elsewhere.host}:{elsewhere.port}"
        monkeypatch.setenv(name, proxy)
        monkeypatch.setenv(name.upper(), proxy)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    caller = Caller(flavour, service, clock)
    assert caller.read().value == [BEFORE]
    assert caller.submit("job").value == ["job-1"]
    assert elsewhere.connections == 0
    assert {request.headers["authorization"] for request in service.requests} == {f"Bearer {KEY}"}


LOOPBACK = ["127.0.0.1", "127.8.9.10", "localhost", "LOCALHOST", "[::1]", "127.0.0.1:8765"]
NOT_LOOPBACK = [
    "api.example.com",
    "localhost.example.com",
    "127.0.0.1.example.com",
    "notlocalhost",
    "10.0.0.1",
    "192.168.0.1",
    "0.0.0.0",
    "128.0.0.1",
    "[2001:db8::1]",
    "[fe80::1]",
]
CLIENTS = ["PublicClient", "V2Client", "V0Client"]


@pytest.mark.parametrize("name", CLIENTS)
@pytest.mark.parametrize("scheme", ["http", "HTTP"])
@pytest.mark.parametrize("host", NOT_LOOPBACK)
def test_plain_http_is_refused_off_loopback(
    host: str, scheme: str, name: str, flavour: Flavour
) -> None:
    with pytest.raises(benchwire.ConfigurationError, match="http"):
        flavour.make(name, KEY, f"{scheme}://{host}/v1")


@pytest.mark.parametrize("name", CLIENTS)
@pytest.mark.parametrize("host", LOOPBACK)
def test_plain_http_to_loopback_is_not(host: str, name: str, flavour: Flavour) -> None:
    assert flavour.make(name, KEY, f"http://{host}/v1").base_url.endswith(f"{host}/v1")


@pytest.mark.parametrize("name", CLIENTS)
def test_plain_http_can_be_asked_for(name: str, flavour: Flavour) -> None:
    client = flavour.make(name, KEY, "http://api.example.com/v1", allow_http=True)
    assert client.base_url == "http://api.example.com/v1"


def test_plain_http_in_the_environment_is_refused_too(
    flavour: Flavour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCHWIRE_V0_BASE_URL", "http://api.example.com")
    with pytest.raises(benchwire.ConfigurationError, match="http"):
        flavour.make("V0Client", KEY)


@pytest.mark.parametrize("kind", ["job", "batch"])
def test_a_service_without_tls_is_told_nothing(
    kind: Kind, flavour: Flavour, clock: SkippingClock, service: FaultServer
) -> None:
    with Listener(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n") as plain:
        service.url = f"https://127.0.0.1:{plain.port}"
        error = Caller(flavour, service, clock).submit(kind).error
    assert isinstance(error, benchwire.APIConnectionError)
    assert error.never_sent
    assert KEY.encode() not in b"".join(plain.received)


def test_a_handshake_that_is_never_answered_ends_in_time(
    flavour: Flavour, clock: SkippingClock, service: FaultServer
) -> None:
    with Listener() as silent:
        service.url = f"https://127.0.0.1:{silent.port}"

        def is_connected(limit: float) -> bool:
            error = Caller(flavour, service, clock, deadline=limit).read().error
            assert isinstance(error, benchwire.DeadlineExceededError)
            return bool(silent.received)

        with_growing_limit(is_connected)
        assert silent.left.wait(PATIENCE), "the connection was left open"


class Targets:
    """A service that notes the path of each request and does hardly more, to be quick."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, self._listener:
            head = b""
            while data := connection.recv(65536):
                head += data
                if head.endswith(b"\r\n\r\n"):
                    self.seen.append(head.split(b"\r\n", 1)[0])
                    identity = unquote(head.split(b" ")[1].decode().rpartition("/")[2])
                    head = b""
                    connection.sendall(
                        message(json.dumps({"id": identity, "status": "pending"}).encode())
                    )


_PIECES = [
    *"/\\?#%&;:@=+$,!*'()[]{}<>|^~`\" .\t\r\n\0\x7f",
    *(
        "..",
        "../",
        "./",
        "//",
        "..%2f",
        "%2e%2e/",
        "%2F",
        "%00",
        "%",
        "%zz",
        "\r\n\r\n",
        "HTTP/1.1",
    ),
    *("http://127.0.0.2/", "//127.0.0.2/", "@127.0.0.2", "user:word@", "?api_key=", "#top", ";v=1"),
    *("a", "Z", "7", "-", "_", "job", "é", "ß", "漢", "😀", "\u2028", "\u202e", "\ufeff", "\u2215"),
]


def path_ids(count: int, seed: int) -> list[str]:
    """Ids made to break out of their place in a path."""
    dice = random.Random(seed)
    ids = {"".join(dice.choices(_PIECES, k=dice.randint(1, 8))) for _ in range(count * 2)}
    return sorted(ids - {".", ".."})[:count]


@pytest.mark.parametrize("count", [500, pytest.param(5_000, marks=pytest.mark.long)])
def test_an_id_stays_one_segment_of_the_path(count: int, flavour: Flavour) -> None:
    ids = path_ids(count, seed=len(flavour.name))
    service = Targets()
    client = flavour.v0(service.url)
    for identity in ids:
        flavour.result(client.jobs.get(identity))
    assert len(service.seen) == len(ids) == count
    for identity, line in zip(ids, service.seen, strict=True):
        method, target, version = line.split(b" ")
        prefix, segment = target[: len(b"/v0/jobs/")], target[len(b"/v0/jobs/") :]
        assert (method, prefix, version) == (b"GET", b"/v0/jobs/", b"HTTP/1.1")
        assert not set(b"/?#\\") & set(segment)
        assert segment not in {b".", b".."}
        assert unquote_to_bytes(segment) == identity.encode()


OTHER_PATHS: dict[str, Any] = {
    "/evaluations/{}": lambda flavour, url, i: flavour.public(url).evaluations.get_by_id(i),
    "/datasets/{}/prompts": lambda flavour, url, i: flavour.public(url).benchmarks.get_prompts(i),
}


@pytest.mark.parametrize("pattern", OTHER_PATHS)
def test_so_do_the_ids_of_the_public_api(pattern: str, flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(json_reply({"error": "Unknown."}, 404)))
    ids = path_ids(40, seed=3)
    for identity in ids:
        with suppress(benchwire.NotFoundError):
            flavour.result(OTHER_PATHS[pattern](flavour, service.url, identity))
    before, after = pattern.split("{}")
    for identity, target in zip(ids, service.targets(), strict=True):
        path = target.partition(b"?")[0].decode("ascii")
        segment = path.removeprefix(before).removesuffix(after)
        assert path == before + segment + after
        assert "/" not in segment
        assert unquote_to_bytes(segment) == identity.encode()


@pytest.mark.parametrize("identity", ["", ".", ".."])
def test_ids_that_no_path_can_hold_are_refused(identity: str, flavour: Flavour) -> None:
    with pytest.raises(ValueError, match="job_id"):
        flavour.result(flavour.v0("http://127.0.0.1:9").jobs.get(identity))
