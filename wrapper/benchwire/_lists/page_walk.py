"""Decides which pages of a list to fetch, and whether everything arrived.

The services page by number and state a total, and neither is reliable: a server may cap the page
size, send an empty page in the middle, change its total during the read, send a page twice, or stop
before the total it stated. `PageWalk` is fed the pages and returns which to fetch next; at the end it
either has everything or raises `PaginationError`.

A list is complete when as many different items arrived as the largest total stated, and no page is
left that could hold more. A full last page is followed by one more request, since a total can be
wrong, at the same time where the total shows that the last page is full; the service may respond with
an empty page, with its last page again, or with an error. An item that arrives twice, because the list
changed during the read, is delivered once. A page that arrives twice while items are missing is an error.
"""

from __future__ import annotations

import bisect
import marshal
from collections.abc import Hashable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Generic

from attrs import define, field, fields
from attrs.exceptions import NotAnAttrsClassError

from benchwire._lists.limits import PageLimits
from benchwire._lists.rate import RateController
from benchwire._lists.source import NO_SUCH_PAGE, Body, Item, Page, PageSource
from benchwire._transport.deadline import Deadline
from benchwire._transport.port import Port
from benchwire._transport.transport import Transport
from benchwire.errors import APIStatusError, PaginationError, RateLimitError

_MAX_EMPTY = 20
"""Consecutive empty pages after which the total is ignored: it may be wrong by billions."""


@define
class PageWalk(Generic[Item, Body]):
    """The state of reading one list.

    The caller takes page numbers from `wanted`, calls `fetch` for each, reports the outcome by
    `arrived` or `failed`, and delivers what `ready` yields, until `done`.
    """

    source: PageSource[Item, Body]
    limits: PageLimits
    rate: RateController

    _epochs: dict[int, int] = field(factory=dict)  # pages being fetched -> the epoch of the rate
    _throttled: list[int] = field(factory=list)  # pages to fetch again, before any others
    _requested: int = 0  # pages 1.._requested were returned by `wanted`
    _delivered: int = 0  # pages 1.._delivered were processed, in order
    _last: int = 1  # the last page known to be needed
    _waiting: dict[int, Page[Item, Body] | BaseException] = field(factory=dict)
    _size: int = 0  # the actual rows of a full page; 0 until a page shows it
    _total: int | None = None  # the largest total stated
    _first_total: int | None = None
    _received: int = 0  # different items delivered
    _previous: frozenset[Hashable] = frozenset()  # the identities on the page before
    _pages: dict[int, int] = field(factory=dict)  # a hash of each page's items -> its number
    _ends: dict[Hashable, int] = field(factory=dict)  # each page's last item -> its number
    _short: int = 0  # consecutive pages with fewer rows than a full one
    _empty: int = 0  # consecutive empty pages
    _done: bool = False

    def __attrs_post_init__(self) -> None:
        self._done = self.limits.max_items == 0

    @property
    def done(self) -> bool:
        """Whether everything was delivered."""
        return self._done

    def wanted(self) -> list[int]:
        """Return the pages to start fetching now; a page is returned again only after a 429.

        The first page is fetched alone: until it arrives, nothing is known of the others.
        """
        if self._done:
            return []
        room = max(0, self.rate.allowed - len(self._epochs))
        again, self._throttled = self._throttled[:room], self._throttled[room:]
        furthest = min(
            self._last,
            self._delivered + self.limits.concurrency,
            self._requested + room - len(again),
        )
        new = range(self._requested + 1, furthest + 1)
        self._requested = max(self._requested, furthest)
        pages = [*again, *new]
        self._epochs.update((page, self.rate.epoch) for page in pages)
        return pages

    async def fetch(self, port: Port, number: int) -> Page[Item, Body]:
        """Fetch a page, after the pause that the service requested."""
        while (pause := self.rate.pause) > 0:
            await port.sleep(pause)  # another page may have been throttled for longer meanwhile
        size = self.limits.page_size
        return await self.source.fetch(port, number, size, self._size or size)

    def arrived(self, number: int, page: Page[Item, Body]) -> None:
        """Report that a page arrived."""
        del self._epochs[number]
        self.rate.arrived()
        self._waiting[number] = page

    def failed(self, number: int, error: BaseException) -> None:
        """Report that a page could not be fetched; the error is raised in page order."""
        epoch = self._epochs.pop(number)
        if isinstance(error, RateLimitError):
            reason = self.rate.throttled(error, epoch)
            if reason is None:
                bisect.insort(self._throttled, number)
                return
            if reason:
                error.add_to_message(reason)
        self._waiting[number] = error

    def ready(self) -> Iterator[Page[Item, Body]]:
        """Yield the pages that can be delivered now, in order.

        Raises:
            PaginationError: If the list proved to be incomplete.
        """
        while not self.done and (self._delivered + 1) in self._waiting:
            page = self._waiting.pop(self._delivered + 1)
            if isinstance(page, BaseException):
                self._done = True
                if self._is_past_the_end(page):
                    return
                raise page
            self._delivered += 1
            fresh = self._take(page)
            # The next pages are known by now and can be fetched while this one is read.
            if fresh or self._delivered == 1:
                is_whole = len(fresh) == len(page.items)
                body = (
                    page.body if is_whole else self.source.operation.replace_items(page.body, fresh)
                )
                yield Page(fresh, page.total, body)
            if not self._done and self._delivered == self._last:
                self._finish()

    def _take(self, page: Page[Item, Body]) -> list[Item]:
        """Process the next page and return its items to deliver."""
        self._update_totals(page)
        keys = [self.source.operation.identify(item) for item in page.items]
        known = frozenset(keys) - {None}
        self._short = self._short + 1 if len(keys) < self._size else 0
        repeated = self._is_repeated(known, page.items)
        fresh: list[Item] = []
        if not repeated:
            fresh = self._fresh(page.items, keys)
            if fresh:  # a smaller page size may spread the rows of one page over several later ones
                self._previous = known
        if self.limits.max_items is not None and len(fresh) >= self._room:
            fresh = fresh[: self._room]
            self._done = True
        self._received += len(fresh)
        if not self._done:
            self._look_ahead(0 if repeated else len(page.items), is_identified=bool(known))
        return fresh

    def _is_past_the_end(self, error: BaseException) -> bool:
        """Return whether an error means that there is no such page, with no item missing."""
        return (
            isinstance(error, APIStatusError)
            and error.status_code in NO_SUCH_PAGE
            and not self._is_missing
            and self._delivered > 0
        )

    @property
    def _room(self) -> int:
        """The items left until ``max_items``."""
        return (self.limits.max_items or 0) - self._received

    def _update_totals(self, page: Page[Item, Body]) -> None:
        if page.total is not None:
            if self._first_total is None:
                self._first_total = page.total
            self._total = max(page.total, self._total or 0)
        if not self._size and page.items:
            # A first page shorter than requested, though the list goes on, shows the server's cap. So
            # may one with more items than the total, which is wrong then.
            is_capped = page.total is not None and len(page.items) != page.total
            size = len(page.items)
            self._size = size if is_capped else max(size, self.limits.page_size)

    def _is_repeated(self, known: frozenset[Hashable], items: Sequence[Item]) -> bool:
        """Return whether an earlier page had the same items; raise if items are missing.

        Items without identities are compared as a whole page, if they differ: one of them may well
        be there twice.
        """
        texts = () if known else _texts(items)
        if not known and len(set(texts)) < 2:
            return False
        earlier = self._pages.setdefault(hash(known or texts), self._delivered)
        if earlier == self._delivered:
            return False
        if self._is_missing:
            self._fail(f"page {self._delivered} has the same items as page {earlier}")
        return True

    @property
    def _is_missing(self) -> bool:
        """Whether items are missing: fewer than the total arrived, or there is no total."""
        return self._total is None or self._received < self._total

    def _fresh(self, items: Sequence[Item], keys: list[Hashable]) -> list[Item]:
        """Return the items that were not on this page or the one before already.

        Of earlier pages only a hash and the last id are kept: reading a million items must not hold a
        million of anything. A list that changes during the read repeats items across neighbouring
        pages; a page sent again has a known hash. Where the service lowers its page size during the
        read, the pages go back to rows read before, among them the last of an earlier page.
        """
        seen = set(self._previous)
        for key in keys if self._short else ():  # the service may have lowered its page size
            if key not in seen and (earlier := self._ends.get(key)):
                self._fail(f"page {self._delivered} has rows of page {earlier} again")
        if keys and keys[-1] is not None:
            self._ends.setdefault(keys[-1], self._delivered)
        fresh: list[Item] = []
        for item, key in zip(items, keys, strict=True):
            if key is None:  # nothing distinguishes it from others
                fresh.append(item)
            elif key not in seen:
                seen.add(key)
                fresh.append(item)
        return fresh

    def _look_ahead(self, count: int, *, is_identified: bool) -> None:
        """Update the last page needed after a page with ``count`` rows."""
        size = self._size or self.limits.page_size
        if self._total is not None and self._delivered * size < self._total:
            # The page after a full last one is wanted in any case: not in a round of its own.
            needed = -(-self._total // size) + (is_identified and self._total % size == 0)
        else:
            # The pages that make up the total are read, or there is none. Continue while a page is full,
            # items are missing or numbers disagree, up to the first empty page. Items that nothing tells
            # apart end at the total: a service that ignores the page would send them for ever.
            is_odd = self._short > 1 or self._received > (self._total or 0)
            goes_on = (count >= size or is_odd) and (is_identified or self._total is None)
            more = count and (self._is_missing or goes_on)
            needed = self._delivered + (1 if more else 0)
        self._empty = 0 if count else self._empty + 1
        if self._empty >= _MAX_EMPTY:
            needed = self._delivered
        if self.limits.max_items is not None:
            needed = min(needed, self._delivered + -(-self._room // size))
        self._last = max(needed, self._requested)

    def _finish(self) -> None:
        self._done = True
        if self._total is not None and self._received < self._total:
            total = f"the total is {self._total}"
            if self._total != self._first_total:
                total = f"the total rose from {self._first_total} to {self._total}"
            self._fail(
                f"{self._received} different items arrived on {self._delivered} pages and {total},"
                f" so {self._total - self._received} are missing"
            )

    def _fail(self, reason: str) -> None:
        self._done = True
        raise PaginationError(
            f"the list is incomplete: {reason}",
            received=self._received,
            expected=self._total,
            page=self._delivered,
        )


def _texts(items: Sequence[Any]) -> tuple[Hashable, ...]:
    """Return what is equal for equal items: their repr, or what takes a fifth of its time."""
    try:
        read = attrgetter(*(each.name for each in fields(type(items[0]))))
        # Version 2, whose bytes do not depend on what is shared between the values.
        return tuple([marshal.dumps(read(item), 2) for item in items])
    except (IndexError, NotAnAttrsClassError, TypeError, ValueError):  # none, or of other types
        return tuple(map(repr, items))


def start_walk(
    transport: Transport, source: PageSource[Item, Body], limits: PageLimits, deadline: Deadline
) -> PageWalk[Item, Body]:
    """Return the walk of one list, with the rate and retries of a transport."""
    may_retry = transport.options.max_retries > 0
    rate = RateController(limits.concurrency, deadline, may_retry, transport.random)
    return PageWalk(source, limits, rate)
