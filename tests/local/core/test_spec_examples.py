"""The specs as a reader tries them on the embedded server: the examples of parameters, and the links.

The examples of request bodies are in `tests/local/jobs/test_submission.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import benchwire
from benchwire_specs import follow_pointer
from support.spec_calls import SdkCall, sdk_calls

BASES = {"public": "public_base_url", "v2": "v2_base_url", "v0": "v0_base_url"}
CALLS = {str(call): call for call in sdk_calls()}
READS = [call for call in CALLS.values() if call.operation.method == "get"]
LINKS = [
    pytest.param(call, link, id=f"{call}-{name}")
    for call in CALLS.values()
    for _, response in call.spec.responses(call.operation)
    for name, link in response.node.get("links", {}).items()
]


def examples(call: SdkCall) -> dict[str, Any]:
    nodes = (site.node for site in call.spec.parameters(call.operation))
    return {node["name"]: node["example"] for node in nodes}


def required(call: SdkCall) -> set[str]:
    nodes = (site.node for site in call.spec.parameters(call.operation))
    return {node["name"] for node in nodes if node.get("required")}


def choices(call: SdkCall) -> Iterator[set[str]]:
    """Yield the parameters to send: the required ones, with each other one alone, and all."""
    values, needed = examples(call), required(call)
    yield needed
    for site in call.spec.parameters(call.operation):
        yield needed | {site.node["name"], site.node.get("x-requires") or site.node["name"]}
    yield {*values}


def text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def send(local: benchwire.local.Server, call: SdkCall, values: dict[str, Any]) -> httpx.Response:
    """Send the request of an operation, by its spec and not with the SDK."""
    names = {name for name in values if "{" + name + "}" in call.operation.path}
    path = call.operation.path.format(**{name: values[name] for name in names})
    body = call.arguments() if call.operation.method == "post" else None
    return httpx.request(
        call.operation.method,
        getattr(local, BASES[call.api]) + path,
        headers={"x-api-key": local.api_key, "authorization": f"Bearer {local.api_key}"},
        params={name: text(value) for name, value in values.items() if name not in names},
        json=body,
    )


@pytest.fixture(scope="module")
def server() -> Iterator[benchwire.local.Server]:
    with benchwire.local.serve() as running:
        yield running


@pytest.mark.parametrize("call", READS, ids=str)
def test_the_examples_of_parameters_are_accepted(
    call: SdkCall, server: benchwire.local.Server
) -> None:
    values = examples(call)
    for names in choices(call):
        response = send(server, call, {name: values[name] for name in names})
        # No job exists before it is submitted, and then its id is a new one.
        expected = 404 if call.operation.id == "getJob" else 200
        assert response.status_code == expected, (names, response.text)


@pytest.mark.parametrize(("call", "link"), LINKS)
def test_a_link_leads_to_what_it_says(
    call: SdkCall, link: dict[str, Any], server: benchwire.local.Server
) -> None:
    expressions = link["parameters"].values()
    asked = {text.rpartition(".")[2] for text in expressions if text.startswith("$request.")}
    values = {name: examples(call)[name] for name in required(call) | asked}
    if call.operation.id == "listJobs":
        send(server, CALLS["v0-submitJob"], {})
    body = send(server, call, values).json()
    given = {
        name: values[text.rpartition(".")[2]]
        if text.startswith("$request.")
        else follow_pointer(body, text.removeprefix("$response.body"))
        for name, text in link["parameters"].items()
    }
    target = CALLS[f"{call.api}-{link['operationId']}"]
    response = send(server, target, given)
    assert response.status_code == 200, (given, response.text)
