"""The paged lists of the public API."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from scripts.contract.http_client import ApiClient, Exchange, UnexpectedResponseError, Value

from . import assertions as expect

LARGEST_PAGE = 500
UNKNOWN = "no-such-value-anywhere"
_MAX_PAGES = 4
Item = Mapping[str, Any]
Arguments = tuple[tuple[str, ...], dict[str, str]]


@dataclass(frozen=True)
class Page:
    """One page of a list."""

    body: Any
    items: list[Item]
    total: int
    ids: list[Hashable]


@dataclass(frozen=True)
class Listing:
    """A paged list."""

    operation: str
    items: tuple[str, ...]  # the property names that lead to the rows
    total: tuple[str, ...] = ("total_count",)  # those that lead to the number of all rows
    identity: Callable[[Item], Hashable] = lambda item: item["id"]  # what distinguishes a row
    # returns the path parameters and the query that every request needs
    arguments: Callable[[ApiClient], Arguments] = lambda _api: ((), {})

    def __str__(self) -> str:
        return self.operation

    def response(self, api: ApiClient, **query: Value) -> Exchange:
        """Request a page that may be refused."""
        path, required = self.arguments(api)
        return api.response(self.operation, *path, **required, **query)

    def page(self, api: ApiClient, **query: Value) -> Page:
        """Request a page."""
        path, required = self.arguments(api)
        body = api.get(self.operation, *path, **required, **query)
        total = _value_at(body, self.total)
        before = (int(str(query.get("page", 1))) - 1) * int(str(query.get("page_size", 1)))
        # A list without a row may be left out.
        is_empty = isinstance(total, int) and total <= before
        items = _value_at(body, self.items, *([[]] if is_empty else [])) or []
        if not isinstance(items, list) or not isinstance(total, int):
            raise UnexpectedResponseError("no list of rows with a total")
        return Page(body, items, total, [self.identity(item) for item in items])

    def largest_page(self, api: ApiClient, **query: Value) -> Page:
        """Request the largest page."""
        return self.page(api, page_size=LARGEST_PAGE, **query)

    def all_items(self, api: ApiClient, **query: Value) -> list[Item]:
        """Return all rows; skip if that takes many requests."""
        items: list[Item] = []
        for number in range(1, _MAX_PAGES + 1):
            page = self.largest_page(api, **query, **({"page": number} if number > 1 else {}))
            items += page.items
            if len(items) >= page.total or not page.items:
                return items
        pytest.skip(f"there are {page.total} rows, too many to read all of them")

    def three_pages(self, api: ApiClient, total: int) -> Iterator[Page]:
        """Yield the pages of a list that is read in about three, the last of them not full."""
        sizes = range(total // 3 + 1, total)
        size = next((size for size in sizes if total % size), -(-total // 3))
        for number in range(1, -(-total // size) + 1):
            yield self.page(api, page=number, page_size=size)

    def some_items(self, api: ApiClient, **query: Value) -> list[Item]:
        """Return the rows of the largest page; skip if there is none."""
        items = self.largest_page(api, **query).items
        expect.data(items, "the list is empty")
        return items


def _value_at(body: Any, path: tuple[str, ...], *default: Any) -> Any:
    for key in path:
        if not isinstance(body, dict) or key not in body:
            if default:
                return default[0]
            raise UnexpectedResponseError(f"no {'.'.join(path)} in the response")
        body = body[key]
    return body


def rarest_values(items: Iterable[Item], field: str) -> list[Any]:
    """Return the two rarest values of a field; skip if all rows have the same."""
    counts: dict[Any, int] = {}
    for item in items:
        value = item.get(field)
        if value is not None:
            counts[value] = counts.get(value, 0) + 1
    expect.data(counts, f"no row has {field}")
    expect.data(len(counts) > 1, f"every row has the same {field}")
    return sorted(counts, key=lambda value: (counts[value], str(value)))[:2]


def benchmarks_with_prompts(api: ApiClient) -> list[Item]:
    """Return the benchmarks whose `prompt_count` is not 0."""
    benchmarks = [item for item in BENCHMARKS.some_items(api) if item.get("prompt_count")]
    expect.data(benchmarks, "no benchmark has a prompt_count above 0")
    return benchmarks


def _largest_readable_benchmark(api: ApiClient) -> Arguments:
    """Choose the benchmark with the most prompts that fit into one page."""
    benchmarks = benchmarks_with_prompts(api)
    readable = [item for item in benchmarks if item["prompt_count"] <= LARGEST_PAGE]
    chosen = max(readable or benchmarks, key=lambda item: (item["prompt_count"], item["id"]))
    return (chosen["id"],), {}


def two_evaluations(api: ApiClient) -> tuple[Item, Item]:
    """Return the two least accurate evaluations of one benchmark, with different accuracies.

    Where both fail, their answers do not repeat the truth.
    """
    pairs: dict[str, tuple[Item, Item]] = {}
    worst: dict[str, Item] = {}
    for item in sorted(EVALUATIONS.some_items(api, status="success"), key=_accuracy):
        first = worst.setdefault(item["dataset_id"], item)
        if _accuracy(first) != _accuracy(item):
            pairs.setdefault(item["dataset_id"], (item, first))
    expect.data(pairs, "no benchmark has two successful evaluations with different accuracies")
    return min(pairs.values(), key=lambda pair: sum(map(_accuracy, pair)))


def _accuracy(item: Item) -> float:
    return item.get("accuracy") or 0.0


def compared(first: Item, second: Item) -> dict[str, str]:
    """Return the query that compares two evaluations."""
    return {"evaluation_id_1": first["id"], "evaluation_id_2": second["id"]}


def prompts_of(benchmark_id: str) -> Listing:
    """Return the list of one benchmark's prompts."""
    arguments: Arguments = ((benchmark_id,), {})
    return Listing(*_PROMPTS, arguments=lambda _api: arguments)


_PROMPTS = ("listBenchmarkPrompts", ("data", "prompts"), ("data", "count"))
MODELS = Listing("listModels", ("models",))
BENCHMARKS = Listing("listBenchmarks", ("datasets",))
PROMPTS = Listing(*_PROMPTS, arguments=_largest_readable_benchmark)
EVALUATIONS = Listing("listEvaluations", ("evaluations",))
RESULTS = Listing(
    "listResults", ("results",), ("metrics", "total_count"),
    identity=lambda row: (row.get("prompt"), row.get("result"), row.get("duration")),
    arguments=lambda api: ((), {"evaluation_id": two_evaluations(api)[0]["id"]}),
)  # fmt: skip
COMPARISON = Listing(
    "compareEvaluations",
    ("results",),
    identity=lambda row: (row.get("result_id_1"), row.get("result_id_2"), row["prompt"]),
    arguments=lambda api: ((), compared(*two_evaluations(api))),
)
