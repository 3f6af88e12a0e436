"""What `from_dict` takes, what it refuses, and the path it names."""

from __future__ import annotations

import pickle
from typing import Any, cast

import orjson
import pytest

from benchwire_api import public, v0, v2
from benchwire_api.decoding import array_of, json_body
from benchwire_api.public import DecodeError
from benchwire_api.public.api.benchmarks import list_benchmark_prompts
from benchwire_api.public.api.models import list_models
from benchwire_api.types import Response
from benchwire_api.v0.api.jobs import get_job

MODEL = {"id": "m", "key": "k", "name": "n"}
EVALUATION = {"id": "e", "status": "success", "model_id": "m", "dataset_id": "d"}
BENCHMARK_MODEL = {"id": 1, "name": None, "provider": "p"}
RUN = {
    "id": 1, "passedCount": 1, "failedCount": 0, "totalCount": 1, "score": 1.5, "probeId": 2,
    "probeName": None, "probeCategoryId": 3, "probeCategoryName": None,
    "createdAt": "2025-06-03T09:15:27Z",
}  # fmt: skip
SUBMISSION = {"benchmark_id": "b", "endpoint_url": "http://x", "api_key": "canary"}

DEEP: list[Any] = []
for _ in range(120):
    DEEP = [DEEP]
REFUSED: list[tuple[type[Any], Any, str]] = [
    # what is no object
    (public.PublicModelDetail, None, "$: expected an object, got null"),
    (public.PublicModelDetail, "id key name", "$: expected an object, got the string 'id key name'"),
    (public.PublicModelDetail, 5, "$: expected an object, got the number 5"),
    (public.ErrorResponse, [], "$: expected an object, got an array of 0"),
    (public.ErrorResponse, None, "$: expected an object, got null"),
    # required fields
    (public.PublicModelDetail, {"id": "m"}, "$.key: expected a required field, got nothing"),
    (v2.BenchmarkModel, {"name": None}, "$.id: expected a required field, got nothing"),
    (public.PublicModelDetail, {**MODEL, "id": None}, "$.id: expected a string, got null"),
    # scalars
    (public.PublicModelDetail, {**MODEL, "id": 5}, "$.id: expected a string, got the number 5"),
    (public.PublicModelDetail, {**MODEL, "open_weights": 1}, "$.open_weights: expected a boolean, got the number 1"),
    (public.PublicModelDetail, {**MODEL, "parameters": True}, "$.parameters: expected a number, got the boolean true"),
    (public.PublicModelDetail, {**MODEL, "parameters": "7"}, "$.parameters: expected a number, got the string '7'"),
    (public.PublicModelDetail, {**MODEL, "context_length": False}, "$.context_length: expected an integer, got the boolean false"),
    (public.PublicModelDetail, {**MODEL, "context_length": 1.5}, "$.context_length: expected an integer, got the number 1.5"),
    (public.PublicModelDetail, {**MODEL, "context_length": float("inf")}, "$.context_length: expected an integer, got the number inf"),
    (public.PublicModelDetail, {**MODEL, "context_length": "8"}, "$.context_length: expected an integer, got the string '8'"),
    (public.PublicModelDetail, {**MODEL, "description": {"a": 1}}, "$.description: expected a string, got an object of 1"),
    (public.Evaluation, {**EVALUATION, "status": None}, "$.status: expected a string, got null"),
    (public.Evaluation, {**EVALUATION, "queue_id": []}, "$.queue_id: expected an integer or a string, got an array of 0"),
    (public.BenchmarkPrompt, {"id": "p", "input": None, "truth": "t"}, "$.input: expected a string or an array or an object, got null"),
    # a long value is cut
    (public.PublicModelDetail, {**MODEL, "context_length": "x" * 99}, f"$.context_length: expected an integer, got the string '{'x' * 60}'…"),
    # times
    (public.PublicModelDetail, {**MODEL, "created_at": 1.5}, "$.created_at: expected seconds since the epoch or an ISO 8601 date and time, got the number 1.5"),
    (public.PublicModelDetail, {**MODEL, "created_at": True}, "$.created_at: expected seconds since the epoch or an ISO 8601 date and time, got the boolean true"),
    (v2.BenchmarkModel, {**BENCHMARK_MODEL, "benchmarkDate": 5}, "$.benchmarkDate: expected an ISO 8601 date and time, got the number 5"),
    (v2.BenchmarkProbeRun, {**RUN, "createdAt": None}, "$.createdAt: expected an ISO 8601 date and time, got null"),
    # lists and maps
    (public.PublicModelDetail, {**MODEL, "key_takeaways": "a"}, "$.key_takeaways: expected an array, got the string 'a'"),
    (public.PublicModelDetail, {**MODEL, "key_takeaways": ["a", None]}, "$.key_takeaways[1]: expected a string, got null"),
    (v2.BenchmarkModel, {**BENCHMARK_MODEL, "scores": []}, "$.scores: expected an object, got an array of 0"),
    (v2.BenchmarkModel, {**BENCHMARK_MODEL, "scores": {"a": 1, "b c": "x"}}, "$.scores['b c']: expected a number, got the string 'x'"),
    (public.PublicModelsListResponse, {"models": [MODEL], "total_count": 1, "sizes": [1]}, "$.sizes[0]: expected a string, got the number 1"),
    # nested
    (public.PublicModelsListResponse, {"models": [MODEL, {**MODEL, "id": 1}], "total_count": 2}, "$.models[1].id: expected a string, got the number 1"),
    (public.PublicModelsListResponse, {"models": [MODEL, {"id": "x"}], "total_count": 2}, "$.models[1].key: expected a required field, got nothing"),
    (public.PublicModelsListResponse, {"models": [[]], "total_count": 2}, "$.models[0]: expected an object, got an array of 0"),
    (public.EvaluationsListResponse, {"evaluations": [{**EVALUATION, "summary": {"goal": "g", "analysis_summary": {"key_takeaways": ["a", 2]}}}], "total_count": 1}, "$.evaluations[0].summary.analysis_summary.key_takeaways[1]: expected a string, got the number 2"),
    # an array in other places
    (v2.BenchmarkProbeRunWithTestCases, {"testCases": [], "id": "x"}, "$.id: expected an integer, got the string 'x'"),
    (v2.BenchmarkProbeRunWithTestCases, {"testCases": None, "testCaseResults": None}, "$.id: expected a required field, got nothing"),
    (v2.BenchmarkProbeRunWithTestCases, {**RUN, "score": None, "createdAt": 5}, "$.createdAt: expected an ISO 8601 date and time, got the number 5"),
    (v2.BenchmarkProbeRunWithTestCases, {"testCaseResults": [], "testCasesOf": DEEP}, "$.testCasesOf: expected JSON nested at most 100 levels deep, got more levels"),
    (v2.BenchmarkProbeRunWithTestCases, {}, "$.id: expected a required field, got nothing"),
    (v2.BenchmarkProbeRunWithTestCases, "a", "$: expected an object, got the string 'a'"),
    # request bodies are strict, and never show a secret
    (v0.SubmitJobRequest, {**SUBMISSION, "colour": "red"}, "$.colour: expected no such field, got the string 'red'"),
    (v0.SubmitJobRequest, {**SUBMISSION, "provider": "own"}, "$.provider: expected one of 'openai', 'openai_responses', 'gemini', 'raw', got the string 'own'"),
    (v0.SubmitJobRequest, {**SUBMISSION, "model": None}, "$.model: expected a string, got null"),
    (v0.SubmitJobRequest, {**SUBMISSION, "headers": {"x": 1}}, "$.headers.x: expected a string, got int"),
    (v0.SubmitJobRequest, {**SUBMISSION, "api_key": ["canary"]}, "$.api_key: expected a string, got list"),
    (v0.SubmitJobBatchRequest, {"endpoint_url": "u", "api_key": "k", "jobs": [{"benchmark_id": "b", "n": 1}]}, "$.jobs[0].n: expected no such field, got the number 1"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "data", "message"), REFUSED, ids=lambda value: str(value)[:60])
def test_what_does_not_fit_is_refused_with_its_path(
    model: type[Any], data: Any, message: str
) -> None:
    with pytest.raises(DecodeError) as caught:
        model.from_dict(data)
    assert str(caught.value) == message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(("value", "read"), [(5.0, 5), (-0.0, 0), (2**53, 2**53), (0, 0)])
def test_an_integer_may_come_as_a_whole_number(value: float, read: int) -> None:
    got = public.PublicModelDetail.from_dict({**MODEL, "context_length": value}).context_length
    assert got == read
    assert type(got) is int


def test_digits_are_no_date_and_time() -> None:
    # The first is one of milliseconds since the epoch; `fromisoformat` reads a day in 1712.
    for value in ("1712111112345", "20250603", "1717200000"):
        row = {**BENCHMARK_MODEL, "benchmarkDate": value}
        assert v2.BenchmarkModel.from_dict(row).benchmark_date == value


@pytest.mark.parametrize("value", [7, 7.5, 0])
def test_a_number_may_come_as_an_integer(value: float) -> None:
    assert public.PublicModelDetail.from_dict({**MODEL, "parameters": value}).parameters == value


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1717200000, 1717200000),
        (1717200000.0, 1717200000),
        ("1717200000", 1717200000),
        ("-5", -5),
        ("1717200000.0", 1717200000),
        ("2024-06-01T00:00:00Z", 1717200000),
        ("2024-06-01T02:00:00+02:00", 1717200000),
        ("2024-06-01T00:00:00", 1717200000),
        ("2024-06-01", 1717200000),
        ("2024-05-31T24:00:00z", 1717200000),
        (None, None),
    ],
)
def test_epoch_seconds_come_in_several_forms(value: Any, seconds: int | None) -> None:
    got = public.PublicModelDetail.from_dict({**MODEL, "created_at": value}).created_at
    assert got == seconds
    assert type(got) is type(seconds)


def test_null_for_a_list_that_says_so_is_an_empty_list() -> None:
    counts = {"total_count": 0, "correct_count_1": 0, "total_results_1": 0, "correct_count_2": 0,
              "total_results_2": 0}  # fmt: skip
    assert public.ComparisonResponse.from_dict({**counts, "results": None}).results == []
    page = public.PublicModelsListResponse.from_dict({"models": [], "total_count": 0})
    assert (page.categories, page.sizes, page.count) == ([], [], None)
    assert public.PublicModelsListResponse(models=[], total_count=0) == page


def test_null_for_a_list_that_does_not_say_so_stays_none() -> None:
    assert (
        public.PublicModelDetail.from_dict({**MODEL, "key_takeaways": None}).key_takeaways is None
    )


def test_wire_names_and_python_names() -> None:
    evaluation = public.Evaluation.from_dict({**EVALUATION, "dataset_name": "Example"})
    assert (evaluation.benchmark_id, evaluation.benchmark_name) == ("d", "Example")
    assert evaluation.to_dict() == {**EVALUATION, "dataset_name": "Example"}
    assert v2.BenchmarkProbeRun.from_dict(RUN).probe_category_id == 3


@pytest.mark.parametrize(
    "value", ["text", "", [], [{"role": "user"}, 5, None], {}, {"question": {"a": [1]}}]
)
def test_free_json_is_plain_python(value: Any) -> None:
    data = {"id": "p", "input": value, "truth": "t"}
    assert public.BenchmarkPrompt.from_dict(data).input is value


def test_maps_are_plain_dicts() -> None:
    scores = {"Security": 81.25, "Safety": None, "All": 3}
    model = v2.BenchmarkModel.from_dict({**BENCHMARK_MODEL, "scores": scores})
    assert model.scores is scores


def test_an_array_at_the_top() -> None:
    assert array_of([BENCHMARK_MODEL], v2.BenchmarkModel.from_dict)[0].provider == "p"
    assert array_of([], v2.BenchmarkModel.from_dict) == []
    for body, message in [
        ({}, "$: expected an array, got an object of 0"),
        ([BENCHMARK_MODEL, None], "$[1]: expected an object, got null"),
        ([BENCHMARK_MODEL, {**BENCHMARK_MODEL, "url": 5}], "$[1].url: expected a string, got the number 5"),
    ]:  # fmt: skip
        with pytest.raises(DecodeError) as caught:
            array_of(body, v2.BenchmarkModel.from_dict)
        assert str(caught.value) == message


@pytest.mark.parametrize(
    "content",
    [b"", b"  ", b"<html>", b'{"a": 1', b'"\xff"', b"nul", b"NaN", b"[" * 100_000, b"{} {}"],
)
def test_what_is_no_json_is_a_decode_error(content: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        json_body(content)
    assert (caught.value.path, caught.value.expected) == ("$", "JSON")
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (r'"cut \ud83d"', "cut \ufffd"),  # JavaScript's slice() leaves such a half
        (r'"\ude00\ud83d"', "\ufffd\ufffd"),
        (r'"\ud83d\ud83d\ude00\\ud83d"', "\ufffd\U0001f600\\ud83d"),
        (r'"\uD83Dx\uDBFF"', "\ufffdx\ufffd"),
    ],
)
def test_half_a_pair_of_surrogates_refuses_no_page(written: str, expected: str) -> None:
    prompts = f'[{{"id":"p","input":"i","truth":{written}}}]'
    content = f'{{"status":"s","data":{{"count":1,"prompts":{prompts}}}}}'.encode()
    page = list_benchmark_prompts.parse_response(Response(status_code=200, content=content))
    assert page.data.prompts[0].truth == expected
    assert orjson.dumps(page.to_dict())


@pytest.mark.parametrize("number", [2**64 - 1, 2**64 + 1, -(2**63) - 1, 10**400 + 7])
def test_an_integer_of_any_length_is_exact(number: int) -> None:
    content = b'{"count":%d,"total_count":7}' % number
    for _ in range(2):
        page = list_models.parse_response(Response(status_code=200, content=content))
        assert (page.count, page.total_count) == (number, 7)
    job = get_job.parse_response(
        Response(status_code=200, content=b'{"id":"j","status":"s","needle_count":%d}' % number)
    )
    assert job.needle_count == number


def test_a_number_too_large_for_a_float_is_refused() -> None:
    with pytest.raises(DecodeError, match="number is infinity"):
        list_models.parse_response(Response(status_code=200, content=b'{"total_count":1e400}'))


@pytest.mark.parametrize("place", ["testCases", "testCaseResults", None])
def test_an_array_in_another_place_is_read_and_sent_back_in_its_own(place: str | None) -> None:
    cases = [{"id": "a", "result": "error", "x": 1}]
    body = cases if place is None else {**RUN, place: cases}
    run = v2.BenchmarkProbeRunWithTestCases.from_dict(cast("Any", body))
    assert (run.id, run.additional_properties) == (None if place is None else 1, {})
    assert run.test_cases == [v2.BenchmarkTestCase.from_dict(cases[0])]
    sent_back = run.to_dict()
    assert sent_back["testCases"] == cases
    assert v2.BenchmarkProbeRunWithTestCases.from_dict(sent_back) == run
    assert body == (cases if place is None else {**RUN, place: cases})  # left as it was


def test_the_own_place_of_an_array_comes_first() -> None:
    body = {**RUN, "testCases": [], "testCaseResults": [{"id": 1}]}
    run = v2.BenchmarkProbeRunWithTestCases.from_dict(body)
    assert (run.test_cases, run.additional_properties) == ([], {"testCaseResults": [{"id": 1}]})


def test_unknown_fields_are_kept_apart_and_sent_back() -> None:
    data = {**MODEL, "colour": "red", "tags": [1]}
    model = public.PublicModelDetail.from_dict(data)
    assert model.additional_properties == {"colour": "red", "tags": [1]}
    assert model.to_dict() == data
    assert data == {**MODEL, "colour": "red", "tags": [1]}


def test_the_dict_of_unknown_fields_is_made_when_it_is_asked_for() -> None:
    one, other = (public.PublicModelDetail.from_dict(MODEL) for _ in range(2))
    assert one._additional_properties is None
    assert one.additional_properties == {}
    # Looking does not make a difference; writing does, and is kept.
    assert one == other
    one.additional_properties["colour"] = "red"
    assert one != other
    assert one.additional_properties == {"colour": "red"}
    other.additional_properties = {"colour": "red"}
    assert one == other
    assert pickle.loads(pickle.dumps(one)).additional_properties == {"colour": "red"}


def test_unknown_fields_in_nested_objects_and_with_all_known_absent() -> None:
    data = orjson.loads(b'{"status": "s", "data": {"prompts": [], "count": 0, "x": 1}}')
    assert public.BenchmarkPromptsResponse.from_dict(data).data.additional_properties == {"x": 1}
    assert public.ErrorResponse.from_dict({"code": 5}).additional_properties == {"code": 5}


def test_unknown_fields_may_hold_anything_and_stay_out_of_the_repr() -> None:
    model = public.PublicModelDetail.from_dict({**MODEL, "internal_key": "canary"})
    assert "canary" not in repr(model)
    assert "name='n'" in repr(model)


def test_errors_survive_pickle() -> None:
    decode = DecodeError("$.a", "a string", "null")
    assert str(pickle.loads(pickle.dumps(decode))) == str(decode)
    status = public.StatusError(
        404, {"x-request-id": "r"}, b"canary", public.ErrorResponse(error="e")
    )
    again = pickle.loads(pickle.dumps(status))
    assert (again.status_code, again.headers, again.content, again.parsed) == (
        404, {"x-request-id": "r"}, b"canary", public.ErrorResponse(error="e"))  # fmt: skip
    assert "canary" not in f"{status} {status!r}"


FULL = {
    **MODEL, "description": "d", "company": "c", "created_at": 1, "released_at": 2,
    "parameters": 3.0, "modality": "text", "context_length": 4, "architecture_type": "a",
    "license": "l", "open_weights": True, "region": "r", "key_takeaways": ["k"],
    "deprecated": False, "cost_per_input_token": "0.1", "cost_per_output_token": "0.2",
}  # fmt: skip


def test_a_row_is_read_the_same_whole_and_in_part() -> None:
    whole = public.PublicModelDetail.from_dict(FULL)
    assert whole.to_dict() == FULL
    for absent in FULL.keys() - MODEL.keys():
        part = {key: value for key, value in FULL.items() if key != absent}
        # As many fields as a whole row has, but not the same ones.
        odd = {**part, "colour": "red"}
        for data in (part, odd, {**odd, "size": 5}):
            model = public.PublicModelDetail.from_dict(data)
            assert getattr(model, absent) is None
            assert model.to_dict() == data
            assert model.additional_properties.keys() == data.keys() - FULL.keys()
    for absent in MODEL:
        odd = {key: value for key, value in FULL.items() if key != absent} | {"colour": "red"}
        with pytest.raises(DecodeError) as caught:
            public.PublicModelDetail.from_dict(odd)
        assert caught.value.path == f"$.{absent}"
