"""The sync shell: sends with ``httpx.Client``, sleeps, and fetches pages ahead in threads."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

import httpx
from attrs import evolve, field, frozen

from benchwire._core.paging import Page, PageLimits, PageSource, PageWalk
from benchwire._core.plan import Plan, Send, Sleep
from benchwire._core.settings import Access
from benchwire._shell.http import (
    CLIENT_OPTIONS,
    FAULTS,
    Timeout,
    as_timeout,
    fault,
    incoming,
    outgoing,
)
from benchwire.errors import BenchwireError
from benchwire_api.types import Response

T = TypeVar("T")
Item = TypeVar("Item")
Body = TypeVar("Body")

_LOOK_INTERVAL = 0.2
"""Seconds between two looks at whether the client is still open, while a page is waited for."""


@frozen
class Shell:
    """Runs plans against one API.

    Attributes:
        access: Where the API is and what opens it.
        http: The connections, shared by all copies of a client.
        timeout: How long an attempt may wait.
        sleep: Sleeps; replaceable, so that waiting is tested without waiting.
        clock: A monotonic clock.
    """

    access: Access
    http: httpx.Client = field(repr=False)
    timeout: httpx.Timeout
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def with_timeout(self, timeout: Timeout | None) -> Shell:
        """Give a shell with another timeout and the same connections."""
        return self if timeout is None else evolve(self, timeout=as_timeout(timeout))

    def run(self, plan: Plan[T]) -> T:
        """Do what a plan says and give its result."""
        try:
            step = next(plan)
            while True:
                try:
                    outcome = self._do(step)
                except BaseException as problem:  # the plan decides what it means
                    step = plan.throw(problem)
                else:
                    step = plan.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result

    def pages(
        self, source: PageSource[Item, Body], limits: PageLimits
    ) -> Generator[Page[Item, Body]]:
        """Give the pages of a list in order, fetching ahead."""
        walk = PageWalk(source, limits)
        arrivals: SimpleQueue[tuple[int, Page[Item, Body] | BaseException]] = SimpleQueue()

        def fetch(number: int) -> None:
            try:
                arrivals.put((number, self.run(source.page(number, limits.page_size))))
            except BaseException as problem:  # raised in its turn, after the pages before it
                arrivals.put((number, problem))

        def start() -> None:
            for number in walk.wanted():
                # Nobody waits for these threads: a reader that stops early, and a program that
                # ends, must not hang on pages they have no use for.
                Thread(target=fetch, args=(number,), name="benchwire-pages", daemon=True).start()

        for number in walk.wanted():
            fetch(number)  # the first page comes alone, and many a list needs no thread
        while not walk.done:
            number, arrival = _next(arrivals, self.http)
            if isinstance(arrival, BaseException):
                walk.failed(number, arrival)
            else:
                walk.arrived(number, arrival)
            for page in walk.ready():
                start()
                yield page
            start()

    def items(self, source: PageSource[Item, Any], limits: PageLimits) -> Generator[Item]:
        """Give the items of a list in order, fetching pages ahead."""
        for page in self.pages(source, limits):
            yield from page.items

    def bodies(self, source: PageSource[Any, Body], limits: PageLimits) -> Generator[Body]:
        """Give the answers that the pages of a list came in, in order, fetching ahead."""
        for page in self.pages(source, limits):
            yield page.body

    def _do(self, step: Send | Sleep) -> Response | None:
        if isinstance(step, Send):
            return self._send(step)
        self.sleep(step.seconds)
        return None

    def _send(self, step: Send) -> Response:
        try:
            return incoming(self.http.request(**outgoing(self.access, step, self.timeout)))
        except FAULTS as problem:
            error = fault(self.access, step.request, problem, is_closed=self.http.is_closed)
        raise error


def _next(arrivals: SimpleQueue[T], http: httpx.Client) -> T:
    """Give the next page that arrives; one that a closed client waits for may never do."""
    while not http.is_closed:
        try:
            return arrivals.get(timeout=_LOOK_INTERVAL)
        except Empty:
            continue
    raise BenchwireError("the client was closed while a list was being read")


def connect(http_client: httpx.Client | None) -> tuple[httpx.Client, bool]:
    """Give the connections to use, and whether they are ours to close."""
    if http_client is None:
        return httpx.Client(**CLIENT_OPTIONS), True
    if not isinstance(http_client, httpx.Client):
        raise TypeError(f"http_client must be an httpx.Client, not {type(http_client).__name__}")
    return http_client, False
