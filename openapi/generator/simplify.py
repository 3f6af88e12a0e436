"""Simplifies a spec for openapi-python-client.

The generator makes a class of every object, even of one without properties
(`ErrorResponseErrorType1`). Maps and free JSON are plain Python values in our output, so they are
passed to it without a type; their types are in the plan, which reads the original spec.
"""

from __future__ import annotations

from typing import Any


def simplified(node: Any) -> Any:
    """Return a copy of a spec in which the schemas of maps and of free JSON have no type."""
    if isinstance(node, list):
        return [simplified(value) for value in node]
    if not isinstance(node, dict):
        return node
    types = node.get("type")
    has_object = types == "object" or (isinstance(types, list) and "object" in types)
    if has_object and "properties" not in node:
        return {"description": node["description"]} if "description" in node else {}
    return {key: simplified(value) for key, value in node.items()}
