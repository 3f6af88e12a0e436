"""The rule for data in a spec: every example and default is valid against its schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from .model import Node, Problems, Site, Spec


def examples(spec: Spec) -> Problems:
    """Check examples of parameters, headers and bodies, and defaults; formats included.

    An example may name declared properties only: a response accepts others, but in an example an
    undeclared one is a misspelling.
    """
    components = {**spec.document.get("components", {})}
    components["schemas"] = {name: _closed(site) for name, site in spec.named_schemas()}
    for site, schema, value in _data(spec):
        # With the components beside it, `#/components/…` resolves as in the document.
        validator = jsonschema_rs.Draft202012Validator(
            {**schema.node, "components": components}, validate_formats=True
        )
        for error in validator.iter_errors(value):
            path = "/".join(str(step) for step in error.instance_path)
            yield site, f"at {path}: {error.message}" if path else error.message


def _data(spec: Spec) -> Iterator[tuple[Site, Site, Any]]:
    """Yield each example or default: its site, its schema, its value."""
    holders = (
        *spec.all_parameters(),
        *spec.headers(),
        *spec.request_media(),
        *spec.response_media(),
    )
    for site in holders:
        schema = site.child("schema")
        if "example" in site.node:
            yield site.child("example"), schema, site.node["example"]
        for name, example in site.node.get("examples", {}).items():
            yield site.child("examples", name, "value"), schema, example.get("value")
    for schema in spec.all_schemas():
        if "default" in schema.node:
            yield schema.child("default"), schema, schema.node["default"]
        for index, value in enumerate(schema.node.get("examples", ())):
            yield schema.child("examples", index), schema, value


def _closed(schema: Site) -> Node:
    if "properties" in schema.node and "additionalProperties" not in schema.node:
        return {**schema.node, "unevaluatedProperties": False}
    return schema.node
