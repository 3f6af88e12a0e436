"""A request that is no GET is sent once, unless the spec says that it may be repeated.

Nobody has to remember it: the operations here are added to a spec, and nothing else is written.
"""

from __future__ import annotations

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
import benchwire
from benchwire._requests.fetch import fetch
from benchwire_api.v0.api.jobs import {module} as operation
from benchwire_api.v0.models import Restart

arguments = {{"body": Restart(reason="it hung")}} if {has_body} else {{}}

def outcome(call):
    try:
        return call().id
    except benchwire.APIError as error:
        return type(error).__name__

async def with_async():
    async with benchwire.AsyncV0Client("k", url) as client:
        return await client.jobs.{module}("j1", **arguments)

with benchwire.V0Client("k", url) as client:
    if {way} == 0:
        result = outcome(lambda: client.jobs.{module}("j1", **arguments))
    elif {way} == 1:
        result = outcome(lambda: asyncio.run(with_async()))
    else:
        request = operation.build_request("j1", **arguments)
        run = client._transport.with_options({{}}).run
        result = outcome(lambda: run(lambda port: fetch(port, request, operation.parse_response)))
"""


def add_operations(spec: Spec) -> None:
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
            added: dict[str, Any] = {**read, "operationId": f"{method}Job{suffix}", **more}
            del added["x-python-method"]
            if method != "delete":
                added["requestBody"] = {"required": True, "content": body}
            spec["paths"][f"/v0/jobs/{{id}}/{method}{suffix}"] = {method: added}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = Copy.of_repository(tmp_path_factory.mktemp("once") / "copy")
    copy.edit("v0", add_operations)
    copy.generate_one("v0")
    return copy


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    ("module", "way", "attempts"),
    [
        *(("post_job", way, ONCE) for way in range(3)),
        *(("post_job_again", way, REPEATED) for way in range(3)),
        ("get_job", 2, REPEATED),
    ],
)
def test_requests_are_counted(
    module: str, way: int, attempts: dict[str, int], fault: str, copy: Copy
) -> None:
    check(copy, module, fault, way, attempts[fault])


@pytest.mark.parametrize("method", WRITING[1:])
def test_every_method_that_writes_is_sent_once(method: str, copy: Copy) -> None:
    check(copy, f"{method}_job", "503 twice", 0, 1)
    check(copy, f"{method}_job_again", "503 twice", 0, 3)


def check(copy: Copy, module: str, fault: str, way: int, attempts: int) -> None:
    replies = iter(FAULTS[fault])

    def answer(_request: Received) -> Reply | None:
        return next(replies, json_reply({"id": "j1", "status": "running"}))

    has_body = "get" not in module and "delete" not in module
    with ScriptedService(answer) as service:
        program = PROGRAM.format(module=module, way=way, has_body=has_body)
        result = copy.use(program, service.url)
        assert len(service.requests) == attempts
    failed = "ServerError" if fault == "503 twice" else "APIConnectionError"
    assert result == ("j1" if attempts > 1 else failed)


@pytest.mark.parametrize("method", METHODS)
def test_a_request_made_by_hand_is_sent_once_too(method: str) -> None:
    request = Request(operation_id="x", method=method.upper(), path="/")
    assert request.once == (method not in {"get", "head"})
    marked = Request(operation_id="x", method=method.upper(), path="/", idempotent=True)
    assert not marked.once
