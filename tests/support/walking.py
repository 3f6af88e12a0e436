"""Walks a list page by page without a network: a `PageWalk`, a service as a function, and no shell."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any

from benchwire._core.pacing import Pace
from benchwire._core.paging import Page, PageLimits, PageSource, PageWalk
from benchwire._core.plan import Plan, answer

Answer = tuple[list[Any], int | None]
"""What a service puts on a page: the items, and the total it gives."""

Service = Callable[[int, int], "Answer | Exception"]
"""Gives a page by its number and the size asked for; an exception is a page that fails."""


class Walked:
    """What came of a walk.

    Attributes:
        pages: The items of each page delivered.
        error: What ended it, if an error did.
        asked: The pages asked for, in order.
        held: The most pages under way or waiting at a time.
    """

    def __init__(self) -> None:
        self.pages: list[list[Any]] = []
        self.error: Exception | None = None
        self.asked: list[int] = []
        self.held = 0

    @property
    def items(self) -> list[Any]:
        return [item for page in self.pages for item in page]


def source(identify: Callable[[Any], Any] = lambda item: item) -> PageSource[Any, Any]:
    """A source whose bodies are the lists of items; its pages are not asked of it here."""

    def page(number: int, size: int) -> Plan[Page[Any, Any]]:
        return answer(Page([], 0, []))

    return PageSource(page=page, identify=identify, rebuild=lambda body, items: list(items))


def pace(most: int) -> Pace:
    """How fast a list is read where nothing is refused."""
    return Pace(most, math.inf, may_repeat=True, clock=lambda: 0.0, random=Random(0))


def walk(
    service: Service,
    *,
    page_size: int = 10,
    max_items: int | None = None,
    concurrency: int = 4,
    arrival: Callable[[list[int]], int] = lambda under_way: 0,
    identify: Callable[[Any], Any] = lambda item: item,
    most_requests: int = 2_000,
) -> Walked:
    """Read a whole list.

    Args:
        arrival: Chooses which of the pages under way comes next, by its place among them.
    """
    walk = PageWalk(
        source(identify), PageLimits(page_size, max_items, concurrency), pace(concurrency)
    )
    walked = Walked()
    under_way: list[int] = []
    waiting = 0
    try:
        while not walk.done:
            wanted = walk.wanted()
            walked.asked += wanted
            under_way += wanted
            walked.held = max(walked.held, len(under_way) + waiting)
            assert len(walked.asked) <= most_requests, "it goes on without an end"
            assert under_way, "nothing is under way and nothing is asked for: it would hang"
            number = under_way.pop(arrival(under_way))
            came = service(number, page_size)
            if isinstance(came, Exception):
                walk.failed(number, came)
            else:
                items, total = came
                walk.arrived(number, Page(items, total, list(items)))
            waiting += 1
            before = walk._delivered
            for page in walk.ready():
                assert list(page.items) == page.body, "the body must hold what is delivered"
                walked.pages.append(list(page.items))
            waiting -= walk._delivered - before
    except Exception as error:
        if isinstance(error, AssertionError):
            raise
        walked.error = error
    return walked


def honest(
    count: int,
    *,
    cap: int = 500,
    total: Callable[[int], int | None] | None = None,
    empty: frozenset[int] | set[int] = frozenset(),
) -> Service:
    """A service with `count` items that caps its pages, gives a total, and loses some pages."""

    def page(number: int, size: int) -> Answer:
        size = min(size, cap)
        items = list(range((number - 1) * size, min(number * size, count)))
        return ([] if number in empty else items), count if total is None else total(number)

    return page


def scripted(*pages: Answer | Exception) -> Service:
    """A service whose pages are given one by one; after the last, pages are empty."""
    last_total = next((page[1] for page in reversed(pages) if isinstance(page, tuple)), None)

    def page(number: int, size: int) -> Answer | Exception:
        return pages[number - 1] if number <= len(pages) else ([], last_total)

    return page
