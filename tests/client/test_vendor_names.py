"""The names and attributes that code written for the vendor's client uses."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import benchwire
from benchwire import errors, models
from support.both import Flavour
from support.scripted import always, json_reply


def test_clients_have_the_vendors_names() -> None:
    assert benchwire.Client is benchwire.Atlas is benchwire.Stratix
    assert benchwire.AsyncClient is benchwire.AsyncAtlas is benchwire.AsyncStratix


def test_errors_and_models_have_the_vendors_names() -> None:
    assert benchwire.InternalServerError is errors.ServerError
    assert benchwire.StratixError is benchwire.AtlasError is errors.BenchwireError
    assert benchwire.PublicModelDetail is models.PublicModel is models.Model
    assert models.EvaluationMetric is models.SummaryMetric


def test_an_error_has_the_response_and_its_body(flavour: Flavour, scripted: Any) -> None:
    body = {"error": "There is no such benchmark."}
    service = scripted(always(json_reply(body, status=404, x_reason="höhere Gewalt")))
    client = flavour.make("PublicClient", "the-key", service.url)
    with pytest.raises(benchwire.NotFoundError) as caught:
        flavour.result(client.benchmarks.get_prompts("b"))
    error = caught.value
    assert error.response.status_code == error.status_code == 404
    assert error.response.json() == error.body == body
    assert error.response.headers["x-reason"] == error.headers["x-reason"] == "höhere Gewalt"
    again = pickle.loads(pickle.dumps(error))
    assert again.response.json() == body
    assert "the-key" not in repr(error.response.headers)
    for each in (error, again):
        assert each.request is not None
        assert (each.request.method, each.request.url.path) == ("GET", "/datasets/b/prompts")
        assert str(each.request.url).startswith(service.url)
        assert "the-key" not in repr(each.request.headers)


def test_an_error_has_the_request_that_was_too_long(flavour: Flavour, scripted: Any) -> None:
    """Some thousand ids are a URL that the service refuses and httpx does not take."""
    ids = [f"{number:024x}" for number in range(2700)]
    client = flavour.make("PublicClient", "the-key", scripted(always(json_reply({}))).url)
    with pytest.raises(benchwire.APIStatusError, match="414") as caught:
        flavour.result(client.evaluations.get_many(model_ids=ids))
    assert caught.value.request is not None
    assert caught.value.request.url.params["models"].startswith(",".join(ids[:2600]))


def test_an_error_without_a_response_has_no_body(flavour: Flavour) -> None:
    client = flavour.make("PublicClient", "the-key", "http://127.0.0.1:1", max_retries=0)
    with pytest.raises(benchwire.APIConnectionError) as caught:
        flavour.result(client.models.get())
    assert caught.value.body is None
    assert caught.value.request is not None
    assert caught.value.request.url.host == "127.0.0.1"


ANSWER = {
    "subset": "algebra", "prompt": "What is 2 + 2?", "result": "4", "truth": "4",
    "duration": 2_500_000_000, "score": 1, "metrics": {"readability": 0.81, "toxicity": None},
    "input_tokens": 512, "output_tokens": 128, "latency_ms": 2480, "latency_content_ms": 0,
}  # fmt: skip
SCORERS = {"s1": {"score": 0.8, "status": "success"}, "s2": {"score": None, "error": "timed out"}}


def test_answers_have_the_vendors_names(flavour: Flavour, scripted: Any) -> None:
    """Bodies as its service sends them: scores by name or by scorer, null for what is not known."""
    rows = [ANSWER, {**ANSWER, "metrics": SCORERS}, {**ANSWER, "metrics": None, "more": [1]}]
    metrics = {"total_count": 3, "min_toxicity_score": 0, "max_readability_score": 0.9}
    body = {"evaluation_id": "e1", "results": rows, "metrics": metrics, "new": True}
    service = scripted(always(json_reply(body)))
    client = flavour.public(service.url)
    evaluation = models.Evaluation.from_dict(
        {"id": "e1", "status": "success", "model_id": "m", "dataset_id": "b"}
    )
    page = flavour.result(client.results.get(evaluation=evaluation, page_size=2))
    assert isinstance(page, models.ResultsResponse)
    assert (page.evaluation_id, page.metrics.total_count) == ("e1", 3)
    assert (page.pagination.page, page.pagination.total_pages) == (1, 2)
    first = page.results[0]
    assert isinstance(first, models.Result)
    assert (first.duration, first.duration_seconds) == (2_500_000_000, 2.5)
    assert page.results[1].metrics == SCORERS
    shown = page.to_dict()
    assert shown.pop("pagination") == {
        "page": 1, "page_size": 2, "total_pages": 2, "total_count": 3,
    }  # fmt: skip
    del rows[2]["metrics"]  # what is null may be left out
    assert shown == body
    assert len(flavour.result(client.results.get_all(evaluation=evaluation))) == 3
    assert len(flavour.result(client.results.get_all_by_id(evaluation_id="e1"))) == 3


@pytest.mark.parametrize("rows", [None, []])
def test_an_evaluation_without_answers(rows: Any, flavour: Flavour, scripted: Any) -> None:
    body = {"evaluation_id": "e1", "results": rows, "metrics": {"total_count": 0}}
    client = flavour.public(scripted(always(json_reply(body))).url)
    assert flavour.result(client.evaluations.get_results("e1")).results == []
    assert flavour.result(client.results.get_all_by_id(evaluation_id="e1")) == []


def test_answers_that_are_missing_are_an_error(flavour: Flavour, scripted: Any) -> None:
    """A row that is no object refuses no page, and a list that lacks it is not taken for whole."""
    rows: list[Any] = [ANSWER, None, {**ANSWER, "result": "5"}]
    body = {"results": rows, "metrics": {"total_count": 3}}
    client = flavour.public(scripted(always(json_reply(body))).url)
    page = flavour.result(client.evaluations.get_results("e1"))
    assert [row.result for row in page.results] == ["4", "5"]
    assert page.to_dict()["results"] == rows
    with pytest.raises(benchwire.PaginationError):
        flavour.result(client.results.get_all_by_id(evaluation_id="e1"))
    body["results"] = [None]
    client = flavour.public(scripted(always(json_reply(body))).url)
    with pytest.raises(benchwire.APIResponseValidationError, match="results"):
        flavour.result(client.evaluations.get_results("e1"))


@pytest.mark.parametrize("count", [1, 2])
def test_a_service_that_ignores_the_page_ends(count: int, flavour: Flavour, scripted: Any) -> None:
    """Nothing tells answers apart; a page sent again is recognised as a whole, or ends the list."""
    rows = [{**ANSWER, "result": str(number)} for number in range(count)]
    service = scripted(always(json_reply({"results": rows, "metrics": {"total_count": 5}})))
    answers = flavour.public(service.url).evaluations.iter_results("e1", page_size=count)
    if count == 1:  # the same answer five times: it may be so
        assert len(flavour.items(answers)) == 5
    else:
        with pytest.raises(benchwire.PaginationError, match="page 2 has the same items as page 1"):
            flavour.items(answers)


def test_the_vendors_authenticated_client_has_evaluations_and_results(
    flavour: Flavour, scripted: Any
) -> None:
    body = {"results": [ANSWER], "metrics": {"total_count": 1}}
    service = scripted(always(json_reply(body)))
    client = flavour.make("Stratix", "the-key", service.url)
    page = flavour.result(client.results.get_by_id(evaluation_id="e1"))
    again = flavour.result(client.evaluations.get_results("e1"))
    assert page == again
    assert service.targets() == [b"/results?evaluation_id=e1&page=1&page_size=100"] * 2
