"""`listEvaluations`, `getEvaluation` and `compareEvaluations` against Python's own counting."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from support.local_data import EVALUATIONS, NOW, PROMPTS, STATUSES, SUMMARY, Evaluation

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "/api/v1/evaluations"
# What the embedded server does not compute
DURATIONS = (
    "max_duration", "median_duration", "p90_duration", "p95_duration",
    "correct_median_duration", "incorrect_median_duration",
    *(f"{kind}_latency_content_ms" for kind in (
        "average", "median", "max", "p90", "p95", "correct_median", "incorrect_median",
    )),
)  # fmt: skip
USAGE = (
    "total_input_tokens", "total_output_tokens", "avg_input_tokens_per_prompt",
    "avg_output_tokens_per_prompt",
)  # fmt: skip


def ids(body: dict[str, Any]) -> list[str]:
    return [evaluation["id"] for evaluation in body["evaluations"]]


def in_order(found: list[Evaluation], key: Callable[[Evaluation], Any], order: str) -> list[str]:
    known = sorted((e for e in found if key(e) is not None), key=lambda e: e.id)
    known.sort(key=key, reverse=order == "desc")
    return [e.id for e in known] + sorted(e.id for e in found if key(e) is None)


def latest(found: list[Evaluation]) -> list[Evaluation]:
    best: dict[tuple[str, str], Evaluation] = {}
    for evaluation in found:
        pair = (evaluation.model.id, evaluation.benchmark.id)
        if pair not in best or (evaluation.submitted_at, evaluation.order) >= (
            best[pair].submitted_at,
            best[pair].order,
        ):
            best[pair] = evaluation
    return list(best.values())


@pytest.mark.parametrize("unique", ["true", "false", None])
@pytest.mark.parametrize("status", [None, *STATUSES])
@pytest.mark.parametrize("models", [None, ["m00"], ["m01", "m03", "nope"]])
@pytest.mark.parametrize("benchmarks", [None, ["b1"], ["b2", "b3"]])
def test_filters_and_unique(
    api: Any, unique: str | None, status: str | None, models: Any, benchmarks: Any
) -> None:
    query = {"unique": unique, "status": status}
    query |= {
        "models": models and ",".join(models),
        "datasets": benchmarks and ",".join(benchmarks),
    }
    raw = "&".join(f"{key}={value}" for key, value in query.items() if value is not None)
    expected = [
        e
        for e in EVALUATIONS
        if (models is None or e.model.id in models)
        and (benchmarks is None or e.benchmark.id in benchmarks)
        and (status is None or e.status == status)
    ]
    if unique == "true":
        expected = latest(expected)
    body = api.get(f"{PATH}?{raw}")
    assert sorted(ids(body)) == sorted(e.id for e in expected)
    assert body["total_count"] == len(expected)


def test_unique_with_a_status_is_the_latest_of_that_status(api: Any) -> None:
    # What finding the most recent successful evaluation of a pair relies on.
    newest = [e for e in latest(EVALUATIONS) if e.status != "success"]
    assert newest, "the data must have a pair whose latest evaluation did not succeed"
    found = ids(api.get(PATH, unique="true", status="success"))
    successful = [e for e in EVALUATIONS if e.status == "success"]
    assert sorted(found) == sorted(e.id for e in latest(successful))
    assert {(e.model.id, e.benchmark.id) for e in newest} <= {
        (e.model.id, e.benchmark.id) for e in EVALUATIONS if e.id in found
    }


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize(
    "sort_by", ["submitted_at", "accuracy", "average_duration", "submittedAt", "averageDuration"]
)
def test_sort_is_stable_and_what_has_not_ended_counts_as_zero(
    api: Any, sort_by: str, order: str
) -> None:
    field = re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", sort_by)
    expected = in_order(EVALUATIONS, lambda e: getattr(e, field) or 0, order)
    assert ids(api.get(PATH, sort_by=sort_by, order=order)) == expected
    pages = [api.get(PATH, sort_by=sort_by, order=order, page=n, page_size=5) for n in range(1, 5)]
    assert [key for page in pages for key in ids(page)] == expected


def test_the_newest_come_first_unless_told_otherwise(api: Any) -> None:
    newest_first = in_order(EVALUATIONS, lambda e: e.submitted_at, "desc")
    oldest_first = in_order(EVALUATIONS, lambda e: e.submitted_at, "asc")
    assert ids(api.get(PATH)) == newest_first
    assert ids(api.get(PATH, order="asc")) == oldest_first
    assert ids(api.get(PATH, sort_by="submitted_at")) == oldest_first


@pytest.mark.parametrize("evaluation", EVALUATIONS, ids=lambda e: e.id)
def test_an_evaluation_shows_all_its_properties(api: Any, evaluation: Evaluation) -> None:
    done = evaluation.status == "success"
    missing = sum(result.text is None for result in evaluation.results.values())
    expected = {
        "id": evaluation.id,
        "status": evaluation.status,
        "status_description": "",
        "submitted_at": evaluation.submitted_at,
        "finished_at": NOW + 60 if done else 0,
        "model_id": evaluation.model.id,
        "model_name": evaluation.model.name,
        "model_key": evaluation.model.key,
        "model_company": evaluation.model.company,
        "dataset_id": evaluation.benchmark.id,
        "dataset_name": evaluation.benchmark.name,
        "average_duration": pytest.approx((evaluation.average_duration or 0) * 1e6) if done else 0,
        "accuracy": pytest.approx(evaluation.accuracy) if done else 0,
        "ethics_score": 0.0,
        "failed_prompt_count": missing if done else 0,
        "queue_id": 0,
        "total_prompt_count": len(evaluation.results or PROMPTS[evaluation.benchmark.id]),
        "dataset_categories": list(evaluation.benchmark.categories),
        **dict.fromkeys(("user_id", "organization_id", "project_id"), "local"),
        "provider": evaluation.model.company,
        "use_organization_api_key": False,
        **dict.fromkeys(DURATIONS, 0),
        **dict.fromkeys(USAGE),
    }
    listed = {e["id"]: e for e in api.get(PATH)["evaluations"]}[evaluation.id]
    assert listed == expected
    summary = {"summary": SUMMARY if evaluation.id == "e00" else None}
    assert api.get(f"{PATH}/{evaluation.id}") == expected | summary


def test_an_evaluation_that_is_not_there(api: Any) -> None:
    assert "'nope'" in api.refused(f"{PATH}/nope", 404)
    assert "'e0/0'" in api.refused(f"{PATH}/e0%2F0", 404)


# ---- comparison -----------------------------------------------------------------------------

COMPARABLE = [e for e in EVALUATIONS if e.status == "success" and e.benchmark.id == "b1"]
PAIRS = list(itertools.permutations(COMPARABLE[:4], 2))
OUTCOMES: dict[str, Callable[[bool, bool], bool]] = {
    "all": lambda first, second: True,
    "both_succeed": lambda first, second: first and second,
    "both_fail": lambda first, second: not first and not second,
    "reference_fails": lambda first, second: not first and second,
    "comparison_fails": lambda first, second: first and not second,
}


def compared(first: Evaluation, second: Evaluation, outcome: str, search: str) -> list[Any]:
    found = []
    for prompt in PROMPTS[first.benchmark.id]:
        one, two = first.results.get(prompt.id), second.results.get(prompt.id)
        if one is None or two is None or not OUTCOMES[outcome](one.score > 0.5, two.score > 0.5):
            continue
        text = prompt.input
        if not isinstance(text, str):
            text = json.dumps(text, ensure_ascii=False, separators=(",", ":"))
        if any(
            search.casefold() in (value or "").casefold()
            for value in (text, prompt.truth, one.text, two.text)
        ):
            found.append((text, prompt.truth, one.text, one.score, two.text, two.score))
    return found


def rows(body: dict[str, Any]) -> list[Any]:
    names = ("prompt", "truth", "result1", "score1", "result2", "score2")
    return [tuple(row[name] for name in names) for row in body["results"] or []]


@pytest.mark.parametrize("search", [None, "", "IS 1", "100%", "no_", "44"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_comparison(api: Any, outcome: str, search: str | None) -> None:
    for first, second in PAIRS:
        query = {"evaluation_id_1": first.id, "evaluation_id_2": second.id, "page_size": 500}
        query |= {"outcome_filter": outcome} | ({} if search is None else {"search": search})
        body = api.get("/api/v1/results/comparison", **query)
        expected = compared(first, second, outcome, search or "")
        assert rows(body) == expected
        assert body["total_count"] == len(expected)
        for number, evaluation in (("1", first), ("2", second)):
            right = sum(result.score > 0.5 for result in evaluation.results.values())
            assert body[f"correct_count_{number}"] == right
            assert body[f"total_results_{number}"] == len(evaluation.results)


def test_outcomes_partition_a_comparison(api: Any) -> None:
    first, second = PAIRS[0]
    query = {"evaluation_id_1": first.id, "evaluation_id_2": second.id, "page_size": 500}
    parts = [
        api.get("/api/v1/results/comparison", outcome_filter=outcome, **query)["results"]
        for outcome in list(OUTCOMES)[1:]
    ]
    whole = api.get("/api/v1/results/comparison", **query)["results"]
    found = sorted((row["result_id_1"], row["result_id_2"]) for part in parts for row in part)
    assert found == sorted((row["result_id_1"], row["result_id_2"]) for row in whole)
    assert all(parts)


def test_pages_of_a_comparison_partition_it(api: Any) -> None:
    first, second = PAIRS[0]
    query = {"evaluation_id_1": first.id, "evaluation_id_2": second.id, "page_size": 4}
    query |= {"outcome_filter": "both_succeed"}
    expected = compared(first, second, "both_succeed", "")
    seen: list[Any] = []
    for page in range(1, len(expected) // 4 + 2):
        seen += rows(api.get("/api/v1/results/comparison", page=page, **query))
    assert seen == expected
    assert api.get("/api/v1/results/comparison", page=99, **query)["results"] is None


def test_prompts_that_are_not_strings_are_compared_as_json(api: Any) -> None:
    first, second = [e for e in EVALUATIONS if e.benchmark.id == "b2"][:2]
    query = {"evaluation_id_1": first.id, "evaluation_id_2": second.id}
    assert rows(api.get("/api/v1/results/comparison", **query)) == compared(
        first, second, "all", ""
    )


@pytest.mark.parametrize(("first", "second", "missing"), [("e00", "x", "x"), ("y", "e00", "y")])
def test_comparing_what_is_not_there(api: Any, first: str, second: str, missing: str) -> None:
    path = f"/api/v1/results/comparison?evaluation_id_1={first}&evaluation_id_2={second}"
    assert f"'{missing}'" in api.refused(path, 404)


def test_evaluations_of_different_benchmarks_do_not_compare(api: Any) -> None:
    other = next(e for e in EVALUATIONS if e.benchmark.id == "b2")
    path = "/api/v1/results/comparison"
    query = f"?evaluation_id_1={COMPARABLE[0].id}&evaluation_id_2={other.id}"
    assert "different benchmarks" in api.refused(path + query, 422)
