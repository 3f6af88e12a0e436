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
    """Return the pointers of all properties in the successful responses of an operation."""
    properties: set[str] = set()
    visited: set[str] = set()
    successes = [media for status, media in operation.responses.items() if status.startswith("2")]
    waiting = [pointer for media in successes for pointer in media.values()]
    while waiting:
        pointer = waiting.pop()
        if pointer in visited:
            continue
        visited.add(pointer)
        schema = spec.schemas.at(pointer)
        children = [at for pointers in schema.properties.values() for at in pointers]
        properties.update(children)
        waiting += [*children, *schema.items, *filter(None, [schema.keys])]
        waiting += [at for branches in schema.branches for at in branches]
    return frozenset(properties)
