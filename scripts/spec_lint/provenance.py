"""Rules for the source of each name: the reference, or an ``x-provenance`` mark."""

from __future__ import annotations

from .model import Problems, Spec
from .traversal import objects

MARKS = ("vendor-docs", "client", "inferred")


def marks(spec: Spec) -> Problems:
    """Check that a mark is one of `MARKS`."""
    for site in objects(spec):
        if "x-provenance" in site.node and site.node["x-provenance"] not in MARKS:
            yield site, f"{site.node['x-provenance']!r} is none of {', '.join(MARKS)}"


def sources(spec: Spec) -> Problems:
    """Check that a parameter or property is either listed as documented or marked, never both."""
    parameters = [
        (operation.id, str(site.node.get("name")), site)
        for operation in spec.operations()
        for site in spec.parameters(operation)
    ]
    for listed, entries in (
        (spec.documented.parameters, parameters),
        (spec.documented.properties, spec.properties()),
    ):
        for owner, name, site in entries:
            is_documented = name in listed.get(owner, ())
            is_marked = "x-provenance" in site.node
            if is_documented and is_marked:
                yield site, f"{name} of {owner} is documented, so it must not have x-provenance"
            elif not is_documented and not is_marked:
                yield site, f"{name} of {owner} is not documented, so it requires x-provenance"


def documented_names(spec: Spec) -> Problems:
    """Check that every name listed as documented exists in the spec."""
    parameters = {
        operation.id: {site.node.get("name") for site in spec.parameters(operation)}
        for operation in spec.operations()
    }
    properties = {
        schema: set(site.node.get("properties", {})) for schema, site in spec.named_schemas()
    }
    for kind, listed, present in (
        ("parameter", spec.documented.parameters, parameters),
        ("property", spec.documented.properties, properties),
    ):
        for owner, names in listed.items():
            for name in sorted(names - present.get(owner, set())):
                yield spec.root, f"{name} is documented as a {kind} of {owner} and does not exist"
