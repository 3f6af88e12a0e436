"""Rules for where each name comes from: the reference, or a mark that says what else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import Finding, Site, Spec
from .walking import objects

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKS = ("vendor-docs", "client", "inferred")


def marks(spec: Spec) -> Iterator[Finding]:
    """A mark is one of those there are."""
    for site in objects(spec):
        if "x-provenance" in site.node and site.node["x-provenance"] not in MARKS:
            message = f"{site.node['x-provenance']!r} is none of {', '.join(MARKS)}"
            yield Finding(site.location, "provenance-mark", message)


def parameters(spec: Spec) -> Iterator[Finding]:
    """A parameter is either in the list of documented names or marked, never both."""
    for operation in spec.operations():
        stated = spec.documented.parameters.get(operation.id, frozenset())
        for site in spec.parameters(operation):
            yield from _either(site, operation.id, str(site.node.get("name")), stated)


def properties(spec: Spec) -> Iterator[Finding]:
    """A property is either in the list of documented names or marked, never both."""
    for schema, name, site in spec.properties():
        stated = spec.documented.properties.get(schema, frozenset())
        yield from _either(site, schema, name, stated)


def documented_exists(spec: Spec) -> Iterator[Finding]:
    """What the list of documented names holds is in the spec."""
    present: dict[str, frozenset[str]] = {}
    for operation in spec.operations():
        parameters_of = (str(site.node.get("name")) for site in spec.parameters(operation))
        present[f"parameter of {operation.id}"] = frozenset(parameters_of)
    for schema, site in spec.named_schemas():
        present[f"property of {schema}"] = frozenset(site.node.get("properties", {}))
    listed = {f"parameter of {key}": names for key, names in spec.documented.parameters.items()}
    listed |= {f"property of {key}": names for key, names in spec.documented.properties.items()}
    for owner, names in listed.items():
        for name in sorted(names - present.get(owner, frozenset())):
            message = f"{name} is documented as a {owner} and is not in the spec"
            yield Finding("#", "documented-name", message)


def _either(site: Site, owner: str, name: str, documented: frozenset[str]) -> Iterator[Finding]:
    title = f"{name} of {owner}"
    marked = "x-provenance" in site.node
    if name in documented and marked:
        message = f"{title} is documented, so it carries no x-provenance"
        yield Finding(site.location, "provenance", message)
    elif name not in documented and not marked:
        message = f"{title} is not documented, so it needs x-provenance"
        yield Finding(site.location, "provenance", message)
