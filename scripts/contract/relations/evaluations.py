"""Relations of evaluations."""

from __future__ import annotations

import pytest
from scripts.contract.http_client import ApiClient

from . import assertions as expect
from .listings import BENCHMARKS, EVALUATIONS, MODELS, UNKNOWN, Item, Listing, rarest_values

_STATUSES = ("pending", "in-progress", "paused", "success", "failure", "timeout", "cancelled")
_YEAR_2010, _YEAR_2100 = 1_262_304_000, 4_102_444_800


def _assert_none(items: list[Item], message: str) -> None:
    assert not items, f"{len(items)} {message}, such as {items[0]['id']}"


def test_status_returns_the_evaluations_with_it(api: ApiClient) -> None:
    whole = EVALUATIONS.all_items(api)
    rarest_values(whole, "status")
    for status in _STATUSES:
        page = EVALUATIONS.largest_page(api, status=status)
        _assert_none([i for i in page.items if i["status"] != status], "have another status")
        expected = sum(item["status"] == status for item in whole)
        assert page.total == expected, f"total {page.total}, and {expected} in the whole list"


def test_filters_of_evaluations_combine_with_and(api: ApiClient) -> None:
    item = EVALUATIONS.some_items(api)[0]
    page = EVALUATIONS.page(
        api, models=[item["model_id"]], datasets=[item["dataset_id"]], status=item["status"]
    )
    for name in ("model_id", "dataset_id", "status"):
        _assert_none([row for row in page.items if row[name] != item[name]], f"have another {name}")
    if page.total == len(page.ids):
        assert item["id"] in page.ids, f"{item['id']} matches, and is missing"


@pytest.mark.parametrize("query", [{}, {"status": "success"}], ids=["all", "success"])
def test_unique_returns_the_latest_evaluation_of_each_model_and_benchmark(
    api: ApiClient, query: dict[str, str]
) -> None:
    whole = EVALUATIONS.all_items(api, **query)
    latest: dict[tuple[str, str], int] = {}
    for item in whole:
        latest[_pair(item)] = max(latest.get(_pair(item), 0), int(item.get("submitted_at") or 0))
    if not query and len(latest) == len(whole):
        pytest.skip("no model has two evaluations of one benchmark")
    page = EVALUATIONS.largest_page(api, unique=True, **query)
    expect.unique([_pair(item) for item in page.items])
    assert page.total == len(latest), f"total {page.total}, and there are {len(latest)} pairs"
    older = [
        item for item in page.items
        if int(item.get("submitted_at") or 0) != latest.get(_pair(item))
    ]  # fmt: skip
    _assert_none(older, "are not the latest of their pair")


def _pair(item: Item) -> tuple[str, str]:
    return item["model_id"], item["dataset_id"]


def test_unique_false_has_no_effect(api: ApiClient) -> None:
    usual = EVALUATIONS.page(api)
    page = EVALUATIONS.page(api, unique=False)
    assert page.total == usual.total, f"total {page.total}, and {usual.total} without it"
    assert page.ids == usual.ids, "other rows than without it"


def test_times_durations_and_percentages_are_possible(api: ApiClient) -> None:
    items = EVALUATIONS.some_items(api)
    for item in items:
        start, end = item.get("submitted_at"), item.get("finished_at")
        if start is not None:
            possible = _YEAR_2010 < int(start) < _YEAR_2100
            assert possible, f"{item['id']} was not submitted between 2010 and 2100, in seconds"
            if end is not None:
                assert int(start) <= int(end), f"{item['id']} finished before it was submitted"
        accuracy, duration = item.get("accuracy") or 0, item.get("average_duration") or 0
        assert 0 <= accuracy <= 100, f"{item['id']} has an accuracy outside of 0 to 100"
        assert duration >= 0, f"{item['id']} has a negative duration"
    largest = max(item.get("accuracy") or 0 for item in items)
    assert largest > 1 or len(items) == 1, "no accuracy is above 1 percent: is it a fraction?"


@pytest.mark.parametrize(
    ("listing", "prefix"), [(MODELS, "model"), (BENCHMARKS, "dataset")], ids=str
)
def test_an_evaluation_names_its_model_and_its_benchmark(
    api: ApiClient, listing: Listing, prefix: str
) -> None:
    items = EVALUATIONS.some_items(api)
    ids = sorted({item[f"{prefix}_id"] for item in items})[:20]
    page = listing.largest_page(api, ids=ids, include_deprecated=True)
    expect.same_ids(ids, page.ids)
    by_id = {item["id"]: item for item in page.items}
    for item in items:
        named = by_id.get(item[f"{prefix}_id"])
        for field in ("name", "key", "company"):
            value = item.get(f"{prefix}_{field}")
            if named is not None and value is not None:
                assert value == named.get(field), f"{item['id']} has another {prefix}_{field}"


def test_an_evaluation_is_the_same_as_in_the_list(api: ApiClient) -> None:
    items = EVALUATIONS.some_items(api)
    for listed in {item["id"]: item for item in (*items[:2], *items[-2:])}.values():
        item = api.get("getEvaluation", listed["id"])
        expect.same_as_listed(listed, item, ignored=("summary",))


def test_a_successful_evaluation_has_a_summary(api: ApiClient) -> None:
    page = EVALUATIONS.page(api, status="success", page_size=2)
    if not page.items:
        pytest.skip("no evaluation was successful")
    for item in page.items:
        assert api.get("getEvaluation", item["id"]).get("summary"), "no summary"


def test_an_unknown_evaluation_is_a_404(api: ApiClient) -> None:
    expect.status(api.response("getEvaluation", UNKNOWN), 404)
