"""The sync shell: sends with ``httpx.Client``, sleeps, and fetches pages ahead in threads."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any, TypeVar

import httpx
from attrs import evolve, field, frozen

from benchwire._core.paging import Page, PageLimits, PageSource, PageWalk
from benchwire._core.plan import Plan, Send
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
from benchwire_api.types import Response

T = TypeVar("T")
Item = TypeVar("Item")
Body = TypeVar("Body")


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
                outcome: Response | None
                if isinstance(step, Send):
                    try:
                        outcome = self._send(step)
                    except Exception as problem:  # the plan decides what it means
                        step = plan.throw(problem)
                        continue
                else:
                    self.sleep(step.seconds)
                    outcome = None
                step = plan.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result

    def pages(
        self, source: PageSource[Item, Body], limits: PageLimits
    ) -> Generator[Page[Item, Body], None, None]:
        """Give the pages of a list in order, fetching ahead."""
        walk = PageWalk(source, limits)
        under_way: dict[Future[Page[Item, Body]], int] = {}
        pool: ThreadPoolExecutor | None = None
        try:
            while not walk.done:
                wanted = walk.wanted()
                if pool is None and len(wanted) == 1 and not under_way:
                    # The common short list needs no thread.
                    plan = source.page(wanted[0], limits.page_size)
                    _report(walk, wanted[0], partial(self.run, plan))
                else:
                    pool = pool or ThreadPoolExecutor(limits.concurrency, "benchwire-pages")
                    for number in wanted:
                        plan = source.page(number, limits.page_size)
                        under_way[pool.submit(self.run, plan)] = number
                    for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                        _report(walk, under_way.pop(future), future.result)
                yield from walk.ready()
        finally:
            if pool is not None:
                # Not waited for: a reader that stops early must not hang on pages it has no use for.
                pool.shutdown(wait=False, cancel_futures=True)

    def items(
        self, source: PageSource[Item, Any], limits: PageLimits
    ) -> Generator[Item, None, None]:
        """Give the items of a list in order, fetching pages ahead."""
        for page in self.pages(source, limits):
            yield from page.items

    def bodies(
        self, source: PageSource[Any, Body], limits: PageLimits
    ) -> Generator[Body, None, None]:
        """Give the answers that the pages of a list came in, in order, fetching ahead."""
        for page in self.pages(source, limits):
            yield page.body

    def _send(self, step: Send) -> Response:
        try:
            return incoming(self.http.request(**outgoing(self.access, step, self.timeout)))
        except FAULTS as problem:
            error = fault(self.access, step.request, problem)
        raise error


def _report(walk: PageWalk[Item, Body], number: int, fetch: Callable[[], Page[Item, Body]]) -> None:
    try:
        page = fetch()
    except Exception as problem:  # raised in its turn, after the pages before it
        walk.failed(number, problem)
    else:
        walk.arrived(number, page)


def connect(http_client: httpx.Client | None) -> tuple[httpx.Client, bool]:
    """Give the connections to use, and whether they are ours to close."""
    if http_client is None:
        return httpx.Client(**CLIENT_OPTIONS), True
    if not isinstance(http_client, httpx.Client):
        raise TypeError(f"http_client must be an httpx.Client, not {type(http_client).__name__}")
    return http_client, False
