"""A request that is no GET is sent once, unless the spec says that it may be repeated.

Nobody has to remember it: the operations here are added to a spec, and nothing else is written.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from benchwire_api.types import Request
from benchwire_specs import METHODS
from support.scripted import Received, Reply, ScriptedService, json_reply

from .drill import Copy
from .edits import Spec, operation

WRITING = ("post", "put", "patch", "delete")
FAULTS: dict[str, list[Reply | None]] = {
    "503 twice": [json_reply({}, 503, retry_after="0")] * 2,
    "a reset connection": [None],
    "a truncated body": [Reply(b'{"id": ', 200, withheld=5)],
}
# What reaches the service of each operation under each fault: the attempts.
ONCE = dict.fromkeys(FAULTS, 1)
REPEATED = {"503 twice": 3, "a reset connection": 2, "a truncated body": 2}
# Every way to send: a method of the wrapper (sync and async), and `fetch` with a request of the
# generated package, as a hand-written method would.
PROGRAM = """
import asyncio
import importlib
import benchwire
from benchwire._requests.fetch import fetch
from benchwire_api.v0.models import Restart

def outcome(url, module, way):
    try:
        return call(url, module, way).id
    except benchwire.APIError as error:
        return type(error).__name__

def call(url, module, way):
    has_body = "get" not in module and "delete" not in module
    arguments = {{"body": Restart(reason="it hung")}} if has_body else {{}}

    async def with_async():
        async with benchwire.AsyncV0Client("k", url) as client:
            return await getattr(client.jobs, module)("j1", **arguments)

    with benchwire.V0Client("k", url) as client:
        if way == 0:
            return getattr(client.jobs, module)("j1", **arguments)
        if way == 1:
            return asyncio.run(with_async())
        operation = importlib.import_module(f"benchwire_api.v0.api.jobs.{{module}}")
        request = operation.build_request("j1", **arguments)
        run = client._transport.with_options({{}}).run
        return run(lambda port: fetch(port, request, operation.parse_response))

result = [outcome(f"{{url}}/{{number}}", *case) for number, case in enumerate({cases})]
"""


def edit(spec: Spec) -> None:
    """Add an operation of each method that writes, and its twin that may be repeated."""
    read = operation(spec, "getJob")
    spec["components"]["schemas"]["Restart"] = {
        "type": "object",
        "description": "Why.",
        "additionalProperties": False,
        "required": ["reason"],
        "properties": {"reason": {"type": "string", "description": "Why."}},
    }
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Restart"}}}
    for method in WRITING:
        for suffix, more in (("", {}), ("Again", {"x-idempotent": True})):
            added: dict[str, Any] = {**read, "operationId": f"{method}Run{suffix}", **more}
            del added["x-python-method"]
            if method != "delete":
                added["requestBody"] = {"required": True, "content": body}
            spec["paths"][f"/v0/jobs/{{id}}/{method}Run{suffix}"] = {method: added}


# The module of an operation, a way to send it, a fault, and the attempts.
COUNTED = [
    (module, way, fault, attempts[fault])
    for module, ways, attempts in (
        ("post_run", range(3), ONCE),
        ("post_run_again", range(3), REPEATED),
        ("get_job", [2], REPEATED),
    )
    for way in ways
    for fault in FAULTS
] + [
    (f"{method}_run{suffix}", 0, "503 twice", attempts)
    for method in WRITING[1:]
    for suffix, attempts in (("", 1), ("_again", 3))
]


@pytest.fixture(scope="module")
def outcomes(extended: Copy) -> list[tuple[str, int]]:
    """Return the result of each case and the requests that arrived, from one process for all."""
    replies = [iter(FAULTS[fault]) for _, _, fault, _ in COUNTED]

    def number(received: Received) -> int:
        return int(received.path.split("/")[1])

    def answer(received: Received) -> Reply | None:
        return next(replies[number(received)], json_reply({"id": "j1", "status": "running"}))

    with ScriptedService(answer) as service:
        program = PROGRAM.format(cases=[case[:2] for case in COUNTED])
        results = extended.use(program, service.url)
        arrived = Counter(map(number, service.requests))
    return [(result, arrived[number]) for number, result in enumerate(results)]


@pytest.mark.parametrize("case", COUNTED, ids=str)
def test_requests_are_counted(
    case: tuple[str, int, str, int], outcomes: list[tuple[str, int]]
) -> None:
    _, _, fault, attempts = case
    failed = "ServerError" if fault == "503 twice" else "APIConnectionError"
    assert outcomes[COUNTED.index(case)] == ("j1" if attempts > 1 else failed, attempts)


@pytest.mark.parametrize("method", METHODS)
def test_a_request_made_by_hand_is_sent_once_too(method: str) -> None:
    request = Request(operation_id="x", method=method.upper(), path="/")
    assert request.once == (method not in {"get", "head"})
    marked = Request(operation_id="x", method=method.upper(), path="/", idempotent=True)
    assert not marked.once
