"""The page walk: services with single deviations."""

from __future__ import annotations

import pytest

from benchwire._lists.limits import PageLimits, page_limits
from benchwire._lists.page_walk import PageWalk
from benchwire._lists.source import Page
from benchwire.errors import NotFoundError, PaginationError
from support.page_walks import Service, honest, rate, scripted, source, walk


def numbers(start: int, end: int) -> list[int]:
    return list(range(start, end))


WHOLE: dict[str, tuple[Service, int]] = {
    "nothing": (honest(0), 0),
    "one item": (honest(1), 1),
    "one full page": (honest(10), 10),
    "one more than a page": (honest(11), 11),
    "many pages, the last one full": (honest(100), 100),
    "many pages, the last one short": (honest(95), 95),
    "pages capped below the requested size": (honest(95, cap=4), 95),
    "pages capped at one": (honest(7, cap=1), 7),
    "there is no total": (honest(95, total=lambda page: None), 95),
    "no total, capped": (honest(35, cap=4, total=lambda page: None), 35),
    "no total, the last page full": (honest(30, total=lambda page: None), 30),
    "the total is on the first page only": (
        honest(95, total=lambda page: 95 if page == 1 else None),
        95,
    ),
    "the total is on later pages only": (
        honest(95, total=lambda page: 95 if page > 2 else None),
        95,
    ),
    "the total is too low": (honest(95, total=lambda page: 40), 95),
    "the total is too low, capped": (honest(95, cap=4, total=lambda page: 40), 95),
    "the total is zero": (honest(95, total=lambda page: 0), 95),
    "the total grows": (honest(95, total=lambda page: 25 if page == 1 else 95), 95),
    "the total grows on the last page": (
        scripted((numbers(0, 10), 20), (numbers(10, 20), 30), (numbers(20, 30), 30)),
        30,
    ),
    "an empty middle page that moves the rest": (
        scripted((numbers(0, 10), 25), ([], 25), (numbers(10, 20), 25), (numbers(20, 25), 25)),
        25,
    ),
    "an empty first page": (
        scripted(([], 25), (numbers(0, 10), 25), (numbers(10, 20), 25), (numbers(20, 25), 25)),
        25,
    ),
    "a short middle page that moves the rest": (
        scripted(
            (numbers(0, 10), 25), (numbers(10, 13), 25), (numbers(13, 23), 25), ([23, 24], 25)
        ),
        25,
    ),
    "a short first page, then full ones": (
        scripted((numbers(0, 3), 23), (numbers(3, 13), 23), (numbers(13, 23), 23)),
        23,
    ),
    "pages grow smaller while read": (
        scripted((numbers(0, 10), 22), (numbers(10, 16), 22), (numbers(16, 22), 22)),
        22,
    ),
    "an item twice, at the seam of two pages": (
        scripted((numbers(0, 10), 20), (numbers(9, 19), 20), ([19], 20)),
        20,
    ),
    "an item twice on a page": (scripted(([0, 1, 1, 2, 0], 3)), 3),
    "more than was requested": (scripted((numbers(0, 30), 30)), 30),
    "after the end, the last page again": (
        scripted(*[(numbers(0, 10), 20), *[(numbers(10, 20), 20)] * 9]),
        20,
    ),
    "every page is the whole list": (scripted(*[(numbers(0, 10), 10)] * 9), 10),
}


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize("name", WHOLE)
def test_all_items_arrive(name: str, concurrency: int) -> None:
    service, count = WHOLE[name]
    walked = walk(service, concurrency=concurrency)
    assert walked.error is None
    assert walked.items == numbers(0, count)


def refusal(status: int) -> NotFoundError:
    return NotFoundError(
        "no such page", operation="listModels", status_code=status, body=None, headers={}
    )


@pytest.mark.parametrize("status", [400, 404, 416, 422])
def test_a_refusal_of_the_page_after_the_last_is_the_end(status: int) -> None:
    service = scripted((numbers(0, 10), 20), (numbers(10, 20), 20), refusal(status))
    walked = walk(service)
    assert (walked.items, walked.error, walked.requested) == (numbers(0, 20), None, [1, 2, 3])


@pytest.mark.parametrize(
    "service",
    [
        scripted(refusal(404)),
        scripted((numbers(0, 10), 30), (numbers(10, 20), 30), refusal(404)),
        scripted((numbers(0, 10), None), refusal(404)),
        scripted((numbers(0, 10), 10), refusal(503)),
    ],
    ids=["the first page", "something is missing", "there is no total", "the service failed"],
)
def test_any_other_refusal_is_an_error(service: Service) -> None:
    assert isinstance(walk(service).error, NotFoundError)


def test_the_next_pages_are_wanted_while_a_page_is_read() -> None:
    walking: PageWalk[int, list[int]] = PageWalk(source(), PageLimits(10, None, 4), rate(4))
    assert walking.wanted() == [1]
    walking.arrived(1, Page(numbers(0, 10), 95, numbers(0, 10)))
    reading = walking.ready()
    next(reading)
    assert walking.wanted() == [2, 3, 4, 5]


INCOMPLETE: dict[str, tuple[Service, int, int | None]] = {
    # what the service does, the items that arrive, the total it promised
    "the total is too high": (honest(35, total=lambda page: 40), 35, 40),
    "the total is far too high": (honest(35, total=lambda page: 2**31), 35, 2**31),
    "the total shrinks, and so does the list": (
        honest(35, total=lambda page: 50 if page == 1 else 35),
        35,
        50,
    ),
    "a middle page is empty": (honest(50, empty={3}), 40, 50),
    "the first page is empty": (honest(50, empty={1}), 40, 50),
    "the last page is empty": (honest(50, empty={5}), 40, 50),
    "all pages are empty": (honest(0, total=lambda page: 5), 0, 5),
    "a page is repeated": (
        scripted((numbers(0, 10), 30), (numbers(0, 10), 30), (numbers(20, 30), 30)),
        10,
        30,
    ),
    "a page is repeated later": (
        scripted(
            (numbers(0, 10), 40),
            (numbers(10, 20), 40),
            (numbers(0, 10), 40),
            (numbers(30, 40), 40),
        ),
        20,
        40,
    ),
    "every page is the first": (scripted(*[(numbers(0, 10), 100)] * 20), 10, 100),
    "every page is the first, and there is no total": (
        scripted(*[(numbers(0, 10), None)] * 20),
        10,
        None,
    ),
    "an item is lost between two pages": (
        scripted((numbers(0, 10), 20), (numbers(11, 20), 20)),
        19,
        20,
    ),
}


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize("name", INCOMPLETE)
def test_an_incomplete_list_is_an_error(name: str, concurrency: int) -> None:
    service, received, expected = INCOMPLETE[name]
    walked = walk(service, concurrency=concurrency)
    assert isinstance(walked.error, PaginationError)
    assert (walked.error.received, walked.error.expected) == (received, expected)
    assert len(walked.items) == received
    assert 1 <= walked.error.page <= len(walked.requested)
    # An incomplete list that has an end fails after few requests, whatever its total.
    assert len(walked.requested) <= 40


def test_the_message_has_the_number_of_missing_items() -> None:
    error = walk(honest(35, total=lambda page: 40 if page == 1 else 42)).error
    assert str(error) == (
        "the list is incomplete: 35 different items arrived on 5 pages and the total rose"
        " from 40 to 42, so 7 are missing"
    )


def test_a_repeated_page_is_named() -> None:
    service = scripted((numbers(0, 10), 30), (numbers(10, 20), 30), (numbers(0, 10), 30))
    assert "page 3 has the same items as page 1" in str(walk(service).error)


@pytest.mark.parametrize("start", range(2, 8))
@pytest.mark.parametrize("lowered", range(1, 10))
@pytest.mark.parametrize("count", [55, 57, 60])
def test_a_page_size_lowered_during_the_read(count: int, lowered: int, start: int) -> None:
    def service(page: int, _: int) -> tuple[list[int], int]:
        size = 10 if page < start else lowered
        return numbers(0, count)[(page - 1) * size : page * size], count

    walked = walk(service)
    # The pages go back: their rows are known from the page before, or the list can't be trusted.
    if not isinstance(walked.error, PaginationError):
        assert (walked.error, walked.items) == (None, numbers(0, count))


def test_a_failed_page_is_an_error_after_the_pages_before_it() -> None:
    failure = ConnectionError("page 3")
    pages = [(numbers(n * 10, n * 10 + 10), 50) for n in range(5)]
    service = scripted(*pages[:2], failure, *pages[3:])
    for concurrency in (1, 4):
        # The last of the concurrent pages arrives first: page 3 fails before page 2 is there.
        walked = walk(service, concurrency=concurrency, arrival=lambda running: -1)
        assert walked.error is failure
        assert walked.pages == [numbers(0, 10), numbers(10, 20)]


def test_a_failed_first_page_is_an_error() -> None:
    failure = ConnectionError("page 1")
    walked = walk(scripted(failure))
    assert (walked.error, walked.pages, walked.requested) == (failure, [], [1])


def test_the_first_page_is_requested_alone_and_then_as_many_as_allowed() -> None:
    assert walk(honest(100), concurrency=3).requested[:4] == [1, 2, 3, 4]
    for concurrency in (1, 2, 3, 64):
        walked = walk(honest(200), concurrency=concurrency, arrival=lambda running: -1)
        assert walked.held == min(concurrency, 20)


def test_the_pages_under_way_grow_with_each_that_comes() -> None:
    """The page after the last full one is requested with it, not in a round of its own."""
    service, rounds = honest(300), list[int]()
    paging = PageWalk(source(), PageLimits(10, None, 16), rate(16))
    while not paging.done:
        wanted = paging.wanted()
        rounds.append(len(wanted))
        for number in wanted:
            items, total = service(number, 10)
            paging.arrived(number, Page(items, total, list(items)))
            list(paging.ready())
    assert rounds == [1, 7, 14, 9]


def test_no_page_is_requested_twice_or_without_need() -> None:
    assert walk(honest(95)).requested == numbers(1, 11)
    assert walk(honest(0)).requested == [1]
    assert walk(honest(3)).requested == [1]
    # A total can be too low by any number, so a full last page is followed by one more request.
    assert walk(honest(20)).requested == [1, 2, 3]
    # A page may have more items than requested: they count, and one request follows.
    assert walk(scripted((numbers(0, 30), 30)), page_size=10).requested == [1, 2]


@pytest.mark.parametrize(
    ("max_items", "requested"), [(0, []), (1, [1]), (10, [1]), (11, [1, 2]), (30, [1, 2, 3])]
)
def test_max_items_ends_the_walk(max_items: int, requested: list[int]) -> None:
    walked = walk(honest(1000), max_items=max_items)
    assert walked.error is None
    assert walked.items == numbers(0, max_items)
    assert walked.requested == requested


def test_max_items_with_capped_pages() -> None:
    walked = walk(honest(1000, cap=4), max_items=10)
    assert walked.items == numbers(0, 10)
    assert walked.requested == [1, 2, 3]


def test_max_items_with_repeated_items() -> None:
    service = scripted(
        (numbers(0, 10), 40), (numbers(5, 15), 40), (numbers(15, 25), 40), (numbers(25, 35), 40)
    )
    walked = walk(service, max_items=20)
    assert walked.error is None
    assert walked.items == numbers(0, 20)


def test_max_items_beyond_the_end_hides_nothing() -> None:
    assert walk(honest(25), max_items=100).items == numbers(0, 25)
    assert isinstance(walk(honest(25, empty={2}), max_items=100).error, PaginationError)


def test_max_items_reached_before_something_is_missing() -> None:
    walked = walk(honest(50, empty={4}), max_items=30)
    assert (walked.error, walked.items) == (None, numbers(0, 30))


def test_an_empty_list_has_one_empty_page() -> None:
    assert walk(honest(0)).pages == [[]]


def test_items_without_an_id_all_arrive() -> None:
    service = scripted((["x"] * 10, 25), (["x"] * 10, 25), (["x"] * 5, 25))
    walked = walk(service, identify=lambda item: None)
    assert (walked.error, len(walked.items)) == (None, 25)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((100, -1, 4), "max_items must be from 0 to"),
        ((100, None, 0), "concurrency must be from 1 to 64, not 0"),
        ((100, None, 65), "concurrency must be from 1 to 64, not 65"),
    ],
)
def test_limits_are_checked(arguments: tuple[int, int | None, int], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        page_limits(*arguments)


def test_the_page_size_is_at_most_max_items() -> None:
    assert page_limits(100, None, 4).page_size == 100
    assert page_limits(100, 3, 4).page_size == 3
    assert page_limits(50, 60, 4).page_size == 50
    assert page_limits(100, 0, 4).max_items == 0
