"""Properties of the page walk: with any service, no item is missing without an error."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from benchwire.errors import PaginationError
from support.page_walks import Contents, Service, Walked, walk


@dataclass(frozen=True)
class GeneratedService:
    """A service with `count` items that may cap, lose and repeat pages and report wrong totals."""

    count: int
    cap: int
    totals: tuple[int | None, ...]  # the total by page; the last one for all later pages
    empty_pages: frozenset[int]  # pages that are empty
    repeated_pages: tuple[tuple[int, int], ...]  # pages that have the items of another page

    def __call__(self, number: int, size: int) -> Contents:
        total = self.totals[min(number, len(self.totals)) - 1]
        if number in self.empty_pages:
            return [], total
        return self.rows(dict(self.repeated_pages).get(number, number), size), total

    def rows(self, number: int, size: int) -> list[int]:
        size = min(size, self.cap)
        return list(range((number - 1) * size, min(number * size, self.count)))


@st.composite
def services(draw: st.DrawFn) -> GeneratedService:
    count = draw(st.integers(0, 120))
    near = st.integers(max(0, count - 15), count + 15)
    totals = draw(
        st.one_of(
            st.just((count,)),
            st.just((None,)),
            st.lists(st.one_of(near, st.just(count)), min_size=1, max_size=4).map(tuple),
        )
    )
    pages = st.integers(1, 15)
    return GeneratedService(
        count=count,
        cap=draw(st.one_of(st.just(500), st.integers(1, 20))),
        totals=totals,
        empty_pages=draw(st.one_of(st.just(frozenset()), st.frozensets(pages, max_size=2))),
        repeated_pages=draw(
            st.one_of(st.just(()), st.lists(st.tuples(pages, pages), max_size=1).map(tuple))
        ),
    )


def read(
    service: Service, data: st.DataObject, page_size: int, max_items: int | None, concurrency: int
) -> Walked:
    return walk(
        service,
        page_size=page_size,
        max_items=max_items,
        concurrency=concurrency,
        arrival=lambda running: data.draw(st.integers(0, len(running) - 1)),
    )


sizes = st.integers(1, 20)
caps = st.one_of(st.none(), st.integers(0, 150))
widths = st.integers(1, 8)


@given(
    count=st.integers(0, 150),
    cap=st.integers(1, 30),
    data=st.data(),
    page_size=sizes,
    max_items=caps,
    concurrency=widths,
)
@settings(max_examples=100)
def test_the_list_of_a_correct_service_is_complete(
    count: int,
    cap: int,
    data: st.DataObject,
    page_size: int,
    max_items: int | None,
    concurrency: int,
) -> None:
    """In any order of arrival, with no more requests than needed."""
    service = GeneratedService(count, cap, (count,), frozenset(), ())
    walked = read(service, data, page_size, max_items, concurrency)
    assert walked.error is None
    assert walked.items == list(range(count))[:max_items]
    assert walked.held <= concurrency
    assert sorted(set(walked.requested)) == walked.requested
    assert len(walked.requested) <= -(-count // min(page_size, cap)) + 1 or count == 0


@given(service=services(), data=st.data(), page_size=sizes, max_items=caps, concurrency=widths)
@settings(max_examples=300)
def test_no_item_is_missing_without_an_error(
    service: GeneratedService,
    data: st.DataObject,
    page_size: int,
    max_items: int | None,
    concurrency: int,
) -> None:
    """All items arrive in order, or an error is raised after those that arrived.

    No client can detect a page that is shorter than requested with a total that it reaches: the
    end of a list has that form.
    """
    walked = read(service, data, page_size, max_items, concurrency)
    assert walked.held <= concurrency
    if not service.repeated_pages:
        assert walked.items == sorted(set(walked.items))
    if walked.error is not None:
        assert isinstance(walked.error, PaginationError)
        assert walked.error.received == len(walked.items)
        return
    if max_items is not None and len(walked.items) == max_items:
        return
    highest = max((total for total in seen_totals(service, walked) if total is not None), default=0)
    assert len(walked.items) >= highest
    if walked.items != list(range(service.count)):
        assert is_possible_end(service, page_size, walked, highest)


def seen_totals(service: GeneratedService, walked: Walked) -> list[int | None]:
    return [service(number, 1)[1] for number in walked.requested]


def is_possible_end(
    service: GeneratedService, page_size: int, walked: Walked, highest: int
) -> bool:
    """Return whether the list of a correct service can end this way."""
    last = walked.requested[-1]
    rows, _ = service(last, page_size)
    full = min(page_size, service.cap)
    short = len(rows) < full
    repeated = any(rows == service(number, page_size)[0] for number in walked.requested[:-1])
    one_capped_page = service.cap < page_size and highest <= service.cap
    return short or repeated or one_capped_page
