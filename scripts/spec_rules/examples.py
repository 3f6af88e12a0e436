"""Rules for data in a spec: every example and default fits the schema it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs

from .model import Finding, Node, Site, Spec, below

if TYPE_CHECKING:
    from collections.abc import Iterator


def valid(spec: Spec) -> Iterator[Finding]:
    """Examples of parameters, headers and bodies, and defaults, fit, formats included.

    An example names declared properties only: a response is open to others, but in an example one
    is a misspelling.
    """
    components = {**spec.document.get("components", {})}
    components["schemas"] = {name: _closed(site) for name, site in spec.named_schemas()}
    for location, schema, value in _data(spec):
        for error in _errors(components, schema, value):
            place = "/".join(str(step) for step in error.instance_path)
            message = f"at {place}: {error.message}" if place else error.message
            yield Finding(location, "example", message)


def _data(spec: Spec) -> Iterator[tuple[str, Site, Any]]:
    for site in (*spec.all_parameters(), *spec.headers(), *_media(spec)):
        yield from _examples(site, site.child("schema"))
    for schema in spec.all_schemas():
        if "default" in schema.node:
            yield below(schema.location, "default"), schema, schema.node["default"]
        for index, value in enumerate(schema.node.get("examples", ())):
            yield below(schema.location, "examples", index), schema, value


def _media(spec: Spec) -> Iterator[Site]:
    for operation in spec.operations():
        body = spec.body(operation)
        if body:
            yield from spec.media(body)
        for _, response in spec.responses(operation):
            yield from spec.media(response)


def _examples(site: Site, schema: Site) -> Iterator[tuple[str, Site, Any]]:
    if "example" in site.node:
        yield below(site.location, "example"), schema, site.node["example"]
    for name, example in site.node.get("examples", {}).items():
        yield below(site.location, "examples", name, "value"), schema, example.get("value")


def _closed(schema: Site) -> Node:
    if "properties" in schema.node and "additionalProperties" not in schema.node:
        return {**schema.node, "unevaluatedProperties": False}
    return schema.node


def _errors(components: Node, schema: Site, value: Any) -> list[jsonschema_rs.ValidationError]:
    # With the components beside it, `#/components/…` leads to the same place as in the document.
    whole = {**schema.node, "components": components}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    return list(validator.iter_errors(value))
