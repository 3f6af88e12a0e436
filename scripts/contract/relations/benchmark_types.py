"""Relations of the v2 API: benchmark types and models."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from scripts.contract.http_client import ApiClient

from . import assertions as expect
from .listings import Item
from .v2_lists import (
    COUNTS,
    MAX_TYPES,
    UNKNOWN_ID,
    assert_counts_add_up,
    list_models,
    list_types,
    sample_models,
)


def test_ids_of_types_are_unique(api: ApiClient) -> None:
    expect.unique([item["id"] for item in list_types(api)])


def test_ids_of_models_are_unique(api: ApiClient) -> None:
    expect.unique([item["id"] for item in list_models(api)])


def test_a_type_has_no_route_of_its_own(api: ApiClient) -> None:
    path = f"{api.operations['listBenchmarkTypes'].path}/{list_types(api)[0]['id']}"
    expect.status(api.probe(path), 404)


def test_a_type_has_some_of_the_models_with_scores_of_its_own(api: ApiClient) -> None:
    all_ids = {model["id"] for model in list_models(api)}
    types = list_types(api)
    if len(types) < 2:
        pytest.skip("there is only one type")
    scores = []
    for item in types:
        of_type = list_models(api, benchmarkTypeId=item["id"])
        strangers = {model["id"] for model in of_type} - all_ids
        assert not strangers, f"{len(strangers)} models that the whole list does not have"
        scores.append([model.get("scores") for model in of_type])
    assert any(item != scores[0] for item in scores), f"the same scores for {len(types)} types"


def test_an_unknown_type_has_no_models(api: ApiClient) -> None:
    exchange = api.response("listBenchmarkModels", benchmarkTypeId=UNKNOWN_ID)
    if exchange.status == 200:
        assert not exchange.json(), f"{len(exchange.json())} models"


@pytest.mark.parametrize("with_type", [False, True], ids=["all types", "one type"])
def test_a_model_is_the_same_as_in_the_list(api: ApiClient, with_type: bool) -> None:
    query = {"benchmarkTypeId": list_types(api)[0]["id"]} if with_type else {}
    listed = {model["id"]: model for model in list_models(api, **query)}
    for model in sample_models(api):
        if model["id"] in listed:
            item = api.get("getBenchmarkModel", model["id"], **query)
            expect.same_as_listed(listed[model["id"]], item)


def test_passed_and_failed_of_a_model_add_up_to_the_total(api: ApiClient) -> None:
    for model in sample_models(api):
        assert_counts_add_up(api.get("getBenchmarkModel", model["id"]))


def test_counts_of_a_model_are_those_of_its_runs(api: ApiClient) -> None:
    types = api.get("listBenchmarkTypes")
    if len(types) > MAX_TYPES:
        pytest.skip(f"there are {len(types)} types, too many to read each")
    for model in sample_models(api):
        sums = dict.fromkeys(COUNTS, 0)
        for item in types:
            runs = api.get("listProbeRuns", model["id"], benchmarkTypeId=item["id"])
            details = api.get("getBenchmarkModel", model["id"], benchmarkTypeId=item["id"])
            for name in COUNTS:
                of_runs = sum(run[name] for run in runs)
                sums[name] += of_runs
                count = details[name]
                assert count == of_runs, f"{name} {count}, and {of_runs} in its runs"
        whole = api.get("getBenchmarkModel", model["id"])
        for name in COUNTS:
            message = f"{name} {whole[name]} without a type, and {sums[name]} in all types"
            assert whole[name] == sums[name], message


def test_a_better_score_has_a_better_rank(api: ApiClient) -> None:
    ranked: dict[str, list[tuple[float, float, Any]]] = {}
    for listed in list_models(api)[:12]:
        model: Item = api.get("getBenchmarkModel", listed["id"])
        for category, rank in (model.get("ranks") or {}).items():
            score = (model.get("scores") or {}).get(category)
            if rank is not None and score is not None:
                assert rank >= 1, f"model {model['id']} has the rank {rank}, and 1 is the best"
                ranked.setdefault(category, []).append((score, rank, model["id"]))
    if all(len(models) < 2 for models in ranked.values()):
        pytest.skip("no two models have ranks in one category")
    for models in ranked.values():
        pairs = itertools.pairwise(sorted(models, reverse=True))
        for (score, rank, model_id), (next_score, next_rank, _) in pairs:
            message = f"model {model_id} has a better score and no better rank"
            assert score == next_score or rank < next_rank, message


def test_an_unknown_model_is_a_404(api: ApiClient) -> None:
    expect.status(api.response("getBenchmarkModel", UNKNOWN_ID), 404)
