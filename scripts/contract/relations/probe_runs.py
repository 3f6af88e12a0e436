"""Relations of the v2 API: probe runs and their test cases."""

from __future__ import annotations

from typing import Any

import pytest
from scripts.contract.http_client import ApiClient

from . import assertions as expect
from .listings import Item
from .v2_lists import (
    UNKNOWN_ID,
    assert_counts_add_up,
    list_models,
    list_types,
    percentage,
    sample_runs,
)


def test_ids_of_runs_are_unique(api: ApiClient) -> None:
    expect.unique([run["id"] for _, _, run in sample_runs(api)])


def test_passed_and_failed_of_a_run_add_up_to_the_total(api: ApiClient) -> None:
    for _, _, run in sample_runs(api):
        assert_counts_add_up(run)


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
    if not judged:
        pytest.skip("no model has scores")


def test_a_run_is_the_same_as_in_the_list(api: ApiClient) -> None:
    runs = sample_runs(api)
    for model, _, run in (runs[0], runs[-1]):
        expect.same_as_listed(run, api.get("getProbeRun", model["id"], run["id"]))


@pytest.mark.assumed
def test_the_test_cases_of_a_run_are_those_counted(api: ApiClient) -> None:
    runs = sample_runs(api)
    judged = False
    for model, _, run in (runs[0], runs[-1]):
        cases = api.get("getProbeRun", model["id"], run["id"]).get("testCases")
        if cases is not None:
            judged = True
            actual = len(cases), sum(bool(case.get("passed")) for case in cases)
            counted = run["totalCount"], run["passedCount"]
            assert actual == counted, f"(all, passed) {actual} test cases, and counts {counted}"
            expect.unique([case.get("id") for case in cases])
    if not judged:
        pytest.skip("no run has test cases")


def test_a_run_of_another_model_is_a_404(api: ApiClient) -> None:
    by_model = {model["id"]: run["id"] for model, _, run in sample_runs(api)}
    if len(by_model) < 2:
        pytest.skip("only one model has runs")
    (_, run), (other, _) = list(by_model.items())[:2]
    expect.status(api.response("getProbeRun", other, run), 404)


def test_two_types_have_different_runs(api: ApiClient) -> None:
    by_type: dict[Any, set[Any]] = {}
    for _, item, run in sample_runs(api):
        by_type.setdefault(item["id"], set()).add(run["id"])
    if len(by_type) < 2:
        pytest.skip("only one type has runs")
    first, second = list(by_type.values())[:2]
    assert first != second, "the same runs for two types"


def test_runs_of_an_unknown_model_are_a_404(api: ApiClient) -> None:
    expect.status(api.response("listProbeRuns", UNKNOWN_ID, benchmarkTypeId=1), 404)


def test_an_unknown_run_is_a_404(api: ApiClient) -> None:
    expect.status(api.response("getProbeRun", UNKNOWN_ID, UNKNOWN_ID), 404)
