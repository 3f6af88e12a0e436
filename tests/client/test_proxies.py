"""A proxy of a user's `http_client` that fails is named, and nothing of the request was sent."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

import benchwire
from support.both import KEY, Flavour
from support.fault_listener import Listener
from support.limits import with_growing_limit

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def unclosed() -> Iterator[None]:
    """Delete what httpcore 1.0.9 leaves open where a SOCKS proxy refuses, or a CONNECT is cancelled.

    Else a later test would fail, whichever is running when it is deleted.
    """
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


EMPTY = b"content-length: 0\r\n\r\n"


def caught(flavour: Flavour, proxy: str, **options: Any) -> benchwire.APIConnectionError:
    http = flavour.http(proxy=proxy)
    given = {"http_client": http, "max_retries": 0, **options}
    client = flavour.make("V0Client", KEY, "https://example.com", **given)
    with pytest.raises(benchwire.APIConnectionError) as error:
        flavour.result(client.jobs.list())
    assert "canary" not in str(error.value)
    return error.value


@pytest.mark.parametrize("scheme", ["http", "https", "socks5"])
def test_a_proxy_that_is_not_there(scheme: str, flavour: Flavour) -> None:
    address = "127.0.0.1:9"
    error = caught(flavour, f"{scheme}://user:canary@{address}")
    assert f"the proxy {address} of http_client failed: ConnectError" in str(error)
    assert error.never_sent


@pytest.mark.parametrize(
    ("scheme", "answer", "said"),
    [
        ("http", b"HTTP/1.1 407 Proxy Authentication Required\r\n" + EMPTY, "refused: .*407 "),
        ("http", b"HTTP/1.1 502 Bad Gateway\r\n" + EMPTY, "refused: .*502 Bad Gateway"),
        ("http", b"SSH-2.0-OpenSSH\r\n\r\n", "failed: RemoteProtocolError"),
        ("http", b"", "failed: RemoteProtocolError"),
        ("https", b"HTTP/1.1 400 Bad Request\r\n" + EMPTY, "failed: ConnectError"),
        ("socks5", b"\x05\xff", "refused: "),
    ],
)
def test_a_proxy_that_fails(scheme: str, answer: bytes, said: str, flavour: Flavour) -> None:
    with Listener(answer) as proxy:
        error = caught(flavour, f"{scheme}://user:canary@127.0.0.1:{proxy.port}")
        assert KEY.encode() not in b"".join(proxy.received)
    assert error.never_sent
    with pytest.raises(benchwire.APIConnectionError, match=f"the proxy 127.*of http_client {said}"):
        raise error


def test_a_proxy_that_refuses_a_request_in_plain_http(flavour: Flavour) -> None:
    """Such a proxy answers the request itself, in place of the service."""
    with Listener(b"HTTP/1.1 407 Proxy Authentication Required\r\n" + EMPTY) as proxy:
        http = flavour.http(proxy=f"http://127.0.0.1:{proxy.port}")
        client = flavour.make("V0Client", KEY, "http://127.0.0.1:9", http_client=http)
        with pytest.raises(benchwire.APIStatusError, match=r"407 .*a proxy refused it") as error:
            flavour.result(client.jobs.list())
    assert error.value.status_code == 407


def test_a_service_behind_a_proxy_that_fails(flavour: Flavour) -> None:
    with Listener(b"HTTP/1.1 200 Connection established\r\n\r\nno TLS at all") as proxy:
        error = caught(flavour, f"http://user:canary@127.0.0.1:{proxy.port}")
    assert "the service behind the proxy 127.0.0.1:" in str(error)
    assert error.never_sent


def test_a_proxy_that_gives_no_answer(flavour: Flavour) -> None:
    with Listener() as proxy:

        def is_asked(limit: float) -> bool:
            error = caught(flavour, f"http://127.0.0.1:{proxy.port}", timeout=limit)
            assert isinstance(error, benchwire.APITimeoutError)
            assert error.never_sent
            return f"no response of the proxy 127.0.0.1:{proxy.port} of" in str(error)

        with_growing_limit(is_asked)
