"""Relations of the comparison of two evaluations of one benchmark."""

from __future__ import annotations

import pytest
from scripts.contract.http_client import ApiClient, Value

from . import assertions as expect
from .listings import COMPARISON, LARGEST_PAGE, UNKNOWN, Item, compared, two_evaluations

_OUTCOMES = ("both_succeed", "both_fail", "reference_fails", "comparison_fails")
_COUNTS = ("correct_count_1", "total_results_1", "correct_count_2", "total_results_2")


def test_outcomes_partition_the_rows(api: ApiClient) -> None:
    whole = COMPARISON.largest_page(api)
    everything = COMPARISON.largest_page(api, outcome_filter="all")
    assert (everything.total, everything.ids) == (whole.total, whole.ids), "other rows than without"
    parts = {name: COMPARISON.largest_page(api, outcome_filter=name) for name in _OUTCOMES}
    totals = {outcome: page.total for outcome, page in parts.items()}
    assert sum(totals.values()) == whole.total, f"{totals} of {whole.total} rows"
    expect.unique([row for page in parts.values() for row in page.ids])


def test_correct_counts_are_those_of_the_outcomes(api: ApiClient) -> None:
    totals = {name: COMPARISON.page(api, page_size=1, outcome_filter=name).total for name in _OUTCOMES}  # fmt: skip
    whole = COMPARISON.page(api, page_size=1)
    first, all_first, second, all_second = (whole.body[name] for name in _COUNTS)
    assert 0 <= first <= all_first, f"{first} correct of {all_first} results"
    assert 0 <= second <= all_second, f"{second} correct of {all_second} results"
    results = f"{whole.total} rows of {all_first} and {all_second} results"
    assert whole.total <= min(all_first, all_second), results
    if whole.total < max(all_first, all_second):
        pytest.skip("not every result has a partner in the other evaluation")
    expected = totals["both_succeed"] + totals["comparison_fails"]
    assert first == expected, f"correct_count_1 {first}, and {totals}"
    expected = totals["both_succeed"] + totals["reference_fails"]
    assert second == expected, f"correct_count_2 {second}, and {totals}"


def test_a_success_has_a_higher_score_than_a_failure(api: ApiClient) -> None:
    scores: dict[bool, list[float]] = {True: [], False: []}
    for outcome in _OUTCOMES:
        page = COMPARISON.largest_page(api, outcome_filter=outcome)
        for field, fails in (("score1", "reference_fails"), ("score2", "comparison_fails")):
            scores[outcome not in {"both_fail", fails}] += [
                row[field] for row in page.items if row.get(field) is not None
            ]
    if not all(scores.values()):
        pytest.skip("there are no scores of both kinds")
    best_failure, worst_success = max(scores[False]), min(scores[True])
    message = f"a failure with the score {best_failure}, a success with {worst_success}"
    assert best_failure < worst_success, message


@pytest.mark.parametrize(
    "query",
    [{"outcome_filter": "both_fail"}, {"search": UNKNOWN}, {"page_size": 1, "page": 2}],
    ids=["outcome", "search", "page"],
)
def test_the_counts_do_not_depend_on_page_or_filter(
    api: ApiClient, query: dict[str, Value]
) -> None:
    whole = COMPARISON.page(api)
    page = COMPARISON.page(api, **query)
    names = [name for name in _COUNTS if page.body[name] != whole.body[name]]
    assert not names, f"another {', '.join(names)}"


def test_exchanging_the_evaluations_exchanges_the_columns(api: ApiClient) -> None:
    first, second = two_evaluations(api)
    there = api.get(COMPARISON.operation, **compared(first, second), page_size=3)
    back = api.get(COMPARISON.operation, **compared(second, first), page_size=3)
    exchanged = (*_COUNTS[2:], *_COUNTS[:2])
    assert [there[name] for name in _COUNTS] == [back[name] for name in exchanged], "other counts"
    columns = (("result_id_1", "result_id_2"), ("result1", "result2"), ("score1", "score2"))
    for one, other in columns:
        expected = [row.get(one) for row in there["results"]]
        message = f"{other} is not the {one} of the exchanged comparison"
        assert [row.get(other) for row in back["results"]] == expected, message


def test_search_returns_the_rows_with_the_text(api: ApiClient) -> None:
    whole = COMPARISON.largest_page(api)
    if whole.total != len(whole.items) or not whole.items:
        pytest.skip(f"there are {whole.total} rows")
    for text in (whole.items[0]["truth"], whole.items[-1]["truth"].swapcase()):
        page = COMPARISON.largest_page(api, search=text)
        expected = [COMPARISON.identity(row) for row in whole.items if _contains(row, text)]
        expect.same_ids(expected, page.ids)
        assert len(page.ids) == len(expected), (
            f"{len(page.ids)} rows, {len(expected)} with the text"
        )
    expect.empty(COMPARISON.page(api, search=UNKNOWN))


def _contains(row: Item, text: str) -> bool:
    fields = (row.get(name) for name in ("prompt", "truth", "result1", "result2"))
    return any(text.casefold() in (value or "").casefold() for value in fields)


def test_the_rows_are_the_prompts_of_the_benchmark_in_its_order(api: ApiClient) -> None:
    first, _second = two_evaluations(api)
    prompts = api.get("listBenchmarkPrompts", first["dataset_id"], page_size=LARGEST_PAGE)["data"]
    if prompts["count"] > LARGEST_PAGE:
        pytest.skip("the benchmark has too many prompts to read all of them")
    positions: dict[tuple[str, str], int] = {}
    for position, prompt in enumerate(prompts["prompts"]):
        if isinstance(prompt["input"], str):
            positions.setdefault((prompt["input"], prompt["truth"]), position)
    rows = COMPARISON.largest_page(api).items
    matches = [positions.get((row["prompt"], row["truth"])) for row in rows]
    known = [position for position in matches if position is not None]
    if len(positions) == prompts["count"]:
        unknown = len(matches) - len(known)
        assert unknown == 0, f"{unknown} rows are no prompts of the benchmark"
    if len(set(known)) == len(known):
        assert known == sorted(known), "the rows are in another order than the prompts"
    if not known:
        pytest.skip("no prompt of the benchmark is a string")


@pytest.mark.parametrize("number", [1, 2])
def test_accuracy_is_the_percentage_of_correct_results(api: ApiClient, number: int) -> None:
    accuracy = two_evaluations(api)[number - 1].get("accuracy")
    body = COMPARISON.page(api, page_size=1).body
    correct, total = body[f"correct_count_{number}"], body[f"total_results_{number}"]
    if not total or accuracy is None:
        pytest.skip("there are no results, or there is no accuracy")
    percentage = 100 * correct / total
    message = f"{percentage:.2f} percent are correct, and accuracy is {accuracy}"
    assert abs(percentage - accuracy) <= 0.51, message


def test_comparing_with_an_unknown_evaluation_is_a_404(api: ApiClient) -> None:
    first, _second = two_evaluations(api)
    query = compared(first, {"id": UNKNOWN})
    expect.status(api.response(COMPARISON.operation, **query), 404)
