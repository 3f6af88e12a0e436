"""The async shell: sends with ``httpx.AsyncClient``, sleeps, and fetches pages ahead in tasks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
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
from benchwire_api.types import Response

T = TypeVar("T")
Item = TypeVar("Item")
Body = TypeVar("Body")


@frozen
class AsyncShell:
    """Runs plans against one API.

    Attributes:
        access: Where the API is and what opens it.
        http: The connections, shared by all copies of a client.
        timeout: How long an attempt may wait.
        sleep: Sleeps; replaceable, so that waiting is tested without waiting.
        clock: A monotonic clock.
    """

    access: Access
    http: httpx.AsyncClient = field(repr=False)
    timeout: httpx.Timeout
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic

    def with_timeout(self, timeout: Timeout | None) -> AsyncShell:
        """Give a shell with another timeout and the same connections."""
        return self if timeout is None else evolve(self, timeout=as_timeout(timeout))

    async def run(self, plan: Plan[T]) -> T:
        """Do what a plan says and give its result."""
        try:
            step = next(plan)
            while True:
                try:
                    outcome = await self._do(step)
                except BaseException as problem:  # the plan decides what it means
                    step = plan.throw(problem)
                else:
                    step = plan.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result

    async def pages(
        self, source: PageSource[Item, Body], limits: PageLimits
    ) -> AsyncGenerator[Page[Item, Body]]:
        """Give the pages of a list in order, fetching ahead."""
        walk = PageWalk(source, limits)
        under_way: dict[asyncio.Task[Page[Item, Body]], int] = {}

        def start() -> None:
            for number in walk.wanted():
                plan = source.page(number, limits.page_size)
                under_way[asyncio.create_task(self.run(plan))] = number

        try:
            start()
            while not walk.done:
                done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    _report(walk, under_way.pop(task), task)
                for page in walk.ready():
                    start()
                    yield page
                start()
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def items(
        self, source: PageSource[Item, Any], limits: PageLimits
    ) -> AsyncGenerator[Item]:
        """Give the items of a list in order, fetching pages ahead."""
        # Closed here, so that a reader that stops early leaves no task behind.
        async with aclosing(self.pages(source, limits)) as pages:
            async for page in pages:
                for item in page.items:
                    yield item

    async def bodies(
        self, source: PageSource[Any, Body], limits: PageLimits
    ) -> AsyncGenerator[Body]:
        """Give the answers that the pages of a list came in, in order, fetching ahead."""
        async with aclosing(self.pages(source, limits)) as pages:
            async for page in pages:
                yield page.body

    async def _do(self, step: Send | Sleep) -> Response | None:
        if isinstance(step, Send):
            return await self._send(step)
        await self.sleep(step.seconds)
        return None

    async def _send(self, step: Send) -> Response:
        try:
            return incoming(await self.http.request(**outgoing(self.access, step, self.timeout)))
        except FAULTS as problem:
            error = fault(self.access, step.request, problem, is_closed=self.http.is_closed)
        raise error


def _report(walk: PageWalk[Item, Body], number: int, task: asyncio.Task[Page[Item, Body]]) -> None:
    try:
        page = task.result()
    except Exception as problem:  # raised in its turn, after the pages before it
        walk.failed(number, problem)
    else:
        walk.arrived(number, page)


def connect(http_client: httpx.AsyncClient | None) -> tuple[httpx.AsyncClient, bool]:
    """Give the connections to use, and whether they are ours to close."""
    if http_client is None:
        return httpx.AsyncClient(**CLIENT_OPTIONS), True
    if not isinstance(http_client, httpx.AsyncClient):
        raise TypeError(
            f"http_client must be an httpx.AsyncClient, not {type(http_client).__name__}"
        )
    return http_client, False
