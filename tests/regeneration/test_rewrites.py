"""Schemas that need not be named: inline objects and enums, `const`, and objects put together by `allOf`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from openapi.generator.plan import plan_api
from openapi.generator.schemas import PlanError
from scripts.spec_diff.surface import surface_of

from benchwire_specs import load_document
from support.scripted import Received, Reply, ScriptedService, json_reply

from .drill import Copy
from .edits import Spec, operation, query, schema

V0 = json.dumps(load_document("v0").content)
TEXT = {"type": "string", "description": "A text."}


def ref(name: str) -> Spec:
    return {"$ref": f"#/components/schemas/{name}"}


def inline(**properties: Any) -> Spec:
    return {"type": "object", "description": "Inline.", "properties": properties}


def edit(spec: Spec) -> None:
    schema(spec, "Job")["properties"] |= {
        "owner": inline(fullName=TEXT, team=inline(label=TEXT)),
        "reviewer": {**inline(label=TEXT), "type": ["object", "null"]},
        "steps": {"type": "array", "items": inline(phase={"type": "string", "enum": ["a-b", "c"]})},
        "kind": {"const": "job", "description": "Always `job`."},
        "payer": {"allOf": [ref("Account")], "description": "Who pays.", "deprecated": True},
        "second": {"anyOf": [{"allOf": [ref("Account")]}, {"type": "null"}]},
        "whole": ref("Whole"),
        "state": {"enum": ["on", None]},
        "made": {"type": "string", "readOnly": True},
    }
    schemas = spec["components"]["schemas"]
    schemas["Whole"] = {
        "description": "Both.",
        "allOf": [ref("Half"), {**inline(extra=TEXT), "required": ["extra"]}],
    }
    schemas["Half"] = {"allOf": [ref("Account"), inline(half=TEXT)]}
    schema(spec, "SubmitJobRequest")["properties"] |= {
        "options": {**inline(mode={"const": "fast"}), "additionalProperties": False},
    }
    get = operation(spec, "getJob")
    get["parameters"] += [query("view", schema={"type": "string", "enum": ["full", "short"]})]
    content = {"application/json": {"schema": {"type": "array", "items": inline(label=TEXT)}}}
    spec["paths"]["/v0/labels"] = {
        "get": {**get, "operationId": "listLabels", "x-python-method": "labels.list",
                "parameters": [],
                "responses": {**get["responses"], "200": {"description": "L.", "content": content}}},
    }  # fmt: skip


JOB = {
    "id": "j1", "status": "completed",
    "owner": {"fullName": "Ada", "team": {"label": "t"}}, "reviewer": None,
    "steps": [{"phase": "a-b"}, {"phase": "new"}], "kind": "job",
    "payer": {"available_credits": 1.5}, "second": {"available_credits": 2.5},
    "whole": {"available_credits": 1.0, "half": "h", "extra": "e"}, "state": "on", "made": "m",
}  # fmt: skip
PROGRAM = """
import benchwire
from benchwire_api.v0 import models

with benchwire.V0Client("k", url) as client:
    job = client.jobs.get("j1", view="short")
    labels = client.labels.list()
    try:
        client.jobs.get("j1", view="long")
    except ValueError as error:
        refused = str(error)
assert type(job.owner) is models.JobOwner and type(job.owner.team) is models.JobOwnerTeam
assert type(labels[0]) is models.ListLabelsResponseItem
assert job.steps[0].phase is models.JobStepsItemPhase.A_B and job.steps[1].phase == "new"
assert job.kind is models.JobKind.JOB and job.state is models.JobState.ON
assert type(job.payer) is type(job.second) is models.Account and job.reviewer is None
assert type(job.whole) is models.Whole and job.whole.half == "h"
assert models.JobReviewer.from_dict({"label": "r"}).label == "r"
body = models.SubmitJobRequest(
    benchmark_id=1, endpoint_url="https://e.test", api_key="s",
    options=models.SubmitJobRequestOptions(mode=models.SubmitJobRequestOptionsMode.FAST))
body.validate()
assert models.SubmitJobRequest.from_dict(body.to_dict()) == body
try:
    models.Whole.from_dict({"available_credits": 1.0})
except Exception as error:
    missing = str(error)
result = [job.to_dict(), labels[0].label, refused, body.to_dict()["options"], missing]
"""


def test_unnamed_schemas_are_generated_and_decoded(extended: Copy, report: str) -> None:
    assert "`Job.owner: JobOwner | None` is new" in report

    def answer(request: Received) -> Reply:
        return json_reply([{"label": "l"}] if request.path == "/v0/labels" else JOB)

    with ScriptedService(answer) as service:
        read, label, refused, options, missing = extended.use(PROGRAM, service.url)
        assert service.requests[0].query == {"view": "short"}
    assert {key: value for key, value in JOB.items() if value is not None} == read
    assert (label, options) == ("l", {"mode": "fast"})
    assert refused == "view must be one of full, short, not 'long'"
    assert "extra" in missing


REFUSED: dict[str, tuple[Callable[[Spec], object], str]] = {
    "another schema has the derived name": (
        lambda spec: schema(spec, "Job")["properties"].update(Status=inline(a=TEXT)),
        ("components/schemas/Job/properties/Status is inline and would be called JobStatus, as another"
        " schema is: name it yourself"),
    ),
    "an inline object that is sent and open": (
        lambda spec: schema(spec, "SubmitJobRequest")["properties"].update(o=inline(a=TEXT)),
        "components/schemas/SubmitJobRequest/properties/o is sent: it needs additionalProperties: false",
    ),
    "different properties": (
        lambda spec: spec["components"]["schemas"].update(
            Big={"allOf": [ref("Account"), inline(account_id=TEXT)]}
        ),
        "components/schemas/Big has an `allOf` whose schemas have different account_id: rename one",
    ),
    "a closed part, which forbids the properties of the others": (
        lambda spec: spec["components"]["schemas"].update(
            Big={"allOf": [{**inline(a=TEXT), "additionalProperties": False}, inline(b=TEXT)]}
        ),
        ("components/schemas/Big has an `allOf` with `additionalProperties`, which is not read: only"
        " objects are merged"),
    ),
    "a circle": (
        lambda spec: spec["components"]["schemas"].update(
            One={"allOf": [ref("Two")]}, Two={"allOf": [ref("One"), inline(a=TEXT)]}
        ),
        "components/schemas/One has an `allOf` that leads back to itself",
    ),
    "a circle through a property": (
        lambda spec: schema(spec, "Job")["properties"].update(o={"allOf": [ref("Job"), ref("Account")]}),
        "components/schemas/Job/properties/o/properties/o has an `allOf` that leads back to itself",
    ),
    "nothing": (
        lambda spec: schema(spec, "Job")["properties"].update(o={"allOf": []}),
        "components/schemas/Job/properties/o has `allOf: []`, which is no list of schemas",
    ),
    "bounds": (
        lambda spec: schema(spec, "Job")["properties"].update(o={"allOf": [TEXT, {"minLength": 2}]}),
        "components/schemas/Job/properties/o has an `allOf` of what is no object with properties",
    ),
    "a const that is no text": (
        lambda spec: schema(spec, "Job")["properties"].update(o={"const": 1}),
        "components/schemas/Job/properties/o has `const`, which is not read: only that of a text is read",
    ),
    "several inline objects": (
        lambda spec: schema(spec, "Job")["properties"].update(
            o={"oneOf": [inline(a=TEXT), inline(b=TEXT)]}
        ),
        "components/schemas/Job/properties/o is inline: it needs a name under components/schemas",
    ),
    "readOnly of what is sent": (
        lambda spec: schema(spec, "SubmitJobRequest")["properties"].update(o={**TEXT, "readOnly": True}),
        ("components/schemas/SubmitJobRequest/properties/o has `readOnly` and is sent: split its schema"
        " in two"),
    ),
    "one parameter twice": (
        lambda spec: operation(spec, "listJobs")["parameters"].extend([query("z"), query("z", "integer")]),
        "GET /v0/jobs has the query parameter z twice",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_not_be_named_or_merged_is_refused_with_its_place(case: str) -> None:
    change, message = REFUSED[case]
    spec = json.loads(V0)
    change(spec)
    with pytest.raises(PlanError) as refused:
        plan_api(spec)
    assert str(refused.value) == message


def test_a_spec_without_unnamed_schemas_is_left_alone_and_no_spec_is_changed() -> None:
    spec = json.loads(V0)
    edit(spec)
    before = json.dumps(spec)
    surface_of("v0", spec)
    assert json.dumps(spec) == before
