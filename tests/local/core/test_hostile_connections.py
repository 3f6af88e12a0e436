"""Bytes that no client should send: each is answered or cut off, and the server goes on.

Raw sockets, because an HTTP library would mend or refuse most of this before it is sent.
"""

from __future__ import annotations

import http.client
import socket
import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

KEYS = b"host: localhost\r\nx-api-key: benchwire-local\r\nauthorization: Bearer benchwire-local\r\n"
CLOSE = b"connection: close\r\n"
JSON = b"content-type: application/json\r\n"
LIMIT = b"larger than the limit of 1048576 bytes"
UNSOUND = b"Invalid HTTP request received."  # the HTTP parser's own words


def request(line: bytes, headers: bytes = CLOSE, body: bytes = b"") -> bytes:
    return line + b" HTTP/1.1\r\n" + KEYS + headers + b"\r\n" + body


def post(headers: bytes, body: bytes = b"{}", path: bytes = b"/v0/jobs") -> bytes:
    return request(b"POST " + path, CLOSE + headers, body)


def connected(api: Any) -> socket.socket:
    host, port = api.server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=30)


def answers(api: Any, sent: bytes) -> list[tuple[int, bytes]]:
    """Send bytes and give status and body of each response until the server hangs up."""
    with connected(api) as connection:
        connection.sendall(sent)
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass  # it hung up with bytes of ours unread
    return list(responses(received))


def responses(received: bytes) -> Iterator[tuple[int, bytes]]:
    stream = BytesIO(received)

    class Source:
        def makefile(self, mode: str) -> Any:
            return stream

    stream.close, close = lambda: None, stream.close  # type: ignore[method-assign]
    while stream.tell() < len(received):
        response = http.client.HTTPResponse(Source())  # type: ignore[arg-type]
        response.begin()
        yield response.status, response.read()
    close()


@pytest.fixture(autouse=True)
def unharmed(api: Any, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever was sent: nothing is logged, no job was made, and the next one is served."""
    before = api.get("/v0/jobs")
    yield
    assert api.get("/v0/jobs") == before
    assert not caplog.records


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        # the length of a body
        (post(JSON + b"content-length: -2\r\n"), 400, UNSOUND),
        (post(JSON + b"content-length: two\r\n"), 400, UNSOUND),
        (post(JSON + b"content-length: 2\r\ncontent-length: 3\r\n"), 400, UNSOUND),
        (post(JSON + b"content-length: 1048577\r\n"), 400, LIMIT),  # unread: it never comes
        (post(JSON + b"content-length: 99999999999999999999\r\n"), 400, LIMIT),
        (post(b"content-length: 1048577\r\n", path=b"/demo/raw"), 413, LIMIT),
        (post(JSON), 400, b"missing"),
        # chunks; where a length is given too, the chunks count
        (
            post(JSON + b"transfer-encoding: chunked\r\n", b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"),
            400,
            b"$",
        ),
        (
            post(
                JSON + b"content-length: 9\r\ntransfer-encoding: chunked\r\n",
                b"2\r\n{}\r\n0\r\n\r\n",
            ),
            *(400, b"$"),
        ),
        (post(JSON + b"transfer-encoding: chunked\r\n", b"zz\r\n{}\r\n0\r\n\r\n"), 400, b""),
        (post(JSON + b"transfer-encoding: gzip\r\n"), 400, UNSOUND),
        # what the body is said to be
        (post(JSON + b"content-encoding: gzip\r\ncontent-length: 2\r\n"), 415, b"'gzip'"),
        (post(JSON + b"content-type: text/plain\r\ncontent-length: 2\r\n"), 415, b"text/plain"),
        (post(b"content-type: \xff/\xfe\r\ncontent-length: 2\r\n"), 415, b"application/json"),
        # headers
        (request(b"GET /v0/me", CLOSE + b"x-long: " + b"a" * 200_000 + b"\r\n"), 400, UNSOUND),
        (request(b"GET /v0/me", CLOSE + b"x-many: a\r\n" * 5000), 200, b"available_credits"),
        (request(b"GET /v0/me", CLOSE + b"authorization: Bearer a\r\n"), 401, b"Authorization"),
        (request(b"GET /v0/me", CLOSE + b"x-api-key: a\r\n"), 200, b"available_credits"),
        (request(b"GET /api/v1/models", CLOSE + b"x-api-key: a\r\n"), 401, b"x-api-key"),
        (request(b"GET /v0/me", CLOSE + b"x-nul: a\0b\r\n"), 400, UNSOUND),
        (request(b"GET /v0/me", CLOSE + b"x-blank : a\r\n"), 400, UNSOUND),
        (request(b"GET /v0/me", CLOSE + b"upgrade: websocket\r\n"), 200, b"available_credits"),
        # the first line
        (b"GET /v0/me\r\n\r\n", 400, UNSOUND),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 300, 400, UNSOUND),
        (request(b"get /v0/me"), 405, b"GET only"),
        (request(b"OPTIONS *"), 404, b"'*'"),
        (request(b"CONNECT evil.example:443"), 404, b"evil.example"),
        # paths and queries
        (request("GET /api/v1/evaluations/é".encode()), 400, UNSOUND),
        (request(b"GET /api/v1/models?query=\xe9"), 400, UNSOUND),
        (request(b"GET /api/v1/evaluations/%ff"), 400, b"UTF-8"),
        (request(b"GET /api/v1/models?query=%ff"), 400, b"UTF-8"),
        (request(b"GET /api/v1/evaluations/%2e%2e"), 404, b"the id '..'"),
        (request(b"GET /api/v1/evaluations/%2e%2e%2fmodels"), 404, b"the id '../models'"),
        (request(b"GET /api/v1/evaluations/%252e"), 404, b"the id '%2e'"),
        (request(b"GET /api/v1/evaluations/%zz%"), 400, b"hexadecimal"),
        (request(b"GET /api/v1/evaluations/../models"), 404, b"nothing at"),
        (request(b"GET //api/v1/models"), 404, b"nothing at"),
        (request(b"GET /api/v1/models/"), 404, b"nothing at"),
        (request(b"GET /v0/me#part"), 404, b"nothing at"),
        (request(b"GET /api/v1/models?query=" + b"a" * 60_000), 200, b'"models":[]'),
        (request(b"GET /api/v1/models?query=" + b"a" * 200_000), 400, UNSOUND),
    ],
    ids=lambda value: value[:40].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_hostile_bytes(api: Any, sent: bytes, status: int, words: bytes) -> None:
    ((got, body),) = answers(api, sent)
    assert (got, words in body) == (status, True), body
    assert len(body) < 3000


def test_an_id_of_any_length_is_shortened_in_the_message(api: Any) -> None:
    long = "a" * 60_000
    for path in ("/api/v1/evaluations/{}", "/api/v1/datasets/{}/prompts", "/v0/jobs/{}"):
        message = api.refused(path.format(long), 404)
        assert "60002 characters" in message
        assert len(message) < 300
    submission = {"benchmark_id": long, "endpoint_url": "http://127.0.0.1:9/", "api_key": "k"}
    response = api.http.post("/v0/jobs", json=submission)
    assert response.status_code == 404
    assert len(response.text) < 300
    for name in (long, long + " "):
        headers = submission | {"benchmark_id": "b", "headers": {name: "not a value "}}
        response = api.http.post("/v0/jobs", json=headers)
        assert response.status_code == 400
        assert len(response.text) < 300


def test_pipelined_requests_are_answered_in_order(api: Any) -> None:
    sent = [
        request(b"GET /v0/me", b""),
        request(b"POST /v0/jobs", b"content-type: text/plain\r\ncontent-length: 5\r\n", b"hello"),
        request(b"GET /api/v1/evaluations/none", b""),
        request(b"GET /v0/me", b"content-length: 5\r\n", b"hello"),
        request(b"GET /v0/benchmarks"),
        request(b"GET /v0/me"),  # after the last word
    ]
    assert [status for status, _ in answers(api, b"".join(sent))] == [200, 415, 404, 200, 200]


def test_a_refused_body_is_no_further_request(api: Any) -> None:
    inner = request(b"GET /v0/me")
    length = b"content-length: %d\r\n" % len(inner)
    assert [
        status for status, _ in answers(api, post(b"content-type: a/b\r\n" + length, inner))
    ] == [415]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /v0/me HT",
        b"GET /v0/me HTTP/1.1\r\nhost: localhost\r\nx-a",
        post(JSON + b"content-length: 20\r\n", b"{"),
        post(JSON + b"transfer-encoding: chunked\r\n", b"5\r\n{"),
        post(b"content-length: 20\r\n", b"{", path=b"/demo/raw"),
    ],
)
@pytest.mark.parametrize("end", ["half-close", "close", "reset"])
def test_a_request_that_breaks_off(api: Any, sent: bytes, end: str) -> None:
    with connected(api) as connection:
        connection.sendall(sent)
        if end == "half-close":
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(65536) == b""
        elif end == "reset":
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def test_a_client_that_goes_before_its_answer(api: Any) -> None:
    for _ in range(20):
        with connected(api) as connection:
            connection.sendall(request(b"GET /api/v1/evaluations?page_size=500", b"") * 3)
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def test_a_dripping_request_holds_up_nobody(api: Any) -> None:
    sent = post(JSON + b"content-length: 2\r\n")
    with connected(api) as connection:
        for place in range(len(sent)):
            connection.sendall(sent[place : place + 1])
            if place % 20 == 0:
                assert api.get("/v0/me")
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == 400
        response.close()
