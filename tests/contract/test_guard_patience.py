"""How the guard meets a limiter and passing trouble, and that it changes no response."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from scripts.contract.guard import MARK

from benchwire_drift.pace import Pace, parse_retry_after
from contract.recording import CannedResponse, ReceivedRequest, RecordingServer
from contract.test_guard import KEY, bearer, guarded


class Waits:
    """A sleep that records how long each pause is, and does not take that long."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(round(seconds))


def replies(*statuses: int, **headers: str) -> Callable[[ReceivedRequest], CannedResponse]:
    """Respond with these statuses in turn, and then with 200."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    left = iter(statuses)
    return lambda received: CannedResponse(next(left, 200), headers=named)


# ---- a limiter -------------------------------------------------------------------------------


@pytest.mark.parametrize("retry_after", [None, "0", "-1", "soon", "nan", "1e999"])
def test_pauses_grow_without_a_usable_retry_after(retry_after: str | None) -> None:
    headers = {} if retry_after is None else {"retry_after": retry_after}
    waits = Waits()
    with (
        RecordingServer(replies(*[429] * 5, **headers)) as server,
        guarded(server, sleep=waits) as (guard, client),
    ):
        assert client.get("/v0/me").status_code == 200
    # The clock does not advance, so each pause is counted from the same moment.
    assert waits.seconds == [1, 2, 4, 8, 16]
    assert guard.failures == []


def test_a_limiter_lowers_the_rate_down_to_a_bound() -> None:
    limit = Pace(2.0, clock=lambda: 0.0)
    rates = []
    for _ in range(6):
        assert limit.back_off(429, 0, None)
        rates.append(limit.per_second)
    assert rates == [1.0, 0.5, 0.25, 0.2, 0.2, 0.2]


@pytest.mark.parametrize(
    ("retry_after", "seconds"), [("30", 30), ("1e9", 120), ("0.2", 1), ("{date}", 40)]
)
def test_retry_after_delays_the_repetition(retry_after: str, seconds: int) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=40.5), usegmt=True)
    waits = Waits()
    with (
        RecordingServer(replies(429, retry_after=retry_after.format(date=date))) as server,
        guarded(server, sleep=waits) as (_guard, client),
    ):
        assert client.get("/v0/me").status_code == 200
    assert abs(waits.seconds[0] - seconds) <= 1
    assert server.methods == ["GET", "GET"]


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        (None, 0, 0), ("", 0, 0), ("7", 7, 7), ("-3", 0, 0), ("soon", 0, 0), ("nan", 0, 0),
        ("inf", 0, 0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("Wed, 21 Oct 2437 07:28:00 GMT", 1e9, 1e11),
        ("Wednesday, 21-Oct-37 07:28:00 -0000", 0, 1e11),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(value: str | None, least: float, most: float) -> None:
    assert least <= parse_retry_after(value) <= most


def test_a_read_that_stays_limited_ends_as_no_usable_response() -> None:
    with (
        RecordingServer(lambda received: CannedResponse(429)) as server,
        guarded(server, sleep=Waits()) as (guard, client),
    ):
        response = client.get("/v0/me")
        assert (response.status_code, response.headers[MARK]) == (429, "failed")
        assert guard.rate_limit.started == len(server.received) == 7
        assert guard.failures == ["it limits the rate of requests (status 429)"]


# ---- passing trouble -------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
def test_a_read_is_repeated_after_a_transient_error(status: int) -> None:
    waits = Waits()
    with (
        RecordingServer(replies(status, status)) as server,
        guarded(server, sleep=waits) as (guard, client),
    ):
        assert client.get("/v0/me").status_code == 200
        assert waits.seconds == [1, 2]
        assert guard.failures == []


@pytest.mark.parametrize(
    ("status", "attempts", "is_judged"),
    [(500, 3, True), (520, 3, True), (501, 1, True), (404, 1, True), (503, 3, False)],
)
def test_what_a_service_keeps_returning_is_judged(
    status: int, attempts: int, is_judged: bool
) -> None:
    with (
        RecordingServer(lambda received: CannedResponse(status)) as server,
        guarded(server, sleep=Waits()) as (_guard, client),
    ):
        response = client.get("/v0/me")
        assert response.status_code == status
        assert (MARK not in response.headers) is is_judged
        assert len(server.received) == attempts


@pytest.mark.parametrize(
    ("status", "path", "with_key", "is_judged"),
    [
        (401, "/v0/me", True, False),
        (403, "/v0/me", True, False),
        (401, "/v0/me", False, True),
        (403, "/v0/me", False, True),
        (401, "/v0/no-such-route", True, False),
        (403, "/v0/no-such-route", True, True),
    ],
)
def test_a_rejected_key_is_no_response_to_judge(
    status: int, path: str, with_key: bool, is_judged: bool
) -> None:
    """A missing key is to be rejected, and gateways return 403 for a path they do not know."""
    with (
        RecordingServer(lambda received: CannedResponse(status)) as server,
        guarded(server) as (guard, client),
    ):
        response = client.get(path, headers=bearer(guard) if with_key else {})
        assert (MARK not in response.headers) is is_judged
        assert len(server.received) == 1


def test_nothing_is_forwarded_after_three_failures_in_a_row() -> None:
    statuses = itertools.chain([401, 401, 200], itertools.repeat(401))
    with (
        RecordingServer(lambda received: CannedResponse(next(statuses))) as server,
        guarded(server) as (guard, client),
    ):
        marks = [client.get("/v0/me", headers=bearer(guard)).headers.get(MARK) for _ in range(9)]
        assert marks == ["failed", "failed", None, *["failed"] * 3, *["stopped"] * 3]
        assert len(server.received) == guard.rate_limit.started == 6


def test_an_operation_the_key_may_not_use_does_not_stop_the_run() -> None:
    with (
        RecordingServer(lambda received: CannedResponse(403)) as server,
        guarded(server) as (guard, client),
    ):
        for _ in range(5):
            client.get("/v0/jobs", headers=bearer(guard))
        assert len(server.received) == 5


# ---- redaction -------------------------------------------------------------------------------

BODY: dict[str, Any] = {
    "key": "key", "monkey": "a key", "test": {"tests": ["test", "a test", "latest"]},
    "said": 'the "key" and the "test"',
}  # fmt: skip


@pytest.mark.parametrize("key", ["key", "test", "a", "success"])
def test_a_short_key_changes_no_data(key: str) -> None:
    body = json.dumps(BODY).encode()
    with (
        RecordingServer(lambda received: CannedResponse(200, body)) as server,
        guarded(server, key=key) as (guard, client),
    ):
        assert client.get("/v0/me", headers=bearer(guard)).content == body
        assert server.received[0].headers["authorization"] == f"Bearer {key}"


@pytest.mark.parametrize("space", ["", " ", "\n"])
def test_a_short_key_is_redacted_in_an_error_where_it_is_a_whole_value(space: str) -> None:
    body = json.dumps(
        {"key": "key", "authorization": "Bearer key", **BODY}, separators=(",", f"{space}:")
    )
    with (
        RecordingServer(
            lambda received: CannedResponse(400, body.encode(), {"x-echo": "key"})
        ) as server,
        guarded(server, key="key") as (guard, client),
    ):
        response = client.get("/v0/me", headers=bearer(guard))
    assert response.headers["x-echo"] == "[key]"
    assert response.json() == {**BODY, "key": "[key]", "authorization": "[key]"}


def test_a_long_key_is_redacted_anywhere() -> None:
    body = json.dumps({"echo": f"k={KEY}.", KEY: 1}).encode()
    with (
        RecordingServer(lambda received: CannedResponse(200, body)) as server,
        guarded(server) as (guard, client),
    ):
        assert client.get("/v0/me", headers=bearer(guard)).json() == {
            "echo": "k=[key].",
            "[key]": 1,
        }
