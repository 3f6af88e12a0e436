"""Builds the body of the response that a list gives where nothing matches."""

from __future__ import annotations

import json
from typing import Any

from .schemas import PlanError, SchemaReader


def empty_response(
    schemas: SchemaReader, operation: dict[str, Any], status: int, where: str
) -> str:
    """Return the smallest body that fits the schema of an operation's success, as JSON.

    Counts that are not required are part of it where the operation's `x-python-iterate` names them.

    Raises:
        PlanError: If a required field has no empty form, or the success is not a 200.
    """
    if status != 200:
        raise PlanError(where, "has a list filter, so its success must be a 200")
    response = schemas.pointed_at(operation["responses"]["200"], where)
    body = _empty(schemas, response["content"]["application/json"]["schema"], where)
    count = operation.get("x-python-iterate", {}).get("count", "")
    *holders, last = count.split(".")
    place = body
    for holder in holders:
        place = place[holder]
    if last:
        place[last] = 0
    return json.dumps(body, separators=(",", ":"))


def _empty(schemas: SchemaReader, schema: dict[str, Any], where: str) -> Any:
    schema = schemas.resolved(schema, where)
    types = schema.get("type", ())
    types = [types] if isinstance(types, str) else types
    if "array" in types:
        return []
    if "integer" in types:
        return 0
    if "object" in types:
        properties = schema.get("properties", {})
        return {
            name: _empty(schemas, properties[name], f"{where}, {name}")
            for name in schema.get("required", ())
        }
    raise PlanError(where, "has no empty form, and list filters need one")
