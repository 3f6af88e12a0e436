"""Rules for parameters, wherever they are declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import Finding, Spec, types

if TYPE_CHECKING:
    from collections.abc import Iterator


def comma_joined(spec: Spec) -> Iterator[Finding]:
    """A query parameter that takes a list says that its values are joined with commas."""
    for site in spec.all_parameters():
        schema = spec.resolve(site.child("schema"))
        if site.node.get("in") != "query" or "array" not in types(schema.node):
            continue
        # Both are asked for in words: `explode` is true unless it is said, and a reader of the spec
        # should not have to know which style a query parameter has by default.
        if site.node.get("style") != "form" or site.node.get("explode") is not False:
            message = "a list in the query needs style: form and explode: false"
            yield Finding(site.location, "array-parameter", message)


def described(spec: Spec) -> Iterator[Finding]:
    """A parameter has a description and an example."""
    for site in spec.all_parameters():
        if not site.node.get("description"):
            yield Finding(site.location, "parameter-description", "it has no description")
        if "example" not in site.node and not site.node.get("examples"):
            yield Finding(site.location, "parameter-example", "it has no example")
