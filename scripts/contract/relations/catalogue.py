"""Relations of models, benchmarks and prompts."""

from __future__ import annotations

from typing import Any

import pytest
from scripts.contract.http_client import ApiClient

from . import assertions as expect
from .listings import (
    BENCHMARKS,
    MODELS,
    PROMPTS,
    UNKNOWN,
    Item,
    Listing,
    benchmarks_with_prompts,
    prompts_of,
    rarest_values,
)

of_both_lists = pytest.mark.parametrize("listing", [MODELS, BENCHMARKS], ids=str)


@of_both_lists
def test_query_returns_the_rows_with_the_text_in_their_names(
    api: ApiClient, listing: Listing
) -> None:
    whole = listing.all_items(api)
    for name in rarest_values(whole, "name"):
        word = min(name.split(), key=lambda word: (len(_with_word(whole, word)), word))
        for text in (word, word.swapcase()):
            page = listing.largest_page(api, query=text)
            expect.same_ids([item["id"] for item in _with_word(whole, text)], page.ids)
    expect.empty(listing.page(api, query=UNKNOWN))


def _with_word(items: list[Item], word: str) -> list[Item]:
    return [item for item in items if word.casefold() in item["name"].casefold()]


@of_both_lists
def test_filters_combine_with_and(api: ApiClient, listing: Listing) -> None:
    whole = listing.all_items(api)
    first, second = rarest_values(whole, "id")
    name = next(item["name"] for item in whole if item["id"] == second)
    rows = len(listing.page(api, ids=[first], name=name).items)
    assert rows == 0, f"{rows} rows, though the id has another name"


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
    expect.same_ids(deprecated, {item["id"] for item in everything} - set(usual))
    expect.data(deprecated, "nothing is deprecated")


@of_both_lists
def test_every_listed_category_has_rows_and_an_unknown_one_has_none(
    api: ApiClient, listing: Listing
) -> None:
    categories = listing.largest_page(api).body.get("categories") or []
    expect.data(categories, "there are no categories")
    totals = {}
    for name in categories[:6]:
        page = listing.largest_page(api, categories=[name])
        totals[name] = page.total
        assert page.total > 0, "no row, though it is listed as a category"
        for item in page.items:
            if "categories" in item:
                assert name in (item["categories"] or ()), f"{item['id']} is not in it"
    total = listing.page(api, categories=[UNKNOWN]).total
    assert total == 0, f"a total of {total}"
    total = listing.largest_page(api, categories=categories[:2]).total
    least = max(totals[name] for name in categories[:2])
    assert least <= total <= sum(totals.values()), f"a total of {total}, and {totals} one by one"


@of_both_lists
def test_a_listed_resource_has_no_route_of_its_own(api: ApiClient, listing: Listing) -> None:
    path = f"{api.operations[listing.operation].template}/{listing.some_items(api)[0]['id']}"
    expect.status(api.probe(path), 404)


@pytest.mark.parametrize(
    ("listing", "facet", "field"),
    [
        (MODELS, "companies", "company"),
        (MODELS, "regions", "region"),
        (MODELS, "licenses", "license"),
        (MODELS, "sizes", None),
        (BENCHMARKS, "languages", "language"),
        (BENCHMARKS, "categories", "categories"),
    ],
    ids=str,
)
def test_a_facet_names_every_value_there_is(
    api: ApiClient, listing: Listing, facet: str, field: str | None
) -> None:
    whole = listing.all_items(api)
    named = listing.largest_page(api).body.get(facet) or []
    expect.data(named, f"there are no {facet}")
    expect.unique(named)
    if field is not None:
        present = [item.get(field) for item in whole]
        lists = [value if isinstance(value, list) else [value] for value in present]
        strangers = {value for values in lists for value in values} - set(named) - {None}
        assert not strangers, f"{len(strangers)} values that rows have are not named"
        return
    ids: list[Any] = []
    for value in named:
        page = listing.largest_page(api, **{facet: [value]})
        assert page.items, "no row, though it is named"
        ids += page.ids
    expect.unique(ids)
    total = listing.page(api, **{facet: [UNKNOWN]}).total
    assert total == 0, f"a total of {total}"


def test_prompt_count_is_the_number_of_prompts(api: ApiClient) -> None:
    benchmarks = BENCHMARKS.some_items(api)[:5]
    expected = {item["id"]: item.get("prompt_count") for item in benchmarks}
    expect.data(set(expected.values()) != {None}, "no benchmark has a prompt_count")
    for benchmark_id, count in expected.items():
        if count is not None:
            total = prompts_of(benchmark_id).page(api, page_size=1).total
            assert total == count, f"count {total}, and prompt_count {count}"


def test_two_benchmarks_have_different_prompts(api: ApiClient) -> None:
    benchmarks = benchmarks_with_prompts(api)
    expect.data(len(benchmarks) > 1, "only one benchmark has prompts")
    first, second = (
        [(prompt["input"], prompt["truth"]) for prompt in page.items]
        for page in (prompts_of(item["id"]).page(api, page_size=20) for item in benchmarks[:2])
    )
    assert first != second, f"the same prompts as {benchmarks[0]['id']}"


def test_search_returns_the_prompts_with_the_text_in_that_field(api: ApiClient) -> None:
    whole = PROMPTS.all_items(api)
    judged = False
    for field in ("id", "input", "truth"):
        texts = [item[field] for item in whole if isinstance(item[field], str)]
        if len(set(texts)) < 2:
            continue
        judged = True
        text = _distinguishing_word(texts)
        for value in (text, text.swapcase()):
            page = PROMPTS.largest_page(api, search=field, search_value=value)
            others = [item for item in page.items if not _contains(item[field], value)]
            assert not others, f"{len(others)} of {len(page.items)} prompts do not have the text"
            missing = {item["id"] for item in whole if _contains(item[field], value)} - {*page.ids}
            assert not missing, f"{len(missing)} prompts that have the text are missing"
        expect.empty(PROMPTS.page(api, search=field, search_value=UNKNOWN))
    expect.data(judged, "no field of the prompts has two strings")


def _distinguishing_word(texts: list[str]) -> str:
    """Return a word that some of the texts have and others do not."""
    words = {word for text in texts for word in text.split() if word.isalnum()}
    some = [w for w in words if 0 < sum(_contains(text, w) for text in texts) < len(texts)]
    return max(some, key=lambda word: (len(word), word)) if some else texts[0]


def _contains(value: Any, text: str) -> bool:
    return text.casefold() in str(value).casefold()


def test_search_and_search_value_have_no_effect_alone(api: ApiClient) -> None:
    total = PROMPTS.page(api, page_size=1).total
    queries: list[dict[str, Any]] = [{"search": "input"}, {"search_value": UNKNOWN}]
    for query in queries:
        actual = PROMPTS.page(api, page_size=1, **query).total
        assert actual == total, f"count {actual}, and {total} without it"


def test_prompts_of_an_unknown_benchmark_are_a_404(api: ApiClient) -> None:
    expect.status(api.response("listBenchmarkPrompts", UNKNOWN), 404)
