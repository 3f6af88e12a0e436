"""Reads a list for the async clients, fetching pages ahead in tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from functools import partial
from typing import Any

from benchwire._lists.limits import PageLimits
from benchwire._lists.page_walk import PageWalk, start_walk
from benchwire._lists.source import Body, Item, Page, PageSource
from benchwire._transport.aio import AsyncTransport
from benchwire._transport.own_frames import HiddenFrames
from benchwire._transport.port import Port


async def read_pages(
    transport: AsyncTransport,
    source: Callable[[Port], Coroutine[Any, Any, PageSource[Item, Body]]],
    limits: PageLimits,
) -> AsyncGenerator[Page[Item, Body]]:
    """Yield the pages of a list in order, fetching ahead.

    Args:
        transport: Runs the requests.
        source: Returns the source of the pages; it may need requests to find it.
        limits: The limits of the read.
    """
    with HiddenFrames():
        deadline = transport.deadline()
        walk = start_walk(transport, await transport.run(source, deadline), limits, deadline)
        running: dict[asyncio.Task[Page[Item, Body]], int] = {}

        def start() -> None:
            for number in walk.wanted():
                fetch = partial(walk.fetch, number=number)
                task = asyncio.create_task(transport.run(fetch, deadline, retries_429=False))
                running[task] = number

        try:
            start()
            while not walk.done:
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    _report(walk, running.pop(task), task)
                for page in walk.ready():
                    start()
                    yield page
                start()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


def _report(walk: PageWalk[Item, Body], number: int, task: asyncio.Task[Page[Item, Body]]) -> None:
    try:
        page = task.result()
    except Exception as error:  # raised in page order
        walk.failed(number, error)
    else:
        walk.arrived(number, page)
