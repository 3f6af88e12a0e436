"""Rules for names: their style, those of secrets, and the source of each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from benchwire_specs import holds_secret

from .model import Problems, Site, Spec, objects

# The values of ``x-provenance``.
MARKS = ("reference", "vendor-docs", "client", "inferred")

_CAMEL = re.compile(r"[a-z][a-zA-Z0-9]*\Z")
_PASCAL = re.compile(r"[A-Z][a-zA-Z0-9]*\Z")
_SNAKE = re.compile(r"[a-z][a-z0-9_]*\Z")

# The style of each API's JSON names and parameters.
_WIRE_STYLE = {"public": _SNAKE, "v0": _SNAKE, "v2": _CAMEL}

_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_SECRET_WORDS = frozenset({"key", "password", "secret", "token"})
# Names that end like a secret's and are none.
_NO_SECRETS = {
    "key": "the public key of a model or benchmark",
    "model_key": "the public key of a model",
    "cost_per_input_token": "a price",
    "cost_per_output_token": "a price",
    "use_organization_api_key": "whether one was used",
}


def styles(spec: Spec) -> Problems:
    """Check camelCase operationIds, PascalCase schemas, and wire names in their API's style."""
    for operation in spec.operations():
        operation_id = operation.node.get("operationId")
        if operation_id and not _CAMEL.match(operation_id):
            yield operation, f"the operationId {operation_id} is not in camelCase"
    for name, site in spec.named_schemas():
        if not _PASCAL.match(name):
            yield site, f"the schema {name} is not in PascalCase"
    wire = _WIRE_STYLE.get(spec.name, _SNAKE)
    style = "camelCase" if wire is _CAMEL else "snake_case"
    for name, site, _ in _wire_names(spec):
        if not wire.match(name):
            yield site, f"{name} is not in {style}"


def secrets(spec: Spec) -> Problems:
    """Check that a name that ends like a secret's has ``format: password``, which redacts it."""
    for name, _, schema in _wire_names(spec):
        last = [word.lower() for word in _WORDS.findall(name)][-1:]
        if not _SECRET_WORDS.intersection(last) or name in _NO_SECRETS:
            continue
        if not holds_secret(spec.document, schema.node):
            yield schema, f"{name} is named like a secret and has no format: password"


def _wire_names(spec: Spec) -> Iterator[tuple[str, Site, Site]]:
    """Yield the name of each property and parameter, its site and its schema's."""
    for _, name, site in spec.properties():
        yield name, site, site
    for site in spec.all_parameters():
        yield str(site.node.get("name")), site, site.child("schema")


# ---- the source of a name ---------------------------------------------------------------------


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
    schemas = spec.named_schemas()
    properties = {name: set(site.node.get("properties", {})) for name, site in schemas}
    for kind, listed, present in (
        ("parameter", spec.documented.parameters, parameters),
        ("property", spec.documented.properties, properties),
    ):
        for owner, names in listed.items():
            for name in sorted(names - present.get(owner, set())):
                yield spec.root, f"{name} is documented as a {kind} of {owner} and does not exist"
