"""Requests as they are built, and as they arrive."""

from __future__ import annotations

import asyncio
import copy
import pickle
import subprocess
import sys
from typing import Any

import orjson
import pytest

from benchwire_api import public, v0, v2
from benchwire_api.encoding import path_segment, query_string
from benchwire_api.public import ModelSortBy, SortOrder
from benchwire_api.public.api.benchmarks import list_benchmark_prompts
from benchwire_api.public.api.evaluations import list_evaluations
from benchwire_api.public.api.models import list_models
from benchwire_api.types import Request
from benchwire_api.v0.api.account import get_account
from benchwire_api.v0.api.jobs import submit_job
from benchwire_api.v2.api.benchmarks import list_probe_runs


def test_a_request_is_plain_data() -> None:
    request = list_benchmark_prompts.build_request(
        "a b", page=2, search_field=public.PromptField.INPUT, search_value="x & y"
    )
    assert request == Request(
        operation_id="listBenchmarkPrompts",
        method="GET",
        path="/datasets/a%20b/prompts",
        template="/datasets/{benchmark_id}/prompts",
        query="page=2&search=input&search_value=x%20%26%20y",
        ids=("benchmark_id",),
    )
    assert request.target == f"{request.path}?{request.query}"
    assert request.headers == {}
    assert pickle.loads(pickle.dumps(request)) == request


def test_the_order_is_that_of_the_spec_and_not_that_of_the_call() -> None:
    one = list_models.build_request(page=1, name="n", ids=["i"])
    other = list_models.build_request(ids=["i"], page=1, name="n")
    assert one.query == other.query == "name=n&ids=i&page=1&page_size=100"


@pytest.mark.parametrize(
    ("value", "query"),
    [
        (None, ""),
        ([], ""),
        (True, "a=true"),
        (False, "a=false"),
        (0, "a=0"),
        (-7, "a=-7"),
        (1.5, "a=1.5"),
        ("", "a="),
        ("x,y", "a=x%2Cy"),
        ("a=b&c+d", "a=a%3Db%26c%2Bd"),
        ("ü", "a=%C3%BC"),
        (["x", "y z"], "a=x,y%20z"),
        ([1, True], "a=1,true"),
        (SortOrder.DESC, "a=desc"),
        ([SortOrder.ASC, "x"], "a=asc,x"),
    ],
)
def test_query_values(value: object, query: str) -> None:
    assert query_string(("a", value)) == query


@pytest.mark.parametrize("nothing", [[], (), frozenset(), {}.keys()])
def test_an_empty_list_filter_sends_nothing_and_results_in_an_empty_response(nothing: Any) -> None:
    request = list_models.build_request(ids=nothing, page=2)
    assert request.query == "page=2&page_size=100"
    assert request.empty_response == b'{"total_count":0,"count":0}'
    with public.Client(base_url="http://127.0.0.1:1", token="k") as client:
        result = list_models.sync(client=client, ids=nothing)
    assert (result.models, result.count, result.total_count) == ([], 0, 0)

    async def run() -> Any:
        async with public.Client(base_url="http://127.0.0.1:1", token="k") as client:
            return await list_models.asyncio(client=client, ids=nothing)

    assert asyncio.run(run()) == result
    assert list_models.build_request(ids=["i"]).empty_response is None
    assert list_models.build_request().empty_response is None


@pytest.mark.parametrize("bad", [{}, b"x", object(), [None]])
def test_what_has_no_text_form_is_refused(bad: object) -> None:
    with pytest.raises(TypeError, match=r"^a can't be sent in a query"):
        query_string(("a", bad))


def test_request_enums_take_members_and_wire_values_and_nothing_else() -> None:
    member = list_models.build_request(sort_by=ModelSortBy.CREATED_AT_CAMEL)
    value = list_models.build_request(sort_by="createdAt")
    assert member.query == value.query == "sort_by=createdAt&page=1&page_size=100"
    assert list_models.build_request(sort_by=None).query == "page=1&page_size=100"
    with pytest.raises(ValueError, match=r"^order must be one of asc, desc, not 'up'$"):
        list_models.build_request(order="up")


def test_names_of_arguments_are_those_of_the_spec_for_python() -> None:
    request = list_evaluations.build_request(model_ids=["m"], benchmark_ids=["d"], unique=True)
    assert request.query == "page=1&page_size=100&models=m&datasets=d&unique=true"
    assert list_probe_runs.build_request(11, benchmark_type_id=2).target == (
        "/api/v2/benchmarks/models/11/runs?benchmarkTypeId=2"
    )


def test_path_segments() -> None:
    assert path_segment(-5) == "-5"
    assert path_segment("a/b c") == "a%2Fb%20c"


def test_a_body_holds_the_fields_that_are_set_and_nothing_else() -> None:
    body = v0.SubmitJobRequest(
        benchmark_id="b", endpoint_url="http://x", api_key="canary", provider=v0.Provider.GEMINI,
        headers={"x-team": "e"}, seed=0,
    )  # fmt: skip
    request = submit_job.build_request(body=body)
    assert request.headers == {"content-type": "application/json"}
    assert orjson.loads(request.body or b"") == {
        "benchmark_id": "b", "endpoint_url": "http://x", "api_key": "canary",
        "provider": "gemini", "headers": {"x-team": "e"}, "seed": 0,
    }  # fmt: skip
    for shown in (repr(request), repr(body), str(copy.copy(body))):
        assert "canary" not in shown


def test_a_body_is_strict() -> None:
    body = v0.SubmitJobRequest(benchmark_id="b", endpoint_url="http://x", api_key="k")
    with pytest.raises(AttributeError):
        body.colour = "red"  # type: ignore[attr-defined]
    body.provider = "own"  # type: ignore[assignment]
    with pytest.raises(ValueError, match="'own' is not a valid Provider"):
        body.to_dict()


@pytest.mark.parametrize(
    ("package", "operation", "body", "header", "value"),
    [
        (public, list_models, b'{"models": [], "total_count": 0}', "x-api-key", "the-key"),
        (v2, list_probe_runs, b"[]", "x-api-key", "the-key"),
        (v0, get_account, b'{"available_credits": 5}', "authorization", "Bearer the-key"),
    ],
)
def test_sync_and_asyncio_send_the_same(
    package: Any, operation: Any, body: bytes, header: str, value: str, recorder: Any
) -> None:
    recorder.body = body
    arguments: dict[str, Any] = {"benchmark_type_id": 1} if package is v2 else {}
    positional = [11] if package is v2 else []

    async def run() -> Any:
        async with package.Client(base_url=f"{recorder.url}/base/", token="the-key") as client:
            return await operation.asyncio(*positional, client=client, **arguments)

    with package.Client(base_url=f"{recorder.url}/base/", token="the-key") as client:
        first = operation.sync(*positional, client=client, **arguments)
    assert first == asyncio.run(run())
    one, other = recorder.seen
    assert one.headers[header] == other.headers[header] == value
    assert one.headers["accept"] == "application/json"
    assert (one.method, one.target) == (other.method, other.target)
    assert one.target.startswith("/base/")


def test_a_post_arrives_as_json(recorder: Any) -> None:
    recorder.status, recorder.body = 202, b'{"job_id": "j", "status": "pending"}'
    body = v0.SubmitJobRequest(benchmark_id="b", endpoint_url="http://x", api_key="k")
    with v0.Client(base_url=recorder.url, token="key") as client:
        assert submit_job.sync(client=client, body=body).job_id == "j"
    (seen,) = recorder.seen
    assert (seen.method, seen.target) == ("POST", "/v0/jobs")
    assert seen.headers["content-type"] == "application/json"
    assert orjson.loads(seen.body) == body.to_dict()


def test_an_error_carries_headers_with_lower_case_names(recorder: Any) -> None:
    recorder.status, recorder.body = 402, b'{"error": "2 credits are needed"}'
    with (
        v0.Client(base_url=recorder.url, token="key") as client,
        pytest.raises(v0.StatusError) as caught,
    ):
        get_account.sync(client=client)
    assert caught.value.status_code == 402
    assert caught.value.headers["x-request-id"] == "r-1"
    assert caught.value.parsed == v0.ErrorResponse(error="2 credits are needed")


@pytest.mark.parametrize("api", ["public", "v2", "v0"])
def test_an_import_is_light(api: str) -> None:
    code = (
        f"import sys, benchwire_api.{api} as package; package.Client(token='k');"
        "print('httpx' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "False\n"
