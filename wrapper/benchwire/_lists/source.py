"""The source of the pages of one list."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from benchwire._requests.comparison import Comparison
from benchwire._requests.fetch import fetch
from benchwire._transport.port import Port
from benchwire_api.types import Request, Response

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
        default_page_size: The page size where the caller chooses none.
        item: The class of an item.
    """

    path: str
    parse: Callable[[Response, int, int], Body]
    items: Callable[[Body], Sequence[Item]]
    total: Callable[[Body], int | None]
    identify: Callable[[Item], Hashable]
    replace_items: Callable[[Body, list[Item]], Body]
    default_page_size: int
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

    async def fetch(self, port: Port, number: int, page_size: int) -> Page[Item, Body]:
        """Fetch one page."""
        body = await fetch(
            port,
            self.request(number, page_size),
            lambda response: self.operation.parse(response, number, page_size),
        )
        return Page(self.operation.items(body), self.operation.total(body), body)


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
