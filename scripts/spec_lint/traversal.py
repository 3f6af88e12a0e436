"""Traversal of a whole document, which separates OpenAPI's keys from names its author chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .model import Site, Spec, append

# The values of these keys map chosen names (of properties, headers, schemas) to objects.
_NAME_MAPS = frozenset(
    {
        "$defs", "callbacks", "content", "examples", "headers", "links", "parameters", "paths",
        "patternProperties", "properties", "requestBodies", "responses", "schemas",
        "securitySchemes", "variables",
    }
)  # fmt: skip
# The values of these keys are data, not specification.
_DATA = frozenset({"const", "default", "enum", "example", "value"})


def objects(spec: Spec) -> Iterator[Site]:
    """Yield every object of a document that is specification: no data, no map of chosen names."""
    yield from _objects("#", spec.document, is_name_map=False)


def _objects(location: str, node: Any, *, is_name_map: bool) -> Iterator[Site]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _objects(append(location, index), item, is_name_map=False)
    elif isinstance(node, Mapping):
        if not is_name_map:
            yield Site(location, node)
        for key, value in node.items():
            child = append(location, key)
            if is_name_map:
                yield from _objects(child, value, is_name_map=False)
            elif key in _NAME_MAPS and isinstance(value, Mapping):
                yield from _objects(child, value, is_name_map=True)
            elif key not in _DATA and key != "examples":
                yield from _objects(child, value, is_name_map=False)
