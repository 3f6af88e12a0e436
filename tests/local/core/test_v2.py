"""The v2 API's scores, counts and ranks against the same computed in Python."""

from __future__ import annotations

from typing import Any

import pytest

from support.local_data import RESULTS, V2_CATEGORIES, V2_MODELS, V2_PROBES, V2_RUNS, Run

ROOT = "/api/v2/benchmarks"
DATE = "2025-06-03T09:15:27.1234560Z"


def runs_of(model_id: int, type_id: int | None) -> list[Run]:
    return [r for r in V2_RUNS if r.model_id == model_id and type_id in (None, r.type_id)]


def cases(model_id: int, type_id: int | None, category: int | None = None) -> list[bool | None]:
    return [
        passed
        for run in runs_of(model_id, type_id)
        for passed in run.passed
        if category is None or V2_PROBES[run.probe_id][1] == category
    ]


def percent(passed: list[bool | None]) -> float | None:
    return round(100 * passed.count(True) / len(passed), 2) if passed else None


def scores(model_id: int, type_id: int | None) -> dict[str, float | None]:
    return {
        name: percent(cases(model_id, type_id, category))
        for category, name in V2_CATEGORIES.items()
    }


def ranks(model_id: int, type_id: int | None) -> dict[str, int | None]:
    all_scores = {key: scores(key, type_id) for key in V2_MODELS}
    found: dict[str, int | None] = {}
    for name in V2_CATEGORIES.values():
        mine = all_scores[model_id][name]
        others = [s[name] for s in all_scores.values()]
        better = [o for o in others if mine is not None and o is not None and o > mine]
        found[name] = None if mine is None else 1 + len(better)
    return found


def test_types(api: Any) -> None:
    assert api.get(f"{ROOT}/types") == [
        {"id": 1, "name": "Security", "description": "Attacks."},
        {"id": 2, "name": "Trust", "description": None},
    ]


@pytest.mark.parametrize("type_id", [None, 1, 2])
def test_models(api: Any, type_id: int | None) -> None:
    query = {} if type_id is None else {"benchmarkTypeId": type_id}
    body = api.get(f"{ROOT}/models", **query)
    assert [model["id"] for model in body] == V2_MODELS
    for model in body:
        assert model["scores"] == scores(model["id"], type_id)
    assert body[0]["name"] == "Model 101"
    assert (body[0]["provider"], body[0]["benchmarkDate"]) == ("Maker", DATE)
    assert (body[3]["provider"], body[3]["benchmarkDate"], body[3]["url"]) == (None, None, None)


@pytest.mark.parametrize("type_id", [None, 1, 2])
@pytest.mark.parametrize("model_id", V2_MODELS)
def test_model(api: Any, model_id: int, type_id: int | None) -> None:
    query = {} if type_id is None else {"benchmarkTypeId": type_id}
    body = api.get(f"{ROOT}/models/{model_id}", **query)
    passed = cases(model_id, type_id)
    assert body["scores"] == scores(model_id, type_id)
    assert body["ranks"] == ranks(model_id, type_id)
    assert (body["totalCount"], body["passedCount"]) == (len(passed), passed.count(True))
    assert body["failedCount"] == passed.count(False)
    assert body["config"] == ({"temperature": 0} if model_id == 101 else None)


@pytest.mark.parametrize("type_id", [1, 2])
@pytest.mark.parametrize("model_id", V2_MODELS)
def test_runs(api: Any, model_id: int, type_id: int) -> None:
    body = api.get(f"{ROOT}/models/{model_id}/runs", benchmarkTypeId=type_id)
    assert body == [shown(run) for run in runs_of(model_id, type_id)]


@pytest.mark.parametrize("run", V2_RUNS, ids=lambda run: str(run.id))
def test_run_with_its_test_cases(api: Any, run: Run) -> None:
    body = api.get(f"{ROOT}/models/{run.model_id}/runs/{run.id}/test-cases")
    found = body.pop("testCases")
    assert body == shown(run)
    assert found == [
        {
            "id": run.id * 100 + index,
            "result": RESULTS[passed],
            "passed": passed,
            "explanation": f"Case {index}.",
            "conversation": [{"role": "user", "content": "Hello?"}],
            "metadata": {"durationMs": 5} if index == 0 else None,
        }
        for index, passed in enumerate(run.passed)
    ]


def shown(run: Run) -> dict[str, Any]:
    name, category = V2_PROBES[run.probe_id]
    return {
        "id": run.id,
        "passedCount": run.passed.count(True),
        "failedCount": run.passed.count(False),
        "totalCount": len(run.passed),
        "score": percent(run.passed),
        "probeId": run.probe_id,
        "probeName": name,
        "probeCategoryId": category,
        "probeCategoryName": V2_CATEGORIES[category],
        "createdAt": DATE,
    }


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ("/models/9", "benchmark model with the id 9"),
        ("/models?benchmarkTypeId=7", "benchmark type with the id 7"),
        ("/models/101?benchmarkTypeId=7", "benchmark type with the id 7"),
        ("/models/9/runs?benchmarkTypeId=1", "benchmark model with the id 9"),
        ("/models/101/runs?benchmarkTypeId=7", "benchmark type with the id 7"),
        ("/models/101/runs/504/test-cases", "no probe run with the id 504"),
        ("/models/9223372036854775807", "id 9223372036854775807"),
    ],
)
def test_what_is_not_there_is_an_error(api: Any, path: str, missing: str) -> None:
    assert missing in api.refused(ROOT + path, 404)
