"""Relations of every paged list: page sizes, disjoint and complete pages, totals."""

from __future__ import annotations

import pytest
from scripts.contract.http_client import ApiClient

from . import assertions as expect
from .listings import BENCHMARKS, COMPARISON, EVALUATIONS, LARGEST_PAGE, MODELS, PROMPTS, Listing

_DEFAULT_PAGE_SIZE = 100
_LISTS = (MODELS, BENCHMARKS, PROMPTS, EVALUATIONS, COMPARISON)
of_every_list = pytest.mark.parametrize("listing", _LISTS, ids=str)
# The reference has no page sizes for two of the lists.
of_every_list_by_size = pytest.mark.parametrize(
    "listing",
    [
        pytest.param(item, marks=pytest.mark.assumed) if item in {BENCHMARKS, COMPARISON} else item
        for item in _LISTS
    ],
    ids=str,
)


def _skip_short_list(total: int) -> None:
    if total < 2:
        pytest.skip(f"the list has {total} rows")


@of_every_list
def test_page_size_is_the_number_of_rows(api: ApiClient, listing: Listing) -> None:
    total = listing.page(api).total
    _skip_short_list(total)
    for size in (1, 2, 7, LARGEST_PAGE):
        page = listing.page(api, page_size=size)
        assert len(page.items) == min(size, total), f"{len(page.items)} rows of {total}"


@of_every_list_by_size
def test_the_default_page_size_is_100(api: ApiClient, listing: Listing) -> None:
    page = listing.page(api)
    _skip_short_list(page.total)
    expected = min(_DEFAULT_PAGE_SIZE, page.total)
    assert len(page.items) == expected, f"{len(page.items)} rows of {page.total}"


@of_every_list_by_size
def test_page_size_is_rejected_below_1_and_above_500(api: ApiClient, listing: Listing) -> None:
    for size in (0, LARGEST_PAGE + 1):
        expect.status(listing.response(api, page_size=size), 400, 422)


@of_every_list
def test_pages_are_disjoint_and_complete_and_in_order(api: ApiClient, listing: Listing) -> None:
    whole = listing.largest_page(api)
    if not 2 <= whole.total <= LARGEST_PAGE:
        pytest.skip(f"the list has {whole.total} rows; 2 to {LARGEST_PAGE} can be judged")
    size = -(-whole.total // 3)
    ids = []
    for number in range(1, -(-whole.total // size) + 1):
        ids += listing.page(api, page=number, page_size=size).ids
    expect.unique(ids)
    assert len(ids) == whole.total, f"{len(ids)} rows of {whole.total}"
    expect.same_ids(whole.ids, ids)
    assert ids == whole.ids, "the rows of the one large page in another order"


@of_every_list
def test_the_total_is_the_same_on_every_page(api: ApiClient, listing: Listing) -> None:
    whole = listing.largest_page(api)
    if whole.total <= LARGEST_PAGE:
        assert len(whole.items) == whole.total, f"{len(whole.items)} rows, total {whole.total}"
    for query in ({"page_size": 1}, {"page_size": 2, "page": 2}):
        total = listing.page(api, **query).total
        assert total == whole.total, f"total {total}, and {whole.total} on one large page"


@of_every_list
def test_the_page_after_the_last_is_empty(api: ApiClient, listing: Listing) -> None:
    total = listing.page(api).total
    page = listing.largest_page(api, page=total // LARGEST_PAGE + 2)
    assert not page.items, f"{len(page.items)} rows"


@of_every_list
def test_page_size_in_camel_case_has_no_effect(api: ApiClient, listing: Listing) -> None:
    usual = listing.page(api)
    _skip_short_list(usual.total)
    if listing.response(api, pageSize=1).status == 200:
        rows = len(listing.page(api, pageSize=1).items)
        assert rows == len(usual.items), f"{rows} rows, and {len(usual.items)} without it"


@pytest.mark.parametrize("listing", [MODELS, BENCHMARKS], ids=str)
def test_count_is_the_number_of_rows_on_the_page(api: ApiClient, listing: Listing) -> None:
    judged = False
    for size in (2, LARGEST_PAGE):
        page = listing.page(api, page_size=size)
        count = page.body.get("count")
        if count is not None:
            judged = True
            assert count == len(page.items), f"count {count}, and {len(page.items)} rows"
    if not judged:
        pytest.skip("there is no count")
