"""The source of the pages of one list."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from copy import copy
from typing import Generic, TypeVar

from attrs import frozen

from benchwire._requests.fetch import fetch
from benchwire._transport.port import Port
from benchwire_api.models import ResponseModel
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
        parse: Parses the response.
        items: Returns the items of a page.
        total: Returns the total that a page states.
        identify: Returns what distinguishes an item from others, ``None`` where nothing does.
        replace_items: Returns a copy of a page with other items.
        default_page_size: The page size where the caller chooses none.
    """

    request: Callable[[int, int], Request]
    parse: Callable[[Response], Body]
    items: Callable[[Body], Sequence[Item]]
    total: Callable[[Body], int | None]
    identify: Callable[[Item], Hashable]
    replace_items: Callable[[Body, list[Item]], Body]
    default_page_size: int

    async def fetch(self, port: Port, number: int, page_size: int) -> Page[Item, Body]:
        """Fetch one page."""
        body = await fetch(port, self.request(number, page_size), self.parse)
        return Page(self.items(body), self.total(body), body)


def replaced(body: Body, **changes: object) -> Body:
    """Return a copy with other attributes; unlike ``attrs.evolve``, with the unknown fields."""
    changed = copy(body)
    if isinstance(body, ResponseModel) and isinstance(changed, ResponseModel):
        changed.response_info = body.response_info
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed
