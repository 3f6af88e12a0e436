"""Finding the two evaluations of a comparison."""

from __future__ import annotations

from typing import Any

import pytest

from benchwire._requests.comparison import Comparison, find_evaluations, latest
from benchwire._transport.port import Port
from benchwire.errors import APIResponseValidationError
from benchwire.models import ComparisonResponse, Evaluation
from support import wire
from support.ports import run

Rows = list[dict[str, Any]]


def find(*models: str, pages: list[Rows]) -> tuple[tuple[str, str], list[str]]:
    """Return the evaluations of models on benchmark b1 in some pages, and the requests."""

    async def operation(port: Port) -> tuple[str, str]:
        first, second = await find_evaluations(port, "b1", *models)
        return first.id, second.id

    return run(operation, *map(wire.evaluations, pages))


def row(number: int, model: str, when: int | None = None, **fields: Any) -> dict[str, Any]:
    return wire.evaluation(number, model_id=model, submitted_at=when, **fields)


def test_one_request_finds_both() -> None:
    found, sent = find("m1", "m2", pages=[[row(7, "m2", 5), row(3, "m1", 9)]])
    assert found == ("e3", "e7")
    assert sent == [
        (
            "/evaluations?page=1&page_size=100&sort_by=submitted_at&order=desc&models=m1,m2&datasets=b1&status=success"
            "&unique=true"
        )
    ]


def test_the_latest_evaluation_of_each_model_is_used_in_any_order() -> None:
    rows = [row(1, "m1", 5), row(2, "m2", 7), row(3, "m1", 9), row(4, "m2", 6), row(5, "m1", 2)]
    assert find("m1", "m2", pages=[rows])[0] == ("e3", "e2")
    assert find("m1", "m2", pages=[rows[::-1]])[0] == ("e3", "e2")


FOREIGN = {
    "of another model": row(1, "m3", 99),
    "of another benchmark": row(1, "m1", 99, dataset_id="b2"),
    "that failed": row(1, "m1", 99, status="failure"),
    "that goes on": row(1, "m1", 99, status="in-progress"),
    "of an unknown status": row(1, "m1", 99, status="great success"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_evaluations_that_do_not_match_the_filters_are_ignored(name: str) -> None:
    rows = [FOREIGN[name], row(2, "m1", 5), row(3, "m2", 5)]
    assert find("m1", "m2", pages=[rows])[0] == ("e2", "e3")
    ignored = [Evaluation.from_dict(FOREIGN[name])]
    assert latest(ignored, "m1", "b1") is None


def test_a_model_missing_from_the_page_is_requested_separately() -> None:
    """``unique`` selects the latest of all evaluations, which may be a failed one."""
    ids, sent = find("m1", "m2", pages=[[row(3, "m1", 9)], [row(8, "m2", 1), row(9, "m2", 4)]])
    assert ids == ("e3", "e9")
    assert sent[1:] == [
        "/evaluations?page=1&page_size=100&sort_by=submitted_at&order=desc&models=m2&datasets=b1&status=success"
    ]


@pytest.mark.parametrize(
    ("rows", "missing", "requests"),
    [
        ([row(3, "m1")], "'m2'", 2),
        ([row(3, "m2")], "'m1'", 2),
        ([], "'m1' or 'm2'", 3),
    ],
)
def test_no_evaluation_is_an_error_that_names_what_is_missing(
    rows: list[dict[str, Any]], missing: str, requests: int
) -> None:
    message = f"^no successful evaluation of model {missing} on benchmark 'b1'$"
    with pytest.raises(ValueError, match=message):
        find("m1", "m2", pages=[rows, *[[]] * (requests - 1)])


def test_a_model_can_be_compared_with_itself() -> None:
    found, sent = find("m1", "m1", pages=[[row(3, "m1", 9)]])
    assert found == ("e3", "e3")
    assert "models=m1&" in sent[0]


def test_an_evaluation_without_a_time_is_the_oldest() -> None:
    rows = [row(1, "m1", None), row(2, "m1", 1), row(3, "m2", None)]
    assert find("m1", "m2", pages=[rows])[0] == ("e2", "e3")


def compared(*ids: str, outcome_filter: Any = None, search: Any = None) -> Comparison:
    return Comparison(*ids, outcome_filter=outcome_filter, search=search)


def test_the_evaluations_that_were_found_are_compared() -> None:
    comparison = compared("b1", "m1", "m2", outcome_filter="both_fail", search="")
    assert comparison.check(2, 5) == 5
    result, sent = run(
        lambda port: comparison.fetch(port, page=2, page_size=5),
        wire.evaluations([row(3, "m1"), row(4, "m2")]),
        wire.comparison([wire.comparison_row(1)], 6),
    )
    assert isinstance(result, ComparisonResponse)
    assert sent[1] == (
        "/results/comparison?evaluation_id_1=e3&evaluation_id_2=e4&page=2&page_size=5"
        "&outcome_filter=both_fail&search="
    )


@pytest.mark.parametrize(
    ("arguments", "filters", "page", "message"),
    [
        (("", "m1", "m2"), {}, None, "benchmark_id must be an id, not ''"),
        (("b1", "..", "m2"), {}, None, r"model_id_1 must be an id, not '\.\.'"),
        (("b1", "m1", ""), {}, None, "model_id_2 must be an id, not ''"),
        (("b1", "m1", "m2"), {"outcome_filter": "fails"}, None, "outcome_filter must be one of"),
        (("b1", "m1", "m2"), {}, 0, "page must be from 1 to"),
    ],
)
def test_arguments_are_checked_before_the_first_request(
    arguments: tuple[str, str, str], filters: Any, page: int | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        compared(*arguments, **filters).check(page, None)


@pytest.mark.parametrize("stray", [row(9, "m3"), row(9, "m1", dataset_id="b2")])
def test_a_service_that_ignores_filters_does_not_prove_that_there_is_none(
    stray: dict[str, Any],
) -> None:
    with pytest.raises(APIResponseValidationError, match="does not filter") as caught:
        find("m1", "m2", pages=[[row(3, "m1"), stray], [row(3, "m1"), stray]])
    assert caught.value.operation == "listEvaluations"
