"""What is decoded although it is not as the spec has it: inferred fields, dates, lists."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from benchwire_api import public, v0, v2
from benchwire_api.public import DecodeError
from benchwire_specs import APIS, load_document

ODD: list[Any] = [5, 1.5, True, "text", "2025-13-01", [1], ["a", None], {"a": [1]}, [{"id": []}]]
EVALUATION = {"id": "e", "status": "success", "model_id": "m", "dataset_id": "d"}
RUN = (
    "id", "passedCount", "failedCount", "totalCount", "score", "probeId", "probeCategoryId",
)  # fmt: skip
LISTS = [
    (public.PublicModelsListResponse, "models", {"total_count": 0}),
    (public.PublicBenchmarksListResponse, "datasets", {"total_count": 0}),
    (public.EvaluationsListResponse, "evaluations", {"total_count": 0}),
    (public.BenchmarkPromptsData, "prompts", {"count": 0}),
    (
        public.ComparisonResponse, "results",
        dict.fromkeys(
            ("total_count", "correct_count_1", "total_results_1", "correct_count_2",
             "total_results_2"), 0
        ),
    ),
]  # fmt: skip


def lenient() -> Iterator[Any]:
    """Yield each optional property of a response model that is inferred, or marked as lenient.

    A list that is empty where it is null is not among them: it is refused if no row fits.
    """
    for api in APIS:
        package = importlib.import_module(f"benchwire_api.{api}")
        schemas = load_document(api).content["components"]["schemas"]
        for name, schema in schemas.items():
            model = getattr(package, name, None)
            if model is None or hasattr(model, "validate"):  # it is no object, or it is sent
                continue
            properties = schema.get("properties", {})
            moved = {p for n in properties.values() for p in n.get("x-python-elsewhere", ())}
            for wire, node in properties.items():
                is_inferred = node.get("x-provenance") == "inferred"
                is_marked = node.get("x-python-lenient") and not node.get("x-null-means-empty")
                others = {*moved, *schema.get("required", ())}
                if (is_inferred or is_marked) and wire not in others:
                    yield pytest.param(model, schema, wire, id=f"{api}.{name}.{wire}")


def smallest(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the smallest valid object of a schema, whose required properties are scalars."""
    values = {"string": "t", "integer": 1, "number": 1.5, "array": [], "object": {}}
    required = {name: schema["properties"][name] for name in schema.get("required", ())}
    types = {name: node.get("type", "string") for name, node in required.items()}
    return {name: None if isinstance(kind, list) else values[kind] for name, kind in types.items()}


@pytest.mark.parametrize(("model", "schema", "wire"), list(lenient()))
@pytest.mark.parametrize("value", ODD, ids=repr)
def test_a_lenient_field_refuses_no_response(
    model: Any, schema: dict[str, Any], wire: str, value: Any
) -> None:
    data = smallest(schema) | {wire: value}
    decoded = model.from_dict(data)
    assert decoded.to_dict()[wire] == value  # nothing is lost, whichever way it was decoded
    again = model.from_dict(orjson.loads(orjson.dumps(decoded.to_dict())))
    assert again == decoded


def test_a_required_field_that_may_be_null_may_be_left_out() -> None:
    """Many services are configured to leave null out of their responses."""
    tried = 0
    for api in APIS:
        for name, schema in load_document(api).content["components"]["schemas"].items():
            model = getattr(importlib.import_module(f"benchwire_api.{api}"), name, None)
            if model is None or hasattr(model, "validate"):  # it is no object, or it is sent
                continue
            whole = {key: "2026-01-02" if key == "createdAt" else value
                     for key, value in smallest(schema).items()}  # fmt: skip
            types = {
                key: node.get("type", ()) for key, node in schema.get("properties", {}).items()
            }
            given = {key: value for key, value in whole.items() if "null" not in types[key]}
            if given != whole:
                tried += 1
                assert model.from_dict(given) == model.from_dict(whole)
    assert tried >= 4


def test_a_misfit_is_none_and_kept_beside_the_fields() -> None:
    job = v0.Job.from_dict({"id": "j", "status": "failed", "score": "92 %", "colour": 1})
    assert job.score is None
    assert job.additional_properties == {"score": "92 %", "colour": 1}
    job.score = 92.0
    assert job.to_dict()["score"] == 92.0


@pytest.mark.parametrize("odd", [5, None, "text", [1], True])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_row_that_does_not_fit_hides_no_other(odd: Any, place: int) -> None:
    rows: list[Any] = [{"id": "a", "passed": True}, {"id": "b", "passed": False}]
    rows.insert(place, odd)
    run = v2.BenchmarkProbeRunWithTestCases.from_dict(
        dict.fromkeys(RUN, 1) | {"createdAt": "2026-01-02", "testCases": rows}
    )
    assert run.test_cases is not None
    assert [case.id for case in run.test_cases] == ["a", "b"]
    # The whole list stays as it was received, and is sent on unless the rows were changed.
    assert run.additional_properties["testCases"] == rows == run.to_dict()["testCases"]
    run.test_cases[0].passed = None
    assert run.to_dict()["testCases"] == [{"id": "a"}, {"id": "b", "passed": False}]

    case = v2.BenchmarkTestCase.from_dict({"conversation": [{"role": "user"}, odd]})
    assert [message.role for message in case.conversation or ()] == ["user"]
    assert case.to_dict() == {"conversation": [{"role": "user"}, odd]}
    assert v2.BenchmarkTestCase.from_dict({"conversation": [odd]}).conversation is None


@pytest.mark.parametrize("odd", [5, None, "text", [1], True])
def test_an_answer_that_does_not_fit_hides_no_other(odd: Any) -> None:
    rows: list[Any] = [{"prompt": "p"}, odd, {"prompt": 7, "score": "high", "metrics": {"a": "b"}}]
    body = {"results": rows, "metrics": {"total_count": 3}}
    page = public.ResultsListResponse.from_dict(body)
    assert [(row.prompt, row.score, row.metrics) for row in page.results] == [
        ("p", None, None), (None, None, None),
    ]  # fmt: skip
    assert page.to_dict() == body
    page.results[0].prompt = "q"
    assert page.to_dict()["results"] == [{"prompt": "q"}, rows[2]]
    page.results.clear()
    assert page.to_dict()["results"] == []


@pytest.mark.parametrize("odd", [5, "text", {}, [5], [None, "text"]])
def test_answers_of_which_none_fits_are_not_empty(odd: Any) -> None:
    with pytest.raises(DecodeError, match="results"):
        public.ResultsListResponse.from_dict({"results": odd, "metrics": {"total_count": 3}})


def test_an_inferred_field_that_is_nested_too_deep_is_refused() -> None:
    deep: Any = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(DecodeError, match="levels deep"):
        v0.Job.from_dict({"id": "j", "status": "failed", "score": deep})


def test_a_documented_field_is_as_strict_as_before() -> None:
    with pytest.raises(DecodeError, match="context_length"):
        public.PublicModelDetail.from_dict(
            {"id": "m", "key": "k", "name": "n", "context_length": "long"}
        )


@pytest.mark.parametrize("text", ["", "soon", "2025-13-01T00:00:00Z", "9" * 5000])
def test_a_time_that_is_none_stays_a_text_and_refuses_no_page(text: str) -> None:
    models = [{"id": str(i), "key": "k", "name": "n", "created_at": 7} for i in range(3)]
    models[1]["created_at"] = text
    page = public.PublicModelsListResponse.from_dict({"models": models, "total_count": 3})
    assert [model.created_at for model in page.models] == [7, text, 7]
    assert page.to_dict()["models"][1]["created_at"] == text
    job = v0.Job.from_dict({"id": "j", "status": "failed", "created_at": text})
    assert job.created_at == text
    assert job.to_dict()["created_at"] == text


@pytest.mark.parametrize(("model", "wire", "others"), LISTS)
def test_a_list_that_is_null_or_absent_is_empty(
    model: Any, wire: str, others: dict[str, int]
) -> None:
    for data in (others, others | {wire: None}, others | {wire: []}):
        assert getattr(model.from_dict(data), wire) == []


@pytest.mark.parametrize(("model", "wire", "others"), LISTS)
def test_a_list_without_its_total_is_refused(model: Any, wire: str, others: dict[str, int]) -> None:
    with pytest.raises(DecodeError, match="a required field"):
        model.from_dict({wire: None})


@pytest.mark.parametrize(
    ("status", "is_finished", "is_success"),
    [
        ("pending", False, False),
        ("in-progress", False, False),
        ("paused", False, False),
        ("success", True, True),
        ("failure", True, False),
        ("timeout", True, False),
        ("cancelled", True, False),
        ("a new one", False, False),
    ],
)
def test_the_state_of_an_evaluation(status: str, is_finished: bool, is_success: bool) -> None:
    evaluation = public.Evaluation.from_dict({**EVALUATION, "status": status})
    assert (evaluation.is_finished, evaluation.is_success) == (is_finished, is_success)


def test_durations_are_nanoseconds_and_there_is_a_property_in_seconds() -> None:
    evaluation = public.Evaluation.from_dict({**EVALUATION, "average_duration": 2_500_000_000})
    assert evaluation.average_duration == 2_500_000_000
    assert evaluation.average_duration_seconds == 2.5
    assert public.Evaluation.from_dict(EVALUATION).average_duration_seconds is None
    unfinished = public.Evaluation.from_dict(
        {
            **EVALUATION,
            "status": "pending",
            "finished_at": 0,
            "average_duration": 0,
            "accuracy": 0.0,
        }
    )
    assert (unfinished.finished_at, unfinished.average_duration_seconds) == (0, 0.0)
