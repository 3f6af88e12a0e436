"""Rules for schemas: their keywords, and that responses accept the unknown and requests do not."""

from __future__ import annotations

from openapi.generator.keywords import SCHEMA_KEYWORDS

from .model import Problems, Spec, each, objects, types


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
    for site in spec.all_schemas:
        for key in site.node:
            if key not in SCHEMA_KEYWORDS and not key.startswith("x-") and key != "nullable":
                yield site, f"{key!r} is an unknown keyword; is a comma unquoted?"


# ``nullable`` is of OpenAPI 3.0 and has no meaning in 3.1.
nullable = each(objects, lambda node: "nullable" in node, 'use the type "null" instead of nullable')


def required_properties(spec: Spec) -> Problems:
    """Check that a required property is declared by the schema that requires it."""
    for site in spec.all_schemas:
        for name in site.node.get("required", ()):
            if name not in site.node.get("properties", {}):
                yield site, f"{name} is required and not declared in properties"


def named_objects(spec: Spec) -> Problems:
    """Check that an object with properties is a component: its name becomes a class name."""
    named = {site.location for _, site in spec.named_schemas()}
    for site in spec.all_schemas:
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


# ---- open responses, closed requests ----------------------------------------------------------


requests = each(
    Spec.request_schemas,
    lambda node: "properties" in node and node.get("additionalProperties") is not False,
    "an object in a request requires additionalProperties: false",
)


def responses(spec: Spec) -> Problems:
    """Check that an object in a response has no ``additionalProperties``, unless it is a map."""
    for site in spec.response_schemas():
        value = site.node.get("additionalProperties")
        if value is False or (value is not None and "properties" in site.node):
            yield site, "an object in a response must not have additionalProperties"


def enums(spec: Spec) -> Problems:
    """Check that an enum in a response is in an ``anyOf`` with a plain string."""
    sites = list(spec.response_schemas())
    # The branches of such an anyOf are correct, and named schemas are checked where they are used.
    exempt = {site.location for _, site in spec.named_schemas()}
    for site in sites:
        branches = [site.child("anyOf", index) for index in range(len(site.node.get("anyOf", ())))]
        keywords = [set(one.node) for one in branches if "string" in types(one.node)]
        if any(not {"enum", "pattern"} & one for one in keywords):  # a plain string
            exempt.update(branch.location for branch in branches)
    for site in sites:
        if site.location not in exempt and "enum" in spec.resolve(site).node:
            yield site, "an enum in a response requires anyOf with {type: string} beside it"


def inferred_required(spec: Spec) -> Problems:
    """Check that a response does not require a property whose name is inferred."""
    reached = {site.location for site in spec.response_schemas()}
    for schema, name, site in spec.properties():
        owner = spec.root.child("components", "schemas", schema)
        if owner.location not in reached or name not in owner.node.get("required", ()):
            continue
        if site.node.get("x-provenance") == "inferred":
            consequence = "if it is wrong, every response is refused"
            yield site, f"{name} is inferred and required; {consequence}"
