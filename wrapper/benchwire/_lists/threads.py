"""Reads a list for the sync clients, fetching pages ahead in threads."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from contextvars import copy_context
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from benchwire._lists.limits import PageLimits
from benchwire._lists.page_walk import start_walk
from benchwire._lists.source import Body, Item, Page, PageSource
from benchwire._transport.own_frames import HiddenFrames
from benchwire._transport.port import Port
from benchwire._transport.sync import Connections, SyncTransport
from benchwire.errors import BenchwireError
from benchwire_api.processes import this_process

_CHECK_INTERVAL = 0.2
"""Seconds between checks whether the client is still open while waiting for a page."""


def read_pages(
    transport: SyncTransport,
    source: Callable[[Port], Coroutine[Any, Any, PageSource[Item, Body]]],
    limits: PageLimits,
) -> Generator[Page[Item, Body]]:
    """Yield the pages of a list in order, fetching ahead.

    Args:
        transport: Runs the requests.
        source: Returns the source of the pages; it may need requests to find it.
        limits: The limits of the read.
    """
    with HiddenFrames():
        deadline = transport.deadline()
        walk = start_walk(transport, transport.run(source, deadline), limits, deadline)
        process = this_process()
        arrivals: SimpleQueue[tuple[int, Page[Item, Body] | BaseException]] = SimpleQueue()

        def fetch(number: int) -> None:
            try:
                page = transport.run(
                    partial(walk.fetch, number=number), deadline, retries_429=False
                )
                arrivals.put((number, page))
            except BaseException as error:  # raised in page order
                arrivals.put((number, error))

        def start() -> None:
            for number in walk.wanted():
                # Daemon threads that nothing joins: a reader that stops early, and a program that ends,
                # must not wait for pages it does not need.
                # They have the caller's context, so that the hooks find its tracing spans there.
                run = copy_context().run
                Thread(
                    target=run, args=(fetch, number), name="benchwire-pages", daemon=True
                ).start()

        for number in walk.wanted():
            fetch(number)  # the first page is fetched alone, and many a list needs no thread
        while not walk.done:
            if process is not this_process():
                raise BenchwireError(
                    "a list can't be read on in a forked process: read it from its start"
                )
            number, arrival = _next(arrivals, transport.connections)
            if isinstance(arrival, BaseException):
                walk.failed(number, arrival)
            else:
                walk.arrived(number, arrival)
            for page in walk.ready():
                start()
                yield page
            start()


def _next(
    arrivals: SimpleQueue[tuple[int, Page[Item, Body] | BaseException]], connections: Connections
) -> tuple[int, Page[Item, Body] | BaseException]:
    """Return the next arrival; raise if the client is closed, since there may never be one."""
    while not connections.is_closed:
        try:
            return arrivals.get(timeout=_CHECK_INTERVAL)
        except Empty:
            continue
    raise BenchwireError("the client was closed while a list was being read")
