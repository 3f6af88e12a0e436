"""Rules for schemas on their own: what each one says, and in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import Finding, Spec, types
from .walking import objects

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEYWORDS = frozenset(
    {
        "$ref", "additionalProperties", "allOf", "anyOf", "const", "default", "deprecated",
        "description", "enum", "examples", "exclusiveMaximum", "exclusiveMinimum", "format",
        "items", "maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum",
        "multipleOf", "not", "oneOf", "pattern", "properties", "required", "type", "uniqueItems",
    }
)  # fmt: skip


def described(spec: Spec) -> Iterator[Finding]:
    """Every component schema and every property has a description."""
    for name, site in spec.named_schemas():
        if not site.node.get("description"):
            yield Finding(site.location, "schema-description", f"{name} has no description")
    for _, name, site in spec.properties():
        # A property that is a mere reference may leave it to the schema it names.
        if not (site.node.get("description") or spec.resolve(site).node.get("description")):
            yield Finding(site.location, "property-description", f"{name} has no description")


def keywords(spec: Spec) -> Iterator[Finding]:
    """A schema uses known keywords only.

    An unquoted comma in ``{type: string, description: Red, green or blue}`` ends the description
    and makes a keyword of the rest; JSON Schema ignores unknown keywords, so nothing else sees it.
    """
    for site in spec.all_schemas():
        for key in site.node:
            if key not in _KEYWORDS and not key.startswith("x-") and key != "nullable":
                message = f"{key!r} is no keyword of a schema; is a comma unquoted?"
                yield Finding(site.location, "schema-keyword", message)


def nullable(spec: Spec) -> Iterator[Finding]:
    """Null is a type; ``nullable`` is OpenAPI 3.0's word and means nothing in 3.1."""
    for site in objects(spec):
        if "nullable" in site.node:
            yield Finding(site.location, "nullable", 'write the type "null" instead of nullable')


def required_exist(spec: Spec) -> Iterator[Finding]:
    """What is required is a property of the schema that requires it."""
    for site in spec.all_schemas():
        for name in site.node.get("required", ()):
            if name not in site.node.get("properties", {}):
                message = f"{name} is required and is not among the properties"
                yield Finding(site.location, "required-property", message)


def named_objects(spec: Spec) -> Iterator[Finding]:
    """An object with properties is a component: its name becomes the name of a class."""
    named = {site.location for _, site in spec.named_schemas()}
    for site in spec.all_schemas():
        if "properties" in site.node and site.location not in named:
            message = "an object with properties belongs under components/schemas"
            yield Finding(site.location, "named-object", message)


def integer_bounds(spec: Spec) -> Iterator[Finding]:
    """An integer in a request has both bounds.

    JSON has no largest integer, and ``format`` alone is an annotation that validates nothing.
    """
    for site in (*spec.request_schemas(), *spec.parameter_schemas()):
        if "integer" not in types(site.node):
            continue
        missing = [key for key in ("minimum", "maximum") if key not in site.node]
        if missing:
            message = f"an integer in a request has no {' and no '.join(missing)}"
            yield Finding(site.location, "integer-bounds", message)
