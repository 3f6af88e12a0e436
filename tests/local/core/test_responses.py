"""What the server's own code gets wrong is a logged fault and a 500, never an answer."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from benchwire_local import LocalServer, Settings
from benchwire_local.api import public, v2
from benchwire_local.errors import ApiError
from benchwire_local.http.call import ApiResponse

if TYPE_CHECKING:
    from benchwire_local.http.call import Call

GOOD = {"id": "e", "status": "success", "model_id": "m", "dataset_id": "b"}


def answer(
    monkeypatch: pytest.MonkeyPatch, reply: ApiResponse | Exception, *, use_async: bool = False
) -> httpx.Response:
    """Ask a server for an evaluation, where the handler has just this to say."""

    def handler(call: Call) -> ApiResponse:
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def async_handler(call: Call) -> ApiResponse:
        return handler(call)

    chosen = async_handler if use_async else handler
    monkeypatch.setitem(public.HANDLERS, "getEvaluation", chosen)
    with LocalServer(Settings(sample=False)) as server:
        headers = {"x-api-key": server.api_key}
        return httpx.get(server.public_base_url + "/evaluations/e", headers=headers)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (ApiResponse(200, {"id": "e"}), ["status 200", "$", "status", "required"]),
        (ApiResponse(200, GOOD | {"id": 5}), ["$.id", "string"]),
        (ApiResponse(200, GOOD | {"accuracy": "canary"}), ["$.accuracy", "number"]),
        (ApiResponse(200, GOOD | {"submitted_at": 1.5}), ["$.submitted_at"]),
        (ApiResponse(200, GOOD | {"accuracy": float("nan")}), ["$.accuracy"]),
        (ApiResponse(200, GOOD | {"accuracy": float("inf")}), ["$.accuracy"]),
        (ApiResponse(200, GOOD | {"summary": ["canary"]}), ["$.summary"]),
        (
            ApiResponse(
                200, GOOD | {"summary": {"goal": "g", "analysis_summary": {"key_takeaways": [1]}}}
            ),
            ["$.summary"],
        ),
        (ApiResponse(200, [GOOD]), ["$", "object"]),
        (ApiResponse(200, None), ["$", "object"]),
        (ApiResponse(200, GOOD | {"extra": {"canary"}}), ["not JSON"]),
        (ApiResponse(200, GOOD | {"extra": "\ud800"}), ["not JSON"]),
        (ApiResponse(200, GOOD | {5: 5}), ["not JSON"]),
        (ApiResponse(201, GOOD), ["status 201 is not documented"]),
        (ApiResponse(405, {"error": "canary"}), ["status 405 is not documented"]),
        (ApiResponse(404, {"error": 5}), ["status 404", "$.error"]),
        (ApiError(418, "canary"), ["status 418 is not documented"]),
    ],
    ids=range(17),
)
def test_a_reply_that_breaks_the_specification(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    reply: ApiResponse | ApiError,
    words: list[str],
) -> None:
    response = answer(monkeypatch, reply)
    assert response.status_code == 500
    request_id = response.headers["x-request-id"]
    assert request_id in response.json()["error"]
    (record,) = [r for r in caplog.records if r.name == "benchwire_local"]
    assert record.levelno == logging.ERROR
    logged = record.getMessage()
    for word in ("getEvaluation", request_id, *words):
        assert word in logged
    assert "canary" not in logged
    assert "canary" not in response.text


@pytest.mark.parametrize("use_async", [False, True])
def test_a_reply_that_fits_is_sent_as_it_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, use_async: bool
) -> None:
    body = GOOD | {"status": "a status of tomorrow", "new": [1, None]}
    response = answer(monkeypatch, ApiResponse(200, body), use_async=use_async)
    assert (response.status_code, response.json()) == (200, body)
    assert not [r for r in caplog.records if r.name == "benchwire_local"]


@pytest.mark.parametrize("use_async", [False, True])
def test_a_documented_error_of_a_handler(monkeypatch: pytest.MonkeyPatch, use_async: bool) -> None:
    response = answer(monkeypatch, ApiError(409, "Being recomputed."), use_async=use_async)
    assert (response.status_code, response.json()) == (409, {"error": "Being recomputed."})


@pytest.mark.parametrize("use_async", [False, True])
def test_a_handler_that_fails(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, use_async: bool
) -> None:
    response = answer(monkeypatch, ZeroDivisionError("canary"), use_async=use_async)
    assert response.status_code == 500
    assert "canary" not in response.text
    (record,) = [r for r in caplog.records if r.name == "benchwire_local"]
    assert response.headers["x-request-id"] in record.getMessage()
    assert record.exc_info is not None


def test_a_date_that_is_no_date_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Formats are checked too.
    model: dict[str, Any] = {"id": 1, "name": "m", "provider": None}

    def handler(call: Call) -> ApiResponse:
        return ApiResponse(200, [model | {"benchmarkDate": "yesterday"}])

    monkeypatch.setitem(v2.HANDLERS, "listBenchmarkModels", handler)
    with LocalServer(Settings(sample=False)) as server:
        headers = {"x-api-key": server.api_key}
        url = server.v2_base_url + "/api/v2/benchmarks/models"
        assert httpx.get(url, headers=headers).status_code == 500
    assert "$[0].benchmarkDate" in caplog.text
    assert "yesterday" not in caplog.text
