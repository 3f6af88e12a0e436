"""The report of findings, as Markdown and as JSON."""

from __future__ import annotations

import json
import re
from datetime import date

from benchwire import drift
from benchwire_drift.baseline import AcceptedFinding
from benchwire_drift.collector import Collector
from benchwire_drift.findings import Grade, Kind
from benchwire_drift.judge import ObservedResponse
from drift.sample_responses import JSON
from support.shared import REPOSITORY

JOB = {"id": "j", "status": "odd", "batch_id": 5, "score": "high", "region": "x"}
TODAY = date(2026, 1, 31)


def collected() -> Collector:
    collector = Collector()
    for body in ({"jobs": [JOB, JOB]}, {"jobs": [JOB]}):
        collector.add_response(
            "v0",
            ObservedResponse(
                method="GET",
                path="/v0/jobs",
                status=200,
                headers=JSON,
                content=json.dumps(body).encode(),
            ),
        )
    return collector


def accepted(kind: Kind, path: str, expires: date) -> AcceptedFinding:
    return AcceptedFinding(
        api="v0",
        operation="listJobs",
        kind=kind,
        path=path,
        status=None,
        expires=expires,
        reason="known",
    )


def test_the_report_as_markdown() -> None:
    baseline = [
        accepted(Kind.TYPE, "$.jobs[*].score", TODAY),
        accepted(Kind.TYPE, "$.jobs[*].batch_id", date(2025, 12, 31)),
        accepted(Kind.NULL, "$.jobs[*].id", TODAY),
    ]
    report = drift.make_report(
        collected().snapshot(), baseline, apis=("v0",), today=TODAY, notes=("a note",)
    )
    assert report.fails
    text = report.markdown()
    assert text.startswith(
        "# Drift\n\n3 findings (1 breaking, 0 semantic, 2 additive) in 2 successful responses of"
        " 1 operation.\n\n## Breaking: "
    )
    assert (
        "| v0 listJobs | 200 | type (accepted until 2025-12-31) | `$.jobs[*].batch_id` | string or"
        " null | integer | inferred | 3 in 2 responses |" in text
    )
    assert "- v0 listJobs type $.jobs[*].score until 2026-01-31: known" in text
    assert "## Baseline entries that match nothing\n\n- v0 listJobs null $.jobs[*].id\n" in text
    assert "- v0 getAccount" in text
    assert "- a note" in text
    patches = re.findall(r"^### (.+)\n\n```diff\n--- a/openapi/v0.yaml\n", text, re.MULTILINE)
    assert sorted(patches) == [
        "add region to Job",
        "add the new value, instead of the-new-value, to JobStatus",
        "allow batch_id to be integer too",
    ]  # what is accepted has no suggestion
    assert "odd" not in text
    assert "high" not in text


def test_the_report_as_json() -> None:
    baseline = [accepted(Kind.TYPE, "$.jobs[*].score", TODAY)]
    report = drift.make_report(collected().snapshot(), baseline, apis=("v0",), today=TODAY)
    document = json.loads(json.dumps(report.to_dict()))
    assert document["counts"] == {"additive": 2, "semantic": 0, "breaking": 1}
    by_path = {(one["kind"], one["path"]): one for one in document["findings"]}
    assert len(by_path) == 4
    score = by_path["type", "$.jobs[*].score"]
    assert (score["accepted_until"], score["expired_on"]) == ("2026-01-31", None)
    batch = by_path["type", "$.jobs[*].batch_id"]
    assert batch["accepted_until"] is None
    assert (batch["count"], batch["responses"], batch["provenance"]) == (3, 2, "inferred")
    assert batch["suggestion"]["patch"].startswith("--- a/openapi/v0.yaml\n")
    assert "v0 getJob" in document["unseen_operations"]
    assert document["responses"] == [{"api": "v0", "operation": "listJobs", "count": 2}]


def test_accepted_and_additive_findings_do_not_fail() -> None:
    snapshot = collected().snapshot()
    wrong = [f for f in snapshot.findings if f.grade is not Grade.ADDITIVE]
    baseline = [accepted(f.kind, f.path, TODAY) for f in wrong]
    assert not drift.make_report(snapshot, baseline, today=TODAY).fails
    assert drift.make_report(snapshot, baseline[1:], today=TODAY).fails


def test_a_report_without_findings() -> None:
    report = drift.make_report(Collector().snapshot(), [])
    assert not report.fails
    assert (
        report.markdown() == "# Drift\n\nNo findings in 0 successful responses of 0 operations.\n"
    )


def test_the_docs_grade_every_kind() -> None:
    page = (REPOSITORY / "docs" / "drift.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([^|]+) \| ([a-z]+)\b", page, re.MULTILINE))
    assert {kind: rows.get(kind) in list(Grade) for kind in Kind} == dict.fromkeys(Kind, True)
