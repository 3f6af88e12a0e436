# Generated from wrapper/benchwire/_async/resource.py by `make generate`; changes made here are lost.
"""The base class of the resources of clients."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar, cast

from benchwire._lists.limits import PageLimits, page_limits
from benchwire._lists.pager import Pager
from benchwire._lists.source import Body, Item, PageSource, known_source
from benchwire._lists.threads import read_pages
from benchwire._requests.fetch import fetch
from benchwire._transport.port import Port
from benchwire._transport.sync import SyncTransport
from benchwire.errors import APIError, NotFoundError
from benchwire.options import CallOptions, OnError
from benchwire_api.types import Request, Response

T = TypeVar("T")


class Resource:
    """A group of operations of one API."""

    def __init__(self, transport: SyncTransport, on_error: OnError) -> None:
        self._transport = transport
        self._on_error = on_error

    def __repr__(self) -> str:
        """Return the class and the base URL."""
        return f"{type(self).__name__}(base_url={self._transport.endpoint.base_url!r})"

    def _run(self, operation: Callable[[Port], Coroutine[Any, Any, T]], options: CallOptions) -> T:
        """Run an operation; errors raise, whatever ``on_error`` is."""
        return self._transport.with_options(options).run(operation)

    def _result(
        self, operation: Callable[[Port], Coroutine[Any, Any, T]], options: CallOptions
    ) -> T:
        """Run an operation; with ``on_error="none"``, return ``None`` for an `APIError`.

        The annotations describe the default: they do not mention that ``None``.
        """
        try:
            return self._run(operation, options)
        except APIError:
            if self._on_error == "raise":
                raise
        return cast("T", None)

    def _fetch(self, request: Request, parse: Callable[[Response], T], options: CallOptions) -> T:
        """Send one request and return the parsed response."""
        return self._result(partial(fetch, request=request, parse=parse), options)

    def _fetch_or_none(
        self, request: Request, parse: Callable[[Response], T], options: CallOptions
    ) -> T | None:
        """Send one request and return the parsed response; ``None`` for status 404."""
        try:
            return self._fetch(request, parse, options)
        except NotFoundError:
            return None

    def _pager(
        self,
        source: PageSource[Item, Body],
        page_size: int | None,
        max_items: int | None,
        concurrency: int,
        options: CallOptions,
    ) -> Pager[Item, Body]:
        """Return the pager of a list, after checking its arguments."""
        size = source.operation.largest_page_size if page_size is None else page_size
        source.request(1, size)  # checks the arguments now, not when the first page is read
        limits = page_limits(size, max_items, concurrency)
        return self._lazy_pager(
            partial(known_source, source), source.operation.item, limits, options
        )

    def _lazy_pager(
        self,
        source: Callable[[Port], Coroutine[Any, Any, PageSource[Item, Body]]],
        item: type[Item],
        limits: PageLimits,
        options: CallOptions,
    ) -> Pager[Item, Body]:
        """Return the pager of a list whose source is found when the first page is read."""
        read = partial(read_pages, self._transport.with_options(options), source, limits)
        return Pager(read, item)
