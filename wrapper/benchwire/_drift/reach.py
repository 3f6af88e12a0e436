"""Says which operations can give what a schema describes."""

from __future__ import annotations

from functools import lru_cache

from benchwire._drift.specs import Operation, Spec


def reach(spec: Spec, place: str) -> list[str]:
    """Give the ids of the reading operations whose success can hold the field at a place."""
    return [
        operation.id
        for operation in spec.operations
        if operation.method == "GET" and place in _properties(spec, operation)
    ]


@lru_cache(maxsize=256)
def _properties(spec: Spec, operation: Operation) -> frozenset[str]:
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [
        place
        for documented in operation.answers.values()
        if documented.status.startswith("2")
        for place in documented.media.values()
    ]
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        shape = spec.shapes.at(place)
        for places in shape.properties.values():
            found.update(places)
            waiting.extend(places)
        waiting.extend(shape.items)
        waiting.extend(at for branches in shape.branches for at in branches)
        if shape.keys is not None:
            waiting.append(shape.keys)
    return frozenset(found)
