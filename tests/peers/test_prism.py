"""Prism as a server of each spec: it checks every request of the SDK, and the SDK reads its answers.

Its answers are drawn from the schemas by json-schema-faker. A request that violates the spec gets a
4xx, which is an error of the SDK.
"""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from openapi_python_client.strings import snake_case

import benchwire
from benchwire_specs import APIS, spec_path
from support.both import Flavour
from support.spec_calls import SdkCall, sdk_calls

from .scenario import url_of
from .tools import prism

pytestmark = pytest.mark.peers

CALLS = 40
_SAFE = 2**53 - 1


@pytest.fixture(scope="module")
def urls(npm: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Yield what starts Prism for an API, once."""
    folder = tmp_path_factory.mktemp("prism")
    with ExitStack() as running:
        started: dict[str, str] = {}

        def url(api: str) -> str:
            if api not in started:
                process = prism(npm, spec_path(api), folder / f"{api}.log")
                started[api] = running.enter_context(process)
            return started[api]

        yield url


def drawn(call: SdkCall, random: Random | None) -> dict[str, Any]:
    """Draw arguments; Prism refuses larger integers than JavaScript has, whatever the spec says."""
    return {
        name: max(-_SAFE, min(value, _SAFE)) if isinstance(value, int) else value
        for name, value in call.arguments(random).items()
    }


def call_once(flavour: Flavour, client: Any, call: SdkCall, random: Random, url: str) -> Any:
    arguments = drawn(call, random)
    if call.operation.id != "submitJobBatch":
        return flavour.result(call.of(client, arguments))
    # The SDK looks for the jobs of an answer with more or fewer ids than were submitted, for a minute.
    package = importlib.import_module(f"benchwire_api.{call.api}")
    module = f"benchwire_api.{call.api}.api.jobs.{snake_case(call.operation.id)}"
    with package.Client(base_url=url, token="k") as low_level:
        body = package.SubmitJobBatchRequest.from_dict(arguments)
        return importlib.import_module(module).sync(client=low_level, body=body)


@pytest.mark.parametrize("call", list(sdk_calls()), ids=str)
def test_every_answer_is_read_and_no_request_violates_the_spec(
    call: SdkCall, urls: Callable[[str], str], flavour: Flavour
) -> None:
    url = urls(call.api)
    client = getattr(flavour, call.api)(url)
    for seed in range(CALLS):
        try:
            result = call_once(flavour, client, call, Random(seed), url)
        except (benchwire.APIResponseValidationError, benchwire.DuplicateJobError) as error:
            # Prism draws ids, too, whatever was asked for, and some twice.
            if not re.search("the id that was asked for|the response names .* has it", str(error)):
                raise
        else:
            assert result is not None, seed


def test_prism_refuses_what_violates_a_spec(urls: Callable[[str], str]) -> None:
    key = {"x-api-key": "k"}
    for path in ("/models?page=0", "/models?order=up", "/evaluations?page_size=501"):
        assert httpx.get(urls("public") + path, headers=key).status_code == 422
    assert httpx.get(urls("public") + "/models").status_code == 401


def refusal(flavour: Flavour, client: Any, call: SdkCall, arguments: dict[str, Any]) -> object:
    """Return the body of the error that a call gets; None if it succeeds."""
    try:
        flavour.result(call.of(client, arguments))
    except benchwire.APIStatusError as error:
        return error.body
    return None


@pytest.mark.parametrize("api", APIS)
def test_prism_finds_nothing_between_the_sdk_and_the_embedded_server(
    api: str, npm: Path, server: benchwire.local.Server, flavour: Flavour, tmp_path: Path
) -> None:
    calls = [call for call in sdk_calls() if call.api == api]
    read: Counter[str] = Counter()
    with prism(npm, spec_path(api), tmp_path / "log", url_of(server, api)) as url:
        client = flavour.make(f"{api.capitalize()}Client", server.api_key, url, max_retries=0)
        for call in calls:
            for seed in range(12):
                arguments = drawn(call, Random(seed) if seed else None)
                body = refusal(flavour, client, call, arguments)
                # The server has its own reasons to refuse a request, such as an unknown id.
                assert "prism" not in str(body), (arguments, body)
                read[call.operation.id] += body is None
    assert {call.operation.id for call in calls} - {*read} <= {"getJob"}


def test_there_is_a_call_for_every_api() -> None:
    assert {call.api for call in sdk_calls()} == set(APIS)
