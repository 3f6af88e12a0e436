"""The pagers that users iterate."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing, closing
from itertools import islice
from typing import Generic

from benchwire._lists.source import Body, Item, Page
from benchwire_api.notebook import list_html

_SHOWN = 10


class Pager(Generic[Item, Body]):
    """A whole list, read page by page in order while it is iterated.

    Iterating yields the items; each iteration reads the list from its beginning. Pages are fetched
    ahead, within the call's ``concurrency``. Leaving an iteration early abandons what was fetched.
    """

    def __init__(self, read: Callable[[], Generator[Page[Item, Body]]]) -> None:
        self._read = read

    def __iter__(self) -> Generator[Item]:
        """Yield the items in order."""
        with closing(self._read()) as pages:
            for page in pages:
                yield from page.items

    def pages(self) -> Generator[Body]:
        """Yield the responses, a page each, in order."""
        with closing(self._read()) as pages:
            for page in pages:
                yield page.body

    def to_list(self) -> list[Item]:
        """Return all items."""
        return list(self)

    def _repr_html_(self) -> str:
        """Return a table of the first items, which it requests: the list's first page."""
        with closing(iter(self)) as items:
            return list_html(list(islice(items, _SHOWN)), "first items")


class AsyncPager(Generic[Item, Body]):
    """A whole list, read page by page in order while it is iterated.

    Iterating yields the items; each iteration reads the list from its beginning. Pages are fetched
    ahead, within the call's ``concurrency``. Leaving an iteration early abandons what was fetched.
    """

    def __init__(self, read: Callable[[], AsyncGenerator[Page[Item, Body]]]) -> None:
        self._read = read

    async def __aiter__(self) -> AsyncGenerator[Item]:
        """Yield the items in order."""
        # Closed here, so that a reader that stops early leaves no task behind.
        async with aclosing(self._read()) as pages:
            async for page in pages:
                for item in page.items:
                    yield item

    async def pages(self) -> AsyncGenerator[Body]:
        """Yield the responses, a page each, in order."""
        async with aclosing(self._read()) as pages:
            async for page in pages:
                yield page.body

    async def to_list(self) -> list[Item]:
        """Return all items."""
        return [item async for item in self]

    def _repr_html_(self) -> str:
        return "<p>Not read: iterate it with <code>async for</code>, or await its to_list().</p>"
