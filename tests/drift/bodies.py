"""Answers that fit the specs in every field, made from the specs, and ways to spoil them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from attrs import frozen

from benchwire._drift.judging import Answer
from benchwire._drift.specs import APIS, Operation, Spec, bundled_spec

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
        steps: How to get to it in the body.
        place: Where it stands in the spec.
    """

    spec: Spec
    operation: Operation
    status: str
    schema: str
    steps: tuple[str | int, ...]
    place: str

    @property
    def path(self) -> str:
        return "$" + "".join("[*]" if isinstance(s, int) else f".{s}" for s in self.steps)

    @property
    def mark(self) -> str | None:
        return self.spec.shapes.at(self.place).mark

    @property
    def name(self) -> str:
        return str(self.steps[-1])

    def spoiled(self, change: Callable[[Any, Any], None]) -> Answer:
        """The answer with a change made to what holds the field: given it and the name."""
        body = deepcopy(sample(self.spec, self.schema))
        holder = body
        for step in self.steps[:-1]:
            holder = holder[step]
        change(holder, self.steps[-1])
        return self.answer(body)

    def answer(self, body: Any) -> Answer:
        template = self.operation.template
        for name in ("benchmark_id", "id", "modelId", "probeRunId"):
            template = template.replace(f"{{{name}}}", "1")
        return Answer(
            method=self.operation.method,
            path=template,
            status=int(self.status),
            headers=JSON,
            content=json.dumps(body).encode(),
        )

    def __str__(self) -> str:
        return f"{self.spec.name}-{self.operation.id}-{self.path}"


def fields(*apis: str) -> Iterator[Field]:
    """Every field of every success."""
    for api in apis or APIS:
        spec = bundled_spec(api)
        for operation in spec.operations:
            for status, documented in operation.answers.items():
                if status.startswith("2"):
                    (schema,) = documented.media.values()
                    for steps, place in _fields(spec, schema, ()):
                        yield Field(spec, operation, status, schema, steps, place)


def sample(spec: Spec, place: str) -> Any:
    """A value with every field of its schema."""
    shape = spec.shapes.at(place)
    if shape.branches:
        return sample(spec, shape.branches[0][0])
    if shape.values is not None:
        return shape.values[0]
    kind = next((kind for kind in shape.types or ("string",) if kind != "null"), "null")
    if kind == "object" and shape.properties:
        return {name: sample(spec, places[0]) for name, places in shape.properties.items()}
    if kind == "object" and shape.keys is not None:
        return {"some key": sample(spec, shape.keys)}
    if kind == "array" and shape.items:
        return [sample(spec, shape.items[0])]
    return _SAMPLES.get(shape.format or "", _SAMPLES[kind])


def _fields(
    spec: Spec, place: str, steps: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    shape = spec.shapes.at(place)
    if shape.branches:
        yield from _fields(spec, shape.branches[0][0], steps)
    for name, places in shape.properties.items():
        yield (*steps, name), places[0]
        yield from _fields(spec, places[0], (*steps, name))
    if shape.items:
        yield from _fields(spec, shape.items[0], (*steps, 0))
