"""The text and the grade of every kind of change, and of its reverse."""

from __future__ import annotations

from typing import Any

import pytest
from scripts.spec_diff.comparison import compare
from scripts.spec_diff.grades import Change, Grade
from scripts.spec_diff.surface import surface_of

from .edits import Edit, field, operation, parameter, query, rename, rename_schema, schema
from .spec import small_spec

B, S, A, D = Grade.BREAKING, Grade.SEMANTIC, Grade.ADDITIVE, Grade.DOCS
Expected = list[tuple[Grade, str]]


def new_operation(spec: dict[str, Any]) -> None:
    listed = operation(spec, "listThings")
    spec["paths"]["/things/latest"] = {
        "get": {**listed, "operationId": "listLatestThings", "parameters": []}
    }


def other_path(spec: dict[str, Any]) -> None:
    rename(spec["paths"], "/things/{id}/parts/{part}", "/v2/things/{id}/parts/{part}")


def path_parameter(spec: dict[str, Any], old: str, new: str, **more: Any) -> None:
    path = "/things/{id}/parts/{part}"
    parameter(spec, old).update(name=new, **more)
    rename(spec["paths"], path, path.replace(f"{{{old}}}", f"{{{new}}}"))


# The edit of the spec; the changes it makes; the changes of its reverse.
ROWS: dict[str, tuple[Edit, Expected, Expected]] = {
    # operations
    "an operation": (
        new_operation,
        [(A, "operation `list_latest_things` is new")],
        [(B, "operation `list_latest_things` is gone")],
    ),
    "an operation's name": (
        lambda spec: operation(spec, "getPart").update(operationId="readPart"),
        [(B, "operation `get_part` is now called `read_part`")],
        [(B, "operation `read_part` is now called `get_part`")],
    ),
    "an operation's package": (
        lambda spec: operation(spec, "getPart").update(tags=["things"]),
        [(B, "`get_part` is in `api.things`, was in `api.parts`")],
        [(B, "`get_part` is in `api.parts`, was in `api.things`")],
    ),
    "an operation's path": (
        other_path,
        [(S, "`get_part` sends GET /v2/things/{}/parts/{}, sent GET /things/{}/parts/{}")],
        [(S, "`get_part` sends GET /things/{}/parts/{}, sent GET /v2/things/{}/parts/{}")],
    ),
    "an operation's description": (
        lambda spec: operation(spec, "getPart").update(description="More about it."),
        [(D, "`get_part` has another description")],
        [(D, "`get_part` has another description")],
    ),
    "an operation's success": (
        lambda spec: rename(operation(spec, "makeThing")["responses"], "201", "202"),
        [(S, "`make_thing` takes status 202 for success, took 201")],
        [(S, "`make_thing` takes status 201 for success, took 202")],
    ),
    "an operation's result": (
        lambda spec: operation(spec, "listThings")["responses"]["200"]["content"][
            "application/json"
        ].update(schema={"$ref": "#/components/schemas/Thing"}),
        [(B, "`list_things` returns `Thing`, returned `list[Thing]`")],
        [(B, "`list_things` returns `list[Thing]`, returned `Thing`")],
    ),
    "a documented error": (
        lambda spec: operation(spec, "getPart")["responses"].update(
            {"409": operation(spec, "getPart")["responses"]["404"]}
        ),
        [(D, "status 409 of `get_part` is documented")],
        [(D, "status 409 of `get_part` is no longer documented")],
    ),
    "an operation's body": (
        lambda spec: operation(spec, "makeThing").pop("requestBody"),
        [(B, "`make_thing` takes no body, took `MakeThingRequest`"),
         (B, "class `MakeThingRequest` is received now"),
         ],
        [(B, "`make_thing` takes `MakeThingRequest`, took no body"),
         (B, "class `MakeThingRequest` is sent now")],
    ),
    "whether an operation needs a key": (
        lambda spec: operation(spec, "getPart").update(security=[]),
        [(S, "`get_part` needs a key: False, was True")],
        [(S, "`get_part` needs a key: True, was False")],
    ),
    "whether an operation is sent once": (
        lambda spec: operation(spec, "makeThing").update({"x-idempotent": True}),
        [(S, "`make_thing` is sent once: False, was True")],
        [(S, "`make_thing` is sent once: True, was False")],
    ),
    "whether an operation is deprecated": (
        lambda spec: operation(spec, "getPart").update(deprecated=True),
        [(A, "`get_part` is deprecated: True, was False"),
         (D, "`get_part` has another description")],
        [(A, "`get_part` is deprecated: False, was True"),
         (D, "`get_part` has another description")],
    ),
    "an operation's method": (
        lambda spec: operation(spec, "getPart").update({"x-python-method": "parts.get"}),
        [(B, "the SDK's method of `get_part` is parts.get, was that of its name")],
        [(B, "the SDK's method of `get_part` is that of its name, was parts.get")],
    ),
    "whether an operation has a method": (
        lambda spec: operation(spec, "getPart").update({"x-python-method": None}),
        [(B, "the SDK's method of `get_part` is None, was that of its name")],
        [(B, "the SDK's method of `get_part` is that of its name, was None")],
    ),
    "an operation's extension": (
        lambda spec: operation(spec, "getPart").update({"x-python-not-found": "none"}),
        [(B, "the extensions of `get_part` are {'x-python-not-found': 'none'}, were {}")],
        [(B, "the extensions of `get_part` are {}, were {'x-python-not-found': 'none'}")],
    ),
    "a success's description": (
        lambda spec: operation(spec, "getPart")["responses"]["200"].update(description="A part."),
        [(D, "`get_part` has another description")],
        [(D, "`get_part` has another description")],
    ),
    "another server": (
        lambda spec: spec["servers"].append({"url": "https://us.test"}),
        [(D, "the other servers are https://us.test, were none")],
        [(D, "the other servers are none, were https://us.test")],
    ),
    # arguments
    "whether an argument is deprecated": (
        lambda spec: parameter(spec, "q").update(deprecated=True),
        [(A, "`q` of `list_things` is deprecated"),
         (D, "`q` of `list_things` has another description")],
        [(A, "`q` of `list_things` is no longer deprecated"),
         (D, "`q` of `list_things` has another description")],
    ),
    "an argument by position": (
        lambda spec: parameter(spec, "q").update({"x-python-positional": True}),
        [(A, "`q` of `list_things` may be passed by position")],
        [(B, "`q` of `list_things` may no longer be passed by position")],
    ),
    "what an argument requires": (
        lambda spec: parameter(spec, "q").update({"x-requires": "kind"}),
        [(B, "`q` of `list_things` needs kind, needed nothing")],
        [(A, "`q` of `list_things` needs nothing, needed kind")],
    ),
    "an argument's place": (
        lambda spec: parameter(spec, "q").update({"in": "header"}),
        [(B, "`q` of `list_things` is in the header, was in the query")],
        [(B, "`q` of `list_things` is in the query, was in the header")],
    ),
    "an optional argument": (
        lambda spec: operation(spec, "listThings")["parameters"].append(query("since")),
        [(A, "`list_things` may be given `since: str`")],
        [(B, "`list_things` no longer takes `since`")],
    ),
    "a required argument": (
        lambda spec: operation(spec, "listThings")["parameters"].append(
            query("since", required=True)
        ),
        [(B, "`list_things` must be given `since: str`")],
        [(B, "`list_things` no longer takes `since`")],
    ),
    "an argument's name": (
        lambda spec: parameter(spec, "q").update(name="words"),
        [(B, "`q` of `list_things` is now called `words`")],
        [(B, "`words` of `list_things` is now called `q`")],
    ),
    "an argument's name on the wire alone": (
        lambda spec: parameter(spec, "q").update({"name": "words", "x-python-name": "q"}),
        [(S, "`q` of `list_things` is `words` on the wire, was `q`")],
        [(S, "`q` of `list_things` is `q` on the wire, was `words`")],
    ),
    "an argument's name in Python alone": (
        lambda spec: parameter(spec, "q").update({"x-python-name": "words"}),
        [(B, "`q` of `list_things` is now called `words`")],
        [(B, "`words` of `list_things` is now called `q`")],
    ),
    "a positional argument's name": (
        lambda spec: path_parameter(spec, "id", "thing_id"),
        [(B, "`id` of `get_part` is now called `thing_id`")],
        [(B, "`thing_id` of `get_part` is now called `id`")],
    ),
    "a positional argument's name in the spec alone": (
        lambda spec: path_parameter(spec, "id", "thing", **{"x-python-name": "id"}),
        [],
        [],
    ),
    "the order of positional arguments": (
        lambda spec: operation(spec, "getPart")["parameters"].reverse(),
        [(B, "the positional arguments of `get_part` have another order")],
        [(B, "the positional arguments of `get_part` have another order")],
    ),
    "the order of keyword arguments": (
        lambda spec: operation(spec, "listThings")["parameters"].reverse(), [], [],
    ),
    "whether an argument must be given": (
        lambda spec: parameter(spec, "q").update(required=True),
        [(B, "`q` of `list_things` must be given")],
        [(A, "`q` of `list_things` may be left out")],
    ),
    "an argument's type": (
        lambda spec: parameter(spec, "q").update(schema={"type": "boolean"}),
        [(B, "`q` of `list_things` takes `bool`, took `str`")],
        [(B, "`q` of `list_things` takes `str`, took `bool`")],
    ),
    "an argument that takes fractions": (
        lambda spec: parameter(spec, "part").update(schema={"type": "number"}),
        [(A, "`part` of `get_part` takes `float`, took `int`")],
        [(B, "`part` of `get_part` takes `int`, took `float`")],
    ),
    "an argument that takes any text": (
        lambda spec: parameter(spec, "kind").update(schema={"type": "string"}),
        [(A, "`kind` of `list_things` takes `str`, took `Kind`")],
        [(B, "`kind` of `list_things` takes `Kind`, took `str`")],
    ),
    "an argument's default": (
        lambda spec: parameter(spec, "limit")["schema"].update(default=20),
        [(S, "the service's default of `limit` of `list_things` is 20, was 10")],
        [(S, "the service's default of `limit` of `list_things` is 10, was 20")],
    ),
    "an argument's undocumented default": (
        lambda spec: parameter(spec, "limit")["schema"].pop("default"),
        [(S, "the service's default of `limit` of `list_things` is undocumented, was 10")],
        [(S, "the service's default of `limit` of `list_things` is 10, was undocumented")],
    ),
    "an argument's upper limit": (
        lambda spec: parameter(spec, "limit")["schema"].update(maximum=500),
        [(A, "maximum of `limit` of `list_things` is 500, was 100")],
        [(B, "maximum of `limit` of `list_things` is 100, was 500")],
    ),
    "an argument's lower limit": (
        lambda spec: parameter(spec, "limit")["schema"].update(minimum=0),
        [(A, "minimum of `limit` of `list_things` is 0, was 1")],
        [(B, "minimum of `limit` of `list_things` is 1, was 0")],
    ),
    "an argument's pattern": (
        lambda spec: parameter(spec, "q")["schema"].update(pattern="^a"),
        [(B, "pattern of `q` of `list_things` is ^a, was none")],
        [(A, "pattern of `q` of `list_things` is none, was ^a")],
    ),
    "an argument's format": (
        lambda spec: parameter(spec, "q")["schema"].update(format="uuid"),
        [(B, "format of `q` of `list_things` is uuid, was none")],
        [(A, "format of `q` of `list_things` is none, was uuid")],
    ),
    "whether an argument's enum is open": (
        lambda spec: parameter(spec, "kind").update(
            schema={"anyOf": [{"$ref": "#/components/schemas/Kind"}, {"type": "string"}]}
        ),
        [(D, "the enum of `kind` of `list_things` is open in the spec")],
        [(D, "the enum of `kind` of `list_things` is closed in the spec")],
    ),
    "an argument's description": (
        lambda spec: parameter(spec, "q").update(description="Another description."),
        [(D, "`q` of `list_things` has another description")],
        [(D, "`q` of `list_things` has another description")],
    ),
    # fields that are sent
    "an optional field to send": (
        lambda spec: schema(spec, "MakeThingRequest")["properties"].update(
            size={"type": "integer", "description": "Its size."}
        ),
        [(A, "`MakeThingRequest.size: int` is new")],
        [(B, "`MakeThingRequest.size` is gone")],
    ),
    "a required field to send": (
        lambda spec: (
            schema(spec, "MakeThingRequest")["properties"].update(size={"type": "integer"}),
            schema(spec, "MakeThingRequest")["required"].append("size"),
        ),
        [(B, "`MakeThingRequest.size: int` is new and must be given")],
        [(B, "`MakeThingRequest.size` is gone")],
    ),
    "whether a field must be sent": (
        lambda spec: schema(spec, "MakeThingRequest")["required"].append("colour"),
        [(B, "`MakeThingRequest.colour` must be given")],
        [(A, "`MakeThingRequest.colour` may be left out")],
    ),
    "whether null may be sent": (
        lambda spec: field(spec, "MakeThingRequest", "colour").update(type=["string", "null"]),
        [(A, "`MakeThingRequest.colour` takes `str | None`, took `str`")],
        [(B, "`MakeThingRequest.colour` takes `str`, took `str | None`")],
    ),
    "the length of a field to send": (
        lambda spec: field(spec, "MakeThingRequest", "name").update(minLength=3),
        [(B, "minLength of `MakeThingRequest.name` is 3, was 1")],
        [(A, "minLength of `MakeThingRequest.name` is 1, was 3")],
    ),
    "a secret": (
        lambda spec: field(spec, "MakeThingRequest", "colour").update(format="password"),
        [(S, "`MakeThingRequest.colour` is redacted in its repr and errors")],
        [(S, "`MakeThingRequest.colour` is shown in its repr and errors")],
    ),
    # fields that are read
    "an optional field to read": (
        lambda spec: schema(spec, "Thing")["properties"].update(
            size={"type": "integer", "description": "Its size."}
        ),
        [(A, "`Thing.size: int | None` is new")],
        [(B, "`Thing.size` is gone")],
    ),
    "a required field to read": (
        lambda spec: (
            schema(spec, "Thing")["properties"].update(size={"type": "integer"}),
            schema(spec, "Thing")["required"].append("size"),
        ),
        [(S, "`Thing.size: int` is new, and a response without it is refused")],
        [(B, "`Thing.size` is gone")],
    ),
    "whether a field to read is always there": (
        lambda spec: schema(spec, "Thing")["required"].append("weight"),
        [(S, "`Thing.weight` is `float`, was `float | None`, and a response without it is refused")],
        [(B, "`Thing.weight` is `float | None`, was `float`")],
    ),
    "whether a field that may be null is always there": (
        lambda spec: schema(spec, "Thing")["required"].remove("note"),
        [(A, "`Thing.note` may be absent from a response, and is then also `str | None`")],
        [(S, "`Thing.note` is always present, and code that builds such an object must give it")],
    ),
    "whether a field to read may be null": (
        lambda spec: field(spec, "Thing", "id").update(type=["integer", "null"]),
        [(B, "`Thing.id` is `int | None`, was `int`")],
        [(S, "`Thing.id` is `int`, was `int | None`")],
    ),
    "the type of a field to read": (
        lambda spec: field(spec, "Thing", "id").update(type="string"),
        [(B, "`Thing.id` is `str`, was `int`")],
        [(B, "`Thing.id` is `int`, was `str`")],
    ),
    "a field to read that may be more": (
        lambda spec: field(spec, "Thing", "id").update(type=["integer", "string"]),
        [(B, "`Thing.id` is `int | str`, was `int`")],
        [(S, "`Thing.id` is `int`, was `int | str`")],
    ),
    "a field to read that becomes a time": (
        lambda spec: field(spec, "Thing", "note").update(format="date-time"),
        [(B, "`Thing.note` is `datetime | str | None`, was `str | None`")],
        [(S, "`Thing.note` is `str | None`, was `datetime | str | None`")],
    ),
    "a field to read that loses its type": (
        lambda spec: field(spec, "Thing", "id").pop("type"),
        [(B, "`Thing.id` is `Any`, was `int`")],
        [(B, "`Thing.id` is `int`, was `Any`")],
    ),
    "a text that becomes an enum": (
        lambda spec: (
            field(spec, "Thing", "note").pop("type"),
            field(spec, "Thing", "note").update(
                anyOf=[{"$ref": "#/components/schemas/Kind"}, {"type": "null"}]
            ),
        ),
        [(A, "`Thing.note` is `Kind | str | None`, was `str | None`")],
        [(S, "`Thing.note` is `str | None`, was `Kind | str | None`")],
    ),
    "null that is an empty list": (
        lambda spec: field(spec, "Thing", "sharedWith").update({"x-null-means-empty": True}),
        [(S, "`Thing.shared_with` is `list[str]`, was `list[str] | None`")],
        [(B, "`Thing.shared_with` is `list[str] | None`, was `list[str]`")],
    ),
    "a field's name": (
        lambda spec: rename(schema(spec, "Thing")["properties"], "weight", "mass"),
        [(B, "`Thing.weight` is now called `mass`")],
        [(B, "`Thing.mass` is now called `weight`")],
    ),
    "a field's name on the wire alone": (
        lambda spec: rename(schema(spec, "Thing")["properties"], "sharedWith", "shared_with"),
        [(S, "`Thing.shared_with` is `shared_with` on the wire, was `sharedWith`")],
        [(S, "`Thing.shared_with` is `sharedWith` on the wire, was `shared_with`")],
    ),
    "the limits of a field to read": (
        lambda spec: field(spec, "Thing", "id").update(minimum=1),
        [(D, "minimum of `Thing.id` is 1, was none")],
        [(D, "minimum of `Thing.id` is none, was 1")],
    ),
    "whether an enum to read is open": (
        lambda spec: field(spec, "Thing", "kind")["anyOf"].pop(),
        [(D, "the enum of `Thing.kind` is closed in the spec")],
        [(D, "the enum of `Thing.kind` is open in the spec")],
    ),
    "a field's description": (
        lambda spec: field(spec, "Thing", "id").update(description="Another description."),
        [(D, "`Thing.id` has another description")],
        [(D, "`Thing.id` has another description")],
    ),
    # enums
    "an enum's value": (
        lambda spec: schema(spec, "Kind")["enum"].append("tiny"),
        [(A, "`Kind.TINY` (`tiny`) is new")],
        [(B, "`Kind.TINY` (`tiny`) is gone")],
    ),
    "the text of an enum's value": (
        lambda spec: schema(spec, "Kind").update(enum=["big", "small"]),
        [(B, "`Kind.SMALL_ISH` (`small-ish`) is gone"), (A, "`Kind.SMALL` (`small`) is new")],
        [(B, "`Kind.SMALL` (`small`) is gone"), (A, "`Kind.SMALL_ISH` (`small-ish`) is new")],
    ),
    "a member's name": (
        lambda spec: schema(spec, "Kind").update({"x-enum-varnames": ["BIG", "SMALL"]}),
        [(B, "`Kind.SMALL_ISH` (`small-ish`) is now called `SMALL`")],
        [(B, "`Kind.SMALL` (`small-ish`) is now called `SMALL_ISH`")],
    ),
    "an enum's name": (
        lambda spec: rename_schema(spec, "Kind", "Sort"),
        [(B, "enum `Kind` is now called `Sort`")],
        [(B, "enum `Sort` is now called `Kind`")],
    ),
    # classes
    "a class's name": (
        lambda spec: rename_schema(spec, "Part", "Piece"),
        [(B, "class `Part` is now called `Piece`")],
        [(B, "class `Piece` is now called `Part`")],
    ),
    "a class": (
        lambda spec: spec["components"]["schemas"].update(
            Other={"type": "object", "properties": {"a": {"type": "string"}}}
        ),
        [(A, "class `Other` is new")],
        [(B, "class `Other` is gone")],
    ),
    "a class's description": (
        lambda spec: schema(spec, "Thing").update(description="Another description."),
        [(D, "`Thing` has another description")],
        [(D, "`Thing` has another description")],
    ),
    # the service
    "the base URL": (
        lambda spec: spec["servers"][0].update(url="https://new.test"),
        [(S, "the base URL is https://new.test, was https://things.test")],
        [(S, "the base URL is https://things.test, was https://new.test")],
    ),
    "how the key is sent": (
        lambda spec: spec["components"]["securitySchemes"].update(
            key={"type": "http", "scheme": "bearer"}
        ),
        [(S, "the key is sent as `Authorization Bearer`, was sent as `x-key`")],
        [(S, "the key is sent as `x-key`, was sent as `Authorization Bearer`")],
    ),
    # what is no change for users
    "an example, a mark and a link": (
        lambda spec: (
            parameter(spec, "q").update({"example": "red", "x-provenance": "inferred"}),
            operation(spec, "listThings")["responses"]["200"].update(links={}),
        ),
        [],
        [],
    ),
    "a type that is referred to": (
        lambda spec: (
            spec["components"]["schemas"].update(Words={"type": "string", "description": "Words."}),
            parameter(spec, "q").update(schema={"$ref": "#/components/schemas/Words"}),
        ),
        [],
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_each_change_and_its_reverse_are_reported_and_graded(name: str) -> None:
    edit, expected, reverse = ROWS[name]
    edited = small_spec()
    edit(edited)
    assert edited != small_spec(), "the row changes nothing"
    old, new = surface_of("small", small_spec()), surface_of("small", edited)
    assert graded(compare(old, new)) == expected
    assert graded(compare(new, old)) == reverse


def graded(changes: list[Change]) -> Expected:
    assert all(change.api == "small" for change in changes)
    return [(change.grade, change.text) for change in changes]


def test_the_same_spec_is_no_change() -> None:
    assert compare(surface_of("a", small_spec()), surface_of("a", small_spec())) == []


def test_the_most_severe_change_comes_first() -> None:
    spec = small_spec()
    for name in (
        "an argument's description",
        "an enum's value",
        "the base URL",
        "an argument's type",
    ):
        ROWS[name][0](spec)
    changes = compare(surface_of("a", small_spec()), surface_of("a", spec))
    assert [change.grade for change in changes] == [B, S, A, D]
