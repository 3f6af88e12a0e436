"""The commonest changes of an API, served: spec edit, `make generate`, a handler, and a real socket.

Each is called through the SDK, sync and async, against the embedded server of the same copy.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.workers import made_once

from .drill import Copy
from .edits import Spec, operation, query, schema

TAGS = {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/TagKind"}}


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def content(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": reference(name)}}


def header(name: str, **of_schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": f"{name}.", "schema": of_schema}


def edit(spec: Spec) -> None:
    listing = operation(spec, "listJobs")
    listing["parameters"].append(query("team"))
    errors = {code: raw for code, raw in listing["responses"].items() if code != "200"}
    schema(spec, "JobStatus")["enum"].append("paused")
    schema(spec, "Account")["properties"]["nickname"] = {"type": "string", "description": "A name."}
    components = spec["components"]["schemas"]
    components["TagKind"] = {"type": "string", "description": "A kind.", "enum": ["hot", "cold"]}
    components["NoteRequest"] = {
        "type": "object", "description": "A note to write.", "additionalProperties": False,
        "required": ["text"],
        "properties": {"text": {"type": "string", "minLength": 1, "description": "The text."}},
    }  # fmt: skip
    for name, own in (("Note", "text"), ("Drawing", "lines")):
        kind = (
            {"type": "string"} if own == "text" else {"type": "array", "items": {"type": "integer"}}
        )
        components[name] = {
            "type": "object", "description": f"A {name}.", "required": [own],
            "properties": {own: {**kind, "description": "What it holds."}},
        }  # fmt: skip
    common = {"tags": ["account"], "summary": "Do it."}
    etag = {
        "ETag": {"description": "Its version.", "required": True, "schema": {"type": "integer"}}
    }
    spec["paths"]["/v0/notes"] = {
        "get": {
            **common, "operationId": "readNote", "x-python-method": "notes.read",
            "parameters": [
                {**header("X-Priority", type="integer", minimum=1, maximum=9, default=5)},
                {**header("X-Tags", **TAGS), "explode": False},
                {**header("X-Team", type="string", maxLength=5), "required": True},
                header("X-Dry", type="boolean"),
            ],
            "responses": {"200": {"description": "It.", "headers": etag, "content": {
                "application/json": {"schema": {"oneOf": [reference("Note"), reference("Drawing")]}}
            }}, **errors},
        },
        "post": {
            **common, "operationId": "writeNote", "x-python-method": "notes.write",
            "requestBody": {"required": True, "content": content("NoteRequest")},
            "responses": {"201": {"description": "It.", "content": content("Note")}, **errors},
        },
        "delete": {
            **common, "operationId": "deleteNote", "x-python-method": "notes.delete",
            "parameters": [query("reason")],
            "responses": {"204": {"description": "Nothing."}, **errors},
        },
        "head": {
            **common, "operationId": "probeNotes", "x-python-method": "notes.probe",
            "responses": {"200": {"description": "They are there."}, **errors},
        },
        "put": {
            **common, "operationId": "putNote", "x-python-method": "notes.put",
            "requestBody": {"required": True, "content": {"application/json": {"schema": {
                "oneOf": [reference("NewLine"), reference("NewText")]}}}},
            "responses": {"204": {"description": "Nothing."}, **errors},
        },
    }  # fmt: skip
    for name, own in (("NewLine", "x"), ("NewText", "text")):
        components[name] = {
            "type": "object", "description": f"A {name}.", "additionalProperties": False,
            "required": ["kind"], "properties": {
                "kind": {"const": own, "description": "Which."},
                "x": {"type": "integer", "minimum": 1, "maximum": 5, "description": "Where."}},
        }  # fmt: skip
    spec["paths"]["/v0/notes/latest"] = {"get": {
        **common, "operationId": "findNote", "x-python-method": "notes.find",
        "parameters": [query("since", schema={"type": "string", "format": "date-time"}),
                       query("share", type_="number"),
                       query("day", schema={"type": "string", "format": "date"})],
        "responses": {"200": {"description": "It.", "content": content("Note")}, **errors},
    }}  # fmt: skip


PROGRAM = """
import asyncio, logging
from datetime import datetime, timedelta, timezone
import benchwire, httpx
from benchwire import models
from benchwire_local import LocalServer, Settings
from benchwire_local.api import v0
from benchwire_local.http.call import ApiResponse

logging.disable(logging.CRITICAL)
seen, bodies = [], []

def read(call):
    seen.append(call.headers)
    note = {"text": "t"} if call.headers["X-Team"] == "blue" else {"lines": [1, 2]}
    etag = {"green": "", "grey": "x"}.get(call.headers["X-Team"], "7")
    return ApiResponse(200, note, {"etag": etag} if etag else {})

def delete(call):
    return ApiResponse(204, {"a": 1} if call.query.get("reason") == "body" else None)

def jobs(call):
    job = {"id": "j", "status": "paused"}
    return ApiResponse(200, {"jobs": [job] if call.query.get("team") == "blue" else []})

def account(call):
    return ApiResponse(200, {"organization_id": 1, "account_id": 2, "available_credits": 3,
                             "nickname": "nick"})

def find(call):
    return ApiResponse(200, {"text": json.dumps(call.query)})

def put(call):
    bodies.append(call.body)
    return ApiResponse(204)

v0.HANDLERS |= {
    "findNote": find, "putNote": put, "probeNotes": lambda call: ApiResponse(200),
    "readNote": read, "writeNote": lambda call: ApiResponse(201, call.body), "deleteNote": delete,
    "listJobs": jobs, "getAccount": account,
}

def calls(client):
    note = client.notes.read("blue", x_priority=3, x_tags=["hot", "cold"], x_dry=True)
    return [
        client.jobs.list(team="blue"), client.jobs.list(team="red"), client.me(), note,
        client.notes.read("red"), client.notes.write(body=models.NoteRequest(text="new")),
        client.notes.delete(), client.notes.find(since=moment, share=1e-7, day=moment.date()),
        client.notes.probe(), client.notes.put(body=models.NewLine(kind="x", x=2)),
    ]

moment = datetime(2025, 1, 2, 3, tzinfo=timezone(timedelta(hours=-3.5)))

with LocalServer(Settings()) as server:
    arguments = dict(api_key=server.api_key, base_url=server.v0_base_url, journal=False,
                     max_retries=0)
    with benchwire.V0Client(**arguments) as client:
        found = calls(client)
        failures = []
        for team in ("green", "grey"):
            try:
                client.notes.read(team)
            except benchwire.ServerError as error:
                failures.append(error.status_code)
        try:
            client.notes.delete(reason="body")
        except benchwire.ServerError as error:
            failures.append(error.status_code)

    async def run():
        async with benchwire.AsyncV0Client(**arguments) as client:
            return [await each for each in calls(client)]

    assert asyncio.run(run()) == found
    url = f"{server.v0_base_url}/v0/notes"
    key = [("authorization", f"Bearer {server.api_key}")]
    raw = lambda *headers: httpx.get(url, headers=[*key, *headers], trust_env=False)
    refused = [raw(*headers) for headers in (
        (), (("x-team", "longer"),), (("x-team", "abc"), ("x-team", "def")),
        (("x-team", "a"), ("x-priority", "10")), (("x-team", "a"), ("x-priority", "high")),
        (("x-team", "a"), ("x-tags", "hot,warm")), (("x-team", "a"), ("x-dry", "yes")),
    )]
    spaced = raw(("X-TEAM", "blue"), ("x-tags", "hot, cold"), ("x-tags", "hot"))
    wrong = [
        *(httpx.get(f"{url}/latest?{query}", headers=key, trust_env=False)
          for query in ("since=2025-01-02", "since=2025-01-02T03:04:05", "share=1e", "day=2025-02-30")),
        *(httpx.put(url, json=body, headers=key, trust_env=False)
          for body in ({"kind": "z"}, {"kind": "x", "x": 6})),
    ]
    gone = httpx.delete(url, headers=key, trust_env=False)

jobs_, none, me, note, drawing, written, deleted, latest, *nothing = found
result = {
    "jobs": [[job.status is models.JobStatus.PAUSED for job in jobs_], list(none)],
    "nickname": me.nickname, "note": note.to_dict(), "drawing": drawing.to_dict(),
    "kinds": [type(each).__name__ for each in (note, drawing, written)],
    "etag": note.response_info.headers["etag"], "written": written.to_dict(), "deleted": deleted,
    "seen": seen[:2], "spaced": [spaced.status_code, seen[-1]], "failures": failures,
    "refused": [[each.status_code, each.json()["error"]] for each in refused],
    "latest": json.loads(latest.text), "nothing": nothing, "bodies": bodies,
    "wrong": [[each.status_code, each.json()["error"]] for each in wrong],
    "gone": [gone.status_code, gone.text, gone.headers.get("content-type")],
}
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = made_once(tmp_path_factory, "served", make)
    return json.loads((folder / "result.json").read_text("utf-8"))


def make(folder: Path) -> None:
    copy = Copy.of_repository(folder)
    copy.edit("v0", edit)
    copy.generate_one("v0")
    (folder / "result.json").write_text(json.dumps(copy.use(PROGRAM, "")), "utf-8")


def test_parameters_fields_and_values(result: Any) -> None:
    assert result["jobs"] == [[True], []]
    assert result["nickname"] == "nick"


def test_header_parameters_are_checked_and_handed_to_the_handler(result: Any) -> None:
    first = {"X-Priority": 3, "X-Tags": ["hot", "cold"], "X-Team": "blue", "X-Dry": True}
    assert result["seen"] == [first, {"X-Priority": 5, "X-Team": "red"}]
    expected = {"X-Priority": 5, "X-Tags": ["hot", "cold", "hot"], "X-Team": "blue"}
    assert result["spaced"] == [200, expected]
    statuses, messages = zip(*result["refused"], strict=True)
    assert set(statuses) == {400}
    assert list(messages) == [
        "X-Team: required, and missing",
        "X-Team: 'longer' is longer than 5 characters",
        "X-Team: 'abc,def' is longer than 5 characters",
        "X-Priority: 10 is greater than the maximum of 9",
        "X-Priority: 'high' is not an integer from -9223372036854775808 to 9223372036854775807",
        "X-Tags[1]: 'warm' is not one of hot, cold",
        "X-Dry: 'yes' is neither true nor false",
    ]


def test_responses_of_every_form(result: Any) -> None:
    assert (result["note"], result["drawing"]) == ({"text": "t"}, {"lines": [1, 2]})
    assert result["kinds"] == ["Note", "Drawing", "Note"]
    assert (result["written"], result["deleted"]) == ({"text": "new"}, None)
    assert result["gone"] == [204, "", None]


def test_a_response_with_a_wrong_header_or_an_undocumented_body_is_not_sent(result: Any) -> None:
    assert result["etag"] == "7"
    assert result["failures"] == [500, 500, 500]


def test_dates_and_numbers_of_a_query_are_checked(result: Any) -> None:
    sent = {"since": "2025-01-02T03:00:00-03:30", "share": 1e-7, "day": "2025-01-02"}
    assert result["latest"] == sent
    assert result["wrong"][:4] == [
        [400, "since: '2025-01-02' is not a \"date-time\""],
        [400, "since: '2025-01-02T03:04:05' is not a \"date-time\""],
        [400, "share: '1e' is not a number"],
        [400, "day: '2025-02-30' is not a \"date\""],
    ]


def test_a_body_is_one_of_several_objects(result: Any) -> None:
    assert result["nothing"] == [None, None]
    assert result["bodies"] == [{"kind": "x", "x": 2}] * 2
    assert [status for status, _ in result["wrong"][4:]] == [400, 400]
