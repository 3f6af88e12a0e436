"""Responses generated from the specs that have every field, and ways to change them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from attrs import frozen

from benchwire_drift.judge import ObservedResponse
from benchwire_drift.schemas import Schema
from benchwire_drift.specs import APIS, StrictOperation, StrictSpec, bundled_spec

JSON = {"content-type": "application/json"}

_SAMPLES: dict[str, Any] = {
    "date-time": "2025-06-03T09:15:27.1234567Z",
    "string": "some text",
    "integer": 7,
    "number": 7.5,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}
WRONG: dict[str, Any] = {
    kind: _SAMPLES[kind] for kind in ("string", "integer", "number", "boolean", "array", "object")
}


@frozen
class Field:
    """A field of the success of an operation.

    Attributes:
        steps: The keys and indexes that lead to it in the body.
        pointer: Its JSON pointer in the spec.
    """

    spec: StrictSpec
    operation: StrictOperation
    status: str
    schema: str
    steps: tuple[str | int, ...]
    pointer: str

    @property
    def path(self) -> str:
        return "$" + "".join("[*]" if isinstance(s, int) else f".{s}" for s in self.steps)

    @property
    def provenance(self) -> str | None:
        return self.spec.schemas.at(self.pointer).provenance

    @property
    def name(self) -> str:
        return str(self.steps[-1])

    def changed_response(self, change: Callable[[Any, Any], None]) -> ObservedResponse:
        """Return the response after `change`, which is called with the parent and the field's name."""
        body = deepcopy(sample(self.spec, self.schema))
        parent = body
        for step in self.steps[:-1]:
            parent = parent[step]
        change(parent, self.steps[-1])
        return self.response(body)

    def response(self, body: Any) -> ObservedResponse:
        template = self.operation.template
        for name in ("benchmark_id", "id", "modelId", "probeRunId"):
            template = template.replace(f"{{{name}}}", "1")
        return ObservedResponse(
            method=self.operation.method,
            path=template,
            status=int(self.status),
            headers=JSON,
            content=json.dumps(body).encode(),
        )

    def __str__(self) -> str:
        return f"{self.spec.name}-{self.operation.id}-{self.path}"


def fields(*apis: str) -> Iterator[Field]:
    """Yield every field of every successful response."""
    for api in apis or APIS:
        spec = bundled_spec(api)
        for operation in spec.operations:
            for status, media in operation.responses.items():
                if status.startswith("2"):
                    (schema,) = media.values()
                    for steps, pointer in _fields(spec, schema, ()):
                        yield Field(spec, operation, status, schema, steps, pointer)


def sample(spec: StrictSpec, pointer: str) -> Any:
    """Return a value with every field of its schema."""
    schema = spec.schemas.at(pointer)
    if schema.branches:
        return sample(spec, schema.branches[0][0])
    if schema.values is not None:
        return schema.values[0]
    kind = next((kind for kind in schema.types or ("string",) if kind != "null"), "null")
    if kind == "object" and schema.properties:
        return {name: sample(spec, at) for name, at in _own_places(spec, schema)}
    if kind == "object" and schema.keys is not None:
        return {"some key": sample(spec, schema.keys)}
    if kind == "array" and schema.items:
        return [sample(spec, schema.items[0])]
    return _SAMPLES.get(schema.format or "", _SAMPLES[kind])


def _own_places(spec: StrictSpec, schema: Schema) -> Iterator[tuple[str, str]]:
    """Yield the properties with their schemas, without the other places of properties."""
    at = {name: pointers[0] for name, pointers in schema.properties.items()}
    others = {place for pointer in at.values() for place in spec.schemas.at(pointer).elsewhere}
    yield from ((name, pointer) for name, pointer in at.items() if name not in others)


def _fields(
    spec: StrictSpec, pointer: str, steps: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    schema = spec.schemas.at(pointer)
    if schema.branches:
        yield from _fields(spec, schema.branches[0][0], steps)
    for name, at in _own_places(spec, schema):
        yield (*steps, name), at
        yield from _fields(spec, at, (*steps, name))
    if schema.items:
        yield from _fields(spec, schema.items[0], (*steps, 0))
