"""Relations of models, benchmarks and prompts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from scripts.contract.http_client import ApiClient

from . import assertions as expect
from . import listings
from .listings import BENCHMARKS, COMPARISON, MODELS, PROMPTS, UNKNOWN, Item, Listing

of_both_lists = pytest.mark.parametrize("listing", [MODELS, BENCHMARKS], ids=str)


@dataclass(frozen=True)
class Search:
    """A search for a text in some fields of a list; `query` is what it needs beside the text."""

    listing: Listing
    parameter: str
    fields: tuple[str, ...]
    query: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return "-".join([str(self.listing), *self.query.values(), self.parameter])

    def finds(self, row: Item, text: str) -> bool:
        """Check whether a row has the text in one of the fields, in any case."""
        values = (str(row.get(name) or "") for name in self.fields)
        return any(text.casefold() in value.casefold() for value in values)

    def texts(self, rows: list[Item]) -> Iterator[str]:
        """Yield texts to search for: of each field, of other fields, and with wildcards."""
        for name in self.fields:
            others = [other for other in self.fields if other != name]
            for word in _telling_words(rows, [name], others):
                yield word[1:-1].swapcase() or word
        for name in ("description", "company"):  # which a search may not look into
            yield from _telling_words(rows, [name], self.fields)
        if self.query.get("search", "input") == "input":  # once in the prompts
            yield from ("%", "_", "*")


def _telling_words(rows: list[Item], fields: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return a long word that some row has in one of the fields and not in one of the others."""
    pairs = [(_text(row, fields), _text(row, others)) for row in rows]
    words = {word for text, _ in pairs for word in text.split() if word.isalnum()}
    telling = [w for w in words if any(w in text and w not in other for text, other in pairs)]
    in_all = {word for word in telling if all(word in text for text, _ in pairs)}
    return sorted(telling, key=lambda word: (word in in_all, -len(word), word))[:1]


def _text(row: Item, names: Iterable[str]) -> str:
    return " ".join(row[name] for name in names if isinstance(row.get(name), str)).casefold()


_SEARCHES = (
    Search(MODELS, "query", ("name",)),
    Search(BENCHMARKS, "query", ("name",)),
    *(
        Search(PROMPTS, "search_value", (name,), {"search": name})
        for name in ("id", "input", "truth")
    ),
    Search(COMPARISON, "search", ("prompt", "truth", "result1", "result2")),
)


@pytest.mark.parametrize("search", _SEARCHES, ids=str)
def test_a_search_returns_the_rows_with_the_text(api: ApiClient, search: Search) -> None:
    whole = search.listing.largest_page(api)
    expect.data(whole.total == len(whole.items) > 1, f"the list has {whole.total} rows")
    for text in search.texts(whole.items):
        query = {**search.query, search.parameter: text}
        page = search.listing.largest_page(api, **query)
        rows = zip(whole.ids, whole.items, strict=True)
        expect.same_ids([row_id for row_id, row in rows if search.finds(row, text)], page.ids)
        assert page.total == len(page.ids), f"a total of {page.total}, and {len(page.ids)} rows"


def test_a_search_within_an_outcome_returns_the_rows_of_both(api: ApiClient) -> None:
    search, rows = _SEARCHES[-1], COMPARISON.largest_page(api)
    for outcome in ("both_fail", "both_succeed", "reference_fails", "comparison_fails"):
        page = COMPARISON.largest_page(api, outcome_filter=outcome)
        for text in search.texts(rows.items):
            pairs = zip(rows.ids, rows.items, strict=True)
            found = {row_id for row_id, row in pairs if search.finds(row, text)}
            if found - {*page.ids} and {*page.ids} - found:
                both = COMPARISON.largest_page(api, outcome_filter=outcome, search=text)
                expect.same_ids(found & {*page.ids}, both.ids)
                return
    pytest.skip("no search differs from an outcome")


@of_both_lists
def test_include_deprecated_adds_exactly_the_deprecated_rows(
    api: ApiClient, listing: Listing
) -> None:
    usual = [item["id"] for item in listing.all_items(api)]
    shown = [item["id"] for item in listing.all_items(api) if item.get("deprecated")]
    assert not shown, f"{len(shown)} deprecated rows by default, such as {shown[0]}"
    without = listing.all_items(api, include_deprecated=False)
    expect.same_ids(usual, [item["id"] for item in without])
    everything = listing.all_items(api, include_deprecated=True)
    deprecated = {item["id"] for item in everything if item.get("deprecated")}
    expect.same_ids(deprecated.union(usual), [item["id"] for item in everything])
    expect.data(deprecated, "nothing is deprecated")


# The list, its facet, and the field of the rows with its values, if they have one.
_FACETS = (
    *((MODELS, "companies", "company"), (MODELS, "regions", "region"), (MODELS, "sizes", "")),
    *((MODELS, "licenses", "license"), (MODELS, "categories", "categories")),
    *((BENCHMARKS, "languages", "language"), (BENCHMARKS, "categories", "categories")),
)


@pytest.mark.parametrize(("listing", "facet", "field"), _FACETS, ids=str)
def test_a_facet_names_the_values_to_filter_by(
    api: ApiClient, listing: Listing, facet: str, field: str
) -> None:
    named = listing.largest_page(api).body.get(facet) or []
    expect.data(named, f"there are no {facet}")
    expect.unique(named)
    on_a_page = listing.page(api, page_size=1).body.get(facet)
    assert on_a_page == named, f"other {facet} on a page of one row"
    counts = Counter(one for item in listing.all_items(api) for one in _values(item, field))
    unnamed = counts.keys() - {*named}
    assert not unnamed, f"{len(unnamed)} values that rows have are not named"
    totals: dict[str, int] = {}
    rarest = sorted(named, key=lambda value: (counts[value], value))
    values = [value for value in rarest if "," not in value][:1]
    expect.data(values, "each value contains a comma, which a list filter can't carry")
    for value in values:
        page = listing.largest_page(api, **{facet: [value]})
        assert page.items, "no row, though it is named"
        others = [
            row for row in page.items if _values(row, field) and value not in _values(row, field)
        ]
        assert not others, f"{len(others)} of {len(page.items)} rows have another {field}"
        totals[value] = page.total
    every = [value for value in named if "," not in value]
    total = listing.largest_page(api, **{facet: every}).total
    rows = sum(bool({*_values(item, field)} & {*every}) for item in listing.all_items(api))
    message = f"a total of {total} for all values, and {rows} rows have one"
    assert total == rows or (not rows and total >= max(totals.values())), message
    if not rows:  # no relation of filters does it
        total = listing.page(api, **{facet: [UNKNOWN]}).total
        assert total == 0, f"a total of {total} for an unknown value"


@pytest.mark.assumed
def test_each_model_with_parameters_has_a_size(api: ApiClient) -> None:
    sizes = MODELS.largest_page(api).body.get("sizes")
    expected = {item["id"] for item in MODELS.all_items(api) if item.get("parameters")}
    expect.data(sizes and expected, "there are no sizes, or no parameters")
    missing = expected.difference(MODELS.largest_page(api, sizes=sizes).ids)
    assert not missing, f"{len(missing)} with parameters have no size, such as {min(missing)}"


@pytest.mark.assumed
def test_an_output_token_costs_no_less_than_an_input_token(api: ApiClient) -> None:
    for item in MODELS.all_items(api):
        sent, received = (item.get(f"cost_per_{kind}_token") for kind in ("input", "output"))
        if sent and received:
            assert float(sent) <= float(received), f"the prices of {item['id']} are the other way"


def _values(item: Item, field: str) -> list[str]:
    value = item.get(field)
    return value if isinstance(value, list) else [] if value is None else [value]


def test_prompt_count_is_the_number_of_prompts(api: ApiClient) -> None:
    expect.status(api.response("listBenchmarkPrompts", UNKNOWN), 404)
    benchmarks = BENCHMARKS.some_items(api)[:4]
    expected = {item["id"]: item.get("prompt_count") for item in benchmarks}
    expect.data(set(expected.values()) != {None}, "no benchmark has a prompt_count")
    for benchmark_id, count in expected.items():
        if count is not None:
            total = listings.prompts_of(benchmark_id).page(api, page_size=20).total
            assert total == count, f"count {total}, and prompt_count {count}"


def test_two_benchmarks_have_different_prompts(api: ApiClient) -> None:
    benchmarks = listings.benchmarks_with_prompts(api)
    expect.data(len(benchmarks) > 1, "only one benchmark has prompts")
    first, second = (
        [(prompt["input"], prompt["truth"]) for prompt in page.items]
        for page in (
            listings.prompts_of(item["id"]).page(api, page_size=20) for item in benchmarks[:2]
        )
    )
    assert first != second, f"the same prompts as {benchmarks[0]['id']}"


def test_search_and_search_value_have_no_effect_alone(api: ApiClient) -> None:
    total = PROMPTS.page(api, page_size=1).total
    queries: list[dict[str, Any]] = [{"search": "input"}, {"search_value": UNKNOWN}]
    for query in queries:
        actual = PROMPTS.page(api, page_size=1, **query).total
        assert actual == total, f"count {actual}, and {total} without it"
