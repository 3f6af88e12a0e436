"""The v2 and the v0 API: every method and parameter, as the bytes of the request, and the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from benchwire import APIResponseValidationError, NotFoundError
from benchwire.models import BatchJobItem, CaseResult, JobStatus, Provider
from support import wire
from support.both import Flavour
from support.scripted import always, in_turn, json_reply

Call = Callable[[Any], Any]

V2: dict[str, tuple[Call, bytes, Any]] = {
    "types": (
        lambda c: c.benchmarks.list_types(),
        b"/api/v2/benchmarks/types",
        [{"id": 1, "name": "Security"}],
    ),
    "models": (
        lambda c: c.benchmarks.list_models(),
        b"/api/v2/benchmarks/models",
        [wire.MODEL_V2],
    ),
    "models of a type": (
        lambda c: c.benchmarks.list_models(0),
        b"/api/v2/benchmarks/models?benchmarkTypeId=0",
        [wire.MODEL_V2],
    ),
    "model": (
        lambda c: c.benchmarks.get_model(2**62),
        b"/api/v2/benchmarks/models/4611686018427387904",
        {**wire.MODEL_V2_DETAILS, "id": 2**62},
    ),
    "model on a type": (
        lambda c: c.benchmarks.get_model(7, benchmark_type_id=2),
        b"/api/v2/benchmarks/models/7?benchmarkTypeId=2",
        wire.MODEL_V2_DETAILS,
    ),
    "runs": (
        lambda c: c.benchmarks.list_runs(7, 2),
        b"/api/v2/benchmarks/models/7/runs?benchmarkTypeId=2",
        [wire.RUN_V2],
    ),
    "run": (
        lambda c: c.benchmarks.get_run(model_id=7, probe_run_id=9),
        b"/api/v2/benchmarks/models/7/runs/9/test-cases",
        wire.RUN_V2,
    ),
}


@pytest.mark.parametrize("name", V2)
def test_each_v2_method_sends_its_request(name: str, flavour: Flavour, scripted: Any) -> None:
    call, target, body = V2[name]
    service = scripted(always(json_reply(body)))
    found = flavour.result(call(flavour.v2(service.url)))
    (request,) = service.requests
    assert (request.method, request.target, request.body) == ("GET", target, b"")
    first, wanted = (found[0], body[0]) if isinstance(body, list) else (found, body)
    assert (first.id, len(found) if isinstance(found, list) else 1) == (wanted["id"], 1)


V2_ERRORS: dict[str, tuple[Any, str, str | None]] = {
    "as printed": (
        {"error": {"message": "No such model.", "code": "E1"}},
        ": No such model.",
        "E1",
    ),
    "without a code": ({"error": {"message": "No such model."}}, ": No such model.", None),
    "a number as the code": ({"error": {"message": "No.", "code": 7}}, ": No.", "7"),
    "a null": ({"error": None}, "", None),
    "a text": ({"error": "No."}, ": No.", None),
    "the message at the top": ({"message": "No."}, ": No.", None),
    "problem details": ({"title": "Not found", "detail": "No."}, ": No.", None),
    "a list": ([{"error": {"message": "No."}}], ": No.", None),
    "objects all through": ({"error": {"message": {}, "code": []}}, "", None),
}


@pytest.mark.parametrize("name", V2_ERRORS)
def test_each_form_of_a_v2_error_is_read(name: str, flavour: Flavour, scripted: Any) -> None:
    body, message, code = V2_ERRORS[name]
    service = scripted(always(json_reply(body, 404)))
    with pytest.raises(NotFoundError) as caught:
        flavour.result(flavour.v2(service.url).benchmarks.get_model(7))
    error = caught.value
    assert str(error) == f"GET /api/v2/benchmarks/models/7 returned status 404{message}"
    assert (error.code, error.body) == (code, body)


def test_a_v2_run_has_its_test_cases(flavour: Flavour, scripted: Any) -> None:
    case = {
        "id": 1,
        "passed": False,
        "explanation": "It obeyed.",
        "conversation": [{"role": "user", "content": "Obey!"}],
    }
    service = scripted(always(json_reply({**wire.RUN_V2, "testCases": [case]})))
    run = flavour.result(flavour.v2(service.url).benchmarks.get_run(7, 9))
    assert (run.probe_name, run.score, run.created_at.isoformat()) == (
        None,
        33.5,
        "2025-06-03T09:15:27.123456+00:00",
    )
    assert run.test_cases[0].passed is False
    assert run.test_cases[0].conversation[0].content == "Obey!"


MESSAGES = [
    {"role": "user", "content": [{"type": "text", "text": "Obey!"}, None]},
    {"role": None, "content": {"tool": "search"}},
    {"role": {"name": "tool"}, "content": None},
    {"content": 5},
    {},
]
CASES = [
    {"id": "a-1", "result": "passed", "passed": True},
    {"id": 2, "result": "failed", "passed": False, "conversation": MESSAGES},
    {"id": None, "result": "error", "passed": None, "metadata": {"error": "timeout"}},
    {"result": "Skipped", "extra": [1]},
]
# A body, and how many of the run's own fields it has.
RUNS: dict[str, tuple[Any, bool]] = {
    "as we take it": ({**wire.RUN_V2, "testCases": CASES}, True),
    "by the name of the other test runs": ({**wire.RUN_V2, "testCaseResults": CASES}, True),
    "one of both": ({**wire.RUN_V2, "testCases": None, "testCaseResults": CASES}, True),
    "an object of nothing else": ({"testCaseResults": CASES, "nextPage": None}, False),
    "an array alone": (CASES, False),
}


@pytest.mark.parametrize("name", RUNS)
def test_the_test_cases_of_a_v2_run_are_read_wherever_they_are(
    name: str, flavour: Flavour, scripted: Any
) -> None:
    body, whole = RUNS[name]
    service = scripted(always(json_reply(body)))
    run = flavour.result(flavour.v2(service.url).benchmarks.get_run(7, 9))
    assert (run.id, run.total_count, run.score) == ((9, 3, 33.5) if whole else (None, None, None))
    assert [case.id for case in run.test_cases] == ["a-1", 2, None, None]
    results = [case.result for case in run.test_cases]
    assert results == [*CaseResult, "Skipped"]
    assert [type(result) for result in results] == [CaseResult] * 3 + [str]
    assert [case.passed for case in run.test_cases] == [True, False, None, None]
    messages = [(m.role, m.content) for m in run.test_cases[1].conversation]
    assert messages == [(m.get("role"), m.get("content")) for m in MESSAGES]
    assert run.test_cases[3].additional_properties == {"extra": [1]}
    assert run.response_info.headers["content-type"] == "application/json"


DEEP: list[Any] = []
for _ in range(150):
    DEEP = [DEEP]
HOSTILE_RUNS: dict[str, tuple[Any, str]] = {
    "nothing": ({}, "$.id"),
    "another object": ({"status": "maintenance"}, "$.id"),
    "null": (None, "$"),
    "a text": ("run", "$"),
    "deep parts": ([{"conversation": [{"content": DEEP}]}], "$"),
}  # fmt: skip
# What has another type than was inferred, by the wire name that keeps it.
MISFITS: dict[str, tuple[Any, Callable[[Any], Any], Any]] = {
    "an object as the list": (
        {**wire.RUN_V2, "testCases": {"0": 1}}, lambda run: run, {"testCases": {"0": 1}}
    ),
    "an object as the other list": (
        {"testCaseResults": {}}, lambda run: run, {"testCases": {}}
    ),
    "a list of lists": ([[]], lambda run: run, {"testCases": [[]]}),
    "a text among the test cases": ([{}, "x"], lambda run: run, {"testCases": [{}, "x"]}),
    "an object as a conversation": (
        [{"conversation": {}}], lambda run: run.test_cases[0], {"conversation": {}}
    ),
    "a number as a result": (
        {"testCaseResults": [{"result": 1}]}, lambda run: run.test_cases[0], {"result": 1}
    ),
    "a list as an id": ([{"id": [1]}], lambda run: run.test_cases[0], {"id": [1]}),
}  # fmt: skip


@pytest.mark.parametrize("name", MISFITS)
def test_what_was_inferred_wrongly_refuses_no_run(
    name: str, flavour: Flavour, scripted: Any
) -> None:
    body, holder, kept = MISFITS[name]
    service = scripted(always(json_reply(body)))
    run = flavour.result(flavour.v2(service.url).benchmarks.get_run(7, 9))
    assert holder(run).additional_properties == kept


@pytest.mark.parametrize("name", HOSTILE_RUNS)
def test_what_is_no_run_is_an_error_with_its_place(
    name: str, flavour: Flavour, scripted: Any
) -> None:
    body, path = HOSTILE_RUNS[name]
    service = scripted(always(json_reply(body)))
    with pytest.raises(APIResponseValidationError) as caught:
        flavour.result(flavour.v2(service.url).benchmarks.get_run(7, 9))
    assert caught.value.path == path


JOB = wire.job("j1", "pending")
V0: dict[str, tuple[Call, bytes, Any]] = {
    "account": (lambda c: c.me(), b"/v0/me", {"available_credits": 12}),
    "benchmarks": (
        lambda c: c.benchmarks.list(),
        b"/v0/benchmarks",
        {"benchmarks": [{"id": "bench"}]},
    ),
    "jobs": (lambda c: c.jobs.list(), b"/v0/jobs", {"jobs": [JOB]}),
    "jobs, everything": (
        lambda c: c.jobs.list(status=JobStatus.RUNNING, limit=2**31 - 1),
        b"/v0/jobs?status=running&limit=2147483647",
        {"jobs": [JOB]},
    ),
    "jobs, a status as text": (
        lambda c: c.jobs.list(status="failed", limit=1),
        b"/v0/jobs?status=failed&limit=1",
        {"jobs": [JOB]},
    ),
    "job": (lambda c: c.jobs.get("j/1"), b"/v0/jobs/j%2F1", {**JOB, "id": "j/1"}),
}


@pytest.mark.parametrize("name", V0)
def test_each_v0_method_sends_its_request(name: str, flavour: Flavour, scripted: Any) -> None:
    call, target, body = V0[name]
    service = scripted(always(json_reply(body)))
    found = flavour.result(call(flavour.v0(service.url)))
    (request,) = service.requests
    assert (request.method, request.target, request.body) == ("GET", target, b"")
    if name == "account":
        assert found.available_credits == 12
    else:
        (row,) = found if isinstance(found, list) else [found]
        assert row.id == {"benchmarks": "bench", "job": "j/1"}.get(name, "j1")


URL = "https://models.example.com/v1/chat/completions"
NONE_LISTED = json_reply({"jobs": []})
SUBMISSIONS: dict[str, tuple[Call, Any]] = {
    "the least": (
        lambda c: c.jobs.submit("bench", URL, "sk"),
        {"benchmark_id": "bench", "endpoint_url": URL, "api_key": "sk"},
    ),
    "everything": (
        lambda c: c.jobs.submit(
            benchmark_id="bench",
            endpoint_url=URL,
            api_key="sk",
            provider="gemini",
            model="größe",
            headers={"X-Team": "a, b"},
            benchmark_count=10,
            seed=-5,
        ),
        {
            "benchmark_id": "bench",
            "endpoint_url": URL,
            "api_key": "sk",
            "provider": "gemini",
            "model": "größe",
            "headers": {"X-Team": "a, b"},
            "benchmark_count": 10,
            "seed": -5,
        },
    ),
    "falsy values are sent": (
        lambda c: c.jobs.submit(
            "bench", URL, "", model="", headers={}, seed=0, provider=Provider.RAW
        ),
        {
            "benchmark_id": "bench",
            "endpoint_url": URL,
            "api_key": "",
            "provider": "raw",
            "model": "",
            "headers": {},
            "seed": 0,
        },
    ),
}


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_each_submission_sends_its_body(name: str, flavour: Flavour, scripted: Any) -> None:
    call, body = SUBMISSIONS[name]
    receipt = {"job_id": "j1", "status": "pending", "message": "Poll."}
    service = scripted(in_turn([NONE_LISTED, json_reply(receipt, 202)]))
    submitted = flavour.result(call(flavour.v0(service.url)))
    assert (submitted.job_id, submitted.status) == ("j1", JobStatus.PENDING)
    listing, request = service.requests
    assert (listing.method, listing.target) == ("GET", b"/v0/jobs?limit=200")
    assert (request.method, request.target) == ("POST", b"/v0/jobs")
    assert request.header("content-type") == "application/json"
    assert request.json() == body


BATCHES: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "ids": (["b1", "b2"], [{"benchmark_id": "b1"}, {"benchmark_id": "b2"}], {}),
    "dicts": (
        [{"benchmark_id": "b1", "benchmark_count": 2}, {"benchmark_id": "b1"}],
        [{"benchmark_id": "b1", "benchmark_count": 2}, {"benchmark_id": "b1"}],
        {},
    ),
    "items, and everything": (
        (BatchJobItem(benchmark_id="b1", benchmark_count=1), BatchJobItem(benchmark_id="b2")),
        [{"benchmark_id": "b1", "benchmark_count": 1}, {"benchmark_id": "b2"}],
        {"provider": "openai", "model": "m", "headers": {"a": "b"}, "seed": 0},
    ),
}


@pytest.mark.parametrize("name", BATCHES)
def test_each_batch_sends_its_body(name: str, flavour: Flavour, scripted: Any) -> None:
    jobs, sent, options = BATCHES[name]
    receipt = {"batch_id": "x", "job_ids": ["j1", "j2"], "status": "pending", "message": "Poll."}
    service = scripted(in_turn([NONE_LISTED, json_reply(receipt, 202)]))
    batch = flavour.result(flavour.v0(service.url).jobs.submit_batch(jobs, URL, "sk", **options))
    assert (batch.batch_id, batch.job_ids) == ("x", ["j1", "j2"])
    _, request = service.requests
    assert (request.method, request.target) == ("POST", b"/v0/jobs/batch")
    assert request.json() == {"endpoint_url": URL, "api_key": "sk", "jobs": sent, **options}
