"""An iteration that an error has broken off does not end, when continued, as if it were complete."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

import benchwire
from support import wire
from support.both import KEY, Flavour
from support.scripted import PATIENCE, Received, Reply, json_reply

WAYS: dict[str, Callable[[Any, Any], Any]] = {
    "items": lambda pager, iterate: iterate(pager),
    "pages": lambda pager, _: pager.pages(),
    "records": lambda pager, _: pager.records(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_list_is_not_read_on_after_an_error(way: str, flavour: Flavour, scripted: Any) -> None:
    pages = wire.paged_prompts(50)

    def answer(received: Received) -> Reply:
        failed = received.query["page"] == "3"
        return json_reply({"error": "busy"}, 503) if failed else pages(received)

    client = flavour.public(scripted(answer).url, max_retries=0)
    pager = client.benchmarks.iter_prompts("b1", page_size=10, concurrency=1)
    iterator = WAYS[way](pager, aiter if flavour.prefix else iter)
    read, error = flavour.read(iterator)
    assert len(read) == (2 if way == "pages" else 20)
    assert isinstance(error, benchwire.ServerError)
    for _ in range(2):
        rest, error = flavour.read(iterator)
        assert rest == []
        assert "a ServerError broke it off" in str(error)
    # One that has ended, or was left, has no more.
    client = flavour.public(scripted(pages).url)
    pager = client.benchmarks.iter_prompts("b1", page_size=10)
    iterator = WAYS[way](pager, aiter if flavour.prefix else iter)
    assert flavour.read(iterator)[1] is None
    assert flavour.read(iterator) == ([], None)


@pytest.mark.anyio
async def test_a_list_is_not_read_on_after_a_timeout(scripted: Any) -> None:
    """As in a program that does something else whenever no item has come for a while."""
    pages = wire.paged_prompts(50)
    held = threading.Event()

    def answer(received: Received) -> Reply:
        if received.query["page"] == "2":
            held.wait(PATIENCE)
        return pages(received)

    async with benchwire.AsyncPublicClient(KEY, scripted(answer).url) as client:
        items = aiter(client.benchmarks.iter_prompts("b1", page_size=10, concurrency=1))
        for _ in range(10):
            await anext(items)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await anext(items)
        held.set()
        with pytest.raises(benchwire.BenchwireError, match="CancelledError broke it off"):
            await anext(items)
        await items.aclose()
