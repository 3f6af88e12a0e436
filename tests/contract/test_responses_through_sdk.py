"""Generated responses through the methods of the SDK, sync and async: what a spec allows is returned.

The generated decoding alone is tested in `test_responses_through_models.py`.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
import pytest

import benchwire
from contract.spec_values import equivalent, text, value_of
from contract.spelling import as_read, spelled
from support.spec_calls import SdkCall, sdk_calls

CALLS = list(sdk_calls())
CLIENTS = {"public": "PublicClient", "v2": "V2Client", "v0": "V0Client"}


@dataclass
class Answers:
    """Answers the requests of one operation with a body, and lists no jobs to other requests."""

    method: str
    status: int
    content: bytes = b""
    paths: set[str] = field(default_factory=set)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        headers = {"content-type": "application/json"}
        if request.method != self.method:
            return httpx.Response(200, stream=httpx.ByteStream(b'{"jobs": []}'), headers=headers)
        self.paths.add(request.url.path)
        return httpx.Response(self.status, stream=httpx.ByteStream(self.content), headers=headers)


@contextmanager
def both(call: SdkCall, answers: Answers) -> Iterator[list[Any]]:
    """Yield what calls the operation with its required arguments, sync and async."""
    name, transport = CLIENTS[call.api], httpx.MockTransport(answers)
    options: dict[str, Any] = {"max_retries": 0} | ({"journal": False} if call.api == "v0" else {})
    arguments = call.arguments()
    with asyncio.Runner() as runner, httpx.Client(transport=transport) as http:
        client = getattr(benchwire, name)("k", "https://api.test", http_client=http, **options)
        http_async = httpx.AsyncClient(transport=transport)
        client_async = getattr(benchwire, f"Async{name}")(
            "k", "https://api.test", http_client=http_async, **options
        )

        async def awaited() -> Any:
            return await call.of(client_async, arguments)

        yield [lambda: call.of(client, arguments), lambda: runner.run(awaited())]
        runner.run(http_async.aclose())


def plain(call: SdkCall, result: Any) -> Any:
    """Return the body that a result was made of."""
    unwrapped = call.operation.node.get("x-python-unwrap")
    rows = [row.to_dict() for row in result] if isinstance(result, list) else result.to_dict()
    return {unwrapped: rows} if unwrapped else rows


@pytest.mark.parametrize(
    ("count", "first"),
    [
        pytest.param(60, 0, id="some"),
        pytest.param(2_000, time.time_ns(), id="thousands", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("call", CALLS, ids=str)
def test_what_a_spec_allows_is_returned(call: SdkCall, count: int, first: int) -> None:
    status, schema = call.success
    answers = Answers(call.operation.method.upper(), status)
    jobs = call.arguments().get("jobs", ())
    asked = list(call.arguments().values()) if "{" in call.operation.path else []
    unwrapped = call.operation.node.get("x-python-unwrap")
    with both(call, answers) as ways:
        for seed in range(first, first + count):
            results = []
            for way_name, way in zip(("sync", "async"), ways, strict=True):
                random = Random(seed)
                body = value_of(call.spec, schema, random)
                if asked and "id" in body:
                    body["id"] = asked[-1]
                if "job_id" in body:  # no other submission has it
                    body["job_id"] = f"{way_name} {seed} {text(random)}"
                if jobs:  # without an id for each job that was submitted, its outcome is unknown
                    body["job_ids"] = [
                        f"{way_name} {seed} {number}" for number, _ in enumerate(jobs)
                    ]
                answers.content = spelled(body, random)
                sent = as_read(answers.content)
                back = json.loads(json.dumps(plain(call, way())))
                results.append(back)
                if call.operation.node.get("x-python-pagination"):
                    pagination = back.pop("pagination")
                    if "metrics" not in back:
                        back["total_count"] = pagination["total_count"]
                if unwrapped:
                    sent = {unwrapped: sent[unwrapped]}  # only the list itself is returned
                assert equivalent(schema, call.spec, sent, back), (seed, sent, back)
            assert results[0] == results[1] or call.operation.id.startswith("submit"), seed
    assert len(answers.paths) == 1
