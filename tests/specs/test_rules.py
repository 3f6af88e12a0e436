"""Each lint rule, on a small spec that keeps them all and is broken in one place."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripts.spec_rules import RULES, Documented, Rule, Spec, lint, load_spec

MINIMAL = load_spec(Path(__file__).with_name("minimal.yaml"))
DROP = object()

LIST = "#/paths/~1v0~1things/get"
CREATE = "#/paths/~1v0~1things/post"
GET = "#/paths/~1v0~1things~1{id}/get"
ITEM = "#/paths/~1v0~1things~1{id}"
SCHEMAS = "#/components/schemas"
THING = f"{SCHEMAS}/Thing/properties"
NEW = f"{SCHEMAS}/NewThing"
LIMIT = "#/components/parameters/Limit"
ERROR = "#/components/responses/Error"
JSON = "content/application~1json"

# (what to change, to what, the rule that must say so, and where): where the place is None, it is
# the place that was changed.
BREAKS: list[tuple[str, Any, str, str | None]] = [
    # What stands in the document at all.
    (f"{CREATE}/requestBody/{JSON}/schema/$ref", "#/components/schemas/No", "reference",
     f"{CREATE}/requestBody/{JSON}/schema"),
    (f"{ITEM}/parameters/0/schema", {"$ref": "other.yaml#/Id"}, "reference", None),
    ("#/openapi", "3.0.3", "openapi", None),
    ("#/info/title", DROP, "openapi", "#/info"),
    (f"{THING}/id/type", "strin", "openapi", f"{THING}/id"),
    (f"{SCHEMAS}/Colour/enum", "red", "openapi", f"{SCHEMAS}/Colour"),
    # Operations.
    (f"{LIST}/summary", DROP, "operation-identity", LIST),
    (f"{LIST}/tags", DROP, "operation-identity", LIST),
    (f"{LIST}/tags", ["things", "things"], "operation-identity", LIST),
    (f"{LIST}/tags", ["stuff"], "operation-identity", LIST),
    (f"{GET}/responses/200/{JSON}/example", DROP, "operation-example", f"{GET}/responses/200/{JSON}"),
    (f"{GET}/responses/200/content", DROP, "operation-example", f"{GET}/responses/200"),
    (f"{CREATE}/requestBody/{JSON}/example", DROP, "operation-example",
     f"{CREATE}/requestBody/{JSON}"),
    (f"{LIST}/responses/200/{JSON}/examples", {}, "operation-example",
     f"{LIST}/responses/200/{JSON}"),
    (f"{GET}/responses/200", DROP, "operation-example", GET),
    (f"{GET}/security", [], "operation-security", GET),
    (f"{GET}/security", [{"bearer": []}, {}], "operation-security", GET),
    (f"{GET}/security", [{"basic": []}], "operation-security", GET),
    # Errors.
    (f"{LIST}/responses/422", DROP, "error-status", f"{LIST}/responses"),
    (f"{CREATE}/responses/415", DROP, "error-status", f"{CREATE}/responses"),
    (f"{GET}/responses/404", DROP, "error-status", f"{GET}/responses"),
    (f"{LIST}/responses/5XX", DROP, "error-status", f"{LIST}/responses"),
    (f"{LIST}/responses/404", {"$ref": ERROR}, "error-status", None),
    (f"{ERROR}/{JSON}/schema", {"type": "object"}, "error-body", ERROR),
    (f"{ERROR}/headers/x-request-id", DROP, "request-id", ERROR),
    (f"{GET}/responses/200/headers", DROP, "request-id", f"{GET}/responses/200"),
    # Parameters.
    (f"{LIST}/parameters/0/explode", DROP, "array-parameter", f"{LIST}/parameters/0"),
    (f"{LIST}/parameters/0/explode", True, "array-parameter", f"{LIST}/parameters/0"),
    (f"{LIST}/parameters/0/style", DROP, "array-parameter", f"{LIST}/parameters/0"),
    (f"{LIST}/parameters/2", {"name": "sizes", "in": "query", "description": "Sizes.",
     "x-provenance": "client", "schema": {"type": ["array", "null"]}, "example": None},
     "array-parameter", None),
    (f"{LIMIT}/description", DROP, "parameter-description", LIMIT),
    (f"{ITEM}/parameters/0/example", DROP, "parameter-example", f"{ITEM}/parameters/0"),
    (f"{LIMIT}/schema/maximum", DROP, "integer-bounds", f"{LIMIT}/schema"),
    # Schemas.
    (f"{NEW}/description", DROP, "schema-description", NEW),
    (f"{THING}/id/description", DROP, "property-description", f"{THING}/id"),
    (f"{THING}/id/red or blue", None, "schema-keyword", f"{THING}/id"),
    (f"{THING}/id/nullable", True, "nullable", f"{THING}/id"),
    (f"{NEW}/properties/count/minimum", DROP, "integer-bounds", f"{NEW}/properties/count"),
    (f"{SCHEMAS}/Note", {"type": "object", "description": "A note.", "required": ["text"]},
     "required-property", None),
    (f"{THING}/notes", {"description": "Notes.", "type": "object", "x-provenance": "client",
     "properties": {"text": {"type": "string"}}}, "named-object", None),
    # Open responses, strict requests.
    (f"{NEW}/additionalProperties", DROP, "request-closed", NEW),
    (f"{NEW}/additionalProperties", {"type": "string"}, "request-closed", NEW),
    (f"{SCHEMAS}/Thing/additionalProperties", {"type": "string"}, "response-open",
     f"{SCHEMAS}/Thing"),
    (f"{THING}/notes/additionalProperties", False, "response-open", f"{THING}/notes"),
    (f"{SCHEMAS}/ErrorResponse/unevaluatedProperties", False, "schema-keyword",
     f"{SCHEMAS}/ErrorResponse"),
    (f"{THING}/colour/anyOf/1", DROP, "response-enum", f"{THING}/colour/anyOf/0"),
    (f"{THING}/hue", {"$ref": f"{SCHEMAS}/Colour", "x-provenance": "client"}, "response-enum", None),
    (f"{THING}/hue", {"description": "Hues.", "x-provenance": "client", "type": "array",
     "items": {"$ref": f"{SCHEMAS}/Colour"}}, "response-enum", f"{THING}/hue/items"),
    (f"{THING}/id/const", "t1", "response-enum", f"{THING}/id"),
    (f"{SCHEMAS}/ErrorResponse/required", ["error"], "inferred-required",
     f"{SCHEMAS}/ErrorResponse/properties/error"),
    # Where names come from.
    (f"{THING}/colour/x-provenance", "guess", "provenance-mark", f"{THING}/colour"),
    (f"{ERROR}/x-provenance", "documented", "provenance-mark", ERROR),
    (f"{THING}/colour/x-provenance", DROP, "provenance", f"{THING}/colour"),
    (f"{THING}/id/x-provenance", "client", "provenance", f"{THING}/id"),
    (f"{LIMIT}/x-provenance", DROP, "provenance", LIMIT),
    (f"{LIST}/parameters/0/x-provenance", "client", "provenance", f"{LIST}/parameters/0"),
    # Extensions.
    (f"{THING}/id/x-order", 1, "extension", f"{THING}/id"),
    ("#/info/x-logo", "l.png", "extension", "#/info"),
    (f"{THING}/colour/x-python-name", "Color", "extension", f"{THING}/colour"),
    (f"{SCHEMAS}/Thing/x-python-name", "thing", "extension", f"{SCHEMAS}/Thing"),
    (f"{THING}/id/x-null-means-empty", True, "extension", f"{THING}/id"),
    (f"{SCHEMAS}/ThingsList/properties/things/x-null-means-empty", False, "extension",
     f"{SCHEMAS}/ThingsList/properties/things"),
    (f"{THING}/made_at/x-python-decode", "date", "extension", f"{THING}/made_at"),
    (f"{THING}/id/x-python-decode", "epoch", "extension", f"{THING}/id"),
    (f"{SCHEMAS}/Colour/x-enum-varnames", ["RED"], "extension", f"{SCHEMAS}/Colour"),
    (f"{SCHEMAS}/Colour/x-enum-varnames", ["RED", "RED"], "extension", f"{SCHEMAS}/Colour"),
    (f"{SCHEMAS}/Colour/x-enum-varnames", ["RED", "Green"], "extension", f"{SCHEMAS}/Colour"),
    # Names.
    (f"{CREATE}/operationId", "create_thing", "naming", CREATE),
    (f"{SCHEMAS}/thing_note", {"type": "string", "description": "A note."}, "naming", None),
    (f"{LIMIT}/name", "maxItems", "naming", LIMIT),
    (f"{THING}/madeBy", {"type": "string", "description": "Who.", "x-provenance": "client"},
     "naming", None),
    (f"{THING}/api_key/format", DROP, "secret", f"{THING}/api_key"),
    # Links.
    (f"{LIST}/responses/200/links/more", {"operationId": "getStuff"}, "link-target", None),
    (f"{GET}/responses/200/links/itself/parameters/thing", "t1", "link-target",
     f"{GET}/responses/200/links/itself"),
    (f"{GET}/responses/200/links/itself/parameters", {}, "link-target",
     f"{GET}/responses/200/links/itself"),
    (f"{LIST}/responses/200/links/first/parameters/id", "$response.body#/things/0/key",
     "link-expression", None),
    (f"{LIST}/responses/200/links/first/parameters/id", "$response.body#/things/id",
     "link-expression", None),
    (f"{CREATE}/responses/202/links/created/parameters/id", "$request.body#/name",
     "link-expression", None),
    (f"{GET}/responses/200/links/itself/parameters/path.id", "$request.query.id",
     "link-expression", None),
    (f"{LIST}/responses/200/links", DROP, "link-missing", LIST),
    (f"{CREATE}/responses/202/links", DROP, "link-missing", CREATE),
    # Examples and defaults.
    (f"{LIMIT}/example", 0, "example", None),
    (f"{LIMIT}/schema/default", 101, "openapi", "#"),
    ("#/components/headers/RequestId/example", 7, "example", None),
    (f"{NEW}/properties/colour/default", "blue", "example", None),
    (f"{CREATE}/requestBody/{JSON}/example/size", 1, "example",
     f"{CREATE}/requestBody/{JSON}/example"),
    (f"{LIST}/responses/200/{JSON}/examples/one/value/things/0/id", None, "example",
     f"{LIST}/responses/200/{JSON}/examples/one/value"),
    (f"{ERROR}/{JSON}/example/error", 1, "example", f"{ERROR}/{JSON}/example"),
    (f"{GET}/responses/200/{JSON}/example/color", "red", "example",
     f"{GET}/responses/200/{JSON}/example"),
]  # fmt: skip


def minimal(**changes: Any) -> Spec:
    fresh = {"name": "v0", "document": copy.deepcopy(MINIMAL.document)}
    return replace(MINIMAL, **(fresh | changes))


def change(document: Any, pointer: str, value: Any) -> None:
    *parents, last = (
        token.replace("~1", "/").replace("~0", "~") for token in pointer[2:].split("/")
    )
    for token in parents:
        if isinstance(document, list):
            document = document[int(token)]
        else:
            document = document.setdefault(token, {})
    key = int(last) if isinstance(document, list) else last
    if value is DROP:
        del document[key]
    elif isinstance(document, list) and key == len(document):
        document.append(value)
    else:
        document[key] = value


def broken(pointer: str, value: Any) -> Spec:
    spec = minimal()
    change(spec.document, pointer, value)
    return spec


def found(spec: Spec) -> list[tuple[str, str]]:
    return [(finding.location, finding.rule) for finding in lint(spec)]


def test_the_minimal_spec_keeps_every_rule() -> None:
    assert lint(minimal()) == []


@pytest.mark.parametrize(
    ("pointer", "value", "rule", "location"),
    [pytest.param(*row, id=f"{row[2]}:{index}") for index, row in enumerate(BREAKS)],
)
def test_a_broken_place_is_found_and_nothing_else(
    pointer: str, value: Any, rule: str, location: str | None
) -> None:
    assert found(broken(pointer, value)) == [(location or pointer, rule)]


def test_an_operation_without_an_id_is_found() -> None:
    assert (LIST, "operation-identity") in found(broken(f"{LIST}/operationId", DROP))


def test_an_enum_is_open_only_beside_a_plain_string() -> None:
    spec = broken(f"{THING}/colour/anyOf/1/enum", ["blue"])
    branches = [(f"{THING}/colour/anyOf/{index}", "response-enum") for index in (0, 1)]
    assert set(branches) <= set(found(spec))


def test_a_format_is_checked() -> None:
    spec = minimal()
    change(spec.document, f"{THING}/made_at/format", "date-time")
    change(spec.document, f"{CREATE}/responses/202/{JSON}/example/made_at", "yesterday")
    assert found(spec) == [(f"{CREATE}/responses/202/{JSON}/example", "example")]


def test_a_duplicate_operation_id_is_found() -> None:
    spec = broken(f"{CREATE}/operationId", "listThings")
    assert ("#", "openapi") in found(spec)


def test_a_deeper_creation_needs_the_link_too() -> None:
    spec = minimal()
    batch = copy.deepcopy(spec.document["paths"]["/v0/things"]["post"])
    batch["operationId"] = "createThings"
    del batch["responses"]["202"]["links"]
    change(spec.document, "#/paths/~1v0~1things~1batch", {"post": batch})
    assert found(spec) == [("#/paths/~1v0~1things~1batch/post", "link-missing")]


def test_a_documented_name_that_is_not_in_the_spec_is_found() -> None:
    listed = minimal().documented
    names = {**listed.properties, "Thing": frozenset({"id", "size"})}
    spec = minimal(documented=Documented(listed.parameters, names))
    assert found(spec) == [("#", "documented-name")]
    unknown = {**listed.parameters, "dropThing": frozenset({"id"})}
    spec = minimal(documented=Documented(unknown, listed.properties))
    assert found(spec) == [("#", "documented-name")]


def test_an_api_without_a_table_of_statuses_is_found() -> None:
    assert found(minimal(name="v9")) == [("#", "error-status")]


def test_an_optional_id_is_a_filter_unless_it_is_listed_as_naming_one_thing() -> None:
    def listing_by(name: str) -> list[tuple[str, str]]:
        parameter = {
            "name": name,
            "in": "query",
            "description": "An id.",
            "x-provenance": "client",
            "schema": {"type": "string"},
            "example": "m1",
        }
        found_ = found(broken(f"{LIST}/parameters/2", parameter))
        return [finding for finding in found_ if finding[1] == "error-status"]

    assert listing_by("maker_id") == []
    assert listing_by("benchmarkTypeId") == [(f"{LIST}/responses", "error-status")]


def test_wire_names_follow_the_style_of_their_api() -> None:
    # v2 writes camelCase, so what is right in v0 is wrong there; its statuses differ as well.
    named = {loc for loc, rule in found(minimal(name="v2")) if rule == "naming"}
    assert named == {f"{THING}/made_at", f"{THING}/api_key"}


def test_an_inferred_property_may_be_required_where_a_reason_is_listed() -> None:
    def job(name: str) -> list[tuple[str, str]]:
        spec = minimal()
        guess = {"type": "string", "description": "Its id.", "x-provenance": "inferred"}
        node = {"type": "object", "description": "A job.", "required": ["id"]}
        change(spec.document, f"{SCHEMAS}/{name}", {**node, "properties": {"id": guess}})
        change(
            spec.document, f"{THING}/job", {"$ref": f"{SCHEMAS}/{name}", "x-provenance": "client"}
        )
        return found(spec)

    assert job("Job") == []
    assert job("Task") == [(f"{SCHEMAS}/Task/properties/id", "inferred-required")]


def test_a_property_or_header_may_be_called_like_a_keyword() -> None:
    spec = minimal()
    text = {"type": "string", "description": "Text.", "x-provenance": "client"}
    for name in ("parameters", "example", "nullable", "properties", "enum", "examples"):
        change(spec.document, f"{THING}/{name}", dict(text))
    assert lint(spec) == []
    change(spec.document, f"{THING}/example/x-order", 1)
    change(spec.document, f"{THING}/examples/nullable", True)
    assert found(spec) == [(f"{THING}/example", "extension"), (f"{THING}/examples", "nullable")]


def test_what_only_looks_like_an_extension_is_left_alone() -> None:
    spec = minimal()
    change(spec.document, f"{CREATE}/requestBody/{JSON}/example", {"id": "t1", "colour": "red"})
    change(spec.document, f"{GET}/responses/200/{JSON}/example/notes", {"x-hint": "data"})
    change(spec.document, f"{ERROR}/headers/x-hint", {"$ref": "#/components/headers/RequestId"})
    assert lint(spec) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.__module__}.{rule.__name__}")
def test_every_rule_is_broken_by_an_entry(rule: Rule) -> None:
    # A rule that no entry fires would be one nothing above tests.
    breaks = [
        (pointer, value)
        for pointer, value, name, _ in BREAKS
        if name not in ("reference", "openapi")
    ]
    breaks.append((f"{LIST}/operationId", DROP))
    assert any(list(rule(broken(pointer, value))) for pointer, value in breaks)


def pointers(node: Any, here: str = "#") -> Iterator[str]:
    keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        place = f"{here}/{str(key).replace('~', '~0').replace('/', '~1')}"
        yield place
        yield from pointers(node[key], place)


@pytest.mark.parametrize("value", [3, [3], {"a": 1}], ids=repr)
def test_no_shape_of_a_document_crashes_the_linter(value: Any) -> None:
    found_something = sum(bool(lint(broken(place, value))) for place in pointers(MINIMAL.document))
    assert found_something > 200  # Nearly every node: only data may have any shape.
