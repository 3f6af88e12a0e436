"""The server takes what it checks from the specifications, and says what it does not support."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml

from benchwire_local.errors import ApiError
from benchwire_local.http.call import ApiResponse
from benchwire_local.http.request_validation import read_body, read_path, read_query
from benchwire_local.http.response_validation import InvalidResponseError, encode_response
from benchwire_local.http.routing import AREAS, Router
from benchwire_local.specs import Operation, Spec, load_spec, parse_spec
from benchwire_specs import SpecError, spec_path

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "servers": [{"url": "https://example.com/api/v1/"}],
    "security": [{"key": []}],
    "paths": {
        "/things/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                {"name": "n", "in": "query", "schema": {"type": "string"}},
            ],
            "put": {
                "operationId": "putThing",
                "parameters": [
                    {"$ref": "#/components/parameters/N"},
                    {
                        "name": "numbers",
                        "in": "query",
                        "explode": False,
                        "schema": {
                            "type": "array",
                            "uniqueItems": True,
                            "items": {"type": "number", "exclusiveMinimum": 0},
                        },
                    },
                    {
                        "name": "switch",
                        "in": "query",
                        "schema": {"$ref": "#/components/schemas/Switch", "default": True},
                    },
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
                    }
                },
                "responses": {
                    "200": {"$ref": "#/components/responses/Thing"},
                    "4XX": {"content": {"application/json": {"schema": {"required": ["error"]}}}},
                    "default": {"content": {"application/json": {"schema": {"type": "string"}}}},
                },
            },
        },
    },
    "components": {
        "parameters": {
            "N": {
                "name": "n",
                "in": "query",
                "required": True,
                "schema": {"type": "integer", "format": "int32", "multipleOf": 5},
            }
        },
        "responses": {
            "Thing": {
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
            }
        },
        "schemas": {
            "Switch": {"type": "boolean", "default": False},
            "Key": {"type": "string", "format": "password"},
            "Thing": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": 3},
                    "parent": {"$ref": "#/components/schemas/Thing"},
                    "secrets": {"type": "array", "format": "password", "items": {"type": "string"}},
                    "key": {"anyOf": [{"$ref": "#/components/schemas/Key"}, {"type": "null"}]},
                },
            },
        },
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Thing-Key"}},
    },
}


@pytest.fixture
def document() -> dict[str, Any]:
    return copy.deepcopy(DOCUMENT)


def only(spec: Spec) -> Operation:
    (operation,) = spec.operations
    return operation


def query(operation: Operation, text: str) -> dict[str, Any]:
    return read_query(operation, text.encode(), invalid_status=400)


def test_an_operation_as_the_document_has_it(document: dict[str, Any]) -> None:
    operation = only(parse_spec("test", document))
    assert (operation.operation_id, operation.method) == ("putThing", "PUT")
    assert operation.path == "/api/v1/things/{id}"
    assert [(s.header, s.bearer) for s in operation.security] == [("x-thing-key", False)]
    assert list(operation.responses) == ["200", "4XX", "default"]
    assert read_path(operation, {"id": "%31"}, invalid_status=400) == {"id": 1}


def test_parameters_get_their_types_and_defaults(document: dict[str, Any]) -> None:
    operation = only(parse_spec("test", document))
    assert query(operation, "n=-5") == {"n": -5, "switch": True}
    assert query(operation, "n=10&numbers=1,2.50&switch=false") == {
        "n": 10,
        "numbers": [1, 2.5],
        "switch": False,
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "n: required"),  # the operation's own parameter replaces the path's
        ("n=a", "n: 'a' is not an integer from -2147483648 to 2147483647"),
        ("n=2147483650", "2147483647"),
        ("n=7", "n: 7 is not a multiple of 5"),
        ("n=5&numbers=1,0", r"numbers[1]: 0.0"),
        ("n=5&numbers=1,1.0", "numbers: "),
        ("n=5&numbers=1,,2", "numbers: '' is not a number"),
        ("n=5&numbers=1,1e", "numbers: '1e' is not a number"),
    ],
)
def test_parameters_that_do_not_fit(document: dict[str, Any], text: str, words: str) -> None:
    with pytest.raises(ApiError) as caught:
        query(only(parse_spec("test", document)), text)
    assert words in caught.value.message


NULL = {"type": "null"}
SIZE = {"type": "integer", "minimum": 2}


@pytest.mark.parametrize(
    ("schema", "right", "value", "wrong"),
    [
        ({"anyOf": [SIZE, NULL]}, "3", 3, "x"),
        ({"oneOf": [NULL, {"$ref": "#/components/schemas/Size"}]}, "3", 3, "1"),
        ({"allOf": [{"$ref": "#/components/schemas/Size"}], "description": "D."}, "3", 3, "1"),
        ({"type": ["integer"], "minimum": 2}, "3", 3, "1"),
        ({"const": "a"}, "a", "a", "b"),
        ({"enum": ["1", "b"]}, "1", "1", "c"),
        ({"anyOf": [{"enum": ["a"]}, {"type": "string", "maxLength": 2}]}, "cd", "cd", "cde"),
        ({"type": ["array", "null"], "items": {"anyOf": [SIZE, NULL]}}, "3,2", [3, 2], "3,1"),
        ({"anyOf": [{"type": "array", "items": {"const": "a"}}, NULL]}, "a,a", ["a", "a"], "b"),
    ],
)
def test_a_type_may_stand_anywhere_in_the_schema_of_a_parameter(
    document: dict[str, Any], schema: dict[str, Any], right: str, value: object, wrong: str
) -> None:
    document["components"]["schemas"]["Size"] = SIZE
    raw = {"name": "odd", "in": "query", "schema": schema, "explode": False}
    document["paths"]["/things/{id}"]["put"]["parameters"].append(raw)
    operation = only(parse_spec("test", document))
    assert query(operation, f"n=5&odd={right}")["odd"] == value
    with pytest.raises(ApiError, match="odd"):
        query(operation, f"n=5&odd={wrong}")


def test_a_changed_limit_is_a_changed_answer(document: dict[str, Any]) -> None:
    document["components"]["parameters"]["N"]["schema"]["multipleOf"] = 7
    operation = only(parse_spec("test", document))
    assert query(operation, "n=7")["n"] == 7
    with pytest.raises(ApiError, match="multiple of 7"):
        query(operation, "n=5")


def test_an_operation_that_cannot_refuse_a_query_ignores_it(document: dict[str, Any]) -> None:
    put = document["paths"]["/things/{id}"]["put"]
    document["paths"]["/things/{id}"]["parameters"].pop()
    put["parameters"].clear()
    # 4XX is not 400: nothing documents what an unknown parameter would be answered with.
    for text in ("unknown=1", "%ff=1", "a=1&a=1"):
        assert query(only(parse_spec("test", document)), text) == {}
    put["responses"]["400"] = {"content": {"application/json": {"schema": {}}}}
    for text in ("unknown=1", "%ff=1", "a=1&a=1"):
        with pytest.raises(ApiError):
            query(only(parse_spec("test", document)), text)


def test_an_operation_with_parameters_must_document_their_refusal(
    document: dict[str, Any],
) -> None:
    with pytest.raises(SpecError, match="putThing has parameters and documents no 400"):
        Router([(AREAS[0], parse_spec("test", document))])
    document["paths"]["/things/{id}"]["put"]["responses"]["400"] = {
        "content": {"application/json": {"schema": {}}}
    }
    route = Router([(AREAS[0], parse_spec("test", document))]).match("PUT", "/api/v1/things/a%2Fb")
    assert route.raw_parameters == {"id": "a%2Fb"}


def test_bodies_follow_references(document: dict[str, Any]) -> None:
    spec = parse_spec("test", document)
    body = only(spec).body
    assert body is not None
    assert not body.required
    assert read_body(spec, body, b"", invalid_status=422) is None
    assert read_body(spec, body, b'{"name":"a"}', invalid_status=422) == {"name": "a"}
    whole = read_body(spec, body, b'{"name":"a","n":[2.0,{"m":1e3}],"x":0.5}', invalid_status=422)
    assert repr(whole) == "{'name': 'a', 'n': [2, {'m': 1000}], 'x': 0.5}"
    with pytest.raises(ApiError) as caught:
        read_body(spec, body, b'{"name":"a","parent":{"name":"abcd"}}', invalid_status=422)
    assert caught.value.message == "$.parent.name: 'abcd' is longer than 3 characters"
    with pytest.raises(ApiError) as caught:
        read_body(spec, body, b'{"name":"a","secrets":[99]}', invalid_status=422)
    assert "$.secrets[0]: the secret" in caught.value.message
    assert "99" not in caught.value.message
    with pytest.raises(ApiError) as caught:
        read_body(spec, body, b'{"name":"a","key":99}', invalid_status=422)
    assert caught.value.message.startswith("$.key: the secret is not valid")


def test_replies_follow_the_most_exact_status(document: dict[str, Any]) -> None:
    operation = only(parse_spec("test", document))
    assert encode_response(operation, ApiResponse(200, {"name": "a"})) == b'{"name":"a"}'
    assert encode_response(operation, ApiResponse(404, {"error": 1})) == b'{"error":1}'
    assert encode_response(operation, ApiResponse(500, "text")) == b'"text"'
    for status, body in ((200, {}), (404, {}), (500, {})):
        with pytest.raises(InvalidResponseError, match=f"status {status}"):
            encode_response(operation, ApiResponse(status, body))
    del document["paths"]["/things/{id}"]["put"]["responses"]["default"]
    with pytest.raises(InvalidResponseError, match="500 is not documented"):
        encode_response(only(parse_spec("test", document)), ApiResponse(500, "text"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(openapi="3.0.3"), "OpenAPI 3.1"),
        (lambda d: d.pop("paths"), "invalid OpenAPI document|has nothing at"),
        (lambda d: d["components"]["parameters"]["N"].update({"in": "cookie"}), "'cookie'"),
        (lambda d: d["components"]["parameters"]["N"]["schema"].update(type="object"), "'object'"),
        (
            lambda d: d["paths"]["/things/{id}"]["put"]["parameters"][1].pop("explode"),
            "explode false",
        ),
        (lambda d: d["components"]["schemas"]["Thing"].update(type="thing"), "invalid schema"),
        (
            lambda d: d["components"]["schemas"].pop("Switch"),
            "invalid OpenAPI document|has nothing at",
        ),
        (
            lambda d: d["components"]["schemas"]["Thing"]["properties"].update(
                x={"$ref": "#/components/schemas/Gone"}
            ),
            "invalid schema",
        ),
        (
            lambda d: d["components"]["schemas"]["Thing"]["properties"].update(
                x={"$ref": "https://example.com/other.json"}
            ),
            "invalid schema",
        ),
        (
            lambda d: d["paths"]["/things/{id}"]["put"]["responses"].update(
                {"200": {"content": {"text/plain": {}}}}
            ),
            "only application/json",
        ),
        (
            lambda d: d["components"]["securitySchemes"].update(key={"type": "oauth2"}),
            "security scheme key",
        ),
        (
            lambda d: d["paths"]["/things/{id}"]["put"]["responses"].update(
                {"200": {"$ref": "other.yaml#/x"}}
            ),
            "'other.yaml#/x'",
        ),
    ],
    ids=range(12),
)
def test_what_is_unsound_or_not_supported_is_said(
    document: dict[str, Any], change: Any, words: str
) -> None:
    change(document)
    with pytest.raises(SpecError, match=words):
        parse_spec("test", document)


def test_an_area_serves_only_below_its_root(document: dict[str, Any]) -> None:
    document["servers"][0]["url"] = "https://example.com/elsewhere"
    with pytest.raises(SpecError, match="not below /api/v1"):
        Router([(AREAS[0], parse_spec("test", document))])


@pytest.mark.parametrize("name", ["public", "v2", "v0"])
def test_every_example_of_a_response_would_be_sent(name: str) -> None:
    document = yaml.safe_load(spec_path(name).read_text())
    for operation in load_spec(name).operations:
        base = "/api/v1" if name == "public" else ""
        item = document["paths"][operation.path.removeprefix(base)]
        for status, response in item[operation.method.lower()]["responses"].items():
            if not status.isdecimal() or "$ref" in response:
                continue
            content = response["content"]["application/json"]
            values = [content["example"]] if "example" in content else []
            values += [example["value"] for example in content.get("examples", {}).values()]
            assert values, f"{operation.operation_id} {status} has no example"
            for value in values:
                assert encode_response(operation, ApiResponse(int(status), value))
