"""The change report tells a change of every keyword that the specs may have."""

from __future__ import annotations

import copy

import pytest
from openapi.generator.keywords import SCHEMA_KEYWORDS
from openapi.generator.schemas import PlanError
from scripts.spec_diff.comparison import compare
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
