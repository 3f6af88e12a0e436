"""The guard in front of a live server: what it forwards, what it rejects, and what it spends."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from scripts.contract.guard import MARK, Guard
from scripts.contract.guard_rules import (
    CreditBudget,
    GuardedRequest,
    RejectedError,
    Rules,
)

from benchwire_drift.pace import Pace
from contract.recording import CannedResponse, ReceivedRequest, RecordingServer

KEY = "canary-4f1d-live-key"
JOB: dict[str, Any] = {"benchmark_id": "b", "endpoint_url": "https://m.example/v1", "api_key": "k"}
OTHERS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "MOVE", "GETX"]


@contextmanager
def guarded(
    server: RecordingServer, api: str = "v0", prefix: str = "", **options: Any
) -> Iterator[tuple[Guard, httpx.Client]]:
    options = {"key": KEY, "rate": 1e6, "max_requests": 10_000} | options
    with (
        Guard(api, server.url + prefix, **options) as guard,
        httpx.Client(base_url=guard.base_url, trust_env=False) as client,
    ):
        yield guard, client


def bearer(guard: Guard) -> dict[str, str]:
    return {"authorization": f"Bearer {guard.token}"}


def raw(guard: Guard, content: bytes, *, ended: bool = True) -> bytes:
    """Send bytes, close the sending side if they are `ended`, and read until the guard closes."""
    host, _, port = guard.base_url.removeprefix("http://").partition("/")[0].partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(content)
        if ended:
            connection.shutdown(socket.SHUT_WR)
        got = b""
        while part := connection.recv(65536):
            got += part
    return got


# ---- reads -----------------------------------------------------------------------------------


def test_reads_are_forwarded_verbatim_with_the_key_in_place_of_the_token() -> None:
    with RecordingServer() as server, guarded(server) as (guard, client):
        target = "/v0/jobs/a%2Fb%20c?status=a,b%2Cc&x=%25&limit=1"
        response = client.get(target, headers=bearer(guard))
        assert client.head("/v0/me", headers=bearer(guard)).status_code == 200
    assert response.status_code == 200
    assert server.received[0].target == target
    assert server.received[0].headers["authorization"] == f"Bearer {KEY}"
    assert server.methods == ["GET", "HEAD"]


@pytest.mark.parametrize(
    ("api", "name", "value"), [("public", "x-api-key", "{}"), ("v2", "X-Api-Key", "{}"),
                               ("v0", "Authorization", "Bearer {}")]
)  # fmt: skip
def test_only_the_token_is_replaced_by_the_key(api: str, name: str, value: str) -> None:
    with RecordingServer() as server, guarded(server, api) as (guard, client):
        for sent in (value.format(guard.token), value.format("another"), guard.token + "x"):
            client.get("/", headers={name: sent})
        client.get("/", params={"token": guard.token})
    got = [received.headers.get(name.lower()) for received in server.received]
    assert got == [value.format(KEY), value.format("another"), guard.token + "x", None]


def test_only_the_headers_a_read_needs_are_forwarded() -> None:
    with RecordingServer() as server, guarded(server) as (_guard, client):
        client.get("/", headers={"cookie": "a=b", "x-forwarded-host": "evil", "if-match": "x"})
    assert set(server.received[0].headers) <= {
        *("host", "accept", "accept-encoding", "user-agent", "connection"),
    }
    assert server.received[0].headers["host"] == server.url.removeprefix("http://")


# ---- hostile requests ------------------------------------------------------------------------


@pytest.mark.parametrize("method", OTHERS)
def test_no_other_method_is_forwarded(method: str) -> None:
    with RecordingServer() as server, guarded(server) as (guard, client):
        for path in ("/", "/v0/jobs", "/v0/jobs/batch"):
            response = client.request(method, path, headers=bearer(guard), content=b"{}")
            assert response.status_code == 403
            assert response.headers[MARK] == "rejected"
        rejected = [item.partition(":")[0] for item in guard.rejections]
        assert rejected == [f"{method} {path}" for path in ("/", "/v0/jobs", "/v0/jobs/batch")]
    assert server.received == []


@pytest.mark.parametrize(
    "header",
    ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X_METHOD_OVERRIDE",
     "x-http-method-override"],
)  # fmt: skip
def test_a_read_that_overrides_its_method_is_rejected(header: str) -> None:
    with RecordingServer() as server, guarded(server) as (guard, client):
        response = client.get("/v0/jobs", headers=bearer(guard) | {header: "POST"})
        assert response.status_code == 403
        assert "overrides its method" in guard.rejections[0]
    assert server.received == []


@pytest.mark.parametrize(
    "content",
    [
        b"POST /v0/jobs HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"GET /v0/jobs HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"GET /v0/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\n\r\nabc",
        b"CONNECT 127.0.0.1:80 HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"GET http://example.com/v0/jobs HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"GET example.com/v0/jobs HTTP/1.1\r\nhost: localhost\r\n\r\n",
        # cut off before its end
        b"POST /v0/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 30\r\n\r\n{",
        # lengths that contradict each other
        b"GET / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ncontent-length: 0\r\n\r\nabc",
        b"GET / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nPOST",
        b"POST\t/v0/jobs HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: localhost\r\n X: y\r\n\r\n",
    ],
    ids=["chunked-post", "chunked-get", "get-with-body", "connect", "absolute", "no-slash",
         "cut-off", "two-lengths", "length-and-chunked", "tab", "folded"],
)  # fmt: skip
def test_hostile_bytes_send_nothing_but_a_read_without_a_body(content: bytes) -> None:
    with RecordingServer() as server, guarded(server, allow_spend=5) as (guard, _client):
        raw(guard, content)
    assert all(received.method == "GET" and not received.body for received in server.received)
    assert guard.budget.spent == 0


def test_pipelined_requests_are_decided_one_by_one() -> None:
    read = b"GET /v0/me HTTP/1.1\r\nhost: localhost\r\n\r\n"
    write = b"POST /v0/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}"
    with RecordingServer() as server, guarded(server) as (guard, _client):
        delete = b"DELETE /v0/jobs/1 HTTP/1.1\r\nhost: localhost\r\n\r\n"
        last = read.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
        got = raw(guard, read + write + delete + last, ended=False)
    assert server.methods == ["GET", "GET"]
    assert got.count(b"HTTP/1.1 200") == 2
    assert got.count(b"HTTP/1.1 403") == 2
    assert [item.partition(" ")[0] for item in guard.rejections] == ["POST", "DELETE"]


def test_a_body_that_is_too_large_is_rejected() -> None:
    with RecordingServer() as server, guarded(server, allow_spend=5) as (_guard, client):
        response = client.post("/v0/jobs", content=b"x" * (1024 * 1024 + 1))
        assert response.status_code == 403
    assert server.received == []


# ---- responses -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_by_the_guard_or_by_its_client(status: int) -> None:
    with RecordingServer() as elsewhere:
        leads = CannedResponse(
            status, headers={"location": elsewhere.url, "refresh": f"0;{elsewhere.url}"}
        )
        with RecordingServer(lambda received: leads) as server, guarded(server) as (guard, client):
            response = client.get("/v0/me", headers=bearer(guard), follow_redirects=True)
            assert response.status_code == status
            assert "location" not in response.headers
            assert guard.redirects == 1
        assert elsewhere.received == []


def test_a_key_repeated_by_the_server_is_redacted() -> None:
    def repeating(received: ReceivedRequest) -> CannedResponse:
        return CannedResponse(400, json.dumps(received.headers).encode(), {"x-echo": f"k={KEY};"})

    with RecordingServer(repeating) as server, guarded(server) as (guard, client):
        response = client.get("/v0/me", headers=bearer(guard))
        assert server.received[0].headers["authorization"] == f"Bearer {KEY}"
        assert KEY not in response.text
        assert KEY not in str(response.headers)
        assert KEY not in repr(vars(guard)["_rules"])
        assert response.json()["authorization"] == "Bearer [key]"


def test_https_is_forwarded_only_to_a_trusted_server(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1",
         "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(certificate, key)
    with RecordingServer(tls=ours) as server:
        with guarded(server, tls=ssl.create_default_context(cafile=certificate)) as (guard, client):
            assert client.get("/v0/me", headers=bearer(guard)).status_code == 200
        assert server.received[0].headers["authorization"] == f"Bearer {KEY}"
        with guarded(server, sleep=no_time) as (guard, client):
            response = client.get("/v0/me", headers=bearer(guard))
            assert (response.status_code, response.headers[MARK]) == (502, "failed")
            assert "its TLS certificate is not accepted" in response.text
        assert len(server.received) == 1


def test_a_failed_connection_is_reported_as_such() -> None:
    with RecordingServer() as server:
        pass
    with guarded(server, allow_spend=3) as (guard, client):
        response = client.post("/v0/jobs", json=JOB, headers=bearer(guard))
        reason = "nobody listens there (connection refused)"
        assert response.json() == {"error": f"contract guard: no usable response: {reason}"}
        assert guard.failures == [reason]
        assert guard.budget.spent == 0  # never sent


# ---- spending --------------------------------------------------------------------------------


def test_submissions_are_forwarded_until_the_credits_are_spent() -> None:
    with (
        RecordingServer(lambda received: CannedResponse(202)) as server,
        guarded(server, allow_spend=3) as (guard, client),
    ):
        statuses = [
            client.post(path, json=body, headers=bearer(guard)).status_code
            for path, body in (
                ("/v0/jobs", JOB | {"benchmark_count": 4}),
                ("/v0/jobs", JOB),
                ("/v0/jobs/batch", batch(1, 2)),
                ("/v0/jobs/batch", batch(1, None)),
                ("/v0/jobs", JOB),
            )
        ]
        assert statuses == [403, 202, 403, 202, 403]
        assert guard.rejections[-1].endswith(": it costs 1 credits, and 0 of 3 are left")
        assert guard.budget.spent == server.credits == 3


@pytest.mark.parametrize("status", [202, 200, 400, 402, 404, 422, 429, 500, 504])
def test_a_sent_submission_counts_as_spent_whatever_the_response(status: int) -> None:
    with (
        RecordingServer(lambda received: CannedResponse(status)) as server,
        guarded(server, allow_spend=3, sleep=no_time) as (guard, client),
    ):
        for _ in range(5):
            client.post("/v0/jobs", json=JOB, headers=bearer(guard))
        assert server.credits == 3


def test_a_lost_response_counts_as_spent() -> None:
    def broken(received: ReceivedRequest) -> CannedResponse:
        raise ConnectionAbortedError

    with RecordingServer(broken) as server:
        server._server.handle_error = lambda *args: None  # type: ignore[method-assign]
        with guarded(server, allow_spend=2) as (guard, client):
            for _ in range(4):
                client.post("/v0/jobs", json=JOB, headers=bearer(guard))
        assert server.credits == guard.budget.spent == 2


@pytest.mark.parametrize("limit", [1, 3])
def test_posts_that_race_for_the_last_credit_never_overspend(limit: int) -> None:
    start = threading.Barrier(16)
    with (
        RecordingServer(lambda received: CannedResponse(202)) as server,
        guarded(server, allow_spend=limit) as (guard, _client),
    ):

        def post(_: int) -> int:
            with httpx.Client(base_url=guard.base_url, trust_env=False) as client:
                start.wait()
                return client.post("/v0/jobs", json=JOB, headers=bearer(guard)).status_code

        with ThreadPoolExecutor(16) as pool:
            statuses = list(pool.map(post, range(16)))
        assert sorted(statuses) == [202] * limit + [403] * (16 - limit)
        assert server.credits == limit


def batch(*counts: int | None) -> dict[str, Any]:
    jobs = [
        {"benchmark_id": "b"} | ({} if count is None else {"benchmark_count": count})
        for count in counts
    ]
    return {"endpoint_url": "https://m.example/v1", "api_key": "k", "jobs": jobs}


UNREADABLE = {
    "empty": b"",
    "no JSON": b"benchmark_count=1",
    "cut off": b'{"benchmark_id": "b"',
    "no object": b"[]",
    "another encoding": json.dumps(JOB).encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(JOB).encode(),
    "a key twice": json.dumps(JOB)[:-1].encode()
    + b', "benchmark_count": 1, "benchmark_count": 10}',
    "a hidden key twice": json.dumps(JOB)[:-1].encode()
    + b', "benchmark_count": 1, "benchmark\\u005fcount": 9}',
    "another spelling": json.dumps(JOB | {"Benchmark_Count": 9}).encode(),
    "an unknown field": json.dumps(JOB | {"repeat": 5}).encode(),
    "a text": json.dumps(JOB | {"benchmark_count": "1"}).encode(),
    "a truth": json.dumps(JOB | {"benchmark_count": True}).encode(),
    "null": json.dumps(JOB | {"benchmark_count": None}).encode(),
    "too many": json.dumps(JOB | {"benchmark_count": 11}).encode(),
    "less than none": json.dumps(JOB | {"benchmark_count": -5}).encode(),
    "a fraction": json.dumps(JOB | {"benchmark_count": 1.5}).encode(),
    "not a number": json.dumps(JOB | {"benchmark_count": float("nan")}).encode(),
    "a batch where a job belongs": json.dumps(batch(1, 1)).encode(),
    "no end of it": b"[" * 100_000,
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_with_an_unknown_cost_is_rejected(body: bytes) -> None:
    with RecordingServer() as server, guarded(server, allow_spend=100) as (guard, client):
        headers = bearer(guard) | {"content-type": "application/json"}
        assert client.post("/v0/jobs", content=body, headers=headers).status_code == 403
        assert guard.budget.spent == 0
        assert "m.example" not in guard.rejections[0]
    assert server.received == []


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v0/jobs/", {}),
        ("/v0/jobs?x=1", {}),
        ("/v0/%6Aobs", {}),
        ("/v0/../v0/jobs", {}),
        ("//v0/jobs", {}),
        ("/v0/jobs/batch", {}),  # a job where a batch belongs
        ("/v0/me", {}),
        ("/v0/jobs", {"content-type": "text/plain"}),
        ("/v0/jobs", {"content-encoding": "gzip"}),
    ],
)
def test_a_post_to_another_path_or_in_another_form_is_rejected(
    path: str, headers: dict[str, str]
) -> None:
    body = json.dumps(JOB).encode()
    with RecordingServer() as server, guarded(server, allow_spend=100) as (guard, _client):
        lines = {"host": "x", "content-type": "application/json", **headers,
                 "content-length": str(len(body)), "connection": "close"}  # fmt: skip
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        got = raw(guard, f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body, ended=False)
        assert got.startswith(b"HTTP/1.1 403")
    assert server.received == []


@pytest.mark.parametrize("api", ["public", "v2"])
def test_the_other_apis_accept_no_submission(api: str) -> None:
    with RecordingServer() as server, guarded(server, api, allow_spend=9) as (_guard, client):
        assert client.post("/v0/jobs", json=JOB).status_code == 403
    assert server.received == []


def test_what_is_sent_is_what_was_counted() -> None:
    body = json.dumps(JOB | {"benchmark_count": 2.0}, indent=4).replace("2.0", "2e0").encode()
    with (
        RecordingServer(lambda received: CannedResponse(202)) as server,
        guarded(server, prefix="/proxy", allow_spend=2) as (guard, client),
    ):
        headers = bearer(guard) | {"content-type": "application/json; charset=utf-8"}
        assert client.post("/v0/jobs", content=body, headers=headers).status_code == 202
        assert guard.budget.spent == 2
    assert server.received[0].target == "/proxy/v0/jobs"
    assert json.loads(server.received[0].body) == JOB | {"benchmark_count": 2}
    assert server.received[0].headers["authorization"] == f"Bearer {KEY}"


# ---- rate ------------------------------------------------------------------------------------


async def no_time(seconds: float) -> None:
    await asyncio.sleep(0)


def test_requests_are_spaced_out_and_limited() -> None:
    now = [100.0]
    limit = Pace(2.0, 5, lambda: now[0])
    assert [limit.reserve() for _ in range(3)] == [0.0, 0.5, 1.0]
    now[0] += 10
    assert limit.reserve() == 0.0
    limit.pause(30)
    assert limit.reserve() == 30.0
    assert limit.reserve() is None
    assert limit.started == 5


def test_no_more_than_the_allowed_requests_are_forwarded() -> None:
    with (
        RecordingServer() as server,
        guarded(server, max_requests=2, allow_spend=9) as (guard, client),
    ):
        responses = [client.get("/v0/me") for _ in range(3)]
        late = client.post("/v0/jobs", json=JOB)
        assert [response.status_code for response in responses] == [200, 200, 403]
        assert responses[-1].headers[MARK] == late.headers[MARK] == "used up"
        assert guard.budget.spent == 0
    assert len(server.received) == 2


def test_a_submission_is_never_retried() -> None:
    with (
        RecordingServer(lambda received: CannedResponse(429)) as server,
        guarded(server, allow_spend=5) as (guard, client),
    ):
        assert client.post("/v0/jobs", json=JOB, headers=bearer(guard)).status_code == 429
    assert server.methods == ["POST"]


def test_rules_reject_before_credits_are_reserved() -> None:
    budget = CreditBudget(2)
    rules = Rules("v0", "/x", (b"authorization", b"t"), b"k", budget)
    with pytest.raises(RejectedError):
        rules.apply(GuardedRequest("POST", b"/v0/jobs", [], b"{}"))  # a path beside the base URL
    assert budget.spent == 0
