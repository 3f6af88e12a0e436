"""What must hold in the public API: models, benchmarks and prompts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .listing import LARGEST_PAGE, NOWHERE, Item, Listing, differ, two_values
from .paged import Judge, add_count, add_filters, add_paging, add_sorting, always, judged_on
from .running import Contradictions, NoDataError, Relations

if TYPE_CHECKING:
    from scripts.contract_checks.asking import Api

PUBLIC = Relations()
say = PUBLIC.relation

MODELS = Listing("listModels", ("models",), ("total_count",), "count")
BENCHMARKS = Listing("listBenchmarks", ("datasets",), ("total_count",), "count")

# ---- models and benchmarks -------------------------------------------------------------------

_CATALOGUE = (
    (MODELS, (("companies", "company"), ("regions", "region"), ("licenses", "license"))),
    (BENCHMARKS, (("languages", "language"),)),
)
for listing, by_facet in _CATALOGUE:
    add_paging(PUBLIC, listing.operation, always(listing), assumed=listing is BENCHMARKS)
    add_count(PUBLIC, listing.operation, always(listing))
    add_filters(
        PUBLIC, listing.operation, always(listing),
        (("name", "name"), ("key", "key")), many=False,
    )  # fmt: skip
    add_filters(PUBLIC, listing.operation, always(listing), (("ids", "id"), *by_facet), many=True)
add_sorting(
    PUBLIC, "listModels", always(MODELS),
    [
        *((name, name) for name in ("name", "created_at", "released_at", "architecture_type")),
        *((name, name) for name in ("context_length", "license", "region")),
        ("createdAt", "created_at"), ("releasedAt", "released_at"),
        ("architectureType", "architecture_type"), ("contextLength", "context_length"),
    ],
)  # fmt: skip
add_sorting(PUBLIC, "listBenchmarks", always(BENCHMARKS), [("name", "name")])


def _catalogue(sentence: str) -> Callable[[Judge], Judge]:
    """Register a relation of both lists, of models and of benchmarks."""

    def register(judge: Judge) -> Judge:
        for listing in (MODELS, BENCHMARKS):
            PUBLIC.add(listing.operation, sentence, judged_on(judge, always(listing)))
        return judge

    return register


@_catalogue("query keeps what has the text in its name, in whatever case, and all of it")
def _(api: Api, listing: Listing) -> Contradictions:
    whole = listing.everything(api)
    first, second = two_values(whole, "name")
    for name in (first, second):
        words = sorted(name.split(), key=lambda word: (_with(whole, word), word))
        for text in (words[0], words[0].swapcase()):
            page = listing.page(api, page_size=LARGEST_PAGE, query=text)
            kept = [item["id"] for item in whole if text.casefold() in item["name"].casefold()]
            if difference := differ(kept, page.ids):
                yield page.asked, difference
    page = listing.page(api, query=NOWHERE)
    if page.items or page.total:
        yield page.asked, f"{len(page.items)} rows, and a total of {page.total}"


@_catalogue("filters combine with AND")
def _(api: Api, listing: Listing) -> Contradictions:
    whole = listing.everything(api)
    first, second = two_values(whole, "id")
    name = next(item["name"] for item in whole if item["id"] == second)
    page = listing.page(api, ids=[first], name=name)
    if page.items:
        yield page.asked, f"{len(page.items)} rows, though the id has another name"


@_catalogue("include_deprecated adds what is deprecated, and nothing is without it")
def _(api: Api, listing: Listing) -> Contradictions:
    usual = listing.everything(api)
    asked = api.last
    shown = [item["id"] for item in usual if item.get("deprecated")]
    if shown:
        yield asked, f"{len(shown)} deprecated rows, such as {shown[0]}"
    left_out = listing.everything(api, include_deprecated=False)
    if difference := differ([item["id"] for item in usual], [item["id"] for item in left_out]):
        yield api.last, difference
    everything = listing.everything(api, include_deprecated=True)
    added = {item["id"] for item in everything} - {item["id"] for item in usual}
    deprecated = {item["id"] for item in everything if item.get("deprecated")}
    if difference := differ(deprecated, added):
        yield api.last, difference
    if not deprecated:
        raise NoDataError("nothing is deprecated")


@_catalogue("each category keeps some rows, and one that nothing is in keeps none")
def _(api: Api, listing: Listing) -> Contradictions:
    whole = listing.page(api, page_size=LARGEST_PAGE)
    facets = whole.body.get("categories") or []
    if not facets:
        raise NoDataError("there are no categories")
    totals = {}
    for name in facets[:6]:
        page = listing.page(api, page_size=LARGEST_PAGE, categories=[name])
        totals[name] = page.total
        if page.total == 0:
            yield page.asked, "no row, though it is listed as a category"
        for item in page.items:
            if "categories" in item and name not in (item["categories"] or ()):
                yield page.asked, f"{item['id']} is not in it"
    page = listing.page(api, categories=[NOWHERE])
    if page.total:
        yield page.asked, f"a total of {page.total}"
    both = listing.page(api, page_size=LARGEST_PAGE, categories=facets[:2])
    if not max(totals[name] for name in facets[:2]) <= both.total <= sum(totals.values()):
        yield both.asked, f"a total of {both.total}, and {totals} by themselves"


@_catalogue("what is listed has no route of its own")
def _(api: Api, listing: Listing) -> Contradictions:
    path = f"{api.path_of(listing.operation)}/{listing.some(api)[0]['id']}"
    answer = api.probe(path)
    if answer.status != 404:
        yield answer.asked, f"status {answer.status}, and the specification has no such route"


def _with(items: list[Item], word: str) -> int:
    return sum(word.casefold() in item["name"].casefold() for item in items)


def _add_facet(listing: Listing, facet: str, field: str | None, *, parts: bool) -> None:
    @say(listing.operation, f"the facet {facet} names what can be filtered by")
    def _(api: Api) -> Contradictions:
        whole = listing.everything(api)
        page = listing.page(api, page_size=LARGEST_PAGE)
        named = page.body.get(facet) or []
        if not named:
            raise NoDataError(f"there are no {facet}")
        if len(set(named)) != len(named):
            yield page.asked, "a value twice"
        if field is not None:
            there = [item.get(field) for item in whole]
            values = {v for value in there for v in (value if isinstance(value, list) else [value])}
            if strangers := values - set(named) - {None}:
                yield page.asked, f"{len(strangers)} values that rows have are not named"
            return
        ids: list[Any] = []
        for value in named:
            of_value = listing.page(api, page_size=LARGEST_PAGE, **{facet: [value]})
            if not of_value.items:
                yield of_value.asked, "no row, though it is named"
            ids += of_value.ids
        if parts and len(set(ids)) != len(ids):
            yield api.last, "a row has two values"
        unknown = listing.page(api, **{facet: [NOWHERE]})
        if unknown.total:
            yield unknown.asked, f"a total of {unknown.total}"


_add_facet(MODELS, "companies", "company", parts=True)
_add_facet(MODELS, "regions", "region", parts=True)
_add_facet(MODELS, "licenses", "license", parts=True)
_add_facet(MODELS, "sizes", None, parts=True)
_add_facet(BENCHMARKS, "languages", "language", parts=True)
_add_facet(BENCHMARKS, "categories", "categories", parts=False)

# ---- prompts ---------------------------------------------------------------------------------


def prompts_of_one(api: Api) -> Listing:
    """The prompts of the benchmark with the most of them that can be read in one page."""
    benchmarks = [item for item in BENCHMARKS.some(api) if item.get("prompt_count")]
    readable = [item for item in benchmarks if item["prompt_count"] <= LARGEST_PAGE] or benchmarks
    if not readable:
        raise NoDataError("no benchmark has prompts")
    chosen = max(readable, key=lambda item: (item["prompt_count"], item["id"]))
    return Listing(
        "listBenchmarkPrompts", ("data", "prompts"), ("data", "count"), path=(chosen["id"],)
    )


PROMPTS = "listBenchmarkPrompts"
add_paging(PUBLIC, PROMPTS, prompts_of_one)
add_sorting(
    PUBLIC, PROMPTS, prompts_of_one, [("id", "id"), ("truth", "truth")], direction="sort_order"
)


@say(PROMPTS, "the prompts of a benchmark are as many as its prompt_count says")
def _(api: Api) -> Contradictions:
    judged = 0
    for benchmark in BENCHMARKS.some(api)[:5]:
        if benchmark.get("prompt_count") is not None:
            judged += 1
            listing = Listing(
                PROMPTS, ("data", "prompts"), ("data", "count"), path=(benchmark["id"],)
            )
            page = listing.page(api, page_size=1)
            if page.total != benchmark["prompt_count"]:
                yield (
                    page.asked,
                    f"count {page.total}, and prompt_count {benchmark['prompt_count']}",
                )
    if not judged:
        raise NoDataError("no benchmark has a prompt_count")


@say(PROMPTS, "two benchmarks have different prompts")
def _(api: Api) -> Contradictions:
    benchmarks = [item for item in BENCHMARKS.some(api) if item.get("prompt_count")]
    if len(benchmarks) < 2:
        raise NoDataError("there are fewer than two benchmarks with prompts")
    first, second = (
        [(prompt["input"], prompt["truth"]) for prompt in
         api.get(PROMPTS, item["id"], page_size=20)["data"]["prompts"] or []]
        for item in benchmarks[:2]
    )  # fmt: skip
    if first == second:
        yield api.last, f"the same prompts as {benchmarks[0]['id']}"


@say(PROMPTS, "search and search_value keep the prompts with the text in that field")
def _(api: Api) -> Contradictions:
    listing = prompts_of_one(api)
    whole = listing.everything(api)
    judged = 0
    for field in ("id", "input", "truth"):
        texts = [item[field] for item in whole if isinstance(item[field], str)]
        if len(set(texts)) < 2:
            continue
        judged += 1
        text = _distinguishing(texts)
        for value in (text, text.swapcase()):
            page = listing.page(api, page_size=LARGEST_PAGE, search=field, search_value=value)
            kept = {item["id"] for item in whole if _contains(item[field], value)}
            strays = {item["id"] for item in page.items if not _contains(item[field], value)}
            if strays:
                yield page.asked, f"{len(strays)} of {len(page.items)} prompts do not have it"
            elif missing := kept - set(page.ids):
                yield page.asked, f"{len(missing)} prompts that have it are missing"
        page = listing.page(api, search=field, search_value=NOWHERE)
        if page.items or page.total:
            yield page.asked, f"{len(page.items)} prompts, and a count of {page.total}"
    if not judged:
        raise NoDataError("no field of the prompts has two texts")


@say(PROMPTS, "search without search_value filters nothing, and the other way round")
def _(api: Api) -> Contradictions:
    listing = prompts_of_one(api)
    total = listing.page(api, page_size=1).total
    queries: list[dict[str, Any]] = [{"search": "input"}, {"search_value": NOWHERE}]
    for query in queries:
        page = listing.page(api, page_size=1, **query)
        if page.total != total:
            yield page.asked, f"a count of {page.total}, and {total} without it"


def _distinguishing(texts: list[str]) -> str:
    """A word of some of the texts, not of all of them."""
    words = {word for text in texts for word in text.split() if word.isalnum()}
    some = [w for w in words if 0 < sum(w.casefold() in t.casefold() for t in texts) < len(texts)]
    return max(some, key=lambda word: (len(word), word)) if some else texts[0]


def _contains(value: Any, text: str) -> bool:
    return text.casefold() in str(value).casefold()


@say(PROMPTS, "an id that nothing has is a 404")
def _(api: Api) -> Contradictions:
    answer = api.ask(PROMPTS, NOWHERE)
    if answer.status != 404:
        yield answer.asked, f"status {answer.status}"
