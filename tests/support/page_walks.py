"""Reads a list page by page without a network: a `PageWalk` and a service that is a function."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from benchwire._lists.limits import PageLimits
from benchwire._lists.page_walk import PageWalk
from benchwire._lists.rate import RateController
from benchwire._lists.source import ListOperation, Page, PageSource
from benchwire._transport.deadline import Deadline
from benchwire_api.types import Request, Response

Contents = tuple[list[Any], int | None]
"""The contents of a page: the items, and the total that the service states."""

Service = Callable[[int, int], "Contents | Exception"]
"""Returns a page by its number and the size requested; an exception is a page that fails."""


class Walked:
    """The outcome of a walk.

    Attributes:
        pages: The items of each page delivered.
        error: The error that ended it, if one did.
        requested: The pages requested, in order.
        held: The maximum number of pages being fetched or waiting at a time.
    """

    def __init__(self) -> None:
        self.pages: list[list[Any]] = []
        self.error: Exception | None = None
        self.requested: list[int] = []
        self.held = 0

    @property
    def items(self) -> list[Any]:
        return [item for page in self.pages for item in page]


def source(identify: Callable[[Any], Any] = lambda item: item) -> PageSource[Any, Any]:
    """Return a source whose bodies are the lists of items; nothing is fetched from it here."""

    def unused(*arguments: object) -> Any:
        raise AssertionError("no page is fetched here")

    request: Callable[[int, int], Request] = unused
    parse: Callable[[Response, int, int], Any] = unused
    operation = ListOperation[Any, Any](
        path="/items",
        parse=parse,
        items=unused,
        total=unused,
        identify=identify,
        replace_items=lambda body, items: list(items),
        largest_page_size=100,
        item=object,
    )
    return PageSource(operation, request)


def rate(maximum: int) -> RateController:
    """Return the rate where nothing is throttled."""
    return RateController(
        maximum, Deadline.after(None, lambda: 0.0), may_retry=True, random=Random(0)
    )


def walk(
    service: Service,
    *,
    page_size: int = 10,
    max_items: int | None = None,
    concurrency: int = 4,
    arrival: Callable[[list[int]], int] = lambda running: 0,
    identify: Callable[[Any], Any] = lambda item: item,
    max_requests: int = 2_000,
) -> Walked:
    """Read a whole list.

    Args:
        arrival: Chooses which of the pages being fetched arrives next, by its position among them.
    """
    walk = PageWalk(
        source(identify), PageLimits(page_size, max_items, concurrency), rate(concurrency)
    )
    walked = Walked()
    running: list[int] = []
    waiting = 0
    try:
        while not walk.done:
            wanted = walk.wanted()
            walked.requested += wanted
            running += wanted
            walked.held = max(walked.held, len(running) + waiting)
            assert len(walked.requested) <= max_requests, "it does not end"
            assert running, "no page is being fetched and none is wanted: it would hang"
            number = running.pop(arrival(running))
            contents = service(number, page_size)
            if isinstance(contents, Exception):
                walk.failed(number, contents)
            else:
                items, total = contents
                walk.arrived(number, Page(items, total, list(items)))
            waiting += 1
            before = walk._delivered
            for page in walk.ready():
                assert list(page.items) == page.body, "the body must have the items delivered"
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
    """Return a service with `count` items that caps its pages, states a total, and empties some pages."""

    def page(number: int, size: int) -> Contents:
        size = min(size, cap)
        items = list(range((number - 1) * size, min(number * size, count)))
        return ([] if number in empty else items), count if total is None else total(number)

    return page


def scripted(*pages: Contents | Exception) -> Service:
    """Return a service with these pages, one by one; after the last, pages are empty."""
    last_total = next((page[1] for page in reversed(pages) if isinstance(page, tuple)), None)

    def page(number: int, size: int) -> Contents | Exception:
        return pages[number - 1] if number <= len(pages) else ([], last_total)

    return page
