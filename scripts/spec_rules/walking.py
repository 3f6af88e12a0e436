"""Walks a whole document, telling OpenAPI's own keys from names its author chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .model import Site, Spec, below

# Under these keys stands a map from chosen names (a property, a header, a schema) to objects.
_NAME_MAPS = frozenset(
    {
        "$defs", "callbacks", "content", "examples", "headers", "links", "parameters", "paths",
        "patternProperties", "properties", "requestBodies", "responses", "schemas",
        "securitySchemes", "variables",
    }
)  # fmt: skip
# Under these stands data, not specification.
_DATA = frozenset({"const", "default", "enum", "example", "value"})


def objects(spec: Spec) -> Iterator[Site]:
    """Every object of a document that is specification: no data, no map of chosen names."""
    yield from _walk("#", spec.document, names=False)


def _walk(location: str, node: Any, *, names: bool) -> Iterator[Site]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _walk(below(location, index), item, names=False)
    elif isinstance(node, Mapping):
        if not names:
            yield Site(location, node)
        for key, value in node.items():
            place = below(location, key)
            if names:
                yield from _walk(place, value, names=False)
            elif key in _NAME_MAPS and isinstance(value, Mapping):
                yield from _walk(place, value, names=True)
            elif key not in _DATA and key != "examples":
                yield from _walk(place, value, names=False)
