"""Relations of every paged list: page sizes, pages, totals, filters by an exact value, sorting."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import pytest
from scripts.contract.http_client import ApiClient, Value

from . import assertions as expect

from .listings import (  # isort: skip
    BENCHMARKS, COMPARISON, EVALUATIONS, LARGEST_PAGE, MODELS, PROMPTS, RESULTS, UNKNOWN, Listing,
    rarest_values,
)  # fmt: skip

_DEFAULT_PAGE_SIZE = 100
_LISTS = (MODELS, BENCHMARKS, PROMPTS, EVALUATIONS, COMPARISON, RESULTS)
of_every_list = pytest.mark.parametrize("listing", _LISTS, ids=str)
# The reference has no page sizes for two of the lists.
_assumed_sizes = [
    pytest.param(item, marks=pytest.mark.assumed) if item in {BENCHMARKS, COMPARISON} else item
    for item in _LISTS
]
of_every_list_by_size = pytest.mark.parametrize("listing", _assumed_sizes, ids=str)


@of_every_list
def test_page_size_is_the_number_of_rows(api: ApiClient, listing: Listing) -> None:
    total = listing.page(api).total
    expect.data(total > 1, f"the list has {total} rows")
    for size in (1, LARGEST_PAGE):
        page = listing.page(api, page_size=size)
        assert len(page.items) == min(size, total), f"{len(page.items)} rows of {total}"
        count = page.body.get("count", len(page.items))
        assert count == len(page.items), f"count {count}, and {len(page.items)} rows"


@of_every_list_by_size
def test_the_default_page_size_is_100(api: ApiClient, listing: Listing) -> None:
    page = listing.page(api)
    expect.data(page.total > 1, f"the list has {page.total} rows")
    expected = min(_DEFAULT_PAGE_SIZE, page.total)
    assert len(page.items) == expected, f"{len(page.items)} rows of {page.total}"


@of_every_list_by_size
def test_pages_and_page_sizes_out_of_bounds_are_rejected(api: ApiClient, listing: Listing) -> None:
    for size in (0, LARGEST_PAGE + 1):
        expect.status(listing.response(api, page_size=size), 400, 422)
    expect.status(listing.response(api, page=0), 400, 422)


@of_every_list
def test_pages_are_disjoint_and_complete_and_in_order(api: ApiClient, listing: Listing) -> None:
    whole = listing.largest_page(api)
    reason = f"the list has {whole.total} rows; 2 to {LARGEST_PAGE} can be judged"
    expect.data(2 <= whole.total <= LARGEST_PAGE, reason)
    pages = list(listing.three_pages(api, whole.total))
    totals = {page.total for page in pages}
    assert totals == {whole.total}, f"totals {totals}, and {whole.total} on one large page"
    ids = [row for page in pages for row in page.ids]
    expect.unique(ids)
    assert len(ids) == whole.total, f"{len(ids)} rows of {whole.total}"
    expect.same_ids(whole.ids, ids)
    assert ids == whole.ids, "the rows of the one large page in another order"


@of_every_list
def test_every_page_has_the_total_and_none_is_beyond_it(api: ApiClient, listing: Listing) -> None:
    whole = listing.largest_page(api)
    if whole.total <= LARGEST_PAGE:
        assert len(whole.items) == whole.total, f"{len(whole.items)} rows, total {whole.total}"
    total = listing.page(api, page_size=1).total
    assert total == whole.total, f"total {total}, and {whole.total} on one large page"
    after = listing.largest_page(api, page=whole.total // LARGEST_PAGE + 2)
    assert not after.items, f"{len(after.items)} rows on the page after the last"


@of_every_list
def test_page_size_in_camel_case_has_no_effect(api: ApiClient, listing: Listing) -> None:
    usual = listing.page(api)
    expect.data(usual.total > 1, f"the list has {usual.total} rows")
    if listing.response(api, pageSize=1).status == 200:
        rows = len(listing.page(api, pageSize=1).items)
        assert rows == len(usual.items), f"{rows} rows, and {len(usual.items)} without it"


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
    *(Filter(one, name, name, False) for one in (MODELS, BENCHMARKS) for name in ("name", "key")),
    Filter(MODELS, "ids", "id"),
    Filter(MODELS, "companies", "company"),
    Filter(MODELS, "regions", "region"),
    Filter(MODELS, "licenses", "license"),
    Filter(BENCHMARKS, "ids", "id"),
    Filter(BENCHMARKS, "languages", "language"),
    Filter(EVALUATIONS, "models", "model_id"),
    Filter(EVALUATIONS, "datasets", "dataset_id"),
)
_STATUS = Filter(EVALUATIONS, "status", "status", many=False)
_PAIRS = [
    (first, second)
    for first, second in itertools.pairwise(
        one for one in (*_FILTERS, _STATUS, _FILTERS[-2]) if one.parameter not in {"ids", "key"}
    )
    if first.listing is second.listing
]
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
    queries = [(values[:1], selection.query(*values[:1]))]
    if selection.many:
        # Given as one text, its comma is percent-encoded, as by the vendor's own client.
        joined = ",".join(map(str, values))
        queries += [(values, selection.query(*values)), (values, {selection.parameter: joined})]
    for wanted, query in queries:
        page = listing.largest_page(api, **query)
        others = [item for item in page.items if item.get(field) not in wanted]
        assert not others, f"{len(others)} of {len(page.items)} rows have another {field}"
        expected = [listing.identity(item) for item in whole if item.get(field) in wanted]
        assert page.total == len(expected), f"total {page.total}, and {len(expected)} rows match"
        if page.total <= LARGEST_PAGE:
            expect.same_ids(expected, page.ids)


@pytest.mark.assumed
@of_every_filter
def test_a_filter_matches_whole_values(api: ApiClient, selection: Filter) -> None:
    found = [rows for text, rows in _mistaken(api, selection).items() if text != UNKNOWN and rows]
    assert not found, f"{found[0]} rows for a part of a value, or for one in another case"


@of_every_filter
def test_an_unknown_value_returns_no_row(api: ApiClient, selection: Filter) -> None:
    rows = _mistaken(api, selection).get(UNKNOWN, 0)
    assert rows == 0, f"a total of {rows}"


def _mistaken(api: ApiClient, selection: Filter) -> dict[str, int]:
    """Return how many rows a filter finds for values that no row has; empty if none at all."""
    listing, name, texts = selection.listing, selection.field, {UNKNOWN}
    present = {str(row[name]) for row in listing.all_items(api) if row.get(name)}
    expect.data(present, "no row has a value")
    if selection.many or selection.listing is MODELS:
        # Rather a value of several words, whose first word is the part.
        value = max(present, key=lambda text: (len(text.split()), text))
        part = value.split()[0] if " " in value else value[:-1]
        texts |= {text for text in (part, value.swapcase()) if text and "," not in text} - present
    ordered = sorted(texts)
    if selection.many and not listing.largest_page(api, **selection.query(*ordered)).total:
        return {}
    return {text: listing.largest_page(api, **selection.query(text)).total for text in ordered}


@pytest.mark.parametrize(("first", "second"), _PAIRS, ids=str)
def test_two_filters_return_the_rows_of_both(api: ApiClient, first: Filter, second: Filter) -> None:
    found: list[dict[str, set[str]]] = [{}, {}]  # ids by value
    for row in first.listing.all_items(api):
        for one, ids in zip((first, second), found, strict=True):
            ids.setdefault(str(row.get(one.field) or ","), set()).add(row["id"])
    # Two values that both select rows that the other one does not, and many in common if possible.
    values = [sorted(value for value in ids if "," not in value)[:20] for ids in found]
    pairs = [(found[0][a], found[1][b], a, b) for a, b in itertools.product(*values)]
    telling = [pair for pair in pairs if pair[0] - pair[1] and pair[1] - pair[0]]
    expect.data(telling, "no two values select different rows")
    some, others, a, b = max(telling, key=lambda pair: len(pair[0] & pair[1]))
    page = first.listing.largest_page(api, **first.query(a), **second.query(b))
    expect.same_ids(some & others, page.ids)


@pytest.mark.parametrize(
    ("listing", "column", "field"),
    [pytest.param(*row, id=f"{row[0]}-{row[1]}") for row in _SORTINGS],
)
def test_sorting_orders_the_list_in_both_directions(
    api: ApiClient, listing: Listing, column: str, field: str
) -> None:
    usual = listing.largest_page(api)
    rarest_values(usual.items, field)
    values: list[Any] = []
    is_whole = 2 < usual.total <= LARGEST_PAGE
    for order in ("asc", "desc") if column == field else ("desc",):
        query = {"sort_by": column, "sort_order" if listing is PROMPTS else "order": order}
        if is_whole and order == "desc" and column == field:
            # Two pages that part rows of equal values, if there are any.
            sizes = range(usual.total // 2 + 1, usual.total)
            size = next((n for n in sizes if values[-n] == values[-n - 1]), sizes[0])
            pages = [listing.page(api, page=n, page_size=size, **query) for n in (1, 2)]
        else:
            pages = [listing.largest_page(api, **query)]
        values = [row.get(field) for page in pages for row in page.items]
        expect.in_order(values, descending=order == "desc")
        ids = [row for page in pages for row in page.ids]
        expect.unique(ids)
        if is_whole:
            expect.same_ids(usual.ids, ids)


@pytest.mark.assumed
@of_every_list
def test_no_text_is_cut(api: ApiClient, listing: Listing) -> None:
    items = listing.some_items(api)
    for name in sorted({name for item in items for name in item} - {"id", "key"}):
        texts = {item[name] for item in items if isinstance(item.get(name), str)}
        longest = max(map(len, texts), default=0)
        cut = [text for text in texts if len(text) == longest]
        # A limit is a round number, or the texts end in an ellipsis.
        is_limit = longest % 10 == 0 or longest % 16 == 0 or all(t.endswith("…") for t in cut)
        message = f"{len(cut)} different texts of {name} end after {longest} characters"
        assert len(cut) < 3 or longest < 40 or not is_limit, message
