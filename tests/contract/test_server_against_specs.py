"""The embedded server, on a real socket, conforms to the three specifications.

Schemathesis sends the requests: the examples of the specifications, each bound and each way to
violate it, random ones both valid and invalid, and sequences along the links. The second half of
this file proves that the same runs detect a server that deviates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from scripts.contract.runs import PLENTY, base_url_of
from scripts.contract.schemathesis_run import SchemathesisReport
from scripts.contract.schemathesis_run import run as run_schemathesis
from scripts.contract.services import SERVICES

from benchwire_local import LocalServer, Settings, app
from benchwire_local.api import v0, v2
from benchwire_local.errors import ApiError
from benchwire_local.http import request_validation
from benchwire_local.http.call import ApiResponse, Call
from contract.short_jobs import ShortJobsServer

if TYPE_CHECKING:
    from pathlib import Path

    from benchwire_local.specs import Operation

PHASES = ("examples", "coverage", "fuzzing", "stateful")
OPERATIONS = {
    api: {f"{operation.method} {operation.template}" for operation in service.operations.values()}
    for api, service in SERVICES.items()
}


def check(server: LocalServer, api: str, folder: Path, *options: str) -> SchemathesisReport:
    return run_schemathesis(
        api, base_url_of(server, api), server.api_key, folder, *options,
        endpoint=f"{server.url}/demo/v1/chat/completions",
    )  # fmt: skip


@pytest.mark.parametrize("examples", ["3", pytest.param("20", marks=pytest.mark.long)])
@pytest.mark.parametrize("api", OPERATIONS)
def test_the_server_conforms_to_its_specification(
    api: str, examples: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key = "canary-51d0-key"
    kind = ShortJobsServer if examples == "3" else LocalServer
    with kind(Settings(initial_credits=PLENTY, api_key=key)) as server:
        report = check(server, api, tmp_path, "--max-examples", examples)
    assert not report.failures, report.output
    assert not report.errors, report.output
    assert not caplog.records
    # The run found nothing; it must have sent something.
    phases = {name: phase["status"] for name, phase in report.content["phases"].items()}
    assert phases == dict.fromkeys(PHASES, "success")
    rates = report.content["valid_rates"]
    assert rates.keys() == OPERATIONS[api]
    never = [
        operation for operation, rate in rates.items()
        if not any(phase["accepted"] for phase in rate.values())
    ]  # fmt: skip
    assert not never, (
        f"no valid request was accepted; see scripts/contract/schemathesis_hooks.py: {never}"
    )
    assert report.content["test_cases"]["generated"] > 200
    assert key not in report.output
    assert not any(key.encode() in path.read_bytes() for path in tmp_path.iterdir())
    assert {path.name for path in tmp_path.iterdir()} == {
        "report.json", "junit.xml", "exchanges.har",
    }  # fmt: skip


# ---- a server that deviates is detected -----------------------------------------------------


def unchecked(operation: Any, response: ApiResponse) -> bytes:
    return orjson.dumps(response.body)


def failing(call: Call) -> ApiResponse:
    raise RuntimeError("a bug")


def test_deviations_in_responses_and_queries_are_detected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(operation: Operation, query: bytes, *, invalid_status: int) -> dict[str, Any]:
        if operation.operation_id == "listBenchmarkModels":
            return {}
        return request_validation.read_query(operation, query, invalid_status=invalid_status)

    monkeypatch.setattr(app, "read_query", careless)
    monkeypatch.setattr(app, "encode_response", unchecked)
    monkeypatch.setitem(
        v2.HANDLERS, "listBenchmarkTypes", lambda call: ApiResponse(200, [{"id": 1}])
    )
    monkeypatch.setitem(v2.HANDLERS, "getBenchmarkModel", lambda call: ApiResponse(201, {}))
    monkeypatch.setitem(v2.HANDLERS, "listProbeRuns", failing)
    with LocalServer(Settings()) as server:
        report = check(server, "v2", tmp_path, "--phases", "coverage")
    models = "GET /api/v2/benchmarks/models"
    assert report.failures == {
        "Response violates schema": {"GET /api/v2/benchmarks/types"},
        "Schema-violating request accepted": {models},
        "Undocumented status code": {f"{models}/{{modelId}}"},
        "Server error": {f"{models}/{{modelId}}/runs"},
    }


def test_deviations_in_submissions_are_detected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(spec: Any, body: Any, content: bytes, *, invalid_status: int) -> Any:
        return orjson.loads(content)

    def choosy(call: Call) -> ApiResponse:
        raise ApiError(400, "Not today.")

    def gone(call: Call) -> ApiResponse:
        raise ApiError(404, "There is no such job.")

    monkeypatch.setattr(app, "read_body", careless)
    monkeypatch.setitem(v0.HANDLERS, "submitJob", lambda call: ApiResponse(202, {"job_id": "j"}))
    monkeypatch.setitem(v0.HANDLERS, "submitJobBatch", choosy)
    monkeypatch.setitem(v0.HANDLERS, "getJob", gone)
    with LocalServer(Settings()) as server:
        report = check(
            server, "v0", tmp_path, "--phases", "coverage,stateful", "--max-examples", "10"
        )
    assert report.failures["Schema-violating request accepted"] >= {"POST /v0/jobs"}
    assert report.failures["Schema-valid request rejected"] >= {"POST /v0/jobs/batch"}
    assert "Created resource not found" in report.failures


def test_a_server_that_requires_no_key_is_detected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "authenticate", lambda schemes, headers, api_key: None)
    with LocalServer(Settings()) as server:
        report = check(server, "v2", tmp_path, "--phases", "coverage")
    open_to_all = report.failures["API accepts requests without authentication"]
    assert open_to_all == OPERATIONS["v2"]
