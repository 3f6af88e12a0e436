"""Rules for names: those the generator makes modules, classes and arguments of, and secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .model import Finding, Spec

if TYPE_CHECKING:
    from collections.abc import Iterator

_CAMEL = re.compile(r"[a-z][a-zA-Z0-9]*\Z")
_PASCAL = re.compile(r"[A-Z][a-zA-Z0-9]*\Z")
_SNAKE = re.compile(r"[a-z][a-z0-9_]*\Z")

# How an API writes its JSON names and its parameters.
_WIRE_STYLE = {"public": _SNAKE, "v0": _SNAKE, "v2": _CAMEL}

_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_SECRET_WORDS = frozenset({"key", "password", "secret", "token"})
# Names that end like a secret's and are none.
_NO_SECRETS = {
    "key": "the public key of a model or benchmark",
    "model_key": "the public key of a model",
    "cost_per_input_token": "a price",
    "cost_per_output_token": "a price",
}


def styles(spec: Spec) -> Iterator[Finding]:
    """An operationId is camelCase, a schema PascalCase, a wire name in the style of its API."""
    for operation in spec.operations():
        operation_id = operation.node.get("operationId")
        if operation_id and not _CAMEL.match(operation_id):
            message = f"the operationId {operation_id} is not in camelCase"
            yield Finding(operation.location, "naming", message)
    for name, site in spec.named_schemas():
        if not _PASCAL.match(name):
            yield Finding(site.location, "naming", f"the schema {name} is not in PascalCase")
    wire = _WIRE_STYLE.get(spec.name, _SNAKE)
    style = "camelCase" if wire is _CAMEL else "snake_case"
    named = [(name, site) for _, name, site in spec.properties()]
    named += [(str(site.node.get("name")), site) for site in spec.all_parameters()]
    for name, site in named:
        if not wire.match(name):
            yield Finding(site.location, "naming", f"{name} is not in {style}")


def secrets(spec: Spec) -> Iterator[Finding]:
    """What is named like a secret has ``format: password``, which keeps it out of every repr."""
    named = [(name, site) for _, name, site in spec.properties()]
    named += [(str(site.node.get("name")), site.child("schema")) for site in spec.all_parameters()]
    for name, site in named:
        words = [word.lower() for word in _WORDS.findall(name)]
        if not words or words[-1] not in _SECRET_WORDS or name in _NO_SECRETS:
            continue
        if spec.resolve(site).node.get("format") != "password":
            message = f"{name} is named like a secret and has no format: password"
            yield Finding(site.location, "secret", message)
