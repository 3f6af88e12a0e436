"""What the plan makes of a spec, and what it refuses with the place named."""

from __future__ import annotations

from typing import Any

import pytest
from openapi.generator.names import parameter_name, path_step, property_name
from openapi.generator.plan import plan_api
from openapi.generator.schemas import PlanError, SchemaReader


def spec_with(**changes: Any) -> dict[str, Any]:
    """A spec of one operation that sends and receives; `changes` replace schemas."""
    json = "application/json"
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://x"}],
        "security": [{"k": []}],
        "paths": {
            "/things": {
                "post": {
                    "operationId": "makeThing",
                    "tags": ["things"],
                    "parameters": changes.pop("parameters", []),
                    "requestBody": {
                        "required": True,
                        "content": {json: {"schema": {"$ref": "#/components/schemas/New"}}},
                    },
                    "responses": {
                        "200": {
                            "content": {json: {"schema": {"$ref": "#/components/schemas/Thing"}}}
                        },
                        "400": {
                            "content": {json: {"schema": {"$ref": "#/components/schemas/Fault"}}}
                        },
                    },
                }
            }
        },
        "components": {
            "securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "k"}},
            "schemas": {
                "New": {"type": "object", "additionalProperties": False, "properties": {}},
                "Thing": {"type": "object", "properties": {}},
                "Fault": {"type": "object", "properties": {}},
                "Colour": {"type": "string", "enum": ["red"]},
                **changes,
            },
        },
    }


def thing(**schema: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"p": schema}}


def parameter(**raw: Any) -> list[dict[str, Any]]:
    return [{"name": "q", "in": "query", "schema": {"type": "string"}, **raw}]


REF = {"$ref": "#/components/schemas/Colour"}
PLACE = "components/schemas/Thing/properties/p"
ELSEWHERE = {"type": "array", "items": {"type": "string"}, "x-python-elsewhere": ["q", "$"]}
NUMBERS = {"type": "array", "items": {"type": "number"}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Thing": thing(oneOf=[thing(), thing(type="string")])}, f"{PLACE} is inline"),
        ({"Thing": thing(allOf=[REF, {"minLength": 1}])}, f"{PLACE} has an `allOf` with `enum`, which is not read"),
        ({"Thing": thing(**{"$ref": "#/components/schemas/Gone"})},
         f"{PLACE} refers to #/components/schemas/Gone, which does not exist"),
        ({"Thing": thing(anyOf=[REF, {"type": "integer"}])}, f"{PLACE} has an anyOf"),
        ({"Thing": thing(anyOf=[{"type": "string"}, NUMBERS])}, f"{PLACE} has an anyOf"),
        ({"Thing": thing(type="array", items={"type": "string", "format": "date-time"})},
         f"{PLACE} is a list of an ISO 8601 date and time: not supported"),
        ({"Thing": thing(type="string", **{"x-null-means-empty": True})},
         f"{PLACE} has x-null-means-empty and is no array"),
        ({"Thing": {"type": "object", "required": ["p"],
                    "properties": {"p": {"type": "string", "x-python-lenient": True}}}},
         f"{PLACE} has x-python-lenient, and is required or sent"),
        ({"Thing": {"type": "object", "properties": {"aB": {}, "a_b": {}}}},
         "components/schemas/Thing has 'aB' and 'a_b', both called a_b in Python"),
        ({"New": {"type": "object", "properties": {}}},
         "components/schemas/New is sent: it needs additionalProperties: false"),
        ({"New": {"type": "object", "additionalProperties": False,
                  "properties": {"t": {"$ref": "#/components/schemas/Thing"}}}},
         "components/schemas/Thing is both sent and received"),
        ({"Colour": {"type": "integer", "enum": [1]}, "Thing": thing(**REF)},
         f"{PLACE} refers to Colour, an enum that is not of strings"),
        ({"parameters": parameter(**{"in": "cookie"})}, "parameter q is in cookie"),
        ({"parameters": parameter(schema={"type": "array", "items": {"type": "string"}})},
         "parameter q is an array: it needs explode: false"),
        ({"parameters": parameter(schema={"type": "object"})}, "parameter q is a dict"),
        ({"Thing": thing(**ELSEWHERE)}, "components/schemas/Thing has no array q like p"),
        ({"Thing": {"type": "object", "properties": {"p": ELSEWHERE, "q": NUMBERS}}},
         "components/schemas/Thing has no array q like p"),
        ({"Thing": {"type": "object", "properties": {"p": ELSEWHERE, "q": ELSEWHERE}}},
         "components/schemas/Thing has x-python-elsewhere twice: p and q"),
        ({"New": {"type": "object", "additionalProperties": False,
                  "properties": {"p": {**ELSEWHERE, "x-python-elsewhere": ["$"]}}}},
         "components/schemas/New is sent: it can't have x-python-elsewhere"),
        ({"Thing": {"anyOf": [{"$ref": "#/components/schemas/Fault"}, NUMBERS]}},
         "response 200 has an anyOf"),
        ({"Thing": {"type": "string"}}, "response 200 is neither an object nor an array"),
        ({"Colour": {"type": "string", "enum": ["grün"]}, "parameters": parameter(schema=REF, **{"in": "header"})},
         "parameter q has 'grün' in its enum, which a header can't have"),
    ],
)  # fmt: skip
def test_what_has_no_plan_is_refused_with_its_place(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError) as caught:
        plan_api(spec_with(**changes))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("schema", "kind", "annotation", "nullable"),
    [
        ({}, "any", "Any", False),
        ({"type": "string"}, "check", "str", False),
        ({"type": ["string", "null"]}, "check", "str", True),
        ({"type": "integer"}, "integer", "int", False),
        ({"type": "number"}, "check", "float", False),
        ({"type": ["integer", "string"]}, "check", "int | str", False),
        ({"type": "string", "format": "date-time"}, "datetime", "datetime", False),
        ({"type": ["integer", "string", "null"], "x-python-decode": "epoch"}, "epoch", "EpochSeconds", True),
        ({"type": "array", "items": {}}, "check", "list[Any]", False),
        ({"type": ["array", "null"], "items": {"type": "string"}}, "list", "list[str]", True),
        ({"type": "array", "items": REF}, "list", "list[Colour]", False),
        ({"type": "object"}, "check", "dict[str, Any]", False),
        ({"type": "object", "additionalProperties": True}, "map", "dict[str, Any]", False),
        ({"type": "object", "additionalProperties": {"type": ["number", "null"]}},
         "map", "dict[str, float | None]", False),
        (REF, "enum", "Colour", False),
        ({"anyOf": [{"type": "string"}, {"type": "array", "items": {}}, {"type": "object"}]},
         "check", "str | list[Any] | dict[str, Any]", False),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
         "check", "int | str", True),
        ({"anyOf": [REF, {"type": "string"}]}, "enum", "Colour", False),
        ({"anyOf": [REF, {"type": "string"}, {"type": "null"}]}, "enum", "Colour", True),
        ({"anyOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "null"}]},
         "model", "Thing", True),
    ],
)  # fmt: skip
def test_types(schema: dict[str, Any], kind: str, annotation: str, nullable: bool) -> None:
    plan = SchemaReader(spec_with()).type_of(schema, "here")
    assert (plan.kind, plan.annotation, plan.nullable) == (kind, annotation, nullable)


@pytest.mark.parametrize(
    ("schema", "argument", "check"),
    [
        ({"type": "string"}, "str", 'check.string("q", q)'),
        ({"type": "string", "minLength": 2, "maxLength": 5}, "str",
         'check.string("q", q, shortest=2, longest=5)'),
        ({"type": "integer", "minimum": 1}, "int", 'check.integer("q", q, low=1)'),
        ({"type": "number", "maximum": 0.5}, "float", 'check.number("q", q, high=0.5)'),
        ({"type": "boolean"}, "bool", 'check.boolean("q", q)'),
        ({"type": "string", "pattern": "^[^,]+$"}, "str",
         'check.string("q", q, pattern=\'^[^,]+\\\\Z\')'),
        ({"type": "string", "pattern": "^([$]$|b$)"}, "str",
         'check.string("q", q, pattern=\'^([$]\\\\Z|b\\\\Z)\')'),
        ({"type": "array", "items": {"type": "string", "minLength": 1, "pattern": "^[^,]+$"}},
         "ListLike[str]", 'check.joinable("q", check.strings("q", q))'),
        ({"type": "string", "format": "date-time"}, "datetime", 'check.moment("q", q)'),
        ({"type": "string", "format": "date"}, "date", 'check.day("q", q)'),
        (REF, "Colour | Literal['red']", 'check.enum("q", q, Colour)'),
        ({"type": "array", "items": {"type": "string", "minLength": 1}}, "ListLike[str]",
         'check.joinable("q", check.strings("q", q))'),
        ({"type": "array", "items": {"type": "integer", "maximum": 9}}, "ListLike[int]",
         "check.joinable(\"q\", check.items(\"q\", q, lambda place, item: check.integer(place, item, high=9), 'int'))"),
        ({"type": "array", "items": REF}, "ListLike[Colour | Literal['red']]",
         "check.joinable(\"q\", check.items(\"q\", q, lambda place, item: check.enum(place, item, Colour), 'Colour'))"),
    ],
)  # fmt: skip
def test_checks_of_parameters(schema: dict[str, Any], argument: str, check: str) -> None:
    raw = {"name": "q", "in": "query", "explode": False, "schema": schema}
    spec = spec_with(parameters=[raw], Thing=thing(type="integer"))
    (plan,) = plan_api(spec).operations["make_thing"].query_parameters
    assert (plan.argument, plan.check) == (argument, check)


def test_an_enum_in_the_path_with_a_segment_that_a_url_drops() -> None:
    spec = spec_with(
        Colour={"type": "string", "enum": [".."]},
        parameters=[{"name": "q", "in": "path", "required": True, "schema": REF}],
    )
    spec["paths"] = {"/things/{q}": spec["paths"]["/things"]}
    with pytest.raises(PlanError, match=r"parameter q has '\.\.' in its enum"):
        plan_api(spec)


def test_a_default_of_a_list_is_not_sent() -> None:
    listed = {"type": "array", "items": {"type": "integer"}, "default": [1, 2]}
    spec = spec_with(parameters=parameter(schema=listed, explode=False))
    spec["paths"]["/things"]["post"]["x-python-send-defaults"] = ["q"]
    with pytest.raises(PlanError, match="has no single value q with a default to send"):
        plan_api(spec)


def test_a_whole_number_beside_a_reference_is_an_integer() -> None:
    schema = {"$ref": "#/components/schemas/Big", "default": 10.0, "maximum": 50.0}
    spec = spec_with(parameters=parameter(schema=schema), Big={"type": "integer", "minimum": 0})
    (plan,) = plan_api(spec).operations["make_thing"].query_parameters
    assert (plan.default, plan.maximum) == ("10", "50")


@pytest.mark.parametrize(
    ("name", "place", "check"),
    [
        ("thingId", "query", 'check.identifier("thing_id", thing_id)'),
        ("id_2", "query", 'check.identifier("id_2", id_2)'),
        ("video", "query", 'check.string("video", video, shortest=1)'),
        ("video", "path", 'check.identifier("video", video)'),
    ],
)
def test_ids_are_known_by_their_name_or_place(name: str, place: str, check: str) -> None:
    schema = {"type": "string", "minLength": 1}
    spec = spec_with(parameters=[{"name": name, "in": place, "required": True, "schema": schema}])
    if place == "path":
        spec["paths"] = {f"/things/{{{name}}}": spec["paths"]["/things"]}
    operation = plan_api(spec).operations["make_thing"]
    (plan,) = [*operation.path_parameters, *operation.query_parameters]
    assert plan.check == check


@pytest.mark.parametrize(
    ("wire", "override", "python"),
    [
        ("id", None, "id"),
        ("input", None, "input"),
        ("type", None, "type"),
        ("format", None, "format"),
        ("class", None, "class_"),
        ("list", None, "list_"),
        ("passedCount", None, "passed_count"),
        ("dataset_id", "benchmark_id", "benchmark_id"),
        ("from_dict", None, "from_dict_"),
        ("2fa", None, "field_2fa"),
    ],
)
def test_names_of_properties(wire: str, override: str | None, python: str) -> None:
    assert property_name(wire, override) == python


def test_names_of_parameters_leave_room_for_the_function() -> None:
    assert [parameter_name(wire) for wire in ("client", "body", "query")] == [
        "client_", "body_", "query"]  # fmt: skip


def test_steps_of_a_path() -> None:
    assert [path_step(wire) for wire in ("id", "a b", "ü")] == [".id", "['a b']", "['ü']"]


def test_no_class_is_made_for_maps_and_free_json(fresh: Any) -> None:
    names = {path.stem for path in fresh.glob("*/models/*.py")}
    assert not [name for name in names if "_type_" in name or name.endswith(("scores", "headers"))]
