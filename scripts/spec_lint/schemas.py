"""Rules for schemas: descriptions, keywords and types."""

from __future__ import annotations

from .model import Problems, Spec, each, objects, types

_KEYWORDS = frozenset(
    {
        "$ref", "additionalProperties", "allOf", "anyOf", "const", "default", "deprecated",
        "description", "enum", "examples", "exclusiveMaximum", "exclusiveMinimum", "format",
        "items", "maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum",
        "multipleOf", "not", "oneOf", "pattern", "properties", "required", "type", "uniqueItems",
    }
)  # fmt: skip


def descriptions(spec: Spec) -> Problems:
    """Check that every component schema has a description."""
    for name, site in spec.named_schemas():
        if not site.node.get("description"):
            yield site, f"{name} has no description"


def property_descriptions(spec: Spec) -> Problems:
    """Check that every property has a description, its own or that of the schema it refers to."""
    for _, name, site in spec.properties():
        if not (site.node.get("description") or spec.resolve(site).node.get("description")):
            yield site, f"{name} has no description"


def keywords(spec: Spec) -> Problems:
    """Check that a schema has known keywords only.

    An unquoted comma in ``{type: string, description: Red, green or blue}`` ends the description
    and makes a keyword of the rest, which JSON Schema ignores.
    """
    for site in spec.all_schemas():
        for key in site.node:
            if key not in _KEYWORDS and not key.startswith("x-") and key != "nullable":
                yield site, f"{key!r} is an unknown keyword; is a comma unquoted?"


# ``nullable`` is of OpenAPI 3.0 and has no meaning in 3.1.
nullable = each(objects, lambda node: "nullable" in node, 'use the type "null" instead of nullable')


def required_properties(spec: Spec) -> Problems:
    """Check that a required property is declared by the schema that requires it."""
    for site in spec.all_schemas():
        for name in site.node.get("required", ()):
            if name not in site.node.get("properties", {}):
                yield site, f"{name} is required and not declared in properties"


def named_objects(spec: Spec) -> Problems:
    """Check that an object with properties is a component: its name becomes a class name."""
    named = {site.location for _, site in spec.named_schemas()}
    for site in spec.all_schemas():
        if "properties" in site.node and site.location not in named:
            yield site, "an object with properties must be under components/schemas"


def integer_bounds(spec: Spec) -> Problems:
    """Check that an integer in a request has both bounds.

    JSON has no largest integer, and ``format`` alone is an annotation that validates nothing.
    """
    parameters = (site.child("schema") for site in spec.all_parameters())
    for site in (*spec.request_schemas(), *spec.reachable(parameters)):
        missing = [key for key in ("minimum", "maximum") if key not in site.node]
        if missing and "integer" in types(site.node):
            yield site, f"an integer in a request has no {' and no '.join(missing)}"
