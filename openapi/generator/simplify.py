"""Makes of a spec the one that openapi-python-client is given.

It makes a class of every object, one without properties included (`ErrorResponseErrorType1`). Maps
and free JSON are plain Python values in our output, so it gets them without a type. What they are
is in the plan, which is made from the spec as it stands.
"""

from __future__ import annotations

from typing import Any


def simplified(node: Any) -> Any:
    """Copy a spec with each schema of a map or of free JSON left untyped."""
    if isinstance(node, list):
        return [simplified(value) for value in node]
    if not isinstance(node, dict):
        return node
    types = node.get("type")
    has_object = types == "object" or (isinstance(types, list) and "object" in types)
    if has_object and "properties" not in node:
        return {"description": node["description"]} if "description" in node else {}
    return {key: simplified(value) for key, value in node.items()}
