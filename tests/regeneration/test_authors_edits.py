"""What the author of an API may write: it arrives on the wire and in Python, or is refused with its place.

The accepted edits are generated together, as one package, and called.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openapi.generator.plan import plan_api
from openapi.generator.schemas import PlanError

from benchwire_local.specs import parse_spec
from benchwire_specs import load_document
from support.scripted import Received, Reply, ScriptedService, json_reply

from .drill import Copy
from .edits import Spec
from .test_any_schema import content, reference

Edit = Callable[[Spec, str], object]
TEXT: Spec = {"type": "string", "description": "A text."}
UGLY = 'Ends " and """ and \\ and {brace} {{x}} {% x %} %s #hash\n\nNew \\N \\'
ACCOUNT = {"organization_id": 1, "account_id": 2, "available_credits": 3.5}


def add(spec: Spec, name: str, result: str = "Health", method: str = "get", **more: Any) -> Spec:
    """Add an operation `name` at `/v0/made/<name>`, and return it."""
    path = more.pop("path", f"/v0/made/{name}")
    added = {
        "operationId": name, "tags": ["made"], "summary": "Do it.",
        "responses": {"200": {"description": "It.", "content": content(result)},
                      "400": {"description": "No.", "content": content("ErrorResponse")}},
    } | more  # fmt: skip
    spec["paths"].setdefault(path, {})[method] = added
    return added


def name_schemas(spec: Spec, **schemas: Spec) -> None:
    spec["components"]["schemas"] |= {
        name: {"description": name, **schema} for name, schema in schemas.items()
    }


def closed(**properties: Spec) -> Spec:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def received(properties: Spec, **more: Any) -> Edit:
    def edit(spec: Spec, name: str) -> None:
        title = name.title()
        name_schemas(spec, **{title: {"type": "object", "properties": properties, **more}})
        add(spec, name, title)

    return edit


def sent(properties: Spec, schemas: Spec | None = None, **more: Any) -> Edit:
    def edit(spec: Spec, name: str) -> None:
        title = name.title()
        name_schemas(spec, **(schemas or {}), **{title: closed(**properties) | more})
        add(spec, name, method="post",
            requestBody={"required": True, "content": content(title)})  # fmt: skip

    return edit


def body(schema: Spec, **schemas: Spec) -> Edit:
    def edit(spec: Spec, name: str) -> None:
        name_schemas(spec, **schemas)
        add(spec, name, method="post", requestBody={
            "required": True, "content": {"application/json": {"schema": schema}}})  # fmt: skip

    return edit


def given(schema: Spec, place: str = "query", wire: str = "q", **more: Any) -> Edit:
    raw = {"name": wire, "in": place, "description": "One.", "schema": schema, **more}
    path = {"required": True} if place == "path" else {}
    after = f"/{{{wire}}}" if place == "path" else ""
    return lambda spec, name: add(
        spec, name, path=f"/v0/made/{name}{after}", parameters=[raw | path]
    )


def in_path(path: str, *names: str) -> Edit:
    raws = [{"name": each, "in": "path", "required": True, "schema": TEXT} for each in names]
    return lambda spec, name: add(spec, name, path=path, parameters=raws)


def components(kind: str, **values: Any) -> Edit:
    return lambda spec, _: spec["components"].setdefault(kind, {}).update(values)


def both(*edits: Edit) -> Edit:
    return lambda spec, name: [edit(spec, name) for edit in edits]


def pets(told: str) -> dict[str, Spec]:
    """Two objects to send, told apart by a constant, by a discriminator's field or by their own."""
    age = {"type": "integer", "minimum": 1, "maximum": 5}
    found = {}
    for name in (f"Cat{told}", f"Dog{told}"):
        value = name.removesuffix(told).lower()
        tag = {"Const": {"const": value}, "Text": TEXT, "Own": None}[told]
        own = {value: TEXT} if tag is None else {"kind": tag}
        found[name] = {**closed(**own, age=age), "required": [next(iter(own))]}
    return found


def either(told: str, **more: Any) -> Spec:
    return {"oneOf": [reference(f"Cat{told}"), reference(f"Dog{told}")], **more}


MAPPING = {"discriminator": {"propertyName": "kind", "mapping": {
    "cat": "#/components/schemas/CatText", "tiger": "CatText", "dog": "DogText"}}}  # fmt: skip
INTEGER = {"type": "integer", "minimum": 2.0, "maximum": 5.0}
ALIASES = {"Short": {"type": "string", "maxLength": 2}, "Alias": reference("Short")}
ALIAS = {"$ref": "#/components/parameters/Second"}

SECRET = {**TEXT, "format": "password"}
SECRETS = {
    "a": reference("ApiKey"), "b": {"anyOf": [SECRET, {"type": "null"}]},
    "c": {"anyOf": [reference("ApiKey"), {"type": "null"}]}, "d": {"type": "array", "items": SECRET},
    "e": {"type": "object", "additionalProperties": reference("ApiKey")},
}  # fmt: skip

# Each edit, and Python expressions about it: what was sent, or the result, or the message of an error.
ACCEPTED: dict[str, tuple[Edit, dict[str, Any]]] = {
    # one of several objects, sent
    "bodyconst": (body(either("Const"), **pets("Const")), {
        "made.bodyconst(body=m.CatConst(kind='cat', age=1))": {"kind": "cat", "age": 1},
        "made.bodyconst(body=m.DogConst(kind='dog'))": {"kind": "dog"},
        "made.bodyconst(body=m.DogConst(kind='cat'))": "kind must be one of dog, not 'cat'",
        "made.bodyconst(body=m.CatConst(kind='cat', age=9))": "age must be from 1 to 5, not 9",
        "made.bodyconst(body={'kind': 'cat'})": "body must be a CatConst or a DogConst, not dict",
    }),
    "bodytext": (body(either("Text", **MAPPING), **pets("Text")), {
        "made.bodytext(body=m.CatText(kind='tiger'))": {"kind": "tiger"},
        "made.bodytext(body=m.CatText(kind='dog'))":
            "kind must be cat or tiger of a CatText, not 'dog'",
    }),
    "sentown": (sent({"pets": {"type": "array", "items": either("Own")},
                      "one": {"anyOf": [*either("Own")["oneOf"], {"type": "null"}]}}, pets("Own")), {
        "made.sentown(body=m.Sentown(pets=[m.CatOwn(cat='c'), m.DogOwn(dog='d')], one=None))":
            {"pets": [{"cat": "c"}, {"dog": "d"}], "one": None},
        "m.Sentown.from_dict({'one': {'dog': 'd'}}).one.dog": "d",
        "made.sentown(body=m.Sentown(pets=[m.DogOwn(dog='d', age=0)]))":
            "pets[0].age must be from 1 to 5, not 0",
        "made.sentown(body=m.Sentown(one=3))": "one must be a CatOwn or a DogOwn, not int",
    }),
    "readconst": (lambda spec, name: (
        name_schemas(spec, **{each: {"type": "object", "required": ["status"], "properties": {
            "status": {"const": value}}} for each, value in (("Fine", "ok"), ("Poor", "ill"))}),
        add(spec, name)["responses"].update({"200": {"description": "It.", "content": {
            "application/json": {"schema": {"oneOf": [reference("Poor"), reference("Fine")]}}}}}),
    ), {"type(made.readconst()).__name__": "Fine"}),
    # what is sent is checked, whatever it is
    "sentmodel": (sent({"one": reference("Inner")}, {"Inner": closed(k=INTEGER)}), {
        "made.sentmodel(body=m.Sentmodel(one=m.Inner(k=3)))": {"one": {"k": 3}},
        "made.sentmodel(body=m.Sentmodel(one=m.Inner(k=6)))": "one.k must be from 2 to 5, not 6",
        "made.sentmodel(body=m.Sentmodel(one={'k': 3}))": "one must be a Inner, not dict",
        "made.sentmodel(body=None)": "body must be a Sentmodel, not NoneType",
    }),
    "sentmaps": (sent({"some": {"type": "object", "additionalProperties": INTEGER}, "any": {"type": "object"},
                       "list": {"type": "array", "items": {"type": "object"}}}), {
        "made.sentmaps(body=m.Sentmaps(some={'x': 2}, any={'y': [None]}, list_=[{}]))":
            {"some": {"x": 2}, "any": {"y": [None]}, "list": [{}]},
        "made.sentmaps(body=m.Sentmaps(some={'x': 6}))": "some['x'] must be from 2 to 5, not 6",
        "made.sentmaps(body=m.Sentmaps(some={'x': '2'}))": "some['x'] must be an int, not str",
        "made.sentmaps(body=m.Sentmaps(any=[1]))": "any must be of type dict, not list",
        "made.sentmaps(body=m.Sentmaps(list_=[1]))": "list_[0] must be of type dict, not int",
        "made.sentmaps(body=m.Sentmaps(list_={}))": "list_ must be a list of dict[str, Any], not a dict",
    }),
    "sentodd": (sent({"types": {"type": ["string", "boolean"]}, "rate": {"type": "number"},
                      "nulls": {"type": "array", "items": {**INTEGER, "type": ["integer", "null"]}}}), {
        "made.sentodd(body=m.Sentodd(types=True, rate=1e-7, nulls=[2, None]))":
            {"types": True, "rate": 1e-7, "nulls": [2, None]},
        "made.sentodd(body=m.Sentodd(types=1))": "types must be of type str or bool, not int",
        "made.sentodd(body=m.Sentodd(rate=math.nan))": "rate must be a finite number, not nan",
        "made.sentodd(body=m.Sentodd(nulls=[1]))": "nulls[0] must be from 2 to 5, not 1",
    }),
    "sentempty": (sent({}), {"made.sentempty(body=m.Sentempty())": {}}),
    "senttree": (sent({"inner": {"type": "array", "items": reference("Senttree")}}), {
        "made.senttree(body=m.Senttree(inner=[m.Senttree()]))": {"inner": [{}]},
        "made.senttree(body=m.Senttree(inner=[m.Senttree(inner=[3])]))":
            "inner[0].inner[0] must be a Senttree, not int",
    }),
    "sentdefault": (sent({"a": {**INTEGER, "default": 3.0}, "b": {**TEXT, "default": UGLY}}), {
        "made.sentdefault(body=m.Sentdefault())": {}, "m.Sentdefault.DEFAULT_A": 3,
    }),
    "sentnames": (sent(dict.fromkeys(("validate", "to_dict", "check", "class", "$id", "a b"), TEXT)), {
        "made.sentnames(body=m.Sentnames(validate_='1', to_dict_='2', check='3', class_='4', id='5', a_b='6'))":
            {"validate": "1", "to_dict": "2", "check": "3", "class": "4", "$id": "5", "a b": "6"},
    }),
    # references to references
    "chained": (both(sent({"a": reference("Alias")}, ALIASES), components("parameters", Second={
        "$ref": "#/components/parameters/Third"}, Third={"name": "q", "in": "query", "schema": INTEGER}),
        lambda spec, _: spec["paths"]["/v0/made/chained"]["post"].update(parameters=[ALIAS])), {
        "made.chained(body=m.Chained(a='xy'), q=5)": {"a": "xy"},
        "made.chained(body=m.Chained(a='xyz'))": "a must have at most 2 characters, not 3",
        "made.chained(body=m.Chained(), q=6)": "q must be from 2 to 5, not 6",
    }),
    "both": (sent({"a": {**reference("Short"), "maxLength": 4}, "b": {**reference("Short"), "maxLength": 1}}), {
        "made.both(body=m.Both(a='xyz'))": "a must have at most 2 characters, not 3",
        "made.both(body=m.Both(b='xy'))": "b must have at most 1 characters, not 2",
    }),
    # parameters
    "number": (given({"type": "number"}), {
        "made.number(q=1e-7)": "q=1e-07", "made.number(q=math.inf)": "q must be a finite number, not inf",
    }),
    "whole": (given({**INTEGER, "default": 3.0}), {
        "made.whole(q=5)": "q=5", "made.whole(q=6)": "q must be from 2 to 5, not 6",
    }),
    "half": (given({"type": "integer", "minimum": 0.5}), {"made.half(q=0)": "q must be at least 0.5, not 0"}),
    "maybe": (given({"anyOf": [INTEGER, {"type": "null"}]}), {"made.maybe(q=3)": "q=3"}),
    "fixed": (both(given({"const": "a"}, "path"), lambda spec, name: spec["paths"]["/v0/made/fixed/{q}"]["get"][
        "responses"]["200"].update(headers={"X-A": {"schema": {"const": "k"}}})), {"made.fixed('a')": "/v0/made/fixed/a"}),
    "since": (given({"type": "string", "format": "date-time"}), {
        "made.since(q=datetime(2025, 1, 2, tzinfo=timezone(timedelta(hours=-3.5))))":
            "q=2025-01-02T00%3A00%3A00-03%3A30",
        "made.since(q=datetime(1890, 1, 1, tzinfo=timezone(timedelta(minutes=19, seconds=32))))":
            "q=1889-12-31T23%3A40%3A28%2B00%3A00",
    }),
    "defaulted": (given({"type": ["string", "null"], "default": None}), {"made.defaulted()": ""}),
    "swapped": (in_path("/v0/made/{first}/x/{second}", "second", "first"), {
        "made.swapped(first='1', second='2')": "/v0/made/1/x/2", "made.swapped('1', '2')": "/v0/made/2/x/1",
    }),
    "prefixed": (in_path("/v0/made/{a}/y/{ab}", "ab", "a"), {
        "made.prefixed(a='1', ab='2')": "/v0/made/1/y/2",
    }),
    "rate": (given({"type": "number"}, "path"), {"made.rate(0.5)": "/v0/made/rate/0.5"}),
    "choice": (given({"type": "string", "enum": ["a/b", "c"]}, "path"), {
        "made.choice('a/b')": "/v0/made/choice/a%2Fb",
    }),
    "import": (add, {"made.import_()": ""}),
    # received
    "odd": (received({"self": TEXT, "none": {"type": "null"}, "any": {}, "list": {"type": "array"},
                      "map": {"type": "object", "additionalProperties": True}}), {
        "made.odd().to_dict()": {"self": "s", "any": [1], "list": [{}], "map": {"x": None}},
    }),
    "tree": (received({"child": {"anyOf": [reference("Tree"), {"type": "null"}]}, "more": {
        "type": "array", "items": reference("Tree")}}, required=["child"]), {
        "made.tree().more[0].child.child": None,
    }),
    "empties": (received({"a": {"type": "array", "items": TEXT, "x-null-means-empty": True}}, required=["a"]), {
        "[m.Empties.from_dict(each).a for each in ({}, {'a': None}, {'a': ['x']})]": [[], [], ["x"]],
    }),
    "whole2": (received({"owner": {"oneOf": [{"type": "null"}, reference("Account")]}, "same": {
        "oneOf": [reference("Account"), reference("Account")]}}), {
        "[made.whole2().owner, made.whole2().same.account_id]": [None, 2],
    }),
    "ugly": (received({"a": {**TEXT, "description": UGLY, "examples": [UGLY]}, "b" * 300: TEXT}), {
        "made.ugly().to_dict()": {"a": "x", "b" * 300: "y"},
        "'Ends \" and ' in m.Ugly.__doc__": True,
    }),
    # secrets, however they are written
    "hidden": (sent(SECRETS, {"ApiKey": SECRET}, required=["a"]), {
        "repr(m.Hidden(a='sk', b='sk', c='sk', d=['sk'], e={'x': 'sk'}))": "Hidden()",
        "m.Hidden.from_dict({'a': 123})": "$.a: expected a string, got int",
        "m.Hidden.from_dict({'a': 's', 'd': ['s', 123]})": "$.d[1]: expected a string, got int",
        "m.Hidden.from_dict({'a': 's', 'e': {'x': 123}})": "$.e.x: expected a string, got int",
    }),
    "shown": (received(SECRETS, required=["a"]), {
        "made.shown()._repr_html_().count('sk')": 0,
        "m.Shown.from_dict({'a': 's', 'd': [['sk']]})": "$.d[0]: expected a string, got list",
    }),
    "members": (received({"a": {"type": "string", "enum": ["mro", "name", 'say "hi"', "back\\slash"]}}), {
        "made.members().a.value": 'say "hi"', "made.members().a is m.MembersA.SAY_HI": True,
    }),
}  # fmt: skip
ANSWERS = {
    "odd": {"self": "s", "none": None, "any": [1], "list": [{}], "map": {"x": None}},
    "tree": {"child": None, "more": [{"child": {"child": None}}]},
    "whole2": {"owner": None, "same": ACCOUNT}, "ugly": {"a": "x", "b" * 300: "y"},
    "members": {"a": 'say "hi"'},
    "shown": {"a": "sk", "b": "sk", "c": None, "d": ["sk"], "e": {"x": "sk"}},
}  # fmt: skip
PROGRAM = """
import math
from datetime import datetime, timedelta, timezone
from benchwire_api.errors import DecodeError
from benchwire_api.v0 import models as m

client = benchwire.V0Client("k", url)
made, result = client.made, []
for expression in json.load(open(path)):
    try:
        value = eval(expression)
    except (TypeError, ValueError, DecodeError) as error:
        value = str(error)
    result.append(value.additional_properties["sent"] if type(value) is m.Health else value)
"""


def edit(spec: Spec) -> None:
    for name, (each, _) in ACCEPTED.items():
        each(spec, name)


def answer(request: Received) -> Reply:
    """Give what was sent, in a field that the spec has not: the body, the query or the path."""
    place, path = request.path.removeprefix("/v0/made/"), request.target.decode()
    sent = path if "/" in place else path.partition("?")[2]
    found = json.loads(request.body) if request.body else sent
    return json_reply(ANSWERS.get(place, {"status": "ok", "sent": found}))


def test_what_is_accepted_arrives(extended: Copy, tmp_path: Path) -> None:
    expected = {code: value for _, calls in ACCEPTED.values() for code, value in calls.items()}
    path = tmp_path / "calls.json"
    path.write_text(json.dumps(list(expected)))
    with ScriptedService(answer) as service:
        found = extended.use(f"path = {str(path)!r}\n{PROGRAM}", service.url)
    assert dict(zip(expected, found, strict=True)) == expected


def test_the_embedded_server_reads_what_is_accepted() -> None:
    spec: Spec = json.loads(json.dumps(dict(load_document("v0").content)))
    edit(spec)
    served = {each.operation_id for each in parse_spec("v0", spec).operations}
    assert ACCEPTED.keys() <= served


def response(status: str = "200", schema: Any = None, **more: Any) -> Edit:
    found = {"description": "It.", **more}
    if schema is not None:
        found["content"] = {"application/json": {"schema": schema}}
    return lambda spec, name: add(spec, name)["responses"].update({status: found})


HEAD = {"responses": {"200": {"description": "It.", "content": content("Health")},
                      "400": {"description": "No.", "content": content("ErrorResponse")}}}  # fmt: skip
LOOP = {"$ref": "#/components/parameters/Loop"}
LONG = "Long" * 26
INLINE = {"type": "object", "properties": {"a": TEXT}}

# The end of each message, after its place.
REFUSED: dict[str, tuple[Edit, str]] = {
    # paths and methods
    "a part of a segment": (in_path("/v0/made/{a}-{b}.json", "a", "b"),
        "/v0/made/{a}-{b}.json has {a}-{b}.json: a parameter must be a whole segment"),
    "a dot segment": (lambda spec, name: add(spec, name, path="/v0/made/../x"),
        "/v0/made/../x has the segment .., which a URL drops"),
    "two paths of one URL": (both(in_path("/v0/made/{a}", "a"), lambda spec, name: in_path(
        "/v0/made/{b}", "b")(spec, f"{name}2")),
        "/v0/made/{b} differs from /v0/made/{a} only in the names of its parameters"),
    "a HEAD with a body": (lambda spec, name: add(spec, name, method="head", **HEAD),
        "HEAD /v0/made/made, response 200 has `content`, which no such response can have"),
    "a query in a path": (lambda spec, name: add(spec, name, path="/v0/made?x=1"),
        "/v0/made?x=1 has a character that a path of a URL can't have: percent-encode it"),
    # references
    "a parameter that is itself": (both(components("parameters", Loop=LOOP), lambda spec, name: add(
        spec, name, parameters=[LOOP])),
        "GET /v0/made/made refers to #/components/parameters/Loop, which refers to itself"),
    "a schema that is itself": (lambda spec, name: (name_schemas(spec, Loop=reference("Loop")), received(
        {"a": reference("Loop")})(spec, name)),
        "Made/properties/a refers to Loop, which refers to itself and is no object"),
    "another file": (received({"a": {"$ref": "common.yaml#/A"}}),
        "Made/properties/a refers to 'common.yaml#/A', which is not below #/components/schemas/"),
    "a property of another schema": (received({"a": {"$ref": "#/components/schemas/Job/properties/id"}}),
        "Made/properties/a refers to #/components/schemas/Job/properties/id, which does not exist"),
    # names
    "a long schema": (lambda spec, name: name_schemas(spec, **{LONG: closed(a=TEXT)}),
        f"{LONG} names a file with 104 characters: 100 is the most"),
    "a long operation": (lambda spec, name: add(spec, name).update(operationId=LONG),
        "GET /v0/made/made names a file with 129 characters: 100 is the most"),
    "one name twice": (received({"fooBar": TEXT, "foo_bar": TEXT}),
        "Made has 'fooBar' and 'foo_bar', both called foo_bar in Python: x-python-name can name them"),
    "values in two cases": (received({"a": {"enum": ["on", "ON"]}}),
        "properties/a has 'on' and 'ON', both called ON in Python: values; x-enum-varnames can name them"),
    "a value of signs": (received({"a": {"enum": [">="]}}),
        "properties/a has the value '>=', which makes no Python name: x-enum-varnames can name them"),
    # what is sent
    "a list in a path": (given({"type": "array", "items": TEXT}, "path", explode=False),
        "parameter q is an array in the path: only a scalar is supported there"),
    "an epoch that is sent": (sent({"a": {**INTEGER, "x-python-decode": "epoch"}}),
        "Made/properties/a is sent, and x-python-decode is read of what is received"),
    "objects that are the same": (body({"anyOf": [reference("One"), reference("Two")]}, One={
        **closed(a=TEXT), "required": ["a"]}, Two={**closed(a=TEXT, b=TEXT), "required": ["a"]}),
        "which can't be told from the others: it needs a required property that they have not, or a discriminator"),
    "objects without names": (body({"oneOf": [INLINE, INLINE]}),
        "POST /v0/made/made, body is inline: it needs a name under components/schemas"),
    "a body that may be null": (body({"anyOf": [reference("One"), {"type": "null"}]}, One=closed(a=TEXT)),
        "POST /v0/made/made, body is not a required object, or one of several"),
    "a body of texts": (body({"oneOf": [TEXT, {"type": "integer"}]}),
        "POST /v0/made/made, body is not a required object, or one of several"),
    "a bound of a map's values": (sent({"a": {"type": "object", "additionalProperties": {
        **INTEGER, "multipleOf": 2}}}), "properties/a/values has `multipleOf`, which is not checked in what is sent"),
    "a bound of one of several types": (sent({"a": {"anyOf": [{**TEXT, "maxLength": 2}, {"type": "integer"}]}}),
        "properties/a has `maxLength`, which is not checked in what is sent"),
    "the items of one of several types": (sent({"a": {"type": ["string", "array"], "items": TEXT}}),
        "properties/a has `items`, which is not checked in what is sent"),
    "two patterns": (sent({"a": {**reference("Coded"), "pattern": "^b"}}, {"Coded": {**TEXT, "pattern": "^a"}}),
        "properties/a has a `pattern` beside `$ref`, which refers to another"),
    "a date beside a reference": (sent({"a": {**reference("Plain"), "format": "date"}}, {"Plain": TEXT}),
        "properties/a has `format` beside `$ref`, which is not read: state its type"),
    "a list of nulls": (given({"type": "array", "items": {"type": ["integer", "null"]}}, "header", explode=False),
        "parameter q is an array whose items may be null, which can't be sent"),
    "unique items": (sent({"a": {"type": "array", "items": TEXT, "uniqueItems": True}}),
        "properties/a has `uniqueItems`, which is not checked in what is sent"),
    "a pattern of another dialect": (sent({"a": {**TEXT, "pattern": "^\\p{L}$"}}),
        "properties/a has the pattern ^\\p{L}$, which Python does not read: bad escape \\p at position 1"),
    "read-only and sent": (sent({"a": {**TEXT, "readOnly": True}}),
        "properties/a has `readOnly` and is sent: split its schema in two"),
    "a deep object": (given({"type": "object"}, style="deepObject"),
        "parameter q has `style: deepObject`, which is not read: form is"),
    "a list of secrets in a query": (given({"type": "array", "items": SECRET}, explode=False),
        "parameter q has `format: password`, and a parameter is shown in logs and events"),
    # what is received
    "numbers in an enum": (received({"a": {"type": "integer", "enum": [1, 2]}}),
        "Made/properties/a refers to MadeA, an enum that is not of strings"),
    "a text or an object": (received({"a": {"anyOf": [TEXT, reference("Health")]}}),
        "an anyOf that is not of JSON types, nullable, an open enum or one of several objects"),
    "a map of objects": (received({"a": {"type": "object", "additionalProperties": reference("Health")}}),
        "Made/properties/a is a map of an object: not supported"),
    "a list of lists": (received({"a": {"type": "array", "items": {"type": "array", "items": TEXT}}}),
        "Made/properties/a is a list of an array: not supported"),
    "patterns of names": (received({"a": {"type": "object", "patternProperties": {}}}),
        "Made/properties/a has `patternProperties`, which is not read"),
    "a format of texts": (received({"a": {**TEXT, "format": "duration"}}),
        "Made/properties/a has `format: duration`, which is not read"),
    "a constant number": (received({"a": {"const": 5}}),
        "Made/properties/a has `const`, which is not read: only that of a text is read"),
    "a schema that is true": (received({"a": True}), "Made/properties/a is True, and no property"),
    "two successes": (response("202", reference("Account")),
        "GET /v0/made/made needs one success, and its responses have 200 and 202"),
    "an error without a body": (response("404"),
        "GET /v0/made/made, response 404 has no application/json schema"),
    "a text": (response(schema=TEXT),
        "GET /v0/made/made, response 200 is neither an object nor an array of objects"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_names_its_place(name: str) -> None:
    spec: Spec = json.loads(json.dumps(dict(load_document("v0").content)))
    edit, message = REFUSED[name]
    edit(spec, "made")
    with pytest.raises(PlanError) as caught:
        plan_api(spec)
    assert str(caught.value).endswith(message)
