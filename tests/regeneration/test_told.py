"""The change report tells a change of every keyword that the specs may have."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from openapi.generator.keywords import SCHEMA_KEYWORDS
from openapi.generator.schemas import PlanError
from scripts.spec_diff.comparison import compare
from scripts.spec_diff.grades import Grade
from scripts.spec_diff.surface import surface_of

from .edits import Edit, Spec, schema
from .spec import small_spec
from .test_keywords import BASES, JSON_SCHEMA, PLACES, READ

ONE, TWO = "#/components/schemas/One", "#/components/schemas/Two"


def with_union() -> Spec:
    """Return the small spec with a field that is one of two objects."""
    spec = small_spec()
    tagged = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    spec["components"]["schemas"] |= {"One": tagged, "Two": tagged, "Either": {
        "description": "One or two.", "oneOf": [{"$ref": ONE}, {"$ref": TWO}],
        "discriminator": {"propertyName": "a", "mapping": {"b": ONE, "d": TWO}}}}  # fmt: skip
    schema(spec, "Part")["properties"]["either"] = {"$ref": "#/components/schemas/Either"}
    return spec


# Where a keyword of schemas has to stand in a component instead of a property.
COMPONENT: dict[str, Edit] = {
    "enum": lambda spec: schema(spec, "Kind")["enum"].append("new"),
    "properties": lambda spec: schema(spec, "Part")["properties"].update(a={"type": "string"}),
    "discriminator": lambda spec: schema(spec, "Either")["discriminator"]["mapping"].update(c=ONE),
    "required": lambda spec: schema(spec, "Thing")["required"].append("weight"),
}


# Nothing that is generated depends on them: a field is only received or only sent as it is.
NO_EFFECT = {"title", "readOnly", "writeOnly"}


@pytest.mark.parametrize("keyword", sorted(SCHEMA_KEYWORDS - NO_EFFECT))
def test_every_keyword_that_the_lint_allows_is_told(keyword: str) -> None:
    """Wherever it is read: at a field that is received or sent, and at an argument."""
    pairs = [(place, base) for place in PLACES for base in BASES if keyword in READ[place][base]]
    if keyword in COMPONENT:
        original, edited = with_union(), with_union()
        COMPONENT[keyword](edited)
        assert compare(surface_of("s", original), surface_of("s", edited))
    else:
        assert pairs
    for place, base in pairs:
        before, after = small_spec(), small_spec()
        for spec in (before, after):
            spec["components"]["schemas"]["Text"] = {"type": "string", "description": "T."}
        old = (
            {"type": "string", "description": "D."}
            if base == "none" and place == "argument"
            else BASES[base]
        )
        try:
            PLACES[place](before, copy.deepcopy(old))
            was = surface_of("s", before)
        except PlanError:
            continue  # no argument can be of the type before
        keywords = {**copy.deepcopy(BASES[base]), keyword: JSON_SCHEMA[keyword]}
        PLACES[place](after, keywords)
        now = surface_of("s", after)
        text = (
            keyword in {"$ref", "anyOf", "oneOf"} and place == "argument"
        )  # of the same type as before
        assert text or (compare(was, now) and compare(now, was)), (place, base)


# What a document may say of itself: where, and another value. What the key and the base URL are made
# of has tests of its own.
STATEMENTS: dict[str, tuple[tuple[str | int, ...], object]] = {
    **{f"info.{name}": (("info", name), "other")
       for name in ("title", "version", "summary", "description", "termsOfService")},
    **{f"info.contact.{name}": (("info", "contact"), {name: "other"})
       for name in ("name", "url", "email")},
    **{f"info.license.{name}": (("info", "license"), {name: "other"})
       for name in ("name", "identifier", "url")},
    "tags.things.description": (("tags", 0, "description"), "other"),
    "a new tag": (("tags",), [{"name": "things", "description": "T."}, {"name": "new"}]),
    "servers.0.description": (("servers", 0, "description"), "other"),
    "securitySchemes.key.description": (
        ("components", "securitySchemes", "key", "description"), "other"),
}  # fmt: skip


@pytest.mark.parametrize("name", STATEMENTS)
def test_what_a_document_says_of_itself_is_told(name: str) -> None:
    original, edited = small_spec(), small_spec()
    (*path, last), value = STATEMENTS[name]
    for spec in (original, edited):
        spec["tags"] = [{"name": "things", "description": "T."}]
    place: Any = edited
    for step in path:
        place = place[step]
    place[last] = value
    was, now = surface_of("s", original), surface_of("s", edited)
    for changes in (compare(was, now), compare(now, was)):
        assert changes
        assert {change.grade for change in changes} == {Grade.DOCS}
        if name.count("."):
            assert name in changes[0].text


def test_a_long_text_is_not_repeated() -> None:
    original, edited = small_spec(), small_spec()
    edited["info"]["description"] = "word " * 100
    (change,) = compare(surface_of("s", original), surface_of("s", edited))
    assert change.text == "info.description is another"
