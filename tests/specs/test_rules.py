"""Each lint rule, on a small spec that satisfies all of them until one place is changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripts.spec_lint import RULES, Documented, Spec, lint, load_spec

MINIMAL = load_spec(Path(__file__).with_name("minimal.yaml"))
TEXT = json.dumps(MINIMAL.document)
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

# (pointer to change, new value, rule violated, location of the finding): None means the pointer
# itself.
VIOLATIONS: list[tuple[str, Any, str, str | None]] = [
    # The document as a whole.
    (f"{CREATE}/requestBody/{JSON}/schema/$ref", "#/components/schemas/No", "reference",
     f"{CREATE}/requestBody/{JSON}/schema"),
    (f"{ITEM}/parameters/0/schema", {"$ref": "other.yaml#/Id"}, "reference", None),
    ("#/openapi", "3.0.3", "openapi", None),
    ("#/info/title", DROP, "openapi", "#/info"),
    (f"{THING}/id/type", "strin", "openapi", None),
    (f"{SCHEMAS}/Colour/enum", "red", "openapi", None),
    # Operations.
    ("#/info/contact", DROP, "operation-identity", "#/info"),
    (f"{LIST}/summary", DROP, "operation-identity", LIST),
    (f"{LIST}/description", DROP, "operation-identity", LIST),
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
    (f"{GET}/security", [{}], "operation-security", GET),
    (f"{GET}/security", [{"bearer": []}, {}], "operation-security", GET),
    (f"{GET}/security", [{"basic": []}], "operation-security", GET),
    # Errors.
    (f"{LIST}/responses/400", DROP, "error-status", f"{LIST}/responses"),
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
    # Open responses, closed requests.
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
    (f"{THING}/id/patternProperties", {}, "schema-keyword", f"{THING}/id"),
    (f"{SCHEMAS}/ErrorResponse/required", ["error"], "inferred-required",
     f"{SCHEMAS}/ErrorResponse/properties/error"),
    # Sources of names.
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
    (f"{THING}/id/x-python-elsewhere", ["$"], "extension", f"{THING}/id"),
    (f"{SCHEMAS}/ThingsList/properties/things/x-python-elsewhere", "items", "extension",
     f"{SCHEMAS}/ThingsList/properties/things"),
    (f"{THING}/made_at/x-python-decode", "date", "extension", f"{THING}/made_at"),
    (f"{THING}/id/x-python-decode", "epoch", "extension", f"{THING}/id"),
    (f"{SCHEMAS}/Colour/x-enum-varnames", ["RED"], "extension", f"{SCHEMAS}/Colour"),
    (f"{SCHEMAS}/Colour/x-enum-varnames", ["RED", "RED"], "extension", f"{SCHEMAS}/Colour"),
    (f"{SCHEMAS}/Colour/x-enum-varnames", ["RED", "Green"], "extension", f"{SCHEMAS}/Colour"),
    (f"{LIST}/x-python-method", "Things.list", "extension", LIST),
    (f"{SCHEMAS}/Thing/x-python-method", "things.list", "extension", f"{SCHEMAS}/Thing"),
    (f"{LIST}/x-python-iterate", {"name": "iter_things", "items": "things"}, "extension", LIST),
    (f"{LIST}/x-python-iterate",
     {"name": "iter_things", "items": "things", "total": "total", "page": "page"}, "extension", LIST),
    (f"{LIST}/x-python-unwrap", True, "extension", LIST),
    (f"{GET}/x-python-not-found", None, "extension", GET),
    (f"{LIST}/x-python-pagination", True, "extension", LIST),
    (f"{THING}/id/x-python-lenient", False, "extension", f"{THING}/id"),
    (f"{LIST}/x-python-lenient", True, "extension", LIST),
    (f"{LIMIT}/x-python-default", True, "extension", LIMIT),
    (f"{LIST}/x-python-positional", True, "extension", LIST),
    (f"{LIST}/x-idempotent", True, "extension", LIST),
    (f"{CREATE}/x-idempotent", False, "extension", CREATE),
    (f"{LIMIT}/x-idempotent", True, "extension", LIMIT),
    (f"{LIMIT}/x-requires", ["tags"], "extension", LIMIT),
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
    (f"{LIST}/responses/200/links", DROP, "link-missing", LIST),
    (f"{CREATE}/responses/202/links", DROP, "link-missing", CREATE),
    # Examples and defaults.
    (f"{LIMIT}/example", 0, "example", None),
    (f"{LIMIT}/schema/default", 101, "example", None),
    (f"{LIMIT}/schema", {"$ref": f"{LIMIT}/schema"}, "reference", None),
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
    fresh = {"name": "v0", "document": json.loads(TEXT)}
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


def changed(pointer: str, value: Any) -> Spec:
    spec = minimal()
    change(spec.document, pointer, value)
    return spec


def findings(spec: Spec) -> list[tuple[str, str]]:
    return [(finding.location, finding.rule) for finding in lint(spec)]


def test_the_minimal_spec_has_no_findings() -> None:
    assert lint(minimal()) == []


@pytest.mark.parametrize(
    ("pointer", "value", "rule", "location"),
    [pytest.param(*row, id=f"{row[2]}:{index}") for index, row in enumerate(VIOLATIONS)],
)
def test_a_violation_is_the_only_finding(
    pointer: str, value: Any, rule: str, location: str | None
) -> None:
    assert findings(changed(pointer, value)) == [(location or pointer, rule)]


def test_a_document_that_has_changed_is_linted_as_it_is() -> None:
    spec = minimal()
    assert lint(spec) == []
    text = {"type": "string", "description": "Text.", "x-provenance": "client", "oddity": 1}
    change(spec.document, f"{THING}/text", text)
    assert findings(spec) == [(f"{THING}/text", "schema-keyword")]


def test_a_secret_may_be_null_or_a_component() -> None:
    spec = changed(
        f"{SCHEMAS}/Secret", {"type": "string", "description": "A key.", "format": "password"}
    )
    for key in ({"$ref": f"{SCHEMAS}/Secret"}, {"type": "string", "format": "password"}):
        nullable = {
            "anyOf": [key, {"type": "null"}],
            "description": "A key.",
            "x-provenance": "client",
        }
        change(spec.document, f"{THING}/api_key", nullable)
        assert lint(spec) == []


def test_a_missing_operation_id_is_a_finding() -> None:
    assert (LIST, "operation-identity") in findings(changed(f"{LIST}/operationId", DROP))


def test_an_enum_requires_a_plain_string_beside_it() -> None:
    spec = changed(f"{THING}/colour/anyOf/1/enum", ["blue"])
    branches = [(f"{THING}/colour/anyOf/{index}", "response-enum") for index in (0, 1)]
    assert set(branches) <= set(findings(spec))


def test_formats_of_examples_are_validated() -> None:
    spec = minimal()
    change(spec.document, f"{THING}/made_at/format", "date-time")
    change(spec.document, f"{CREATE}/responses/202/{JSON}/example/made_at", "yesterday")
    assert findings(spec) == [(f"{CREATE}/responses/202/{JSON}/example", "example")]


def test_a_duplicate_operation_id_is_a_finding() -> None:
    spec = changed(f"{CREATE}/operationId", "listThings")
    assert ("#", "openapi") in findings(spec)


def test_a_post_below_the_collection_requires_the_link() -> None:
    spec = minimal()
    batch = copy.deepcopy(spec.document["paths"]["/v0/things"]["post"])
    batch["operationId"] = "createThings"
    del batch["responses"]["202"]["links"]
    change(spec.document, "#/paths/~1v0~1things~1batch", {"post": batch})
    assert findings(spec) == [("#/paths/~1v0~1things~1batch/post", "link-missing")]


def test_a_documented_name_missing_from_the_spec_is_a_finding() -> None:
    listed = minimal().documented
    names = {**listed.properties, "Thing": frozenset({"id", "size"})}
    spec = minimal(documented=Documented(listed.parameters, names))
    assert findings(spec) == [("#", "documented-name")]
    unknown = {**listed.parameters, "dropThing": frozenset({"id"})}
    spec = minimal(documented=Documented(unknown, listed.properties))
    assert findings(spec) == [("#", "documented-name")]


def test_an_api_without_a_status_table_is_a_finding() -> None:
    assert findings(minimal(name="v9")) == [("#", "error-status")]


def test_an_optional_parameter_implies_404_only_if_listed_as_an_identifier() -> None:
    def listing_by(name: str) -> list[tuple[str, str]]:
        parameter = {
            "name": name,
            "in": "query",
            "description": "An id.",
            "x-provenance": "client",
            "schema": {"type": "string"},
            "example": "m1",
        }
        all_findings = findings(changed(f"{LIST}/parameters/2", parameter))
        return [finding for finding in all_findings if finding[1] == "error-status"]

    assert listing_by("maker_id") == []
    assert listing_by("benchmarkTypeId") == [(f"{LIST}/responses", "error-status")]


def test_wire_names_follow_the_style_of_their_api() -> None:
    # The names of v2 are camelCase; its statuses differ, too.
    named = {loc for loc, rule in findings(minimal(name="v2")) if rule == "naming"}
    assert named == {f"{THING}/made_at", f"{THING}/api_key"}


def test_no_inferred_property_is_required() -> None:
    spec = minimal()
    guess = {"type": "string", "description": "Its id.", "x-provenance": "inferred"}
    node = {"type": "object", "description": "A job.", "required": ["id"]}
    change(spec.document, f"{SCHEMAS}/Job", {**node, "properties": {"id": guess}})
    change(spec.document, f"{THING}/job", {"$ref": f"{SCHEMAS}/Job", "x-provenance": "client"})
    assert findings(spec) == [(f"{SCHEMAS}/Job/properties/id", "inferred-required")]


def test_a_property_may_have_the_name_of_a_keyword() -> None:
    spec = minimal()
    text = {"type": "string", "description": "Text.", "x-provenance": "client"}
    for name in ("parameters", "example", "nullable", "properties", "enum", "examples"):
        change(spec.document, f"{THING}/{name}", dict(text))
    assert lint(spec) == []
    change(spec.document, f"{THING}/example/x-order", 1)
    change(spec.document, f"{THING}/examples/nullable", True)
    assert findings(spec) == [(f"{THING}/example", "extension"), (f"{THING}/examples", "nullable")]


def test_names_in_data_and_headers_are_not_extensions() -> None:
    spec = minimal()
    change(spec.document, f"{CREATE}/requestBody/{JSON}/example", {"id": "t1", "colour": "red"})
    change(spec.document, f"{GET}/responses/200/{JSON}/example/notes", {"x-hint": "data"})
    change(spec.document, f"{ERROR}/headers/x-hint", {"$ref": "#/components/headers/RequestId"})
    assert lint(spec) == []


def test_every_rule_is_violated_by_an_entry() -> None:
    """It is the only finding of the entry; that of a documented name has a test of its own."""
    assert RULES.keys() - {name for _, _, name, _ in VIOLATIONS} == {"documented-name"}


def pointers(node: Any, parent: str = "#") -> Iterator[str]:
    keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        pointer = f"{parent}/{str(key).replace('~', '~0').replace('/', '~1')}"
        yield pointer
        yield from pointers(node[key], pointer)


@pytest.mark.parametrize("value", [3, [3], {"a": 1}], ids=repr)
def test_no_document_structure_crashes_the_linter(value: Any) -> None:
    count = sum(bool(lint(changed(pointer, value))) for pointer in pointers(MINIMAL.document))
    assert count > 200  # nearly every node: only data may have any structure
