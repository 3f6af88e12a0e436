"""Collecting the findings of many responses: counts, limits, and fields that were never seen."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from benchwire import drift
from benchwire_drift import collector as collector_module
from benchwire_drift.collector import Collector
from benchwire_drift.findings import Grade, Kind
from benchwire_drift.judge import ObservedResponse
from drift.sample_responses import JSON
from support.wire import RUN_V2, model, models


def evaluation(**fields: Any) -> dict[str, Any]:
    return {"id": "e", "status": "success", "model_id": "m", "dataset_id": "d", **fields}


def get(path: str, body: object) -> ObservedResponse:
    content = json.dumps(body).encode()
    return ObservedResponse(method="GET", path=path, status=200, headers=JSON, content=content)


def collected(api: str, *responses: ObservedResponse) -> Collector:
    collector = Collector()
    for response in responses:
        collector.add_response(api, response)
    return collector


def never_seen(collector: Collector) -> set[str]:
    return {f.path for f in collector.findings() if f.kind is Kind.NEVER_SEEN}


def test_a_field_is_never_seen_after_responses_of_every_operation() -> None:
    rows = {"evaluations": [evaluation(accuracy=1)] * 10, "total_count": 10}
    listed = collected("public", get("/evaluations", rows))
    assert never_seen(listed) == set()  # the response with a single item may have it
    listed.add_response("public", get("/evaluations/e", evaluation()))
    assert "$.model_name" in never_seen(listed)
    assert "$.accuracy" not in never_seen(listed)
    listed.add_response("public", get("/evaluations/e", evaluation(model_name=None)))
    assert "$.model_name" not in never_seen(listed)


def test_a_field_that_may_be_null_and_only_the_client_names_may_be_left_out() -> None:
    rows = {"evaluations": [evaluation()] * 10, "total_count": 10}
    collector = collected("public", get("/evaluations", rows), get("/evaluations/e", evaluation()))
    grades = {f.path: f.grade for f in collector.findings() if f.kind is Kind.NEVER_SEEN}
    assert grades["$.total_input_tokens"] is Grade.ADDITIVE
    assert grades["$.accuracy"] is Grade.SEMANTIC
    renamed = {**rows, "evaluations": [evaluation(total_input_token=5)] * 10}
    collector.add_response("public", get("/evaluations", renamed))
    (finding,) = [f for f in collector.findings() if f.path == "$.total_input_tokens"]
    assert (finding.grade, finding.now) == (Grade.SEMANTIC, "total_input_token")


@pytest.mark.parametrize("place", ["testCases", "testCaseResults", None])
def test_an_array_in_another_of_its_places_is_no_finding(place: str | None) -> None:
    cases = [{"id": "a", "result": "error", "conversation": [{"role": "user", "content": [None]}]}]
    body = cases if place is None else {**RUN_V2, place: cases}
    path = "/api/v2/benchmarks/models/7/runs/9/test-cases"
    snapshot = collected("v2", *[get(path, body)] * 10).snapshot()
    assert snapshot.findings == []
    names = {unconfirmed.path.rpartition(".")[2] for unconfirmed in snapshot.unconfirmed}
    assert names == {"passed", "explanation", "metadata"}


def test_few_objects_do_not_make_a_field_never_seen() -> None:
    few = {"evaluations": [evaluation()] * 8, "total_count": 8}
    responses = (get("/evaluations", few), get("/evaluations/e", evaluation()))
    assert never_seen(collected("public", *responses)) == set()
    assert len(never_seen(collected("public", *responses, responses[1]))) > 5


def test_an_inferred_name_that_is_never_seen_is_unconfirmed() -> None:
    job = {"id": "j", "status": "completed"}
    responses = get("/v0/jobs", {"jobs": [job] * 10}), get("/v0/jobs/j", job)
    snapshot = collected("v0", *responses).snapshot()
    assert snapshot.findings == []
    assert "$.jobs[*].score" not in {one.path for one in snapshot.unconfirmed}
    assert {(one.operation, one.path, one.objects) for one in snapshot.unconfirmed} >= {
        ("getJob", "$.score", 11)
    }


def test_a_renamed_field_is_both_unknown_and_never_seen() -> None:
    job = {"id": "j", "status": "completed", "passed": 5}
    (never, unknown) = collected("v0", get("/v0/jobs/j", job)).findings()
    assert (never.kind, never.path, never.now) == (Kind.NEVER_SEEN, "$.passed_count", "passed")
    assert never.grade is Grade.SEMANTIC
    assert (unknown.kind, unknown.path) == (Kind.UNKNOWN_FIELD, "$.passed")


def test_a_renamed_required_field_is_missing_with_its_new_name() -> None:
    account = {"available_credit": 5, "account_id": "a", "organization_id": "o"}
    missing, _ = collected("v0", get("/v0/me", account)).findings()
    assert (missing.kind, missing.now) == (Kind.MISSING_FIELD, "available_credit")


def test_a_new_field_of_another_type_is_no_rename() -> None:
    job = {"id": "j", "status": "completed", "passed": {"n": 5}}
    (unknown,) = collected("v0", get("/v0/jobs/j", job)).findings()
    assert unknown.kind is Kind.UNKNOWN_FIELD


def test_the_only_missing_field_is_paired_with_the_only_new_one() -> None:
    account = {"available_credits": 5, "organization_id": "o", "owner": "a"}
    never, unknown = collected("v0", get("/v0/me", account)).findings()
    assert (never.path, never.now) == ("$.account_id", "owner")
    assert unknown.path == "$.owner"


def test_responses_of_many_threads_are_all_counted() -> None:
    collector = Collector()
    response = get("/models", models([model(1, tier=1)], 1))
    threads = [
        threading.Thread(
            target=lambda: [collector.add_response("public", response) for _ in range(50)]
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (finding,) = [f for f in collector.findings() if f.kind is Kind.UNKNOWN_FIELD]
    assert (finding.count, finding.responses) == (400, 400)


def test_the_number_of_findings_is_limited() -> None:
    letters = "abcdefghijklmnopqrst"
    collector = Collector()
    for a in letters:
        names = {f"{a}{b}{c}": 1 for b in letters for c in letters}
        collector.add_response(
            "public",
            get("/evaluations", {"total_count": 0, "count": 0, "evaluations": [], **names}),
        )
    snapshot = collector.snapshot()
    assert len(snapshot.findings) == collector_module.MAX_FINDINGS
    assert snapshot.dropped == 20 * 400 - collector_module.MAX_FINDINGS
    report = drift.make_report(snapshot, []).markdown()
    assert "7000 more differences were not kept" in report
