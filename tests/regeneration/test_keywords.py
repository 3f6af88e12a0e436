"""Every keyword at every place of a spec: read, with an effect, or refused by name with its place.

The lists are those of OpenAPI 3.1.0 and of the vocabularies of JSON Schema 2020-12. `READ` says what is
read and where its effect is; any other pair must be refused.
"""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openapi.generator.keywords import SCHEMA_KEYWORDS
from openapi.generator.methods import operations_modules
from openapi.generator.plan import plan_api
from openapi.generator.plans import ApiPlan
from openapi.generator.schemas import PlanError

from benchwire_specs import SpecError, parse_document

from .edits import Spec
from .spec import small_spec

JSON_SCHEMA: dict[str, Any] = {
    # core
    "$id": "x", "$schema": "https://json-schema.org/draft/2020-12/schema", "$anchor": "a",
    "$dynamicRef": "#a", "$dynamicAnchor": "a", "$vocabulary": {}, "$comment": "c", "$defs": {},
    "$ref": "#/components/schemas/Text",
    # applicators
    "prefixItems": [{}], "items": {"type": "string"}, "contains": {}, "patternProperties": {"a": {}},
    "additionalProperties": {"type": "string"}, "properties": {"a": {}}, "propertyNames": {},
    "dependentSchemas": {}, "if": {}, "then": {}, "else": {}, "allOf": [{"type": "string"}],
    "anyOf": [{"type": "string"}, {"type": "null"}], "oneOf": [{"type": "string"}], "not": {},
    "unevaluatedItems": False, "unevaluatedProperties": False,
    # validation
    "type": "boolean", "const": "a", "enum": ["a"], "multipleOf": 2, "maximum": 5,
    "exclusiveMaximum": 5, "minimum": 1, "exclusiveMinimum": 1, "maxLength": 5, "minLength": 2,
    "pattern": "^a", "maxItems": 5, "minItems": 2, "uniqueItems": True, "maxContains": 1,
    "minContains": 1, "maxProperties": 1, "minProperties": 1, "required": ["a"],
    "dependentRequired": {},
    # annotations, formats, contents
    "title": "T", "description": "Another.", "default": "a", "deprecated": True, "readOnly": True,
    "writeOnly": True, "examples": ["a"], "format": "password", "contentEncoding": "base64",
    "contentMediaType": "text/plain", "contentSchema": {},
    # of OpenAPI, and of 3.0
    "discriminator": {"propertyName": "p"}, "xml": {}, "externalDocs": {"url": "https://x"},
    "example": "a", "nullable": True,
}  # fmt: skip
OPENAPI: dict[str, dict[str, Any]] = {
    "document": {"jsonSchemaDialect": "https://x", "webhooks": {}, "externalDocs": {"url": "https://x"},
                 "tags": [{"name": "things", "description": "Of things."}]},
    "info": {"summary": "S.", "description": "D.", "termsOfService": "https://x",
             "contact": {"name": "N"}, "license": {"name": "MIT"}},
    "server": {"description": "D.", "variables": {"a": {"default": "b"}}},
    "tag": {"description": "Of parts.", "externalDocs": {"url": "https://x"}},
    "path": {"$ref": "#/x", "summary": "S.", "description": "D.", "servers": [{"url": "https://y"}],
             "parameters": [{"name": "x", "in": "query", "schema": {"type": "string"}}],
             "trace": {}, "security": [{"key": []}]},
    "operation": {"description": "D.", "externalDocs": {"url": "https://x"}, "callbacks": {},
                  "deprecated": True, "servers": [{"url": "https://y"}], "security": [],
                  "requestBody": {"content": {}}},
    "parameter": {"description": "D.", "required": True, "deprecated": True, "allowEmptyValue": True,
                  "style": "spaceDelimited", "explode": False, "allowReserved": True,
                  "example": "a", "examples": {}, "content": {"application/json": {}}},
    "requestBody": {"description": "D."},
    "media": {"example": {}, "examples": {}, "encoding": {}},
    "response": {"headers": {}, "links": {}, "description": "Found it."},
    "header": {"deprecated": True, "style": "simple", "explode": True, "example": "a", "examples": {},
               "content": {}, "required": True, "description": "D."},
}  # fmt: skip

# The schemas that keywords are added to, each of a type for which most keywords mean something.
BASES: dict[str, Any] = {
    "text": {"type": "string", "description": "Text."},
    "number": {"type": "number", "description": "A number."},
    "list": {"type": "array", "description": "A list."},
    "map": {"type": "object", "description": "A map."},
    "none": {"description": "Anything."},
}


def received(spec: Spec, keywords: dict[str, Any]) -> str:
    spec["components"]["schemas"]["Thing"]["properties"]["p"] = keywords
    return "components/schemas/Thing/properties/p"


def sent(spec: Spec, keywords: dict[str, Any]) -> str:
    spec["components"]["schemas"]["MakeThingRequest"]["properties"]["p"] = keywords
    return "components/schemas/MakeThingRequest/properties/p"


def argument(spec: Spec, keywords: dict[str, Any]) -> str:
    raw = {"name": "p", "in": "query", "schema": keywords, "style": "form", "explode": False}
    spec["paths"]["/things"]["get"]["parameters"].append(raw)
    return "GET /things, parameter p"


PLACES: dict[str, Callable[[Spec, dict[str, Any]], str]] = {
    "received": received, "sent": sent, "argument": argument,
}  # fmt: skip
# Keywords that are read in a schema, by what they are added to. The effect of what has none in the plan
# is on the embedded server, which validates with the schema, and on the lint.
READ: dict[str, dict[str, set[str]]] = {
    "received": {
        "text": {"deprecated", "description", "type", "format", "default", "examples", "minLength", "maxLength",
                 "pattern"},
        "number": {"deprecated", "description", "type", "default", "examples", "minimum", "maximum",
                   "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
        "list": {"deprecated", "description", "type", "default", "examples", "items", "minItems", "maxItems",
                 "uniqueItems"},
        "map": {"deprecated", "description", "type", "default", "examples", "additionalProperties"},
        "none": {"deprecated", "description", "type", "default", "examples", "$ref", "anyOf", "oneOf"},
    },
    "sent": {
        "text": {"deprecated", "description", "type", "format", "default", "examples", "minLength", "maxLength",
                 "pattern"},
        "number": {"deprecated", "description", "type", "default", "examples", "minimum", "maximum"},
        "list": {"deprecated", "description", "type", "default", "examples", "items"},
        "map": {"deprecated", "description", "type", "default", "examples", "additionalProperties"},
        "none": {"deprecated", "description", "type", "default", "examples", "$ref", "anyOf", "oneOf"},
    },
    "argument": {
        "text": {"deprecated", "description", "type", "default", "examples", "minLength", "maxLength",
                 "pattern"},
        "number": {"deprecated", "description", "type", "default", "examples", "minimum", "maximum"},
        "list": {"type", "items"},
        "map": {"type"},
        "none": {"type", "$ref", "anyOf", "oneOf"},
    },
}  # fmt: skip
# What `rewrite.py` reads, for the planner knows only named schemas.
for _place, _bases in READ.items():
    _bases["text"] |= {"const", "enum"}
    _bases["none"] |= {"const", "enum", "allOf"}
    if _place != "argument":
        for _keywords in _bases.values():
            _keywords.add("readOnly" if _place == "received" else "writeOnly")
READ["received"]["map"].add("properties")
# A title is for other generators, which name a class by it; here it has no effect.
for _bases in READ.values():
    for _keywords in _bases.values():
        if "examples" in _keywords:
            _keywords.add("title")
# What is read without an effect on the plan.
BY_THE_SERVER = {
    "title", "readOnly", "writeOnly",
    "default", "examples", "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "description", "format",
}  # fmt: skip


def outcome(spec: Spec) -> tuple[ApiPlan, dict[str, str]] | str:
    """Return the plan of a spec and its methods, or the message of the refusal."""
    try:
        plan = plan_api(spec)
        return plan, operations_modules({"v0": plan}, {"v0": "# H."})
    except PlanError as error:
        return str(error)


@functools.cache
def without_keyword(base: str, place: str) -> tuple[ApiPlan, dict[str, str]] | str:
    """Return the outcome of a schema as it is."""
    return outcome(with_schema(base, place)[0])


def with_schema(base: str, place: str, **keywords: Any) -> tuple[Spec, str]:
    """Return a spec with a schema, and the schema's place."""
    spec = small_spec()
    spec["components"]["schemas"]["Text"] = {"type": "string", "description": "T."}
    return spec, PLACES[place](spec, {**copy.deepcopy(BASES[base]), **keywords})


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("keyword", JSON_SCHEMA)
def test_keywords_of_schemas(keyword: str, base: str, place: str) -> None:
    after, where = with_schema(base, place, **{keyword: JSON_SCHEMA[keyword]})
    old, new = without_keyword(base, place), outcome(after)
    if isinstance(new, str):
        assert keyword not in READ[place][base], new
        assert new.startswith(where)
        # An argument that is a map is refused as that, whatever its keywords; else the keyword is named.
        assert f"{keyword}" in new or "is inline" in new or isinstance(old, str)
        return
    assert keyword in READ[place][base]
    assert new != old or keyword in BY_THE_SERVER


@pytest.mark.parametrize(
    ("place", "keyword"), [(place, keyword) for place in OPENAPI for keyword in OPENAPI[place]]
)
def test_keywords_of_openapi(place: str, keyword: str) -> None:
    before, after = openapi_spec(), openapi_spec()
    old = outcome(before)
    holder, where = holders(after)[place]
    holder[keyword] = OPENAPI[place][keyword]
    new = outcome(after)
    assert not isinstance(old, str), old
    if isinstance(new, str):
        assert (place, keyword) not in EFFECTS, new
        assert new.startswith(where), new
        assert keyword in new or str(OPENAPI[place][keyword]) in new
        return
    has_effect = EFFECTS[place, keyword]
    assert (new != old) == has_effect


# What is read of OpenAPI's objects, and whether the plan tells it. What the plan does not tell is
# documentation of the document, or read by the embedded server and the contract tests.
EFFECTS: dict[tuple[str, str], bool] = {
    ("document", "tags"): True,
    **{("info", key): key == "summary" for key in OPENAPI["info"]},
    ("server", "description"): False,
    ("tag", "description"): True,
    ("path", "parameters"): True,
    ("operation", "description"): True,
    ("operation", "security"): True,
    ("operation", "deprecated"): True,
    ("parameter", "deprecated"): True,
    ("parameter", "description"): True,
    ("parameter", "required"): True,
    ("parameter", "explode"): False,
    ("parameter", "example"): False,
    ("parameter", "examples"): False,
    ("requestBody", "description"): False,
    ("media", "example"): False,
    ("media", "examples"): False,
    ("response", "headers"): False,
    ("response", "links"): False,
    ("response", "description"): True,
    ("header", "required"): False,
    ("header", "description"): False,
    ("header", "example"): False,
    ("header", "examples"): False,
}


def openapi_spec() -> Spec:
    spec = small_spec()
    spec["tags"] = [{"name": "parts"}]
    header = {"schema": {"type": "string"}}
    spec["components"]["headers"] = {"X-Id": header}
    return spec


def holders(spec: Spec) -> dict[str, tuple[Spec, str]]:
    """Return an object of each kind, and its place."""
    path = spec["paths"]["/things"]
    body = path["post"]["requestBody"]
    response = path["get"]["responses"]["200"]
    return {
        "document": (spec, ""),
        "info": (spec["info"], "info"),
        "server": (spec["servers"][0], "servers/0"),
        "tag": (spec["tags"][0], "tags/0"),
        "path": (path, "/things"),
        "operation": (path["get"], "GET /things"),
        "parameter": (path["get"]["parameters"][2], "GET /things, parameter q"),
        "requestBody": (body, "POST /things/requestBody"),
        "media": (body["content"]["application/json"], "POST /things/requestBody/content"),
        "response": (response, "GET /things, response 200"),
        "header": (spec["components"]["headers"]["X-Id"], "components/headers/X-Id"),
    }


REF = {"$ref": "#/components/schemas/Kind"}
TEXT = {"type": "string"}


PART = {"$ref": "#/components/schemas/Part"}
PROBLEM = {"$ref": "#/components/schemas/Problem"}


def tagged(field: str) -> Spec:
    return {"type": "object", "required": [field], "properties": {field: TEXT}}


def responses(spec: Spec) -> Spec:
    found: Spec = spec["paths"]["/things"]["get"]["responses"]
    return found


VALUES: dict[str, tuple[Callable[[Spec], object], str]] = {
    "two schemes in one requirement": (
        lambda spec: spec.update(security=[{"key": [], "other": []}]), "security needs one"),
    "two requirements": (
        lambda spec: spec.update(security=[{"key": []}, {"other": []}]), "security needs one"),
    "no requirement": (lambda spec: spec.update(security=[]), "security needs one"),
    "an optional key": (lambda spec: spec.update(security=[{}]), "security needs one"),
    "no security": (lambda spec: spec.pop("security"), "the document has no security"),
    "scopes": (lambda spec: spec.update(security=[{"key": ["read"]}]), "security has scopes of key"),
    "an unknown scheme": (
        lambda spec: spec.update(security=[{"other": []}]), "security names other"),
    "a security of its own": (
        lambda spec: spec["paths"]["/things"]["get"].update(security=[{"other": []}]),
        "GET /things has a security of its own"),
    "a cookie": (
        lambda spec: spec["paths"]["/things"]["get"]["parameters"][2].update({"in": "cookie"}),
        "GET /things, parameter q is in cookie"),
    "a range of successes": (
        lambda spec: responses(spec).update({"2XX": responses(spec).pop("200")}),
        "GET /things has the response 2XX"),
    "two successes": (
        lambda spec: responses(spec).update({"202": responses(spec)["200"]}),
        "GET /things needs one success, and its responses have 200 and 202"),
    "nothing beside something": (
        lambda spec: responses(spec).update({"204": {"description": "None."}}),
        "GET /things needs one success, and its responses have 200 and 204"),
    "no success": (
        lambda spec: responses(spec).pop("200"),
        "GET /things needs one success, and its responses have none"),
    "another error": (
        lambda spec: responses(spec).update({"404": {"description": "N.", "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}}),
        "GET /things needs one model for all its errors, and they have Problem and Thing"),
    "a second media type": (
        lambda spec: responses(spec)["200"]["content"].update({"text/csv": {}}),
        "GET /things, response 200 has no application/json alone, but text/csv"),
    "a body of a GET": (
        lambda spec: spec["paths"]["/things"]["get"].update(
            requestBody=spec["paths"]["/things"]["post"]["requestBody"]),
        "GET /things has a requestBody"),
    "a relative server": (
        lambda spec: spec["servers"][0].update(url="/v1"), "servers/0 has the url '/v1'"),
    "two tags": (
        lambda spec: spec["paths"]["/things"]["get"].update(tags=["a", "b"]),
        "GET /things needs one tag"),
    "an undeclared path parameter": (
        lambda spec: spec["paths"].update({"/t/{x}": spec["paths"].pop("/things")}),
        "/t/{x} has not the parameters of its operation"),
    "a boolean in an enum of text": (
        lambda spec: spec["components"]["schemas"]["Kind"]["enum"].append(False),
        "components/schemas/Kind has False where a string is needed: quote it"),
    "a number in an enum of text": (
        lambda spec: spec["components"]["schemas"]["Kind"]["enum"].append(1),
        "components/schemas/Kind has 1 where a string is needed: quote it"),
    "an unknown type": (
        lambda spec: received(spec, {"type": "date"}), "has the type 'date', which JSON has not"),
    "an unknown format": (
        lambda spec: received(spec, {"type": "string", "format": "datetime"}),
        "has `format: datetime`, which is not read"),
    "a format of another type": (
        lambda spec: received(spec, {"type": "integer", "format": "date-time"}),
        "has `format: date-time`, which is not read"),
    "a type beside a reference": (
        lambda spec: received(spec, {**REF, "type": "string"}), "has `type` beside `$ref`"),
    "a reference to itself": (
        lambda spec: (received(spec, {"$ref": "#/components/schemas/Loop"}), spec["components"][
            "schemas"].update(Loop={"$ref": "#/components/schemas/Loop"})),
        "refers to Loop, which refers to itself"),
    "a reference to another kind": (
        lambda spec: received(spec, {"$ref": "#/components/parameters/X"}),
        "which is not below #/components/schemas/"),
    "a bound that is text": (
        lambda spec: sent(spec, {"type": "integer", "minimum": "1"}),
        "has `minimum: '1'`, which is no number"),
    "objects that can't be told apart": (
        lambda spec: received(spec, {"oneOf": [PART, PROBLEM]}),
        "p has Part, which can't be told from the others"),
    "a discriminator of a field that is not required": (
        lambda spec: received(spec, {"oneOf": [PART, PROBLEM], "discriminator": {
            "propertyName": "name"}}),
        "p has a `discriminator` name, which Part does not require"),
    "a discriminator of other objects": (
        lambda spec: received(spec, {"oneOf": [PART, PROBLEM], "discriminator": {
            "propertyName": "name", "mapping": {"a": "#/components/schemas/Thing"}}}),
        "whose mapping is not of Part, Problem"),
    "a discriminator of one object": (
        lambda spec: received(spec, {"oneOf": [PART], "discriminator": {"propertyName": "name"}}),
        "p has a `discriminator`, and is not one of several objects"),
    "an undeclared required property": (
        lambda spec: spec["components"]["schemas"]["Thing"]["required"].append("gone"),
        "components/schemas/Thing has `required: gone`"),
    "a closed response": (
        lambda spec: spec["components"]["schemas"]["Thing"].update(additionalProperties=False),
        "components/schemas/Thing is received"),
    "a pattern that Python can't read": (
        lambda spec: sent(spec, {**TEXT, "pattern": "[a"}), "which Python does not read"),
    "a pattern that Python reads differently": (
        lambda spec: sent(spec, {**TEXT, "pattern": "\\p{L}"}), "p has the pattern"),
    "x-idempotent of a GET": (
        lambda spec: spec["paths"]["/things"]["get"].update({"x-idempotent": True}),
        "GET /things has x-idempotent"),
    "an unknown extension": (
        lambda spec: spec["paths"]["/things"]["get"].update({"x-idempotnt": True}),
        "GET /things has x-idempotnt, which is no extension of ours"),
    "an extension of another kind": (
        lambda spec: spec["paths"]["/things"].update({"x-python-name": "a"}),
        "/things has x-python-name, which is no extension of ours"),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_is_not_supported_is_refused(name: str) -> None:
    edit, message = VALUES[name]
    spec = small_spec()
    edit(spec)
    found = outcome(spec)
    assert isinstance(found, str)
    assert message in found


def test_a_parameter_of_an_operation_overrides_that_of_its_path() -> None:
    spec = small_spec()
    shared = {"name": "q", "in": "query", "schema": {"type": "integer"}}
    other = {"name": "r", "in": "query", "schema": {"type": "integer"}}
    spec["paths"]["/things"]["parameters"] = [shared, other]
    parameters = plan_api(spec).operations["list_things"].query_parameters
    types = {each.wire: each.type.annotation for each in parameters}
    assert types == {"limit": "int", "kind": "Kind", "q": "str", "r": "int"}


def places(node: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the path to every node below one."""
    keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        yield (*path, key)
        yield from places(node[key], *path, key)


WRONG: list[Any] = [None, True, 5, 1.5, "x", "", [], ["x"], [[]], {}, {"x": 1}, {"$ref": "#/x"}]


def test_whatever_stands_anywhere_is_planned_or_refused() -> None:
    """Any value in any place, or none: a plan or a refusal with a place, never another error."""
    original = json.dumps(openapi_spec())
    for path in places(json.loads(original)):
        for wrong in (*WRONG, ...):
            spec = json.loads(original)
            holder: Any = spec
            for step in path[:-1]:
                holder = holder[step]
            if wrong is ...:
                del holder[path[-1]]
            else:
                holder[path[-1]] = copy.deepcopy(wrong)
            try:
                outcome(spec)
            except Exception as error:
                error.add_note(f"{wrong!r} at {'/'.join(map(str, path))}")
                raise


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &a {b: 1}\nc: {<<: *a}\n", "the merge key << is not read by every parser"),
        ("a: 1\na: 2\n", "x.yaml can't be read, line 2, column 1: duplicate key 'a'"),
        ("openapi: 3.1.0\na: &a [1, {b: *a}]\n", "a value can't be read: Circular reference"),
        ("1: 2\n", "the key 1 is not a string"),
        *((f"a: [{word}]\n", f"{word} would be parsed as a boolean; quote it")
          for word in ("no", "yes", "on", "off", "True", "NO")),
        *((f"a: {word}\n", f"{word} would be parsed as a number; quote it")
          for word in ("010", "0x1F", "1_000", "12:30", "+1", ".5", ".inf")),
        *((f"a: {word}\n", f"{word} would be parsed as a number by some parsers; quote it")
          for word in ("1e5", "6.8e12", "+1E-2", "0o17", "-.5", "+.25", "08", "-019")),
        *((f"a: !!{word}\n", f"for the tag 'tag:yaml.org,2002:{word.split()[0]}'")
          for word in ("binary aGk=", "set {'a': null}", "omap ['a': 1]", "pairs ['a': 1]")),
        *((f"a: 1\n# a{end}b: 2\n", f"line 2: U+{ord(end):04X} ends a line for some parsers")
          for end in "\x85\u2028\u2029"),
        ("a: -1.0e+400\n", "-1.0e+400 is beyond the numbers of 64 bits"),
        ("a: 2025-06-03\n", "2025-06-03 would be parsed as a date; quote it"),
        ("a: ~\n", "~ would be parsed as null; quote it"),
        ("a:\n", "nothing would be parsed as null; quote it"),
    ],
)  # fmt: skip
def test_yaml_that_parsers_read_differently_is_refused(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_document("x", text)
    assert message in str(caught.value)


def test_what_json_has_is_read() -> None:
    text = "openapi: 3.1.0\na: [true, false, null, -1, 1.5, 2.0e+3, 'no', on_time, '1e5', 1e5f, 1.2.3]\n"
    assert parse_document("x", text).content["a"] == [
        True, False, None, -1, 1.5, 2000.0, "no", "on_time", "1e5", "1e5f", "1.2.3"]  # fmt: skip


def test_the_lint_allows_what_the_generator_reads() -> None:
    assert {"type", "anyOf", "pattern"} < SCHEMA_KEYWORDS <= JSON_SCHEMA.keys()
