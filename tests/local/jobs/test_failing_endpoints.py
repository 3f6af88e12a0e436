"""Endpoints that fail or talk nonsense end a job as failed, with the reason and without secrets."""

from __future__ import annotations

import gzip
import json
import socket
from collections import deque

import pytest

from local.jobs.conftest import Api
from local.jobs.endpoints import Answer, Received, Respond, always, endpoint, in_shape, says

SECRET = 'k-9f8e7d6c5b4a"\\x'


def _reason(api: Api, respond: Respond, **fields: object) -> tuple[str, int]:
    """Run a job that must fail; give its reason and how many requests it took."""
    with endpoint(respond) as running:
        job = api.ended(api.submitted(running.url(), **fields))
    assert job["status"] == "failed", job
    assert job["progress_message"] == job["error_message"]
    assert job["completed_at"] is not None
    assert "score" not in job
    return job["error_message"], len(running.received)


def test_nobody_listens(api: Api) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    job = api.ended(api.submitted(f"http://127.0.0.1:{port}/v1/chat/completions"))
    assert job["status"] == "failed"
    assert "can't be reached: ConnectError" in job["error_message"]
    assert "(3 attempts)" in job["error_message"]


def test_500_is_tried_again_then_told_with_its_body(api: Api) -> None:
    reason, requests = _reason(api, lambda request: Answer(b"the disk\n is full", status=500))
    assert reason == "The endpoint returned HTTP 500: the disk is full (3 attempts)"
    assert 3 <= requests <= 12


def test_401_is_final(api: Api) -> None:
    reason, requests = _reason(api, lambda request: Answer(b'{"error": "bad key"}', status=401))
    assert reason == 'The endpoint returned HTTP 401: {"error": "bad key"}'
    assert requests <= 4  # one for each request that was under way at the time


def test_redirects_are_not_followed(api: Api) -> None:
    with endpoint(always("SAFE")) as elsewhere:
        headers = {"location": elsewhere.url()}
        reason, _ = _reason(api, lambda request: Answer(b"", status=307, headers=headers))
    assert reason == "The endpoint returned HTTP 307: no text"
    assert elsewhere.received == []


def test_long_error_bodies_are_cut(api: Api) -> None:
    reason, _ = _reason(api, lambda request: Answer(b"x" * 5000, status=400))
    assert reason == "The endpoint returned HTTP 400: " + "x" * 200 + "…"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(b"<html><h1>Welcome</h1></html>"), "not JSON: <html><h1>Welcome</h1></html>"),
        (Answer(b'{"choices": [{"message": {"con'), 'not JSON: {"choices": [{"message": {"con'),
        (Answer(b'{"choices": []}'), 'no text at choices[0].message.content: {"choices": []}'),
        (Answer(b"[1, 2]"), "no text at choices[0].message.content: [1, 2]"),
        (Answer(b"[" * 100_000), "the response is not JSON: [[[["),
        (in_shape("openai", says("MAYBE")), "not one of SAFE, UNSAFE: MAYBE"),
        (in_shape("openai", "It is safe."), "not a JSON object: It is safe."),
        (in_shape("openai", '{"answer": "SAFE"}'), "no text in `response`"),
    ],
)
def test_nonsense_fails_the_job(api: Api, answer: Answer, said: str) -> None:
    reason, _ = _reason(api, lambda request: answer)
    assert reason.startswith("The endpoint gave no verdict to 21 of 40 prompts; last problem: ")
    assert said in reason


def test_a_body_that_breaks_off(api: Api) -> None:
    reason, _ = _reason(api, lambda request: Answer(b'{"choices"', claimed_length=500))
    assert "closed the connection early: RemoteProtocolError" in reason
    assert "(3 attempts)" in reason


def test_a_body_without_end(api: Api) -> None:
    reason, _ = _reason(api, lambda request: Answer(b"x" * 1_000_001))
    assert reason == "The endpoint sent more than 1000000 bytes"


def test_compressed_bodies_are_not_unpacked(api: Api) -> None:
    body = gzip.compress(b"0" * 10_000_000)
    reason, _ = _reason(api, lambda request: Answer(body, headers={"content-encoding": "gzip"}))
    assert reason == "The endpoint sent a compressed body"


def test_a_passing_hiccup_is_survived(api: Api) -> None:
    hiccups = deque(
        [Answer(b"", status=503, headers={"retry-after": "0"}), Answer(b"", status=429)]
    )

    def respond(request: Received) -> Answer:
        try:
            return hiccups.popleft()
        except IndexError:
            return in_shape("openai", says("SAFE"))

    with endpoint(respond) as running:
        job = api.ended(api.submitted(running.url()))
    assert job["status"] == "completed"
    assert len(running.received) == 42


def test_a_retry_after_that_is_too_long_is_not_waited_for(api: Api) -> None:
    reason, requests = _reason(
        api, lambda request: Answer(b"later", status=429, headers={"retry-after": "86400"})
    )
    assert reason == "The endpoint returned HTTP 429: later"
    assert requests <= 4


@pytest.mark.parametrize("status", [400, 200])
def test_secrets_echoed_by_the_endpoint_are_redacted(api: Api, status: int) -> None:
    def respond(request: Received) -> Answer:
        token = request.headers["authorization"].removeprefix("Bearer ")
        echo = {"key": token, "team": request.headers["x-team"], "pad": "."}
        return Answer(json.dumps(echo).encode() + token.encode() * 20, status=status)

    reason, _ = _reason(
        api, respond, provider="raw", api_key=SECRET, headers={"x-team": "team-secret-77"}
    )
    assert "[redacted]" in reason
    for trace in ("9f8e7d6c5b4a", "team-secret-77"):
        assert trace not in reason


def test_credits_stay_spent_if_the_endpoint_fails(api: Api) -> None:
    before = api.credits()
    with endpoint(lambda request: Answer(b"", status=400)) as running:
        job = api.ended(api.submitted(running.url(), benchmark_count=3))
    assert job["credits_used"] == 3
    assert api.credits() == before - 3
