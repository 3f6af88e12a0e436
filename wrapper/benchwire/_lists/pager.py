"""The pagers that users iterate."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import aclosing, closing
from html import escape
from typing import TYPE_CHECKING, Any, Generic

from benchwire._frames.columns import record
from benchwire._lists.iterations import AsyncIteration, Iteration
from benchwire._lists.source import Body, Item, Page

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa


class Pager(Generic[Item, Body]):
    """A whole list, read page by page in order while it is iterated.

    Iterating yields the items; each iteration reads the list from its beginning. Pages are fetched
    ahead, within the call's ``concurrency``. Leaving an iteration early abandons what was fetched.

    What takes Arrow data (DuckDB, polars, pyarrow, pandas) takes a pager as it is, page by page. Data
    frames need the extra ``data``; docs/data-frames.md has their columns.

    Attributes:
        item: The class of the items.
        read: Returns an iterator over the pages with their items and the stated total.
    """

    def __init__(self, read: Callable[[], Generator[Page[Item, Body]]], item: type[Item]) -> None:
        self.read = read
        self.item = item

    def __iter__(self) -> Generator[Item]:
        """Yield the items in order."""
        return Iteration(self._items())

    def _items(self) -> Generator[Item]:
        with closing(self.read()) as pages:
            for page in pages:
                yield from page.items

    def pages(self) -> Generator[Body]:
        """Yield the responses, a page each, in order."""
        return Iteration(self._bodies())

    def _bodies(self) -> Generator[Body]:
        with closing(self.read()) as pages:
            for page in pages:
                yield page.body

    def to_list(self) -> list[Item]:
        """Return all items."""
        return list(self._items())

    def _repr_html_(self) -> str:
        """Return what it is: showing it requests nothing."""
        return f"<p>{escape(repr(self))}: iterate it, or call its to_list() or to_pandas().</p>"

    def __repr__(self) -> str:
        """Return what it is a list of."""
        return f"Pager({self.item.__name__}, not read)"

    def records(self) -> Generator[dict[str, Any]]:
        """Yield the items as plain data: every attribute under its name, ``None`` where it is absent."""
        return Iteration(record(item) for item in self._items())

    def to_arrow(self) -> pa.Table:
        """Return all items as an Arrow table.

        Raises:
            ImportError: If the extra ``data`` is not installed.
            APIError: If the request of a page fails.
            PaginationError: If items are missing.
        """
        return self._reader().read_all()

    def to_pandas(self) -> pd.DataFrame:
        """Return all items as a pandas data frame with Arrow's types: integers stay integers.

        Raises:
            ImportError: If the extra ``data`` or pandas is not installed.
            APIError: If the request of a page fails.
            PaginationError: If items are missing.
        """
        from benchwire._frames.arrow import to_pandas  # noqa: PLC0415  an extra

        return to_pandas(self.to_arrow())

    def to_polars(self) -> pl.DataFrame:
        """Return all items as a polars data frame.

        Raises:
            ImportError: If the extra ``data`` or polars is not installed.
            APIError: If the request of a page fails.
            PaginationError: If items are missing.
        """
        from benchwire._frames.arrow import to_polars  # noqa: PLC0415  an extra

        return to_polars(self.to_arrow())

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the stream of Arrow's C interface; a page is fetched when its batch is read."""
        return self._reader().__arrow_c_stream__(requested_schema)

    def _reader(self) -> pa.RecordBatchReader:
        from benchwire._frames.arrow import reader_of  # noqa: PLC0415  an extra

        return reader_of(self.item, Iteration(self._item_pages()))

    def _item_pages(self) -> Generator[Sequence[Item]]:
        with closing(self.read()) as pages:
            for page in pages:
                yield page.items


class AsyncPager(Generic[Item, Body]):
    """A whole list, read page by page in order while it is iterated.

    Iterating yields the items; each iteration reads the list from its beginning. Pages are fetched
    ahead, within the call's ``concurrency``. Leaving an iteration early abandons what was fetched.
    """

    def __init__(
        self, read: Callable[[], AsyncGenerator[Page[Item, Body]]], item: type[Item]
    ) -> None:
        self._read = read
        self._item = item

    def __aiter__(self) -> AsyncGenerator[Item]:
        """Yield the items in order."""
        return AsyncIteration(self._items())

    async def _items(self) -> AsyncGenerator[Item]:
        # Closed here, so that a reader that stops early leaves no task behind.
        async with aclosing(self._read()) as pages:
            async for page in pages:
                for item in page.items:
                    yield item

    def pages(self) -> AsyncGenerator[Body]:
        """Yield the responses, a page each, in order."""
        return AsyncIteration(self._bodies())

    async def _bodies(self) -> AsyncGenerator[Body]:
        async with aclosing(self._read()) as pages:
            async for page in pages:
                yield page.body

    async def to_list(self) -> list[Item]:
        """Return all items."""
        return [item async for item in self._items()]

    if not TYPE_CHECKING:  # to type checkers it is no Arrow stream

        def __arrow_c_stream__(self, _requested_schema: object | None = None) -> object:
            """Raise an error that says how this list becomes Arrow data."""
            raise TypeError(
                "an AsyncPager is read with await: give the library `await pager.to_arrow()`, "
                "or the list of a sync client"
            )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}: iterate it with async for, or await its to_list().</p>"

    def __repr__(self) -> str:
        """Return what it is a list of."""
        return f"AsyncPager({self._item.__name__}, not read)"

    def records(self) -> AsyncGenerator[dict[str, Any]]:
        """Yield the items as plain data: every attribute under its name, ``None`` where it is absent."""
        return AsyncIteration(self._records())

    async def _records(self) -> AsyncGenerator[dict[str, Any]]:
        async with aclosing(self._items()) as items:
            async for item in items:
                yield record(item)

    async def to_arrow(self) -> pa.Table:
        """Return all items as an Arrow table; as `Pager.to_arrow`."""
        from benchwire._frames.arrow import batch_of, table_of  # noqa: PLC0415  an extra

        async with aclosing(self._read()) as pages:
            return table_of(self._item, [batch_of(self._item, page.items) async for page in pages])

    async def to_pandas(self) -> pd.DataFrame:
        """Return all items as a pandas data frame; as `Pager.to_pandas`."""
        from benchwire._frames.arrow import to_pandas  # noqa: PLC0415  an extra

        return to_pandas(await self.to_arrow())

    async def to_polars(self) -> pl.DataFrame:
        """Return all items as a polars data frame; as `Pager.to_polars`."""
        from benchwire._frames.arrow import to_polars  # noqa: PLC0415  an extra

        return to_polars(await self.to_arrow())
