"""The async shell: sends with httpx, sleeps, and fetches pages ahead in tasks."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import cached_property
from typing import Any, TypeVar

import httpx
from attrs import field, frozen

from benchwire._core.delivery import Arrival, Attempt, Courier
from benchwire._core.options import Options
from benchwire._core.paging import Page, PageLimits, PageSource, PageWalk
from benchwire._core.plan import Do, Plan, Sleep
from benchwire._core.settings import Access
from benchwire._shell.base import ShellBase
from benchwire._shell.connections import AsyncDeadlineTransport, deadline
from benchwire._shell.http import (
    FAULTS,
    LIMITS,
    UNSHARED,
    Incoming,
    KeyAuth,
    Outgoing,
    closed,
    fault,
    ssl_context,
)
from benchwire.errors import BenchwireError

T = TypeVar("T")
Item = TypeVar("Item")
Body = TypeVar("Body")

_NET = 0.05
"""Seconds after which an attempt that should have ended by itself is cut off."""


class AsyncWire:
    """The connections of a client and its copies: our own, or those of a client of the user's.

    They belong to the event loop they were first used in. In another one they would fail in ways
    that say nothing, or hang.
    """

    def __init__(self, client: httpx.AsyncClient | None) -> None:
        if client is not None and not isinstance(client, httpx.AsyncClient):
            raise TypeError(
                f"http_client must be an httpx.AsyncClient, not {type(client).__name__}"
            )
        self._client = client
        # Not later: it would take its time from the first attempt.
        self._context = ssl_context()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._is_closed or (self._client is not None and self._client.is_closed)

    async def aclose(self) -> None:
        """Close the connections; those of a client of the user's stay open."""
        self._is_closed = True
        for name in ("_shared", "_unshared"):
            transport = self.__dict__.get(name)
            if transport is not None:
                self._check_loop()
                await transport.aclose()

    async def send(self, access: Access, attempt: Attempt, options: Options) -> Arrival:
        """Make one attempt and read its answer.

        Raises:
            APIConnectionError: If no answer came.
        """
        if self.is_closed:
            raise closed(attempt.request)
        self._check_loop()
        try:
            with deadline(attempt.seconds):
                return await self._exchange(access, attempt, options)
        except FAULTS as problem:
            error = fault(access, attempt.request, problem, is_closed=self.is_closed)
        raise error

    async def _exchange(self, access: Access, attempt: Attempt, options: Options) -> Arrival:
        until = self._until(attempt)
        async with asyncio.timeout_at(until):
            response = await self._open(Outgoing(access, attempt, options.timeouts))
        async with aclosing(response):
            incoming = Incoming.of(response, options)
            try:
                async with asyncio.timeout_at(until):
                    async for piece in response.aiter_raw():
                        incoming.body.feed(piece)
                        if incoming.body.flaw is not None:
                            break
            except FAULTS as problem:
                if not incoming.may_break:
                    raise
                incoming.broke(problem)
            return incoming.arrival()

    def _until(self, attempt: Attempt) -> float | None:
        """When to cut an attempt off from outside, on the loop's clock.

        Our own connections end by themselves, in better order; for them it is a net.
        """
        if math.isinf(attempt.seconds):
            return None
        net = _NET if self._client is None else 0.0
        return asyncio.get_running_loop().time() + attempt.seconds + net

    async def _open(self, outgoing: Outgoing) -> httpx.Response:
        if self._client is None:
            transport = self._unshared if outgoing.attempt.fresh else self._shared
            return await transport.handle_async_request(outgoing.for_transport())
        return await self._client.send(
            self._client.build_request(**outgoing.for_client()),
            stream=True,
            auth=KeyAuth(outgoing),
            follow_redirects=False,
        )

    def _check_loop(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        if self._loop is not loop:
            raise BenchwireError(
                "an async client belongs to the event loop it was first used in; make one in each"
                " loop (each asyncio.run has its own)"
            )

    @cached_property
    def _shared(self) -> AsyncDeadlineTransport:
        return AsyncDeadlineTransport(self._context, LIMITS)

    @cached_property
    def _unshared(self) -> AsyncDeadlineTransport:
        return AsyncDeadlineTransport(self._context, UNSHARED)


@frozen(kw_only=True)
class AsyncShell(ShellBase):
    """Runs plans against one API.

    Attributes:
        wire: The connections, shared by all copies of a client.
        sleep: Sleeps; replaceable, so that waiting is tested without waiting.
    """

    wire: AsyncWire = field(repr=False)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self, plan: Plan[T], until: float | None = None) -> T:
        """Do what a plan says and give its result; ``until`` is for what began earlier."""
        return await self._run(plan, self.courier(self.until() if until is None else until))

    async def pages(
        self,
        source: PageSource[Item, Body],
        limits: PageLimits,
        until: float | None = None,
    ) -> AsyncGenerator[Page[Item, Body]]:
        """Give the pages of a list in order, fetching ahead."""
        until = self.until() if until is None else until
        courier = self.courier(until, leaves_429=True)
        walk = self.walk(source, limits, until)
        under_way: dict[asyncio.Task[Page[Item, Body]], int] = {}

        def start() -> None:
            for number in walk.wanted():
                task = asyncio.create_task(self._run(walk.plan(number), courier))
                under_way[task] = number

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
        self, source: PageSource[Any, Body], limits: PageLimits, until: float | None = None
    ) -> AsyncGenerator[Body]:
        """Give the answers that the pages of a list came in, in order, fetching ahead."""
        async with aclosing(self.pages(source, limits, until)) as pages:
            async for page in pages:
                yield page.body

    async def _run(self, plan: Plan[T], courier: Courier) -> T:
        steps = courier.carry_out(plan)
        try:
            step = next(steps)
            while True:
                try:
                    outcome = await self._do(step)
                except BaseException as problem:  # the plan decides what it means
                    step = steps.throw(problem)
                else:
                    step = steps.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result

    async def _do(self, step: Attempt | Sleep | Do) -> Any:
        if isinstance(step, Attempt):
            return await self.wire.send(self.access, step, self.options)
        if isinstance(step, Do):
            return await asyncio.to_thread(step.call)
        await self.sleep(step.seconds)
        return None


def _report(walk: PageWalk[Item, Body], number: int, task: asyncio.Task[Page[Item, Body]]) -> None:
    try:
        page = task.result()
    except Exception as problem:  # raised in its turn, after the pages before it
        walk.failed(number, problem)
    else:
        walk.arrived(number, page)
