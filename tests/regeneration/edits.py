"""Finds and edits the parts of a spec that was read from YAML."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Spec = dict[str, Any]
Edit = Callable[[Spec], object]


def schema(spec: Spec, name: str) -> Spec:
    found: Spec = spec["components"]["schemas"][name]
    return found


def field(spec: Spec, model: str, name: str) -> Spec:
    found: Spec = schema(spec, model)["properties"][name]
    return found


def operations(spec: Spec) -> Iterator[tuple[str, str, Spec]]:
    """Yield each operation with its path and method."""
    for path, item in spec["paths"].items():
        for method, found in item.items():
            if isinstance(found, dict) and "operationId" in found:
                yield path, method, found


def operation(spec: Spec, name: str) -> Spec:
    (found,) = (each for _, _, each in operations(spec) if each["operationId"] == name)
    return found


def parameter(spec: Spec, name: str, of: str = "") -> Spec:
    """The parameter of this name; where operations have one each, of the operation named."""
    found: Spec
    (found,) = (
        raw
        for _, _, each in operations(spec)
        for raw in each.get("parameters", ())
        if raw.get("name") == name and of in {"", each["operationId"]}
    )
    return found


def remove_operation(spec: Spec, name: str) -> None:
    (place,) = (place[:2] for place in operations(spec) if place[2]["operationId"] == name)
    path, method = place
    del spec["paths"][path][method]


def rename(holder: Spec, old: str, new: str) -> None:
    """Replace a key by another in the same position."""
    items = [(new if key == old else key, value) for key, value in holder.items()]
    holder.clear()
    holder.update(items)


def rename_schema(spec: Spec, old: str, new: str) -> None:
    rename(spec["components"]["schemas"], old, new)
    _replace(spec, "$ref", f"#/components/schemas/{old}", f"#/components/schemas/{new}")


def rename_operation(spec: Spec, old: str, new: str) -> None:
    _replace(spec, "operationId", old, new)  # the links name it too


def query(name: str, type_: str = "string", **more: Any) -> Spec:
    """Return a query parameter."""
    return {
        "name": name,
        "in": "query",
        "description": f"{name}.",
        "schema": {"type": type_},
        **more,
    }


def _replace(node: Any, key: str, old: str, new: str) -> None:
    if isinstance(node, dict):
        if node.get(key) == old:
            node[key] = new
        for value in node.values():
            _replace(value, key, old, new)
    elif isinstance(node, list):
        for value in node:
            _replace(value, key, old, new)
