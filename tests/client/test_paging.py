"""Lists read page by page over a socket: order, incomplete lists, and stopping early."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import tracemalloc
from typing import Any

import pytest

import benchwire
from support import wire
from support.both import Flavour
from support.limits import with_growing_limit
from support.scripted import PATIENCE, Received, Reply, json_reply


def numbers(prompts: list[Any]) -> list[int]:
    return [int(prompt.id[1:]) for prompt in prompts]


def read(flavour: Flavour, service: Any, **options: Any) -> tuple[list[int], Exception | None]:
    client = flavour.public(service.url)
    options = {"page_size": 10, **options}
    items, error = flavour.read(client.benchmarks.iter_prompts("b1", **options))
    return numbers(items), error


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize(
    ("count", "service"),
    [
        (0, {}),
        (10, {}),
        (95, {}),
        (95, {"cap": 4}),
        (95, {"total": lambda page: 40}),
        (95, {"total": lambda page: 0}),
        (95, {"total": lambda page: 95 if page > 2 else 30}),
    ],
)
def test_all_items_arrive_in_order(
    count: int, service: Any, concurrency: int, flavour: Flavour, scripted: Any
) -> None:
    running = scripted(wire.paged_prompts(count, **service))
    assert read(flavour, running, concurrency=concurrency) == (list(range(count)), None)


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize(
    ("service", "arrived", "expected"),
    [
        ({"rows": lambda page, rows: [] if page == 3 else rows}, 85, 95),
        ({"rows": lambda page, rows: rows[1:]}, 85, 95),
        ({"rows": lambda page, rows: [wire.prompt(n) for n in range(10)]}, 10, 95),
        ({"total": lambda page: 99}, 95, 99),
        ({"total": lambda page: 120 if page == 1 else 95}, 95, 120),
    ],
    ids=["an empty page", "rows lost", "one page for all", "total too high", "total shrinks"],
)
def test_an_incomplete_list_is_an_error_after_the_items_that_arrived(
    service: Any, arrived: int, expected: int, concurrency: int, flavour: Flavour, scripted: Any
) -> None:
    running = scripted(wire.paged_prompts(95, **service))
    items, error = read(flavour, running, concurrency=concurrency)
    assert isinstance(error, benchwire.PaginationError)
    assert (len(items), error.received, error.expected) == (arrived, arrived, expected)


def test_iterators_request_the_most_rows_that_the_spec_allows(
    flavour: Flavour, scripted: Any
) -> None:
    service = scripted(wire.paged_prompts(1_200))
    client = flavour.public(service.url)
    found = flavour.items(client.benchmarks.iter_prompts("b1", concurrency=1))
    assert numbers(found) == list(range(1_200))
    assert [target.partition(b"?")[2] for target in service.targets()] == [
        b"page=%d&page_size=500" % page for page in (1, 2, 3)
    ]


@pytest.mark.parametrize("total", [None, lambda page: 0], ids=["a total", "a wrong total"])
@pytest.mark.parametrize("cap", [500, 30])
@pytest.mark.parametrize("size", [9_000, 60_000], ids=["large rows", "larger rows"])
def test_rows_too_large_for_one_response_arrive_in_smaller_pages(
    size: int, cap: int, total: Any, flavour: Flavour, scripted: Any
) -> None:
    """The first rows are small, so that a page in the middle is the first that is too large."""

    def widened(page: int, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row if int(row["id"][1:]) < 500 else {**row, "input": "x" * size} for row in rows]

    service = scripted(wire.paged_prompts(643, cap=cap, rows=widened, total=total))
    client = flavour.public(service.url, max_body=250_000)
    items, error = flavour.read(client.benchmarks.iter_prompts("b1"))
    assert (numbers(items), error) == (list(range(643)), None)


def test_a_page_in_parts_ends_where_the_service_refuses_the_next(
    flavour: Flavour, scripted: Any
) -> None:
    rows = lambda page, rows: [{**row, "input": "x" * 2_000} for row in rows]  # noqa: E731
    paged = wire.paged_prompts(200, rows=rows)

    def strict(received: Received) -> Reply:
        page, size = (int(received.query[name]) for name in ("page", "page_size"))
        return paged(received) if (page - 1) * size < 200 else json_reply({}, status=404)

    client = flavour.public(scripted(strict).url, max_body=250_000)
    items, error = flavour.read(client.benchmarks.iter_prompts("b1"))
    assert (numbers(items), error) == (list(range(200)), None)


def test_one_row_that_is_too_large_is_an_error(flavour: Flavour, scripted: Any) -> None:
    rows = lambda page, rows: [{**row, "input": "x" * 9_000} for row in rows]  # noqa: E731
    service = scripted(wire.paged_prompts(7, rows=rows))
    client = flavour.public(service.url, max_body=8_000)
    items, error = flavour.read(client.benchmarks.iter_prompts("b1"))
    assert (items, isinstance(error, benchwire.APIResponseValidationError)) == ([], True)
    assert error.is_too_large


def test_get_all_prompts_returns_all_or_raises(flavour: Flavour, scripted: Any) -> None:
    service = scripted(wire.paged_prompts(95, cap=10))
    client = flavour.public(service.url)
    assert numbers(flavour.result(client.benchmarks.get_all_prompts("b1"))) == list(range(95))
    service.handler = wire.paged_prompts(95, cap=10, rows=lambda page, rows: rows[:-1])
    with pytest.raises(benchwire.PaginationError, match="so 10 are missing"):
        flavour.result(client.benchmarks.get_all_prompts("b1"))


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_failed_page_is_an_error_after_the_pages_before_it(
    concurrency: int, flavour: Flavour, scripted: Any
) -> None:
    """Page 3 of 5: the first two are delivered, then its error is raised."""
    prompts = wire.paged_prompts(50)

    def handler(received: Received) -> Reply:
        if received.query["page"] == "3":
            return json_reply({"error": "busy"}, 503)
        return prompts(received)

    items, error = read(flavour, scripted(handler), concurrency=concurrency)
    assert items == list(range(20))
    assert isinstance(error, benchwire.ServerError)
    assert str(error) == "GET /datasets/b1/prompts returned status 503: busy"


def test_a_page_that_fails_first_is_an_error_after_the_pages_before_it(
    flavour: Flavour, scripted: Any
) -> None:
    prompts = wire.paged_prompts(50)
    failed = threading.Event()

    def handler(received: Received) -> Reply:
        page = received.query["page"]
        if page == "2":
            assert failed.wait(PATIENCE)
        if page == "3":
            failed.set()
            return json_reply({"error": "busy"}, 503)
        return prompts(received)

    items, error = read(flavour, scripted(handler))
    assert (items, type(error)) == (list(range(20)), benchwire.ServerError)


def test_pages_are_in_order_in_whatever_order_they_arrive(flavour: Flavour, scripted: Any) -> None:
    """Each of the concurrent pages waits until there was a response for the next one."""
    prompts = wire.paged_prompts(50)
    responded = {str(page): threading.Event() for page in range(1, 7)}

    def handler(received: Received) -> Reply:
        page = received.query["page"]
        if page in {"2", "3", "4"}:
            assert responded[str(int(page) + 1)].wait(PATIENCE)
        responded[page].set()
        return prompts(received)

    assert read(flavour, scripted(handler), concurrency=4) == (list(range(50)), None)


def signal_request(page: str, prompts: Any) -> tuple[threading.Event, Any]:
    """Return an event that is set when a page is requested, and the handler."""
    requested = threading.Event()

    def handler(received: Received) -> Reply:
        if received.query["page"] == page:
            requested.set()
        return prompts(received)

    return requested, handler


def test_the_next_page_is_fetched_while_the_first_is_read(scripted: Any) -> None:
    requested, handler = signal_request("2", wire.paged_prompts(30))
    with benchwire.PublicClient("k", scripted(handler).url) as client:
        prompts = iter(client.benchmarks.iter_prompts("b1", page_size=10))
        assert next(prompts).id == "p0"
        assert requested.wait(PATIENCE)
        assert len(list(prompts)) == 29


@pytest.mark.anyio
async def test_the_next_page_is_fetched_while_the_first_is_read_async(scripted: Any) -> None:
    requested, handler = signal_request("2", wire.paged_prompts(30))
    async with benchwire.AsyncPublicClient("k", scripted(handler).url) as client:
        prompts = aiter(client.benchmarks.iter_prompts("b1", page_size=10))
        assert (await anext(prompts)).id == "p0"
        assert await asyncio.to_thread(requested.wait, PATIENCE)
        assert len([prompt async for prompt in prompts]) == 29


def test_the_timeout_of_an_iteration_applies(flavour: Flavour, scripted: Any) -> None:
    prompts = wire.paged_prompts(30)
    gate = threading.Event()

    def handler(received: Received) -> Reply:
        if received.query["page"] == "3":
            assert gate.wait(PATIENCE)
        return prompts(received)

    client = flavour.public(scripted(handler).url)

    def is_read(limit: float) -> bool:
        pager = client.benchmarks.iter_prompts("b1", page_size=10, timeout=limit)
        items, error = flavour.read(pager)
        assert type(error) is benchwire.APITimeoutError
        return len(items) == 20

    with_growing_limit(is_read)
    gate.set()


def test_a_refusal_of_the_page_after_the_last_is_the_end(flavour: Flavour, scripted: Any) -> None:
    prompts = wire.paged_prompts(20)

    def handler(received: Received) -> Reply:
        if int(received.query["page"]) > 2:
            return json_reply({"error": "no such page"}, 404)
        return prompts(received)

    assert read(flavour, scripted(handler)) == (list(range(20)), None)


def test_closing_the_client_ends_an_iteration(scripted: Any) -> None:
    """Also while it waits for a page, which could take minutes."""
    prompts = wire.paged_prompts(50)
    requested, gate = threading.Event(), threading.Event()

    def handler(received: Received) -> Reply:
        if received.query["page"] == "2":
            requested.set()
            assert gate.wait(PATIENCE)
        return prompts(received)

    with benchwire.PublicClient("k", scripted(handler).url) as client:
        reading = iter(client.benchmarks.iter_prompts("b1", page_size=10, concurrency=1))
        assert next(reading).id == "p0"
        assert requested.wait(PATIENCE)
    try:
        with pytest.raises(benchwire.BenchwireError):
            list(reading)
    finally:
        gate.set()


class ConcurrencyCounter:
    """A handler that counts its concurrent requests; with `meeting`, so many wait for each other."""

    def __init__(self, handler: Any, meeting: int = 0) -> None:
        self.handler = handler
        self.most = 0
        self.barrier = threading.Barrier(meeting) if meeting else None
        self._now = 0
        self._lock = threading.Lock()

    def __call__(self, received: Received) -> Reply:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            if self.barrier is not None and received.query["page"] != "1":
                self.barrier.wait(PATIENCE)
            return self.handler(received)
        finally:
            with self._lock:
                self._now -= 1


def test_pages_are_fetched_concurrently(flavour: Flavour, scripted: Any) -> None:
    """There is no response for a page until three are requested at the same time."""
    # Page 1, then twice three pages.
    handler = ConcurrencyCounter(wire.paged_prompts(65), meeting=3)
    items, error = read(flavour, scripted(handler), concurrency=3)
    assert (items, error) == (list(range(65)), None)
    assert handler.most == 3


@pytest.mark.parametrize("concurrency", [1, 2, 5])
def test_concurrency_limits_the_pages_fetched_at_a_time(
    concurrency: int, flavour: Flavour, scripted: Any
) -> None:
    handler = ConcurrencyCounter(wire.paged_prompts(200))
    items, error = read(flavour, scripted(handler), concurrency=concurrency)
    assert (len(items), error) == (200, None)
    assert handler.most <= concurrency


@pytest.mark.parametrize("taken", [1, 10, 11, 25])
def test_stopping_early_ends_fetching(taken: int, flavour: Flavour, scripted: Any) -> None:
    service = scripted(wire.paged_prompts(100_000))
    client = flavour.public(service.url)
    iterator = client.benchmarks.iter_prompts("b1", page_size=10, concurrency=3)
    assert numbers(flavour.take(iterator, taken)) == list(range(taken))
    del iterator
    flavour.settle()  # no thread and no task goes on
    flavour.result(client.benchmarks.get_prompts("b1", page=1, page_size=1))
    pages_read = -(-taken // 10)
    assert max(int(page) for page in service.queries("page")) <= pages_read + 3


def test_stopping_early_does_not_wait_for_pages_being_fetched(
    flavour: Flavour, scripted: Any
) -> None:
    prompts = wire.paged_prompts(100)
    gate = threading.Event()

    def handler(received: Received) -> Reply:
        if int(received.query["page"]) > 2:
            assert gate.wait(PATIENCE)
        return prompts(received)

    service = scripted(handler)
    client = flavour.public(service.url)
    try:
        iterator = client.benchmarks.iter_prompts("b1", page_size=10, concurrency=4)
        assert numbers(flavour.take(iterator, 15)) == list(range(15))
        del iterator
        if flavour.name == "async":
            flavour.settle()  # tasks are cancelled; a thread can't be, and continues
    finally:
        gate.set()


@pytest.mark.parametrize("prefix", ["", "Async"])
def test_a_program_that_stops_early_exits(prefix: str, scripted: Any) -> None:
    """A page that never arrives must not keep the interpreter from exiting."""
    prompts = wire.paged_prompts(100)
    gate = threading.Event()

    def handler(received: Received) -> Reply:
        if int(received.query["page"]) > 2:
            gate.wait(PATIENCE)
        return prompts(received)

    program = """
import asyncio, sys, benchwire

def sync(url):
    with benchwire.PublicClient("k", url) as client:
        for number, prompt in enumerate(client.benchmarks.iter_prompts("b1", page_size=10)):
            if number == 12:
                return prompt.id

async def main(url):
    async with benchwire.AsyncPublicClient("k", url) as client:
        number = 0
        async for prompt in client.benchmarks.iter_prompts("b1", page_size=10):
            if number == 12:
                return prompt.id
            number += 1

kind, url = sys.argv[1:]
print(asyncio.run(main(url)) if kind == "Async" else sync(url))
"""
    service = scripted(handler)
    try:
        done = subprocess.run(
            [sys.executable, "-c", program, prefix, service.url],
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE / 2,
        )
    finally:
        gate.set()
    assert done.stdout == "p12\n"


def test_max_items_limits_items_and_requests(flavour: Flavour, scripted: Any) -> None:
    service = scripted(wire.paged_prompts(100_000))
    assert read(flavour, service, max_items=25) == (list(range(25)), None)
    assert sorted(service.queries("page")) == ["1", "2", "3"]


def test_pages_have_the_items_that_iterating_has(flavour: Flavour, scripted: Any) -> None:
    """A truncated page, or one with a row of the page before, has its new items only."""
    rows = [wire.model(number) for number in range(8)]

    def handler(received: Received) -> Reply:
        page = int(received.query["page"])
        # The list moved by one between the first two pages.
        start = (page - 1) * 3 - (1 if page > 1 else 0)
        return json_reply(wire.models(rows[start : start + 3], 8, companies=["A"], build="7"))

    service = scripted(handler)
    client = flavour.public(service.url)
    pages = flavour.items(
        client.models.iter_models(page_size=3, concurrency=1, max_items=6).pages()
    )
    assert [[model.id for model in page.models] for page in pages] == [
        ["m0", "m1", "m2"],
        ["m3", "m4"],
        ["m5"],
    ]
    assert [page.count for page in pages] == [3, 2, 1]
    assert [page.total_count for page in pages] == [8, 8, 8]
    assert [page.companies for page in pages] == [["A"]] * 3
    assert [page.additional_properties for page in pages] == [{"build": "7"}] * 3


def test_every_kind_of_page_is_truncated_at_max_items(flavour: Flavour, scripted: Any) -> None:
    """max_items is two, and the service returns three rows whatever is requested."""

    def handler(received: Received) -> Reply:
        path = received.path
        if path == "/datasets":
            return json_reply(wire.benchmarks([wire.benchmark(n) for n in range(3)], 9))
        if path == "/datasets/b1/prompts":
            return json_reply(wire.prompts([wire.prompt(n) for n in range(3)], 9))
        if path == "/evaluations":
            return json_reply(wire.evaluations([wire.evaluation(n) for n in range(3)], 9))
        return json_reply(wire.comparison([wire.comparison_row(n) for n in range(3)], 9))

    service = scripted(handler)
    client = flavour.public(service.url)
    (page,) = flavour.items(client.benchmarks.iter_benchmarks(max_items=2).pages())
    assert ([row.id for row in page.datasets], page.count) == (["b0", "b1"], 2)
    (page,) = flavour.items(client.benchmarks.iter_prompts("b1", max_items=2).pages())
    assert ([row.id for row in page.data.prompts], page.data.count) == (["p0", "p1"], 9)
    (page,) = flavour.items(client.evaluations.iter_evaluations(max_items=2).pages())
    assert ([row.id for row in page.evaluations], page.pagination.total_count) == (["e0", "e1"], 9)
    (page,) = flavour.items(client.comparisons.iter_results("e1", "e2", max_items=2).pages())
    assert ([row.result_id_1 for row in page.results], page.total_count) == ([0, 1], 9)


def test_rows_of_a_comparison_without_ids_all_arrive(flavour: Flavour, scripted: Any) -> None:
    row = wire.comparison_row(1, result_id_1=None, result_id_2=None)

    def handler(received: Received) -> Reply:
        left = 25 - (int(received.query["page"]) - 1) * 10
        return json_reply(wire.comparison([row] * max(0, min(left, 10)), 25))

    client = flavour.public(scripted(handler).url)
    rows = flavour.items(client.comparisons.iter_results("e1", "e2", page_size=10))
    assert len(rows) == 25


def test_memory_does_not_grow_with_the_list(flavour: Flavour, scripted: Any) -> None:
    def peak(count: int) -> int:
        service = scripted(wire.paged_prompts(count))
        client = flavour.public(service.url)
        iterator = client.benchmarks.iter_prompts("b1", page_size=500, concurrency=2)
        tracemalloc.start()
        try:
            assert flavour.result(count_items(flavour, iterator)) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1_000)  # what is made once and kept
    assert peak(30_000) < 2 * peak(3_000)


def count_items(flavour: Flavour, iterator: Any) -> Any:
    """Count the items without keeping them."""
    if flavour.name == "sync":
        return sum(1 for _ in iterator)

    async def count() -> int:
        number = 0
        async for _ in iterator:
            number += 1
        return number

    return count()
