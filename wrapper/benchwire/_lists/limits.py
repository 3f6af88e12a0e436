"""The limits of one read of a list."""

from __future__ import annotations

from attrs import frozen

from benchwire_api.arguments import integer

DEFAULT_CONCURRENCY = 16
_MAX_CONCURRENCY = 64


@frozen
class PageLimits:
    """The limits of one read of a list.

    Attributes:
        page_size: The rows to request on a page.
        max_items: The items to stop after; ``None`` for all.
        concurrency: The maximum number of pages being fetched or waiting to be read.
    """

    page_size: int
    max_items: int | None
    concurrency: int


def page_limits(page_size: int, max_items: int | None, concurrency: int) -> PageLimits:
    """Validate the limits; the page size was checked by the request."""
    if max_items is not None:
        integer("max_items", max_items, 0, 2**63 - 1)
        page_size = min(page_size, max_items or page_size)
    return PageLimits(
        page_size, max_items, integer("concurrency", concurrency, 1, _MAX_CONCURRENCY)
    )
