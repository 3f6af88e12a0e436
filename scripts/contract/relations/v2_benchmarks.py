"""Relations of the v2 API: benchmark types, models, probe runs and their test cases."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from scripts.contract.http_client import ApiClient

from . import assertions as expect
from .listings import Item

_COUNTS = ("passedCount", "failedCount", "totalCount")
_UNKNOWN_ID = 2**31 - 7
_MAX_TYPES = _MAX_MODELS = 4


def list_types(api: ApiClient) -> list[Item]:
    """Return a few benchmark types; skip if there is none."""
    types: list[Item] = api.get("listBenchmarkTypes")
    expect.data(types, "there is no benchmark type")
    return types[:_MAX_TYPES]


def list_models(api: ApiClient, **query: int) -> list[Item]:
    """Return the models; skip if there is none."""
    models: list[Item] = api.get("listBenchmarkModels", **query)
    expect.data(models, "there is no model")
    return models


def sample_models(api: ApiClient) -> list[Item]:
    """Return the first and the last models."""
    models, half = list_models(api), _MAX_MODELS // 2
    return models if len(models) <= _MAX_MODELS else [*models[:half], *models[-half:]]


def sample_runs(api: ApiClient) -> list[tuple[Item, Item, Item]]:
    """Return model, type and run for a sample of the probe runs; skip if there is none."""
    runs = [
        (model, item, run)
        for model in sample_models(api)
        for item in list_types(api)
        for run in api.get("listProbeRuns", model["id"], benchmarkTypeId=item["id"])
    ]
    expect.data(runs, "there is no probe run")
    return runs


def percentage(runs: list[Item]) -> float:
    """Return the percentage of test cases that passed."""
    total = sum(run["totalCount"] for run in runs)
    return 100 * sum(run["passedCount"] for run in runs) / total if total else 0.0


# ---- types and models ------------------------------------------------------------------------


def test_ids_are_unique(api: ApiClient) -> None:
    expect.unique([item["id"] for item in list_types(api)])
    expect.unique([item["id"] for item in list_models(api)])
    expect.unique([run["id"] for _, _, run in sample_runs(api)])


def test_a_type_has_some_of_the_models_with_scores_of_its_own(api: ApiClient) -> None:
    all_ids = {model["id"] for model in list_models(api)}
    types = list_types(api)
    expect.data(len(types) > 1, "there is only one type")
    scores = []
    for item in types:
        of_type = list_models(api, benchmarkTypeId=item["id"])
        strangers = {model["id"] for model in of_type} - all_ids
        assert not strangers, f"{len(strangers)} models that the whole list does not have"
        scores.append([model.get("scores") for model in of_type])
    assert any(item != scores[0] for item in scores), f"the same scores for {len(types)} types"
    of_none = api.response("listBenchmarkModels", benchmarkTypeId=_UNKNOWN_ID)
    assert of_none.status != 200 or not of_none.json(), "models of an unknown type"


@pytest.mark.parametrize("with_type", [False, True], ids=["all types", "one type"])
def test_a_model_is_the_same_as_in_the_list(api: ApiClient, with_type: bool) -> None:
    query = {"benchmarkTypeId": list_types(api)[0]["id"]} if with_type else {}
    listed = {model["id"]: model for model in list_models(api, **query)}
    for model in sample_models(api):
        if model["id"] in listed:
            item = api.get("getBenchmarkModel", model["id"], **query)
            expect.same_as_listed(listed[model["id"]], item)


def test_passed_and_failed_are_within_the_total(api: ApiClient) -> None:
    models = [api.get("getBenchmarkModel", model["id"]) for model in sample_models(api)]
    for item in (*models, *(run for _, _, run in sample_runs(api))):
        passed, failed, total = (item[name] for name in _COUNTS)
        message = f"{item['id']}: {passed} passed, {failed} failed, {total} in all"
        # A test case may end in an error, too.
        assert 0 <= min(passed, failed) <= passed + failed <= total, message


def test_counts_of_a_model_are_those_of_its_runs(api: ApiClient) -> None:
    types = api.get("listBenchmarkTypes")
    expect.data(len(types) <= _MAX_TYPES, f"there are {len(types)} types, too many to read each")
    for model in sample_models(api):
        sums = dict.fromkeys(_COUNTS, 0)
        for item in types:
            runs = api.get("listProbeRuns", model["id"], benchmarkTypeId=item["id"])
            details = api.get("getBenchmarkModel", model["id"], benchmarkTypeId=item["id"])
            for name in _COUNTS:
                of_runs = sum(run[name] for run in runs)
                sums[name] += of_runs
                count = details[name]
                assert count == of_runs, f"{name} {count}, and {of_runs} in its runs"
        whole = api.get("getBenchmarkModel", model["id"])
        for name in _COUNTS:
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
    are_comparable = any(len(models) > 1 for models in ranked.values())
    expect.data(are_comparable, "no two models have ranks in one category")
    for models in ranked.values():
        pairs = itertools.pairwise(sorted(models, reverse=True))
        for (score, rank, model_id), (next_score, next_rank, _) in pairs:
            message = f"model {model_id} has a better score and no better rank"
            assert score == next_score or rank < next_rank, message


# ---- runs ------------------------------------------------------------------------------------


@pytest.mark.assumed
def test_the_score_of_a_run_is_the_percentage_passed(api: ApiClient) -> None:
    for _, _, run in sample_runs(api):
        if run["totalCount"]:
            message = f"run {run['id']}: score {run['score']}, {percentage([run]):.2f} percent"
            assert abs(percentage([run]) - run["score"]) <= 0.1, message


@pytest.mark.assumed
def test_the_score_of_a_category_is_the_percentage_its_runs_passed(api: ApiClient) -> None:
    groups: dict[tuple[int, str, int], list[Item]] = {}
    for model, item, run in sample_runs(api):
        groups.setdefault((model["id"], run["probeCategoryName"], item["id"]), []).append(run)
    listed = {
        (model["id"], item["id"]): model
        for item in list_types(api)
        for model in list_models(api, benchmarkTypeId=item["id"])
    }
    judged = False
    for (model_id, category, type_id), runs in groups.items():
        score = (listed.get((model_id, type_id), {}).get("scores") or {}).get(category)
        if score is not None:
            judged = True
            message = f"model {model_id}: score {score}, and {percentage(runs):.2f} percent"
            assert abs(percentage(runs) - score) <= 0.1, message
    expect.data(judged, "no model has scores")


def test_a_run_is_the_same_as_in_the_list(api: ApiClient) -> None:
    runs = sample_runs(api)
    for model, _, run in (runs[0], runs[-1]):
        body = api.get("getProbeRun", model["id"], run["id"])
        expect.same_as_listed(run, run if isinstance(body, list) else body)


@pytest.mark.assumed
def test_the_test_cases_of_a_run_are_those_counted(api: ApiClient) -> None:
    judged = False
    last = {(model["id"], item["id"]): (model, run) for model, item, run in sample_runs(api)}
    for model, run in last.values():
        body = api.get("getProbeRun", model["id"], run["id"])
        named = {"testCases": body} if isinstance(body, list) else body
        cases = named.get("testCases") or named.get("testCaseResults")
        if cases is not None:
            judged = True
            words = {True: "passed", False: "failed"}
            results = [one.get("result") or words.get(one.get("passed")) for one in cases]
            actual = (results.count("passed"), results.count("failed"), len(cases))
            counted = tuple(run[name] for name in _COUNTS)
            message = f"(passed, failed, all) {actual} test cases, and counts {counted}"
            assert actual == counted, message
            expect.unique([case.get("id") for case in cases])
    expect.data(judged, "no run has test cases")


def test_a_run_of_another_model_is_a_404(api: ApiClient) -> None:
    by_model = {model["id"]: run["id"] for model, _, run in sample_runs(api)}
    expect.data(len(by_model) > 1, "only one model has runs")
    (_, run), (other, _) = list(by_model.items())[:2]
    expect.status(api.response("getProbeRun", other, run), 404)


def test_an_unknown_model_or_run_is_a_404(api: ApiClient) -> None:
    expect.status(api.response("getBenchmarkModel", _UNKNOWN_ID), 404)
    expect.status(api.response("listProbeRuns", _UNKNOWN_ID, benchmarkTypeId=1), 404)
    expect.status(api.response("getProbeRun", _UNKNOWN_ID, _UNKNOWN_ID), 404)
