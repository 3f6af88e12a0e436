"""A user's own `http_client`: mocks, hooks and caches that have read a response before the SDK does."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest

import benchwire
from support import wire
from support.both import KEY, Flavour
from support.scripted import always, json_reply

PAGE = wire.models([wire.model(1)], 1)
RAW = json.dumps(PAGE).encode()


class Streamed(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in parts, which nobody has read yet."""

    def __iter__(self) -> Iterator[bytes]:
        yield RAW[:9]
        yield RAW[9:]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in (RAW[:9], RAW[9:]):
            yield part


ANSWERS: dict[str, Callable[[], httpx.Response]] = {
    "json": lambda: httpx.Response(200, json=PAGE),
    "content": lambda: httpx.Response(200, content=RAW),
    "text": lambda: httpx.Response(200, text=RAW.decode()),
    "compressed": lambda: httpx.Response(
        200, content=gzip.compress(RAW), headers={"content-encoding": "gzip"}
    ),
    "a stream": lambda: httpx.Response(200, stream=Streamed()),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_mock_of_httpx_answers(answer: Callable[[], httpx.Response], flavour: Flavour) -> None:
    transport = httpx.MockTransport(lambda request: answer())
    client = flavour.public("https://api.test", http_client=flavour.http(transport=transport))
    assert [model.id for model in flavour.result(client.models.get()).models] == ["m1"]


def test_an_error_of_a_mock_has_its_body(flavour: Flavour) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(403, json={"error": "Gone."}))
    client = flavour.public("https://api.test", http_client=flavour.http(transport=transport))
    with pytest.raises(benchwire.PermissionDeniedError, match="Gone") as caught:
        flavour.result(client.models.get())
    assert caught.value.body == {"error": "Gone."}


def test_the_body_of_a_mock_is_limited(flavour: Flavour) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=b" " * 5_000))
    http = flavour.http(transport=transport)
    client = flavour.public("https://api.test", http_client=http, max_body=1_000)
    with pytest.raises(benchwire.APIResponseValidationError):
        flavour.result(client.models.get())


def test_a_hook_of_httpx_may_read_the_response(flavour: Flavour, scripted: Any) -> None:
    async def read_async(response: httpx.Response) -> None:
        await response.aread()

    def read(response: httpx.Response) -> None:
        response.read()

    hook = read_async if flavour.name == "async" else read
    service = scripted(always(json_reply(PAGE)))
    client = flavour.public(service.url, http_client=flavour.http(event_hooks={"response": [hook]}))
    assert flavour.result(client.models.get()).total_count == 1


def test_query_parameters_of_a_client_take_the_place_of_none(flavour: Flavour) -> None:
    urls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        urls.append(str(request.url))
        return httpx.Response(200, json=PAGE)

    transport = httpx.MockTransport(answer)
    plain = flavour.http(transport=transport)
    http = flavour.http(transport=transport, params={"version": "2 b", "page_size": "9"})
    for each in (plain, http):
        client = flavour.public("https://api.test", http_client=each)
        flavour.result(client.models.get(ids=["a b", "ü"], page=3, page_size=7))
    assert urls[1] == urls[0] + "&version=2+b"
    assert "page=3" in urls[0]


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "403 Forbidden"])
def test_a_proxy_that_refuses_is_named(status: str, flavour: Flavour) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode())

        thread = threading.Thread(target=refuse)
        thread.start()
        proxy = f"http://user:canary@127.0.0.1:{listener.getsockname()[1]}"
        http = flavour.http(proxy=proxy)
        client = flavour.make(
            "V0Client", KEY, "https://example.com", http_client=http, max_retries=0
        )
        with pytest.raises(
            benchwire.APIConnectionError, match=f"the proxy .*refused.*{status}"
        ) as caught:
            flavour.result(client.jobs.list())
        thread.join()
    assert caught.value.never_sent
    assert "canary" not in str(caught.value)
