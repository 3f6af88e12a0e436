"""Relations of every paged list: page sizes, pages, totals, filters by an exact value, sorting."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from scripts.contract.http_client import ApiClient, Value

from . import assertions as expect
from .listings import (
    BENCHMARKS,
    COMPARISON,
    EVALUATIONS,
    LARGEST_PAGE,
    MODELS,
    PROMPTS,
    UNKNOWN,
    Listing,
    rarest_values,
)

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


@of_every_list
def test_page_size_is_the_number_of_rows(api: ApiClient, listing: Listing) -> None:
    total = listing.page(api).total
    expect.data(total > 1, f"the list has {total} rows")
    for size in (1, 2, 7, LARGEST_PAGE):
        page = listing.page(api, page_size=size)
        assert len(page.items) == min(size, total), f"{len(page.items)} rows of {total}"


@of_every_list_by_size
def test_the_default_page_size_is_100(api: ApiClient, listing: Listing) -> None:
    page = listing.page(api)
    expect.data(page.total > 1, f"the list has {page.total} rows")
    expected = min(_DEFAULT_PAGE_SIZE, page.total)
    assert len(page.items) == expected, f"{len(page.items)} rows of {page.total}"


@of_every_list_by_size
def test_page_size_is_rejected_below_1_and_above_500(api: ApiClient, listing: Listing) -> None:
    for size in (0, LARGEST_PAGE + 1):
        expect.status(listing.response(api, page_size=size), 400, 422)


@of_every_list
def test_pages_are_disjoint_and_complete_and_in_order(api: ApiClient, listing: Listing) -> None:
    whole = listing.largest_page(api)
    reason = f"the list has {whole.total} rows; 2 to {LARGEST_PAGE} can be judged"
    expect.data(2 <= whole.total <= LARGEST_PAGE, reason)
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
    expect.data(usual.total > 1, f"the list has {usual.total} rows")
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
    expect.data(judged, "there is no count")


# ---- filters and sorting ---------------------------------------------------------------------


@dataclass(frozen=True)
class Filter:
    """A query parameter that selects rows by a field; `many`: it takes a list of values."""

    listing: Listing
    parameter: str
    field: str
    many: bool = True

    def __str__(self) -> str:
        return f"{self.listing}-{self.parameter}"

    def query(self, *values: object) -> dict[str, Value]:
        """Return the query that selects these values."""
        texts = [str(value) for value in values]
        return {self.parameter: texts if self.many else texts[0]}


_FILTERS = (
    *(
        Filter(listing, name, name, False)
        for listing in (MODELS, BENCHMARKS)
        for name in ("name", "key")
    ),
    Filter(MODELS, "ids", "id"),
    Filter(MODELS, "companies", "company"),
    Filter(MODELS, "regions", "region"),
    Filter(MODELS, "licenses", "license"),
    Filter(BENCHMARKS, "ids", "id"),
    Filter(BENCHMARKS, "languages", "language"),
    Filter(EVALUATIONS, "models", "model_id"),
    Filter(EVALUATIONS, "datasets", "dataset_id"),
)
_MODEL_COLUMNS = ("name", "created_at", "released_at", "architecture_type", "context_length",
                  "license", "region")  # fmt: skip
# The list, the value of ``sort_by``, and the field it sorts by.
_SORTINGS: tuple[tuple[Listing, str, str], ...] = (
    *((MODELS, name, name) for name in _MODEL_COLUMNS),
    (MODELS, "createdAt", "created_at"),
    (MODELS, "releasedAt", "released_at"),
    (MODELS, "architectureType", "architecture_type"),
    (MODELS, "contextLength", "context_length"),
    (BENCHMARKS, "name", "name"),
    *((PROMPTS, name, name) for name in ("id", "truth")),
    *((EVALUATIONS, name, name) for name in ("submitted_at", "accuracy", "average_duration")),
)
of_every_filter = pytest.mark.parametrize("selection", _FILTERS, ids=str)


@of_every_filter
def test_a_filter_returns_the_rows_with_its_values(api: ApiClient, selection: Filter) -> None:
    listing, field = selection.listing, selection.field
    whole = listing.all_items(api)
    values = rarest_values(whole, field)
    for wanted in [values[:1], values[1:], *([values] if selection.many else [])]:
        page = listing.largest_page(api, **selection.query(*wanted))
        others = [item for item in page.items if item.get(field) not in wanted]
        assert not others, f"{len(others)} of {len(page.items)} rows have another {field}"
        expected = [listing.identity(item) for item in whole if item.get(field) in wanted]
        assert page.total == len(expected), f"total {page.total}, and {len(expected)} rows match"
        if page.total <= LARGEST_PAGE:
            expect.same_ids(expected, page.ids)


@of_every_filter
def test_an_unknown_value_returns_no_row(api: ApiClient, selection: Filter) -> None:
    expect.data(selection.listing.page(api).total, "the list is empty")
    expect.empty(selection.listing.page(api, **selection.query(UNKNOWN)))


@pytest.mark.parametrize(
    ("listing", "column", "field"),
    [pytest.param(*row, id=f"{row[0]}-{row[1]}") for row in _SORTINGS],
)
def test_sorting_orders_the_page_in_both_directions(
    api: ApiClient, listing: Listing, column: str, field: str
) -> None:
    usual = listing.largest_page(api)
    rarest_values(usual.items, field)
    direction = "sort_order" if listing is PROMPTS else "order"
    for order in ("asc", "desc"):
        page = listing.largest_page(api, **{"sort_by": column, direction: order})
        values = [item.get(field) for item in page.items]
        expect.in_order(values, descending=order == "desc")
        if usual.total <= LARGEST_PAGE:
            expect.same_ids(usual.ids, page.ids)
