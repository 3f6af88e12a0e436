"""Whatever `make generate` reads in a spec, the check reads, too, and as the SDK does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openapi.generator.keywords import _FORMATS, SCHEMA_KEYWORDS

from benchwire_drift.findings import Grade, Kind
from benchwire_drift.judge import ObservedResponse, check_response
from benchwire_drift.schemas import _ANNOTATIONS, _BOUNDS, _KEYWORDS
from benchwire_drift.specs import StrictSpec
from benchwire_specs import Document

JSON = {"content-type": "application/json"}
CAT = {
    "type": "object",
    "required": ["kind", "lives"],
    "properties": {
        "kind": {"$ref": "#/components/schemas/CatKind"},
        "lives": {"type": "integer"},
    },
}
DOG = {
    "type": "object",
    "required": ["kind", "tricks"],
    "properties": {"kind": {"const": "dog"}, "tricks": {"type": "array"}},
}
OF_OWN = [{"$ref": "#/components/schemas/CatOfOwn"}, {"$ref": "#/components/schemas/DogOfOwn"}]
OF_PETS = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
PETS = {"discriminator": {"propertyName": "kind", "mapping": {
    "cat": "Cat", "tiger": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"}}}  # fmt: skip


def findings(
    schema: dict[str, Any],
    body: Any,
    *,
    status: int = 200,
    headers: dict[str, str] = JSON,
    **more: dict[str, Any],
) -> list[tuple[Kind, str, Grade]]:
    """Return what is found in a response whose property `value` has a schema."""
    root = {"type": "object", "properties": {"value": schema}}
    responses = {
        "200": {"content": {"application/json": {"schema": root}}},
        "204": {"description": "Nothing."},
    }
    document = {
        "servers": [{"url": "https://x"}],
        "paths": {"/a": {"get": {"operationId": "getA", "responses": responses}}},
        "components": {
            "schemas": {"Cat": CAT, "Dog": DOG, "CatKind": {"enum": ["cat", "tiger"]}, **more}
        },
    }
    content = body if isinstance(body, bytes) else json.dumps({"value": body}).encode()
    response = ObservedResponse(
        method="GET", path="/a", status=status, headers=headers, content=content
    )
    found = check_response(StrictSpec(Document("x", document)), response).findings
    return [(each.kind, each.path, each.grade) for each in found]


def test_every_keyword_and_format_is_read() -> None:
    assert SCHEMA_KEYWORDS <= _KEYWORDS | _ANNOTATIONS | _BOUNDS
    bounded = {"type": "number", "minimum": 0, "maximum": 1, "readOnly": True}
    assert findings(bounded, 0.5) == []
    assert findings(bounded, "0.5") == [(Kind.TYPE, "$.value", Grade.BREAKING)]
    for type_, names in _FORMATS.items():
        for name in names:
            assert findings({"type": [type_, "null"], "format": name}, None) == []


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("email", "a@example.com", "a at example.com"),
        ("hostname", "api.example.com", "https://example.com"),
        ("ipv4", "192.0.2.1", "192.0.2.256"),
        ("ipv6", "2001:db8::1", "192.0.2.1"),
    ],
)
def test_a_text_of_another_format(name: str, right: str, wrong: str) -> None:
    schema = {"type": "string", "format": name}
    assert findings(schema, right) == []
    assert findings(schema, wrong) == [(Kind.FORMAT, "$.value", Grade.SEMANTIC)]


@pytest.mark.parametrize("told", [{}, PETS], ids=["by constants", "by a discriminator"])
def test_one_of_several_objects(told: dict[str, Any]) -> None:
    schema = {"oneOf": [*OF_PETS, {"type": "null"}], **told}
    place = "$.value.kind"
    assert findings(schema, None) == []
    assert findings(schema, {"kind": "tiger", "lives": 9}) == []
    assert findings(schema, {"kind": "dog", "tricks": []}) == []
    # The SDK has a class for neither, though a new value of other enums stays a text.
    assert findings(schema, {"kind": "bird", "lives": 1}) == [(Kind.TYPE, place, Grade.BREAKING)]
    assert findings(schema, {"kind": ["cat"]}) == [(Kind.TYPE, place, Grade.BREAKING)]
    assert findings(schema, {"lives": 1}) == [(Kind.MISSING_FIELD, place, Grade.BREAKING)]
    # It is a dog, whichever object it looks like.
    assert findings(schema, {"kind": "dog", "lives": 9}) == [
        (Kind.MISSING_FIELD, "$.value.tricks", Grade.BREAKING),
        (Kind.UNKNOWN_FIELD, "$.value.lives", Grade.ADDITIVE),
    ]


def test_one_of_several_objects_that_a_field_of_its_own_tells() -> None:
    own = [
        {
            **CAT,
            "required": ["lives"],
            "properties": {**CAT["properties"], "next": {"oneOf": OF_OWN}},
        },
        {
            **DOG,
            "required": ["tricks"],
            "properties": {"tricks": {"type": "array"}, "next": {"oneOf": OF_OWN}},
        },
    ]
    schemas = {"CatOfOwn": own[0], "DogOfOwn": own[1]}
    schema = {"oneOf": OF_OWN}
    assert findings(schema, {"tricks": []}, **schemas) == []
    # The SDK takes the first whose field there is.
    both = {"tricks": [], "lives": "nine"}
    assert (Kind.TYPE, "$.value.lives", Grade.BREAKING) in findings(schema, both, **schemas)
    assert findings(schema, {}, **schemas) == [
        (Kind.MISSING_FIELD, "$.value.lives", Grade.BREAKING)
    ]
    # Each level is judged once, though both objects have the next.
    deep: dict[str, Any] = {"tricks": 5}
    for _ in range(40):
        deep = {"lives": 9, "next": deep}
    ((kind, path, _),) = findings(schema, deep, **schemas)
    assert (kind, path.count(".next")) == (Kind.TYPE, 40)


def test_a_discriminator_without_a_mapping_has_the_names_of_the_schemas() -> None:
    schema = {"oneOf": OF_PETS, "discriminator": {"propertyName": "kind"}}
    assert findings(schema, {"kind": "cat", "lives": 9}) == [
        (Kind.TYPE, "$.value.kind", Grade.BREAKING)
    ]


def test_a_value_without_a_type_has_that_of_its_values() -> None:
    for schema in ({"const": "a"}, {"enum": ["a", "b"]}):
        assert findings(schema, "c") == [(Kind.UNKNOWN_ENUM_VALUE, "$.value", Grade.ADDITIVE)]
        # The SDK refuses what is no text.
        for other in (5, [], {}):
            assert findings(schema, other) == [(Kind.TYPE, "$.value", Grade.BREAKING)]
    assert findings({"enum": ["a", None]}, None) == []


def test_half_a_pair_of_surrogates_is_json() -> None:
    # As a service sends it that cuts texts in UTF-16. The SDK reads it.
    assert findings({"type": "string"}, rb'{"value": "a\ud83d"}') == []
    for not_json in (rb'{"value": "a\ud83d", "b": NaN}', rb'{"value": "\ud83d", "b": 1e999}'):
        assert findings({}, not_json) == [(Kind.NOT_JSON, "$", Grade.BREAKING)]


def test_a_response_without_a_body_has_no_type_of_it() -> None:
    # Many servers state one for every response.
    assert findings({}, b"", status=204) == []
    assert findings({}, {}, status=204) == [(Kind.UNDOCUMENTED_CONTENT_TYPE, "", Grade.SEMANTIC)]
