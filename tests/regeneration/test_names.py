"""Hostile names at every position of a spec: refused with their place, or the package works with them.

Each name is planned by itself. All that are accepted at positions whose names never meet are then
generated together, imported, and used: the value arrives under its name on the wire, at the path of
its operation.
"""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi.generator.methods import operations_modules
from openapi.generator.names import member_names, parameter_name, property_name
from openapi.generator.plan import plan_api
from openapi.generator.plans import ApiPlan, OperationPlan
from openapi.generator.schemas import PlanError
from scripts.spec_diff.release import record_release

from benchwire_specs import load_document
from support.scripted import Received, Reply, ScriptedService, json_reply

from .drill import Copy
from .edits import Spec

HOSTILE = [
    # What templates, the runtime and the SDK's methods use.
    "self", "field", "additional_properties", "_additional_properties", "response_info", "member",
    "client", "body", "response", "check", "data", "cls", "whole", "item", "items", "error", "prefix",
    "name", "value", "place", "Unset", "UNSET", "Request", "Response", "Client", "Any", "Self", "Final",
    "Collection", "StrEnum", "OpenModel", "ResponseModel", "ResultList", "DecodeError", "StatusError",
    "SERVICE", "BenchwireAPIError", "EvaluationsResponse", "ResultsResponse", "CallOptions", "OnError", "ListOperation",
    "PageSource", "Pager", "Resource", "AsyncResource", "AsyncPager", "Async", "AsyncJob", "api",
    "models", "errors", "types", "from_dict", "to_dict", "validate", "build_request", "parse_response",
    "sync", "asyncio", "path_segment", "query_string", "json_bytes", "array_of", "decode_body", "containers",
    "to_integer", "copied", "replaced", "with_pagination", "cached_property", "annotations", "httpx",
    "with_options", "copy", "base_url", "close", "aclose", "tasks", "aio", "_async", "timeout", "deadline",
    "options", "max_retries", "page", "page_size", "V0Resources", "V0JobsOperations", "_new", "_KNOWN",
    "attr_dict", "NOTHING", "define", "operation", "datetime", "date",
    # Python's.
    "class", "None", "True", "import", "match", "type", "async", "await", "print", "object", "str",
    "int", "list", "dict", "bool", "float", "property", "classmethod", "KeyError", "TypeError",
    "__init__", "__class__", "__slots__", "mro", "id",
    # What is no identifier, or changes on the way to one.
    "_id", "+1", "-1", "1", "2fa", "camelCase", "PascalCase", "SHOUTING", "a b", "a.b", "a-b", "a[0]",
    "x-y/z", 'quo"te', "apos'", "back\\slash", "new\nline", "tab\t", "{brace}", "{{x}}", "{% x %}",
    "%s", "$ref", "@type", "", " ", "_", "__", "é", "名前", "ﬁ", "zero\u200bwidth", "😀", "a,b", "a&b=c",
]  # fmt: skip


def reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def success(name: str) -> dict[str, Any]:
    content = {"application/json": {"schema": reference(name)}}
    return {"description": "Found.", "content": content}


def add_operation(spec: Spec, number: int, result: str = "Health", **more: Any) -> dict[str, Any]:
    """Add a GET operation at `/hostile/<number>`."""
    added = {
        "operationId": f"readHostile{number}",
        "tags": ["hostile"],
        "summary": "Read.",
        "responses": {"200": success(result), "400": success("ErrorResponse")},
        **more,
    }
    spec["paths"][f"/v0/hostile/{number}"] = {"get": added}
    return added


def as_property(spec: Spec, number: int, name: str) -> None:
    text = {"type": "string", "description": "Text."}
    others = {"type": "array", "items": reference("Health")}
    # A secret after it: its line calls a function, which the property must not hide.
    secret = {"type": "string", "format": "password"}
    properties = {name: text, f"{name}Others": others, f"{name}Secret": secret}
    spec["components"]["schemas"] |= {
        f"Received{number}": {"type": "object", "properties": properties},
        f"Sent{number}": {
            "type": "object",
            "additionalProperties": False,
            "required": [name],
            "properties": {name: text},
        },
    }
    added = add_operation(spec, number, f"Received{number}")
    content = {"application/json": {"schema": reference(f"Sent{number}")}}
    posted = {**added, "operationId": f"writeHostile{number}", "requestBody": {
        "required": True, "content": content}}  # fmt: skip
    spec["paths"][f"/v0/hostile/{number}"]["post"] = posted


def as_query_parameter(spec: Spec, number: int, name: str) -> None:
    raw = {"name": name, "in": "query", "description": "Text.", "schema": {"type": "string"}}
    add_operation(spec, number, parameters=[raw])


def as_path_parameter(spec: Spec, number: int, name: str) -> None:
    raw = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    added = add_operation(spec, number, parameters=[raw])
    del spec["paths"][f"/v0/hostile/{number}"]
    spec["paths"][f"/v0/hostile/{number}/{{{name}}}"] = {"get": added}


def as_schema(spec: Spec, number: int, name: str) -> None:
    spec["components"]["schemas"][name] = {
        "type": "object",
        "properties": {"text": {"type": "string"}, "inner": reference("Health")},
    }
    spec["components"]["schemas"][f"Holder{number}"] = {
        "type": "object",
        "properties": {"held": reference(name)},
    }
    add_operation(spec, number, name)
    spec["paths"][f"/v0/hostile/{number}/held"] = {
        "get": {**add_operation(spec, number, name), "operationId": f"held{number}",
                "responses": {"200": success(f"Holder{number}"), "400": success("ErrorResponse")}},
    }  # fmt: skip


def as_enum(spec: Spec, number: int, name: str) -> None:
    spec["components"]["schemas"][name] = {"type": "string", "enum": ["a"]}
    spec["components"]["schemas"][f"HolderOf{number}"] = {
        "type": "object",
        "properties": {"text": {"anyOf": [reference(name), {"type": "string"}]}},
    }
    add_operation(spec, number, f"HolderOf{number}")


def as_value(spec: Spec, number: int, name: str) -> None:
    spec["components"]["schemas"][f"Values{number}"] = {"type": "string", "enum": ["first", name]}
    raw = {"name": "v", "in": "query", "schema": reference(f"Values{number}")}
    add_operation(spec, number, parameters=[raw])


def as_operation_id(spec: Spec, number: int, name: str) -> None:
    add_operation(spec, number, operationId=name)


def as_tag(spec: Spec, number: int, name: str) -> None:
    add_operation(spec, number, tags=[name])


def as_method(spec: Spec, number: int, name: str) -> None:
    add_operation(spec, number, **{"x-python-method": f"hostile.{name}"})


def as_group(spec: Spec, number: int, name: str) -> None:
    add_operation(spec, number, **{"x-python-method": f"{name}.read"})


def as_client_method(spec: Spec, number: int, name: str) -> None:
    add_operation(spec, number, **{"x-python-method": name})


POSITIONS: dict[str, Callable[[Spec, int, str], None]] = {
    "property": as_property,
    "query parameter": as_query_parameter,
    "path parameter": as_path_parameter,
    "schema": as_schema,
    "enum": as_enum,
    "enum value": as_value,
    "operationId": as_operation_id,
    "tag": as_tag,
    "method": as_method,
    "group": as_group,
    "method of the client": as_client_method,
}
# Positions whose names are in different scopes: one package has them all.
TOGETHER = [
    ("operationId", "tag", "schema", "property"),
    ("method", "group", "enum", "query parameter"),
    ("method of the client", "path parameter", "enum value"),
]
# Names that are one in Python, at each position.
COLLISIONS: list[tuple[str, list[str]]] = [
    ("property", ["_id", "id"]),
    ("property", ["aB", "a_b"]),
    ("property", ["a-b", "a b"]),
    ("property", ["+1", "-1"]),
    ("property", ["class", "class_"]),
    ("query parameter", ["aB", "a_b"]),
    ("query parameter", ["client", "client_"]),
    ("enum value", ["a-b", "a_b"]),
    ("enum value", ["+1", "-1"]),
    ("enum value", ["a", "A"]),
    ("enum value", ["a", "a"]),
    ("schema", ["HTTPThing", "HttpThing"]),
    ("enum", ["HTTPThing", "HttpThing"]),
    ("operationId", ["getThing", "get_thing"]),
    ("operationId", ["getJob", "getjob", "get-job"]),
    ("tag", ["my-tag", "my_tag"]),
    ("tag", ["jobs", "Jobs"]),
    ("method", ["same", "same"]),
    ("group", ["a_1", "a1"]),
    ("method of the client", ["hostile", "jobs"]),
]


V0 = json.dumps(load_document("v0").content)


def v0() -> Spec:
    return json.loads(V0)


def small_v0() -> Spec:
    """Return the spec with one operation: it is planned in a fraction of the time."""
    spec, components = v0(), v0()["components"]
    schemas = {name: components["schemas"][name] for name in ("Health", "ErrorResponse")}
    # In a group, which has a class in the module of the SDK's methods.
    health = {**spec["paths"]["/v0/health"]["get"], "x-python-method": "jobs.health"}
    components = {**components, "schemas": schemas}
    return {**spec, "paths": {"/v0/health": {"get": health}}, "components": components}


def planned(spec: Spec) -> ApiPlan:
    """Plan what `make generate` plans: the package, and the methods."""
    plan = plan_api(spec)
    operations_modules({"v0": plan}, {"v0": "# Header."})
    return plan


@dataclass(frozen=True)
class Case:
    """A name at a position, and the number of its operations, models and paths."""

    position: str
    number: int
    name: str


def accepted(positions: Iterable[str]) -> tuple[Spec, list[Case]]:
    """Return a spec with all names that are accepted at some positions.

    Whatever is not must be refused with a place: any other error fails here.
    """
    small, found = small_v0(), []
    for position in positions:
        number = 1000 + 200 * list(POSITIONS).index(position)
        first: dict[str, Case] = {}  # by name in Python
        for case in (Case(position, each, name) for each, name in enumerate(HOSTILE, number)):
            if (alone := with_cases(small, [case])) is not None:
                read = operation_of(case, alone[1])
                twin = first.setdefault(read.tag if position == "tag" else read.module, case)
                assert twin is case or with_cases(small, [twin, case]) is None
        found += first.values()
    return joined(v0(), found)


def joined(spec: Spec, cases: list[Case]) -> tuple[Spec, list[Case]]:
    """Return a spec with the cases, without those refused beside an earlier one, and the others.

    Few are, so halves are planned together.
    """
    if (whole := with_cases(spec, cases)) is not None:
        return whole[0], cases
    if len(cases) == 1:
        return spec, []
    half = len(cases) // 2
    spec, first = joined(spec, cases[:half])
    spec, second = joined(spec, cases[half:])
    return spec, first + second


def with_cases(spec: Spec, cases: list[Case]) -> tuple[Spec, ApiPlan] | None:
    """Return a copy of a spec with the cases; None if it is refused, which names a place."""
    trial = json.loads(json.dumps(spec))
    for case in cases:
        POSITIONS[case.position](trial, case.number, case.name)
    try:
        return trial, planned(trial)
    except PlanError as error:
        refusal = error
    assert refusal.where
    assert str(refusal).isprintable()
    return None


def operation_of(case: Case, plan: ApiPlan) -> OperationPlan:
    """Return the GET operation of a case."""
    path = f"/v0/hostile/{case.number}"
    return next(
        each
        for each in plan.operations.values()
        if each.path.startswith(path) and each.method == "GET"
    )


PROGRAM = """
import asyncio, copy, importlib, pickle
import benchwire
from benchwire_api.v0 import Client, models
from benchwire_api.v0.models import Health

positions = {positions!r}
token = dict(base_url=url, token="k")

def package(case, module="module"):
    return importlib.import_module(f"benchwire_api.v0.api.{{case['tag']}}.{{case[module]}}")

def method(client, case):
    found = client
    for step in case["method"]:
        found = getattr(found, step)
    return found

async def asynchronous(calls):
    async with benchwire.AsyncV0Client("k", url) as client:
        for case, positional, named in calls:
            await method(client, case)(*positional, **named)

def call(calls):
    with Client(**token) as client, benchwire.V0Client("k", url) as sdk:
        for case, positional, named in calls:
            package(case).sync(*positional, client=client, **named)
            method(sdk, case)(*positional, **named)
    asyncio.run(asynchronous(calls))

def properties(cases):
    with Client(**token) as client:
        for case in cases:
            received = package(case).sync(client=client)
            assert getattr(received, case["python"]) == "v", case
            others = [value for value in received.to_dict().values() if isinstance(value, list)]
            assert others == [[{{"status": "ok"}}]], case
            assert type(received).from_dict(received.to_dict()) == received, case
            for twin in (copy.copy(received), pickle.loads(pickle.dumps(received))):
                assert twin == received and repr(twin) == repr(received)
            assert received.to_dict()[case["name"]] == "v" and not received.additional_properties
            kind = getattr(models, f"Sent{{case['number']}}")
            body = kind(**{{case["python"]: "w"}})
            assert kind.from_dict(body.to_dict()) == body and body.to_dict() == {{case["name"]: "w"}}
            package(case, "writer").sync(client=client, body=body)

def held(kind, cases):
    with Client(**token) as client:
        for case in cases:
            found = package(case).sync(client=client)
            if kind == "enum":
                assert found.text is getattr(models, case["name"]).A
                continue
            assert type(found) is getattr(models, case["name"]) and type(found.inner) is Health
            held = importlib.import_module(f"benchwire_api.v0.api.hostile.held{{case['number']}}")
            assert type(held.sync(client=client).held) is type(found)

def values(cases):
    kinds = [getattr(models, f"Values{{case['number']}}") for case in cases]
    assert [[member.value for member in kind] for kind in kinds] == [
        ["first", case["name"]] for case in cases]
    call([(case, [], {{"v": list(kind)[1]}}) for case, kind in zip(cases, kinds)])

for position, cases in positions.items():
    match position:
        case "property": properties(cases)
        case "schema" | "enum": held(position, cases)
        case "enum value": values(cases)
        case "path parameter": call([(case, ["v/1"], {{}}) for case in cases])
        case "query parameter": call([(case, [], {{case["python"]: "v&=,é"}}) for case in cases])
        case _: call([(case, [], {{}}) for case in cases])
result = None
"""


def test_the_groups_have_every_position() -> None:
    assert sorted(sum(TOGETHER, ())) == sorted(POSITIONS)


@pytest.mark.parametrize("positions", TOGETHER, ids=lambda each: each[0])
def test_a_name_is_refused_with_its_place_or_works(
    positions: tuple[str, ...], tmp_path: Path
) -> None:
    spec, cases = accepted(positions)
    copy = Copy.of_repository(tmp_path / "copy")
    # What is reported is this edit alone.
    record_release(copy.root / "openapi", "0.1.0")
    copy.edit("v0", lambda old: (old.clear(), old.update(spec)))
    copy.generate_one("v0")
    plan = plan_api(spec)
    told = {
        position: [described(case, plan) for case in cases if case.position == position]
        for position in positions
    }
    assert all(told.values())
    by_number = {case.number: case for case in cases}
    with ScriptedService(lambda request: answer(request, by_number)) as service:
        copy.use(PROGRAM.format(positions=told), service.url)
        for position, each in told.items():
            numbers = {case["number"] for case in each}
            sent = [request for request in service.requests if number_of(request) in numbers]
            check_received(position, each, sent)


def described(case: Case, plan: ApiPlan) -> dict[str, Any]:
    """Return what the program needs to know of a case: its names in Python."""
    read = operation_of(case, plan)
    fields = [*read.path_parameters, *read.query_parameters]
    if f"Received{case.number}" in plan.models:
        fields = plan.models[f"Received{case.number}"].fields
    dotted = read.python.get("x-python-method", f"{read.tag}.{read.module}")
    return {
        "number": case.number,
        "name": case.name,
        "path": read.path,
        "tag": read.tag,
        "module": read.module,
        "writer": f"write_hostile_{case.number}",
        "method": dotted.split("."),
        "python": fields[0].python if fields else "",
    }


def number_of(request: Received) -> int:
    return int(request.path.split("/")[3])


def answer(request: Received, cases: dict[int, Case]) -> Reply:
    health = {"status": "ok"}
    case = cases[number_of(request)]
    bodies: dict[str, Any] = {
        "property": {case.name: "v", f"{case.name}Others": [health]},
        "schema": {"text": "t", "inner": health},
        "enum": {"text": "a"},
    }
    body = bodies.get(case.position, health)
    return json_reply({"held": body} if request.path.endswith("/held") else body)


def check_received(position: str, cases: list[dict[str, Any]], requests: list[Received]) -> None:
    """Check the path of each request, and the value under its name on the wire."""
    if position == "property":
        sent = [request.json() for request in requests if request.method == "POST"]
        assert sent == [{case["name"]: "w"} for case in cases]
        return
    if position in {"schema", "enum"}:
        return  # the program has compared the classes
    paths = [case["path"] for case in cases]
    if position == "path parameter":
        paths = [f"/v0/hostile/{case['number']}/v%2F1" for case in cases]
    # The package and the SDK's method in turn, then the async methods.
    assert [request.path for request in requests] == [
        *(path for path in paths for _ in range(2)), *paths,
    ]  # fmt: skip
    queries = [request.query for request in requests[-len(cases) :]]
    if position == "query parameter":
        assert queries == [{case["name"]: "v&=,é"} for case in cases]
    elif position == "enum value":
        assert queries == [{"v": case["name"]} for case in cases]


@pytest.mark.parametrize(("position", "names"), COLLISIONS)
def test_names_that_are_one_in_python_are_refused(position: str, names: list[str]) -> None:
    spec = v0()
    if position == "property":
        properties = {name: {"type": "string"} for name in names}
        spec["components"]["schemas"]["Both"] = {"type": "object", "properties": properties}
    elif position == "query parameter":
        raw = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in names]
        add_operation(spec, 1, parameters=raw)
    elif position == "enum value":
        spec["components"]["schemas"]["Both"] = {"type": "string", "enum": names}
    else:
        for number, name in enumerate(names):
            POSITIONS[position](spec, number, name)
    with pytest.raises(PlanError, match=r"both called|two methods called") as caught:
        planned(spec)
    assert caught.value.where


@given(st.text(max_size=12))
def test_any_text_makes_a_name_of_python_or_is_refused(text: str) -> None:
    for name in (property_name, parameter_name):
        try:
            python = name(text)
        except PlanError:
            continue
        assert re.fullmatch("[a-z_][a-z0-9_]*", python)
        assert not keyword.iskeyword(python)
    try:
        (member,) = member_names([text], None, "here")
    except PlanError:
        return
    assert re.fullmatch("[A-Z][A-Z0-9_]*", member)


def test_a_name_in_python_must_be_one() -> None:
    for override in ("Upper", "a-b", "1a", "", "é", 5, ["a"]):
        with pytest.raises(PlanError, match="which is not in snake case"):
            property_name("text", override)
