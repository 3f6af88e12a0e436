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
    service = scripted(always(json_reply(body, status=404)))
    client = flavour.make("PublicClient", "the-key", service.url)
    with pytest.raises(benchwire.NotFoundError) as caught:
        flavour.result(client.benchmarks.get_prompts("b"))
    error = caught.value
    assert error.response.status_code == error.status_code == 404
    assert error.response.json() == error.body == body
    again = pickle.loads(pickle.dumps(error))
    assert again.response.json() == body
    assert "the-key" not in repr(error.response.headers)
    for each in (error, again):
        assert each.request is not None
        assert (each.request.method, each.request.url.path) == ("GET", "/datasets/b/prompts")
        assert str(each.request.url).startswith(service.url)
        assert "the-key" not in repr(each.request.headers)


def test_an_error_without_a_response_has_no_body(flavour: Flavour) -> None:
    client = flavour.make("PublicClient", "the-key", "http://127.0.0.1:1", max_retries=0)
    with pytest.raises(benchwire.APIConnectionError) as caught:
        flavour.result(client.models.get())
    assert caught.value.body is None
    assert caught.value.request is not None
    assert caught.value.request.url.host == "127.0.0.1"
