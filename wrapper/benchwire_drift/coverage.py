"""Which operations can return what a schema describes."""

from __future__ import annotations

from functools import lru_cache

from benchwire_drift.specs import StrictOperation, StrictSpec


def operations_returning(spec: StrictSpec, pointer: str) -> list[str]:
    """Return the ids of the reading operations whose success can have the field at a pointer."""
    return [
        operation.id
        for operation in spec.operations
        if operation.method == "GET" and pointer in _properties(spec, operation)
    ]


@lru_cache(maxsize=256)
def _properties(spec: StrictSpec, operation: StrictOperation) -> frozenset[str]:
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [
        pointer
        for documented in operation.responses.values()
        if documented.status.startswith("2")
        for pointer in documented.media.values()
    ]
    while waiting:
        pointer = waiting.pop()
        if pointer in seen:
            continue
        seen.add(pointer)
        schema = spec.schemas.at(pointer)
        for pointers in schema.properties.values():
            found.update(pointers)
            waiting.extend(pointers)
        waiting.extend(schema.items)
        waiting.extend(at for branches in schema.branches for at in branches)
        if schema.keys is not None:
            waiting.append(schema.keys)
    return frozenset(found)
