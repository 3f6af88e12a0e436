"""Every query and header parameter that a specification documents is read by its operation's handler.

The server checks a parameter as soon as the specification has it; whether it makes any difference is
the handler's doing. Without this, a parameter that no handler reads would be accepted and ignored.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, cast

import pytest

from benchwire_local import SCHEMAS, Database, Settings
from benchwire_local.api import public, v0, v2
from benchwire_local.http.call import AppState, Call
from benchwire_local.specs import Operation, Spec, load_spec, parse_spec
from support import local_data

HANDLERS = {"public": public.HANDLERS, "v2": v2.HANDLERS, "v0": v0.HANDLERS}
SPECS = {name: load_spec(name) for name in HANDLERS}
ASKED = [
    pytest.param(name, operation, id=f"{name}.{operation.operation_id}")
    for name, spec in SPECS.items()
    for operation in spec.operations
    if operation.query_parameters or operation.header_parameters
]
# What there is in the data of these tests, in place of the specifications' examples.
THERE = {
    "benchmark_id": "b1",
    "evaluation_id": "e00",
    "evaluation_id_1": "e00",
    "evaluation_id_2": "e06",
    "modelId": 101,
    "benchmarkTypeId": 1,
}


class Watched(dict[str, Any]):
    """A mapping that remembers whose value was asked for."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.read.add(name)
        return super().get(name, default)


@pytest.fixture(scope="module")
def state() -> Iterator[AppState]:
    db = Database(None, SCHEMAS)
    with db.write() as connection:
        local_data.fill(connection)
    yield AppState(settings=Settings(), db=db, jobs=cast("Any", None))
    db.close()


def examples(spec: Spec, operation_id: str) -> dict[str, Any]:
    """The value the specification shows for each parameter of an operation."""
    for item in spec.document["paths"].values():
        for node in item.values():
            if isinstance(node, dict) and node.get("operationId") == operation_id:
                parameters = [_resolved(spec, p) for p in node["parameters"]]
                return {p["name"]: p["example"] for p in parameters} | THERE
    raise LookupError(operation_id)


def _resolved(spec: Spec, node: dict[str, Any]) -> dict[str, Any]:
    found: Any = node
    if "$ref" in node:
        found = spec.document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
    return cast("dict[str, Any]", found)


def unread(api: str, spec: Spec, operation: Operation, state: AppState) -> set[str]:
    """The query and header parameters that the handler does not ask for, with all of them given."""
    values = examples(spec, operation.operation_id)
    query = Watched({name: values[name] for name in operation.query_parameters})
    headers = Watched({name: values[name] for name in operation.header_parameters})
    call = Call(
        operation_id=operation.operation_id,
        path_params={name: values[name] for name in operation.path_parameters},
        query=query,
        headers=headers,
        body=None,
        state=state,
    )
    reply: Any = HANDLERS[api][operation.operation_id](call)
    assert reply.status == 200
    return {*operation.query_parameters, *operation.header_parameters} - query.read - headers.read


@pytest.mark.parametrize(("api", "operation"), ASKED)
def test_every_query_parameter_is_read(api: str, operation: Operation, state: AppState) -> None:
    assert unread(api, SPECS[api], operation, state) == set()


@pytest.mark.parametrize(("api", "operation"), ASKED)
def test_one_that_no_handler_knows_is_found(
    api: str, operation: Operation, state: AppState
) -> None:
    document = copy.deepcopy(SPECS[api].document)
    for item in document["paths"].values():
        for node in item.values():
            if isinstance(node, dict) and node.get("operationId") == operation.operation_id:
                colour = {"name": "colour", "schema": {"type": "string"}, "example": "red"}
                node["parameters"].append({**colour, "in": "query"})
                node["parameters"].append({**colour, "in": "header", "name": "X-Colour"})
    spec = parse_spec(api, document)
    (changed,) = (o for o in spec.operations if o.operation_id == operation.operation_id)
    assert unread(api, spec, changed, state) == {"colour", "X-Colour"}
