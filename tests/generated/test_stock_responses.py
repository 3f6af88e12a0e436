"""What stock output gets wrong in responses; each test shows the fault in stock output too."""

from __future__ import annotations

import copy
import importlib
import json
import pickle
from types import CodeType
from typing import TYPE_CHECKING, Any

import attrs
import httpx
import pytest
import yaml
from openapi.generator.build import SPECS
from openapi.generator.plan import plan_api
from scripts.bench.alternatives import stock_package

from benchwire_api.public import (
    UNSET,
    BenchmarkPrompt,
    DecodeError,
    ErrorResponse,
    EvaluationStatus,
    PublicModelDetail,
    Response,
    StatusError,
)
from benchwire_api.public.api.benchmarks import list_benchmark_prompts
from benchwire_api.public.api.evaluations import get_evaluation
from benchwire_api.v0 import SubmitJobRequest
from benchwire_api.v2.api.benchmarks import list_probe_runs

if TYPE_CHECKING:
    from pathlib import Path

EVALUATION = {"id": "e", "status": "success", "model_id": "m", "dataset_id": "d"}
RUN = {
    "id": 1, "passedCount": 1, "failedCount": 0, "totalCount": 1, "score": 1.5, "probeId": 2,
    "probeName": None, "probeCategoryId": 3, "probeCategoryName": None,
    "createdAt": "2025-06-03T09:15:27.1234567Z",
}  # fmt: skip
PROMPTS = "public.api.benchmarks.list_benchmark_prompts"
EVALUATIONS = "public.api.evaluations.get_evaluation"
RUN_LIST = "v2.api.benchmarks.list_probe_runs"


def received(body: Any, status: int = 200) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status_code=status, headers={"x-request-id": "r-1"}, content=content)


def stock_parse(stock: Any, name: str, body: Any, status: int = 200) -> Any:
    module = stock(name)
    client = stock(name.partition(".")[0]).Client(base_url="http://x")
    response = httpx.Response(status, content=received(body).content)
    return module._build_response(client=client, response=response).parsed


@pytest.mark.parametrize("status", [302, 418, 520, 999])
def test_06_an_undocumented_status_is_an_error(status: int, stock: Any) -> None:
    with pytest.raises(StatusError) as caught:
        get_evaluation.parse_response(received({"error": "no"}, status))
    assert caught.value.status_code == status
    assert caught.value.headers["x-request-id"] == "r-1"

    if status == 418:
        assert stock_parse(stock, EVALUATIONS, {"error": "no"}, status) is None
    if status == 520:
        with pytest.raises(ValueError, match="520 is not a valid HTTPStatus"):
            stock_parse(stock, EVALUATIONS, {"error": "no"}, status)


@pytest.mark.parametrize("status", [201, 204, 206])
def test_06_an_undocumented_success_is_an_error_without_an_error_model(status: int) -> None:
    with pytest.raises(StatusError) as caught:
        get_evaluation.parse_response(received(EVALUATION, status))
    assert caught.value.parsed is None


def test_06_a_documented_error_is_raised_with_its_model(stock: Any) -> None:
    with pytest.raises(StatusError) as caught:
        get_evaluation.parse_response(received({"error": "There is none."}, 404))
    assert caught.value.parsed == ErrorResponse(error="There is none.")
    assert type(stock_parse(stock, EVALUATIONS, {"error": "x"}, 404)).__name__ == "ErrorResponse"


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b'{"error": 5}', b"[]"])
def test_06_an_error_body_that_does_not_fit_does_not_hide_the_status(body: bytes) -> None:
    with pytest.raises(StatusError) as caught:
        get_evaluation.parse_response(received(body, 502))
    assert caught.value.status_code == 502
    assert caught.value.parsed is None
    assert caught.value.content == body


def test_07_an_unknown_enum_value_is_kept() -> None:
    body = {**EVALUATION, "status": "archived"}
    evaluation = get_evaluation.parse_response(received(body))
    assert evaluation.status == "archived"
    assert evaluation.to_dict() == body
    assert type(evaluation.to_dict()["status"]) is str
    known = get_evaluation.parse_response(received(EVALUATION)).status
    assert known is EvaluationStatus.SUCCESS


def test_07_an_enum_that_the_spec_does_not_open_is_open_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = yaml.load((SPECS / "public.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    closed = copy.deepcopy(spec)
    properties = closed["components"]["schemas"]["Evaluation"]["properties"]
    del properties["status"]["anyOf"][1]  # the plain string
    assert plan_api(closed).models == plan_api(spec).models

    (tmp_path / "closed.yaml").write_text(yaml.safe_dump(closed))
    stock_package(tmp_path / "closed.yaml", tmp_path, "stock_closed")
    monkeypatch.syspath_prepend(tmp_path)
    stock_model = importlib.import_module("stock_closed.models").Evaluation
    with pytest.raises(ValueError, match="'archived' is not a valid EvaluationStatus"):
        stock_model.from_dict({**EVALUATION, "status": "archived"})


BROKEN = [
    (PROMPTS, {"status": "success"}, "$.data: expected a required field, got nothing", KeyError),
    (
        PROMPTS,
        {"status": "s", "data": {"prompts": [{"id": "p", "input": "i", "truth": "t"}, None]}},
        "$.data.count: expected a required field, got nothing",
        KeyError,
    ),
    (RUN_LIST, [RUN, None], "$[1]: expected an object, got null", TypeError),
    (RUN_LIST, [{**RUN, "createdAt": None}],
     "$[0].createdAt: expected an ISO 8601 date and time, got null", TypeError),
    (PROMPTS, b"<html>", "$: expected JSON, got unexpected character", json.JSONDecodeError),
    (PROMPTS, b'{"status": "s", "da', "$: expected JSON, got unexpected end", json.JSONDecodeError),
    (PROMPTS, b"", "$: expected JSON, got an empty body", json.JSONDecodeError),
    (PROMPTS, [], "$: expected an object, got an array of 0", (ValueError, KeyError)),
    (PROMPTS, ["ab"], "$: expected an object, got an array of 1", KeyError),
]  # fmt: skip
PARSERS = {PROMPTS: list_benchmark_prompts, RUN_LIST: list_probe_runs}


@pytest.mark.parametrize(("name", "body", "message", "stock_error"), BROKEN)
def test_07_a_body_that_does_not_fit_is_one_typed_error(
    name: str, body: Any, message: str, stock_error: Any, stock: Any
) -> None:
    with pytest.raises(DecodeError) as caught:
        PARSERS[name].parse_response(received(body))
    assert str(caught.value).startswith(message)

    with pytest.raises(stock_error):
        stock_parse(stock, name, body)


def test_08_unset_is_one_object_and_a_pickled_model_is_equal(stock: Any) -> None:
    for other in (pickle.loads(pickle.dumps(UNSET)), copy.copy(UNSET), copy.deepcopy(UNSET)):
        assert other is UNSET
    assert type(UNSET)() is UNSET
    assert not UNSET
    request = SubmitJobRequest(benchmark_id="b", endpoint_url="http://x", api_key="k")
    model = PublicModelDetail(id="m", key="k", name="n")
    for original in (request, model):
        assert pickle.loads(pickle.dumps(original)) == original

    stock_model = stock("public.models").PublicModelDetail(id="m", key="k", name="n")
    assert pickle.loads(pickle.dumps(stock_model)) != stock_model


def test_09_an_optional_response_field_is_none(stock: Any) -> None:
    model = PublicModelDetail.from_dict({"id": "m", "key": "k", "name": "n"})
    assert model.description is None
    assert str(attrs.fields(PublicModelDetail).description.type) == "str | None"
    request = SubmitJobRequest(benchmark_id="b", endpoint_url="http://x", api_key="k")
    assert request.model is UNSET
    assert "model" not in request.to_dict()

    stock_type = stock("public.models").PublicModelDetail
    assert "Unset" in attrs.fields(stock_type).description.type
    absent = stock_type.from_dict({"id": "m", "key": "k", "name": "n"}).description
    assert absent is not None


def test_10_names_of_the_document_stand(stock: Any) -> None:
    data = {"id": "p", "input": "i", "truth": "t"}
    assert BenchmarkPrompt.from_dict(data).input == "i"
    assert not hasattr(stock("public.models").BenchmarkPrompt.from_dict(data), "input")


def test_11_decoding_defines_no_function_and_leaves_the_data_alone(stock: Any) -> None:
    def functions(function: Any) -> set[str]:
        constants = function.__func__.__code__.co_consts
        return {const.co_name for const in constants if isinstance(const, CodeType)}

    data = {"id": "p", "input": {"a": [1]}, "truth": "t"}
    prompt = BenchmarkPrompt.from_dict(data)
    assert functions(BenchmarkPrompt.from_dict) == set()
    assert prompt.input is data["input"]
    assert data == {"id": "p", "input": {"a": [1]}, "truth": "t"}
    assert prompt._additional_properties is None

    assert "_parse_input_" in functions(stock("public.models").BenchmarkPrompt.from_dict)
