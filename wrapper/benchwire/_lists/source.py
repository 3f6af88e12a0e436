"""The source of the pages of one list."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from attrs import frozen

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
class PageSource(Generic[Item, Body]):
    """The source of the pages of one list.

    Attributes:
        request: Builds the request of a page from its number and the page size, and checks them.
        parse: Parses the response to that request.
        items: Returns the items of a page.
        total: Returns the total that a page states.
        identify: Returns what distinguishes an item from others, ``None`` where nothing does.
        replace_items: Returns a copy of a page with other items.
        default_page_size: The page size where the caller chooses none.
    """

    request: Callable[[int, int], Request]
    parse: Callable[[Response, int, int], Body]
    items: Callable[[Body], Sequence[Item]]
    total: Callable[[Body], int | None]
    identify: Callable[[Item], Hashable]
    replace_items: Callable[[Body, list[Item]], Body]
    default_page_size: int

    async def fetch(self, port: Port, number: int, page_size: int) -> Page[Item, Body]:
        """Fetch one page."""
        body = await fetch(
            port,
            self.request(number, page_size),
            lambda response: self.parse(response, number, page_size),
        )
        return Page(self.items(body), self.total(body), body)


async def known_source(
    source: PageSource[Item, Body],
    port: Port,  # noqa: ARG001  as for a source that has to be found
) -> PageSource[Item, Body]:
    """Return a source that needs no request to find."""
    return source
