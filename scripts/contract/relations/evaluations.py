"""Relations of evaluations, and of the comparison of two on one benchmark."""

from __future__ import annotations

import pytest
from scripts.contract.http_client import ApiClient, Value

from . import assertions as expect
from . import listings
from .listings import COMPARISON, EVALUATIONS, RESULTS, UNKNOWN, Item

_STATUSES = ("pending", "in-progress", "paused", "success", "failure", "timeout", "cancelled")
_OUTCOMES = ("both_succeed", "both_fail", "reference_fails", "comparison_fails")
_COUNTS = ("correct_count_1", "total_results_1", "correct_count_2", "total_results_2")


def _assert_none(items: list[Item], message: str) -> None:
    assert not items, f"{len(items)} {message}, such as {items[0]['id']}"


def test_status_returns_the_evaluations_with_it(api: ApiClient) -> None:
    whole = EVALUATIONS.all_items(api)
    listings.rarest_values(whole, "status")
    for status in _STATUSES:
        page = EVALUATIONS.largest_page(api, status=status)
        _assert_none([i for i in page.items if i["status"] != status], "have another status")
        expected = sum(item["status"] == status for item in whole)
        assert page.total == expected, f"total {page.total}, and {expected} in the whole list"


@pytest.mark.parametrize("query", [{}, {"status": "success"}], ids=["all", "success"])
def test_unique_returns_the_latest_evaluation_of_each_model_and_benchmark(
    api: ApiClient, query: dict[str, str]
) -> None:
    whole = EVALUATIONS.all_items(api, **query)
    latest: dict[tuple[str, str], int] = {}
    for item in whole:
        latest[_pair(item)] = max(latest.get(_pair(item), 0), int(item.get("submitted_at") or 0))
    expect.data(query or len(latest) < len(whole), "no model has two evaluations of one benchmark")
    page = EVALUATIONS.largest_page(api, unique=True, **query)
    expect.unique([_pair(item) for item in page.items])
    assert page.total == len(latest), f"total {page.total}, and there are {len(latest)} pairs"
    older = [
        item for item in page.items
        if int(item.get("submitted_at") or 0) != latest.get(_pair(item))
    ]  # fmt: skip
    _assert_none(older, "are not the latest of their pair")
    if not query:
        usual, without = (EVALUATIONS.largest_page(api, **n).ids for n in ({}, {"unique": False}))
        assert usual == without, "unique=false returns other rows than without it"


def _pair(item: Item) -> tuple[str, str]:
    return item["model_id"], item["dataset_id"]


def test_values_of_an_evaluation_are_possible(api: ApiClient) -> None:
    for item in EVALUATIONS.some_items(api):
        accuracy, failed = item.get("accuracy") or 0, item.get("failed_prompt_count") or 0
        assert 0 <= accuracy <= 100, f"{item['id']} has an accuracy outside of 0 to 100"
        total = item.get("total_prompt_count", failed)
        assert failed <= total, f"{item['id']}: {failed} of {total} prompts failed"
        is_ended = item["status"] != "success" or item.get("finished_at") != 0
        assert is_ended, f"{item['id']} is successful, and its finished_at is 0"


@pytest.mark.assumed
def test_scores_are_shares_and_durations_nanoseconds(api: ApiClient) -> None:
    for item in EVALUATIONS.some_items(api):
        for name in ("readability_score", "toxicity_score", "ethics_score"):
            assert 0 <= (item.get(name) or 0) <= 1, f"{item['id']}: {name} is not within 0 and 1"
        duration = item.get("average_duration") or 10**9
        message = f"{item['id']}: a prompt took {duration / 1e9} seconds on average"
        assert 10**6 <= duration <= 3600 * 10**9, message


def test_an_evaluation_is_the_same_as_in_the_list(api: ApiClient) -> None:
    items = EVALUATIONS.some_items(api)
    for listed in {item["id"]: item for item in (*items[:2], *items[-2:])}.values():
        item = api.get("getEvaluation", listed["id"])
        expect.same_as_listed(listed, item, ignored=("summary",))


@pytest.mark.assumed
def test_a_successful_evaluation_has_a_summary_of_its_model(api: ApiClient) -> None:
    for item in EVALUATIONS.some_items(api, status="success")[:2]:
        summary = api.get("getEvaluation", item["id"]).get("summary")
        assert summary, "no summary"
        name = (summary.get("model") or {}).get("model_name")
        assert name in {item.get("model_name"), None}, f"the summary of {item['id']} is of another"


def test_an_unknown_evaluation_is_a_404(api: ApiClient) -> None:
    expect.status(api.response("getEvaluation", UNKNOWN), 404)
    expect.status(api.response(RESULTS.operation, evaluation_id=UNKNOWN), 404)
    query = listings.compared(listings.two_evaluations(api)[0], {"id": UNKNOWN})
    expect.status(api.response(COMPARISON.operation, **query), 404)


def test_the_answers_are_those_of_the_comparison(api: ApiClient) -> None:
    first, _second = listings.two_evaluations(api)
    page, compared = RESULTS.largest_page(api), COMPARISON.largest_page(api)
    assert page.body.get("evaluation_id") in {first["id"], None}, "of another evaluation"
    scores = [row.get("score") for row in RESULTS.all_items(api)]
    expect.data(None not in scores, "some answers have no score")
    assert page.total == compared.body["total_results_1"], "total_results_1 is another number"
    expect.data(page.total == compared.total, "not every answer has a partner")
    rows = [
        (row["prompt"], row["truth"], row.get("result1") or "", row.get("score1"))
        for row in compared.items
    ]
    answers = [
        (row["prompt"], row["truth"], row.get("result") or "", row.get("score"))
        for row in page.items
    ]
    differ = sum(row != answer for row, answer in zip(rows, answers, strict=True))
    assert not differ, f"{differ} of {len(rows)} rows are others"


@pytest.mark.assumed
def test_an_evaluation_has_an_answer_to_each_prompt(api: ApiClient) -> None:
    expected = listings.two_evaluations(api)[0].get("total_prompt_count")
    expect.data(expected, "the evaluation does not say how many prompts it has")
    actual = RESULTS.largest_page(api).total
    assert actual == expected, f"total_prompt_count is {expected}, and there are {actual} answers"


def test_accuracy_is_that_of_the_answers(api: ApiClient) -> None:
    accuracy = listings.two_evaluations(api)[0].get("accuracy")
    scores = [row.get("score") for row in RESULTS.all_items(api)]
    expect.data(accuracy is not None and {*scores} <= {0, 1}, "there are scores beside 0 and 1")
    share = sum(score == 1 for score in scores) / (len(scores) or 1)
    message = f"{100 * share:.2f} percent are correct, and accuracy is {accuracy}"
    assert min(abs(100 * share - accuracy), abs(share - accuracy)) <= 0.51, message


@pytest.mark.assumed
def test_the_average_duration_is_that_of_the_answers(api: ApiClient) -> None:
    average = listings.two_evaluations(api)[0].get("average_duration")
    durations = [row.get("duration") or 0 for row in RESULTS.all_items(api)]
    expect.data(average and sum(durations), "there are no durations")
    # In another unit; an average may leave some answers out.
    factor = sum(durations) / len(durations) / (average or 1)
    assert 0.2 < factor < 5, f"the answers took {factor:.3g} times the average_duration"


def test_every_answer_is_to_a_prompt_of_the_benchmark(api: ApiClient) -> None:
    prompts = listings.prompts_of(listings.two_evaluations(api)[0]["dataset_id"]).all_items(api)
    texts = [one for one in prompts if isinstance(one["input"], str)]
    known = {(prompt["input"], prompt["truth"]) for prompt in texts}
    expect.data(len(known) == len(prompts), "not every prompt is a text, or some are equal")
    others = sum((row["prompt"], row["truth"]) not in known for row in RESULTS.all_items(api))
    assert not others, f"{others} answers are to no prompt of the benchmark"


# ---- comparison ------------------------------------------------------------------------------


def test_outcomes_partition_the_rows(api: ApiClient) -> None:
    whole = COMPARISON.largest_page(api)
    everything = COMPARISON.largest_page(api, outcome_filter="all")
    assert (everything.total, everything.ids) == (whole.total, whole.ids), "other rows than without"
    parts = {name: COMPARISON.largest_page(api, outcome_filter=name) for name in _OUTCOMES}
    totals = {outcome: page.total for outcome, page in parts.items()}
    assert sum(totals.values()) == whole.total, f"{expect.listed(totals)} of {whole.total} rows"
    expect.unique([row for page in parts.values() for row in page.ids])


def test_correct_counts_are_those_of_the_outcomes(api: ApiClient) -> None:
    totals = {n: COMPARISON.largest_page(api, outcome_filter=n).total for n in _OUTCOMES}
    whole = COMPARISON.largest_page(api)
    first, all_first, second, all_second = (whole.body[name] for name in _COUNTS)
    assert 0 <= first <= all_first, f"{first} correct of {all_first} results"
    assert 0 <= second <= all_second, f"{second} correct of {all_second} results"
    results = f"{whole.total} rows of {all_first} and {all_second} results"
    assert whole.total <= min(all_first, all_second), results
    are_paired = whole.total >= max(all_first, all_second)
    expect.data(are_paired, "not every result has a partner in the other evaluation")
    expected = totals["both_succeed"] + totals["comparison_fails"]
    assert first == expected, f"correct_count_1 {first}, and {expect.listed(totals)}"
    expected = totals["both_succeed"] + totals["reference_fails"]
    assert second == expected, f"correct_count_2 {second}, and {expect.listed(totals)}"


def test_a_success_has_a_higher_score_than_a_failure(api: ApiClient) -> None:
    scores: dict[bool, list[float]] = {True: [], False: []}
    for outcome in _OUTCOMES:
        page = COMPARISON.largest_page(api, outcome_filter=outcome)
        for field, fails in (("score1", "reference_fails"), ("score2", "comparison_fails")):
            scores[outcome not in {"both_fail", fails}] += [
                row[field] for row in page.items if row.get(field) is not None
            ]
    expect.data(all(scores.values()), "there are no scores of both kinds")
    best_failure, worst_success = max(scores[False]), min(scores[True])
    message = f"a failure with the score {best_failure}, a success with {worst_success}"
    assert best_failure < worst_success, message


@pytest.mark.parametrize(
    "query",
    [
        {"page_size": listings.LARGEST_PAGE, "outcome_filter": "both_fail"},
        {"page_size": listings.LARGEST_PAGE, "search": "%"},
        {"page_size": 1},
    ],
    ids=["outcome", "search", "page"],
)
def test_the_counts_do_not_depend_on_page_or_filter(
    api: ApiClient, query: dict[str, Value]
) -> None:
    whole, page = COMPARISON.largest_page(api), COMPARISON.page(api, **query)
    names = [name for name in _COUNTS if page.body[name] != whole.body[name]]
    assert not names, f"another {', '.join(names)}"


def test_exchanging_the_evaluations_exchanges_the_columns(api: ApiClient) -> None:
    first, second = listings.two_evaluations(api)
    there = COMPARISON.largest_page(api).body
    back = api.get(
        COMPARISON.operation, **listings.compared(second, first), page_size=listings.LARGEST_PAGE
    )
    exchanged = (*_COUNTS[2:], *_COUNTS[:2])
    assert [there[name] for name in _COUNTS] == [back[name] for name in exchanged], "other counts"
    columns = (("result_id_1", "result_id_2"), ("result1", "result2"), ("score1", "score2"))
    for one, other in columns:
        expected = [row.get(one) for row in there["results"]]
        message = f"{other} is not the {one} of the exchanged comparison"
        assert [row.get(other) for row in back["results"]] == expected, message


def test_the_rows_are_the_prompts_of_the_benchmark_in_its_order(api: ApiClient) -> None:
    first, _second = listings.two_evaluations(api)
    prompts = listings.prompts_of(first["dataset_id"]).largest_page(api)
    is_readable = prompts.total <= listings.LARGEST_PAGE
    expect.data(is_readable, "the benchmark has too many prompts to read all of them")
    positions: dict[tuple[str, str], int] = {}
    for position, prompt in enumerate(prompts.items):
        if isinstance(prompt["input"], str):
            positions.setdefault((prompt["input"], prompt["truth"]), position)
    rows = COMPARISON.largest_page(api).items
    matches = [positions.get((row["prompt"], row["truth"])) for row in rows]
    known = [position for position in matches if position is not None]
    if len(positions) == prompts.total:
        unknown = len(matches) - len(known)
        assert unknown == 0, f"{unknown} rows are no prompts of the benchmark"
    if len(set(known)) == len(known):
        assert known == sorted(known), "the rows are in another order than the prompts"
    expect.data(known, "no prompt of the benchmark is a string")


@pytest.mark.parametrize("rounding", [0.51, pytest.param(0.06, marks=pytest.mark.assumed)])
def test_accuracy_is_the_percentage_of_correct_results(api: ApiClient, rounding: float) -> None:
    body = COMPARISON.page(api, page_size=1).body
    for number, evaluation in enumerate(listings.two_evaluations(api), 1):
        accuracy = evaluation.get("accuracy")
        correct, total = body[f"correct_count_{number}"], body[f"total_results_{number}"]
        expect.data(total and accuracy is not None, "there are no results, or there is no accuracy")
        percentage = 100 * correct / total
        # The scale of `accuracy` is unresolved: a percentage, or a fraction.
        difference = min(abs(percentage - scale * (accuracy or 0)) for scale in (1, 100))
        message = f"{percentage:.2f} percent are correct, and accuracy is {accuracy}"
        assert difference <= rounding, message
