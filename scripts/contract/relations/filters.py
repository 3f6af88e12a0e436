"""Relations of filters by a field's exact value, and of sorting."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from scripts.contract.http_client import ApiClient, Value

from . import assertions as expect
from .listings import (
    BENCHMARKS,
    EVALUATIONS,
    LARGEST_PAGE,
    MODELS,
    PROMPTS,
    UNKNOWN,
    Listing,
    rarest_values,
)


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


@dataclass(frozen=True)
class Sorting:
    """A value of ``sort_by``, the field it sorts by, and the parameter of the direction."""

    listing: Listing
    value: str
    field: str
    direction: str = "order"

    def __str__(self) -> str:
        return f"{self.listing}-{self.value}"


_FILTERS = (
    *(Filter(listing, name, name, False) for listing in (MODELS, BENCHMARKS) for name in ("name", "key")),
    Filter(MODELS, "ids", "id"),
    Filter(MODELS, "companies", "company"),
    Filter(MODELS, "regions", "region"),
    Filter(MODELS, "licenses", "license"),
    Filter(BENCHMARKS, "ids", "id"),
    Filter(BENCHMARKS, "languages", "language"),
    Filter(EVALUATIONS, "models", "model_id"),
    Filter(EVALUATIONS, "datasets", "dataset_id"),
)  # fmt: skip
_MODEL_COLUMNS = ("name", "created_at", "released_at", "architecture_type", "context_length",
                  "license", "region")  # fmt: skip
_SORTINGS = (
    *(Sorting(MODELS, name, name) for name in _MODEL_COLUMNS),
    Sorting(MODELS, "createdAt", "created_at"),
    Sorting(MODELS, "releasedAt", "released_at"),
    Sorting(MODELS, "architectureType", "architecture_type"),
    Sorting(MODELS, "contextLength", "context_length"),
    Sorting(BENCHMARKS, "name", "name"),
    *(Sorting(PROMPTS, name, name, "sort_order") for name in ("id", "truth")),
    *(Sorting(EVALUATIONS, name, name) for name in ("submitted_at", "accuracy", "average_duration")),
)  # fmt: skip
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
    if selection.listing.page(api).total == 0:
        pytest.skip("the list is empty")
    expect.empty(selection.listing.page(api, **selection.query(UNKNOWN)))


@pytest.mark.parametrize("sorting", _SORTINGS, ids=str)
def test_sorting_orders_the_page_in_both_directions(api: ApiClient, sorting: Sorting) -> None:
    usual = sorting.listing.largest_page(api)
    rarest_values(usual.items, sorting.field)
    for order in ("asc", "desc"):
        query: dict[str, Value] = {"sort_by": sorting.value, sorting.direction: order}
        page = sorting.listing.largest_page(api, **query)
        values = [item.get(sorting.field) for item in page.items]
        expect.in_order(values, descending=order == "desc")
        if usual.total <= LARGEST_PAGE:
            expect.same_ids(usual.ids, page.ids)
