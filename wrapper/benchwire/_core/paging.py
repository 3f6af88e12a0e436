"""Decides which pages of a list to fetch, and whether everything arrived.

The services page by number and give a total, and neither can be trusted: a server may cap the page
size below what was asked, send an empty page in the middle, change its total while it is read, send
a page twice, or stop short of what it promised. `PageWalk` is told what came back and says which
pages to fetch next; at the end it either has everything or raises `PaginationError`.

The rule for "everything": as many different items as the largest total the server gave, and no page
left that could hold more. A full last page is followed by one more request, since a total can lie;
a service may answer that one with an empty page, with its last page again, or by refusing it.
An item that comes twice, because the list moved while it was read, is delivered once. A page that
comes twice while something is missing is an error.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Generic, TypeVar

from attrs import define, field, frozen

from benchwire._core.checks import MAX_PAGE_SIZE, whole
from benchwire._core.pacing import Pace
from benchwire._core.plan import Plan, Sleep
from benchwire.errors import APIStatusError, PaginationError, RateLimitError

Item = TypeVar("Item")
Body = TypeVar("Body")

DEFAULT_PAGE_SIZE = 100
DEFAULT_CONCURRENCY = 4
MAX_CONCURRENCY = 64

_MOST_EMPTY = 20
"""Empty pages in a row after which a total is not believed any more: it may be off by billions."""


_NO_SUCH_PAGE = frozenset({400, 404, 416, 422})
"""How services refuse a page beyond the last."""


@frozen
class Page(Generic[Item, Body]):
    """One page as it came: its items, the total the server gave with it, and the whole answer."""

    items: Sequence[Item]
    total: int | None
    body: Body


@frozen
class PageSource(Generic[Item, Body]):
    """Where the pages of one list come from.

    Attributes:
        page: Makes the plan that fetches a page, from its number and the page size.
        identify: Gives what tells one item from another, or ``None`` where nothing does.
        rebuild: Makes an answer with other items, for a page that is not delivered whole.
    """

    page: Callable[[int, int], Plan[Page[Item, Body]]]
    identify: Callable[[Item], Hashable]
    rebuild: Callable[[Body, list[Item]], Body]


@frozen
class PageLimits:
    """How a list is walked.

    Attributes:
        page_size: Rows to ask for on a page.
        max_items: Items to stop after, or ``None`` for all.
        concurrency: Pages that may be under way or waiting to be read at a time.
    """

    page_size: int
    max_items: int | None
    concurrency: int


def limits(page_size: int | None, max_items: int | None, concurrency: int) -> PageLimits:
    """Check how a list is to be walked."""
    size = whole(
        "page_size", DEFAULT_PAGE_SIZE if page_size is None else page_size, 1, MAX_PAGE_SIZE
    )
    if max_items is not None:
        whole("max_items", max_items, 0, 2**63 - 1)
        size = min(size, max_items or size)
    return PageLimits(size, max_items, whole("concurrency", concurrency, 1, MAX_CONCURRENCY))


@define
class PageWalk(Generic[Item, Body]):
    """The state of reading one list.

    A shell asks `wanted` for page numbers, fetches each by its `plan`, reports it with `arrived` or
    `failed`, and delivers what `ready` gives, until `done`.
    """

    source: PageSource[Item, Body]
    limits: PageLimits
    pace: Pace

    _turns: dict[int, int] = field(factory=dict)  # of the pages under way: the turn of the pace
    _refused: list[int] = field(factory=list)  # pages to ask for again, given out before others
    _asked: int = 0  # pages 1.._asked were given out to be fetched
    _delivered: int = 0  # pages 1.._delivered were looked at, in order
    _last: int = 1  # the last page known to be needed
    _waiting: dict[int, Page[Item, Body] | BaseException] = field(factory=dict)
    _size: int = 0  # what the server really puts on a page; 0 until a page shows it
    _total: int | None = None  # the largest total given
    _first_total: int | None = None
    _received: int = 0  # different items delivered
    _previous: frozenset[Hashable] = frozenset()  # what identifies the items of the page before
    _pages: dict[int, int] = field(factory=dict)  # a hash of each page's items -> its number
    _empty: int = 0  # pages in a row that brought nothing
    _done: bool = False

    def __attrs_post_init__(self) -> None:
        self._done = self.limits.max_items == 0

    @property
    def done(self) -> bool:
        """Whether everything was delivered."""
        return self._done

    def wanted(self) -> list[int]:
        """Give the pages to start fetching now; one is given again only after it was refused.

        Until the first page has come, nothing is known of the others, so it is fetched alone.
        """
        if self._done:
            return []
        room = max(0, self.pace.allowed - len(self._turns))
        again, self._refused = self._refused[:room], self._refused[room:]
        furthest = min(
            self._last,
            self._delivered + self.limits.concurrency,
            self._asked + room - len(again),
        )
        new = range(self._asked + 1, furthest + 1)
        self._asked = max(self._asked, furthest)
        pages = [*again, *new]
        self._turns.update((page, self.pace.turn) for page in pages)
        return pages

    def plan(self, number: int) -> Plan[Page[Item, Body]]:
        """Make the plan that fetches a page, after the pause a service asked for."""
        while (pause := self.pace.pause) > 0:
            yield Sleep(pause)  # another page may have been refused for longer meanwhile
        return (yield from self.source.page(number, self.limits.page_size))

    def arrived(self, number: int, page: Page[Item, Body]) -> None:
        """Report that a page came."""
        del self._turns[number]
        self.pace.arrived()
        self._waiting[number] = page

    def failed(self, number: int, error: BaseException) -> None:
        """Report that a page could not be fetched; the error is raised in its turn, not before."""
        turn = self._turns.pop(number)
        if isinstance(error, RateLimitError):
            why_not = self.pace.refused(error, turn)
            if why_not is None:
                bisect.insort(self._refused, number)
                return
            if why_not:
                error.add_to_message(why_not)
        self._waiting[number] = error

    def ready(self) -> Iterator[Page[Item, Body]]:
        """Give the pages that can be delivered now, in order.

        Raises:
            PaginationError: If the list turned out not to be whole.
        """
        while not self.done and (self._delivered + 1) in self._waiting:
            page = self._waiting.pop(self._delivered + 1)
            if isinstance(page, BaseException):
                self._done = True
                if self._is_refusal_beyond_the_end(page):
                    return
                raise page
            self._delivered += 1
            fresh = self._take(page)
            # What comes next is settled by now, so that it can be fetched while this page is read.
            if fresh or self._delivered == 1:
                whole_page = len(fresh) == len(page.items)
                body = page.body if whole_page else self.source.rebuild(page.body, fresh)
                yield Page(fresh, page.total, body)
            if not self._done and self._delivered == self._last:
                self._finish()

    def _take(self, page: Page[Item, Body]) -> list[Item]:
        """Look at the next page, and give the items of it that are to be delivered."""
        self._learn(page)
        keys = [self.source.identify(item) for item in page.items]
        known = frozenset(keys) - {None}
        repeated = self._is_repeated(known)
        fresh: list[Item] = []
        if not repeated:
            fresh = self._fresh(page.items, keys)
            self._previous = known
        if self.limits.max_items is not None and len(fresh) >= self._room:
            fresh = fresh[: self._room]
            self._done = True
        self._received += len(fresh)
        if not self._done:
            self._look_ahead(0 if repeated else len(page.items))
        return fresh

    def _is_refusal_beyond_the_end(self, error: BaseException) -> bool:
        """Whether this is how a service says that there is no such page, with nothing missing."""
        return (
            isinstance(error, APIStatusError)
            and error.status_code in _NO_SUCH_PAGE
            and not self._is_missing
            and self._delivered > 0
        )

    @property
    def _room(self) -> int:
        """The items that max_items leaves."""
        return (self.limits.max_items or 0) - self._received

    def _learn(self, page: Page[Item, Body]) -> None:
        if page.total is not None:
            if self._first_total is None:
                self._first_total = page.total
            self._total = max(page.total, self._total or 0)
        if not self._size and page.items:
            # A first page that is shorter than asked though the list goes on shows what the server
            # puts on a page.
            goes_on = page.total is not None and len(page.items) < page.total
            size = len(page.items)
            self._size = size if goes_on else max(size, self.limits.page_size)

    def _is_repeated(self, known: frozenset[Hashable]) -> bool:
        """Whether a page before had the same items; an error if some are missing by now."""
        if not known:
            return False
        earlier = self._pages.setdefault(hash(known), self._delivered)
        if earlier == self._delivered:
            return False
        if self._is_missing:
            self._fail(f"page {self._delivered} has the same items as page {earlier}")
        return True

    @property
    def _is_missing(self) -> bool:
        """Whether more must come: less than the total came, or there is no total."""
        return self._total is None or self._received < self._total

    def _fresh(self, items: Sequence[Item], keys: list[Hashable]) -> list[Item]:
        """The items that were not on this page or the one before already.

        No more than that is kept of the pages gone by, and a hash of each: reading a million items
        must not hold a million of anything. A list that moves while it is read shows at the seam of
        two pages; a page sent again shows by its hash.
        """
        seen = set(self._previous)
        fresh: list[Item] = []
        for item, key in zip(items, keys, strict=True):
            if key is None:  # nothing tells it from another
                fresh.append(item)
            elif key not in seen:
                seen.add(key)
                fresh.append(item)
        return fresh

    def _look_ahead(self, count: int) -> None:
        """Settle how far the list goes, now that one more page of it, with count rows, is known."""
        size = self._size or self.limits.page_size
        if self._total is not None and self._delivered * size < self._total:
            needed = -(-self._total // size)
        else:
            # The pages the total asks for are read, or there is no total. Go on while a page is
            # full or something is missing, and stop at the first page that is empty.
            more = count and (self._is_missing or count >= size)
            needed = self._delivered + (1 if more else 0)
        self._empty = 0 if count else self._empty + 1
        if self._empty >= _MOST_EMPTY:
            needed = self._delivered
        if self.limits.max_items is not None:
            needed = min(needed, self._delivered + -(-self._room // size))
        self._last = max(needed, self._asked)

    def _finish(self) -> None:
        self._done = True
        if self._total is not None and self._received < self._total:
            said = f"the total is {self._total}"
            if self._total != self._first_total:
                said = f"the total went from {self._first_total} up to {self._total}"
            self._fail(
                f"{self._received} different items arrived on {self._delivered} pages and {said},"
                f" so {self._total - self._received} are missing"
            )

    def _fail(self, problem: str) -> None:
        self._done = True
        raise PaginationError(
            f"the list did not arrive whole: {problem}",
            received=self._received,
            expected=self._total,
            page=self._delivered,
        )
