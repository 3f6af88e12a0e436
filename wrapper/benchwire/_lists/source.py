"""The source of the pages of one list."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from benchwire._requests.comparison import Comparison
from benchwire._requests.fetch import fetch
from benchwire._transport.port import Port
from benchwire.errors import APIResponseValidationError, APIStatusError
from benchwire_api.types import Request, Response

NO_SUCH_PAGE = frozenset({400, 404, 416, 422})
"""The statuses with which services refuse a page after the last."""

Item = TypeVar("Item")
Body = TypeVar("Body")


@frozen
class Page(Generic[Item, Body]):
    """One page as received.

    Attributes:
        items: Its items.
        total: The total the service stated, if it did.
        body: The whole response.
    """

    items: Sequence[Item]
    total: int | None
    body: Body


@frozen(kw_only=True)
class ListOperation(Generic[Item, Body]):
    """What the spec says of a list operation, whatever its parameters.

    Attributes:
        path: Its path in the spec, with parameters in braces.
        parse: Parses the response to the request of a page, given the page's number and size.
        items: Returns the items of a page.
        total: Returns the total that a page states.
        identify: Returns what distinguishes an item from others, ``None`` where nothing does.
        replace_items: Returns a copy of a page with other items.
        largest_page_size: The page size where the caller chooses none: the largest that is allowed.
        item: The class of an item.
    """

    path: str
    parse: Callable[[Response, int, int], Body]
    items: Callable[[Body], Sequence[Item]]
    total: Callable[[Body], int | None]
    identify: Callable[[Item], Hashable]
    replace_items: Callable[[Body, list[Item]], Body]
    largest_page_size: int
    item: type[Item]


@frozen
class PageSource(Generic[Item, Body]):
    """The source of the pages of one list.

    Attributes:
        operation: The list operation.
        request: Builds the request of a page from its number and the page size, and checks them.
    """

    operation: ListOperation[Item, Body]
    request: Callable[[int, int], Request]

    async def fetch(
        self, port: Port, number: int, page_size: int, rows: int | None = None
    ) -> Page[Item, Body]:
        """Fetch one page, in parts where its rows are too large for one response.

        Args:
            port: Sends the requests.
            number: The number of the page.
            page_size: The rows to request.
            rows: The rows of a full page where the service caps the page size.
        """
        try:
            body = await fetch(
                port,
                self.request(number, page_size),
                lambda response: self.operation.parse(response, number, page_size),
            )
        except APIResponseValidationError as error:
            if not error.is_too_large or (rows or page_size) == 1:
                raise
        else:
            return Page(self.operation.items(body), self.operation.total(body), body)
        return await self._fetch_parts(port, number, rows or page_size)

    async def _fetch_parts(self, port: Port, number: int, rows: int) -> Page[Item, Body]:
        """Fetch the same rows as smaller pages: of 500 rows, five of 100."""
        parts = next((each for each in range(5, rows) if rows % each == 0), rows)
        size = rows // parts
        before = (number - 1) * parts
        first = last = await self.fetch(port, before + 1, size)
        items = [*first.items]
        for part in range(before + 2, before + parts + 1):
            if len(last.items) < size:
                break
            try:
                last = await self.fetch(port, part, size)
            except APIStatusError as error:
                if error.status_code in NO_SUCH_PAGE and (last.total or 0) <= (part - 1) * size:
                    break
                raise
            items += last.items
        return Page(items, last.total, self.operation.replace_items(first.body, items))


async def comparison_source(
    operation: ListOperation[Item, Body], comparison: Comparison, port: Port
) -> PageSource[Item, Body]:
    """Find both evaluations and return the source of all pages of their comparison."""
    first, second = await comparison.find(port)
    return PageSource(
        operation, lambda page, page_size: comparison.request(first, second, page, page_size)
    )


async def known_source(
    source: PageSource[Item, Body],
    port: Port,  # noqa: ARG001  as for a source that has to be found
) -> PageSource[Item, Body]:
    """Return a source that needs no request to find."""
    return source
