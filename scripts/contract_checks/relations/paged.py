"""What holds for every paged list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .listing import LARGEST_PAGE, NOWHERE, Listing, differ, out_of_order, two_values
from .running import Contradictions, NoDataError, Relations

if TYPE_CHECKING:
    from scripts.contract_checks.asking import Api

Find = Callable[["Api"], Listing]
_DEFAULT_PAGE = 100


Judge = Callable[["Api", Listing], Contradictions]
_PAGING: list[tuple[str, bool, Judge]] = []


def add_paging(relations: Relations, operation: str, find: Find, *, assumed: bool = False) -> None:
    """Add the relations of pages.

    Args:
        relations: What they are added to.
        operation: The operation that gives the list.
        find: Gives the list to judge them by.
        assumed: Whether the reference is silent about the sizes of its pages.
    """
    for sentence, sizes, judge in _PAGING:
        relations.add(operation, sentence, judged_on(judge, find), assumed=assumed and sizes)


def judged_on(judge: Judge, find: Find) -> Callable[[Api], Contradictions]:
    """Make the judge of a list one of an API."""
    return lambda api: judge(api, find(api))


def _paging(sentence: str, *, sizes: bool = False) -> Callable[[Judge], Judge]:
    def register(judge: Judge) -> Judge:
        _PAGING.append((sentence, sizes, judge))
        return judge

    return register


def always(listing: Listing) -> Find:
    """The same list whatever the server has."""
    return lambda _api: listing


@_paging("a page has page_size rows, or all that are left")
def _(api: Api, listing: Listing) -> Contradictions:
    total = listing.page(api).total
    if total < 2:
        raise NoDataError(f"the list has {total} rows")
    for size in (1, 2, 7, LARGEST_PAGE):
        page = listing.page(api, page_size=size)
        if len(page.items) != min(size, total):
            yield page.asked, f"{len(page.items)} rows of {total}"


@_paging("without page_size, a page has 100 rows", sizes=True)
def _(api: Api, listing: Listing) -> Contradictions:
    page = listing.page(api)
    if page.total <= 1:
        raise NoDataError(f"the list has {page.total} rows")
    if len(page.items) != min(_DEFAULT_PAGE, page.total):
        yield page.asked, f"{len(page.items)} rows of {page.total}"


@_paging("page_size is refused below 1 and above 500", sizes=True)
def _(api: Api, listing: Listing) -> Contradictions:
    for size in (0, LARGEST_PAGE + 1):
        always = dict(listing.always)
        answer = api.ask(listing.operation, *listing.path, **always, page_size=size)
        if answer.status not in {400, 422}:
            yield answer.asked, f"status {answer.status}"


@_paging("pages share no row, and together they are the whole list, in its order")
def _(api: Api, listing: Listing) -> Contradictions:
    whole = listing.page(api, page_size=LARGEST_PAGE)
    if not 2 <= whole.total <= LARGEST_PAGE:
        raise NoDataError(f"the list has {whole.total} rows; 2 to {LARGEST_PAGE} can be judged")
    size = -(-whole.total // 3)
    ids = []
    for number in range(1, -(-whole.total // size) + 1):
        ids += listing.page(api, page=number, page_size=size).ids
    asked = f"{api.last}, and the pages before"
    if len(set(ids)) != len(ids):
        yield asked, f"{len(ids) - len(set(ids))} rows twice"
    if len(ids) != whole.total:
        yield asked, f"{len(ids)} rows of {whole.total}"
    if difference := differ(whole.ids, ids):
        yield asked, difference
    elif ids != whole.ids:
        yield asked, "the rows of the one large page in another order"


@_paging("the total is that of the list, on whatever page")
def _(api: Api, listing: Listing) -> Contradictions:
    whole = listing.page(api, page_size=LARGEST_PAGE)
    if whole.total <= LARGEST_PAGE and len(whole.items) != whole.total:
        yield whole.asked, f"{len(whole.items)} rows, and a total of {whole.total}"
    for query in ({"page_size": 1}, {"page_size": 2, "page": 2}):
        page = listing.page(api, **query)
        if page.total != whole.total:
            yield page.asked, f"a total of {page.total}, and {whole.total} on one large page"


@_paging("the page after the last is empty")
def _(api: Api, listing: Listing) -> Contradictions:
    total = listing.page(api).total
    page = listing.page(api, page=total // LARGEST_PAGE + 2, page_size=LARGEST_PAGE)
    if page.items:
        yield page.asked, f"{len(page.items)} rows"


@_paging("the camelCase spelling of page_size does nothing")
def _(api: Api, listing: Listing) -> Contradictions:
    usual = listing.page(api)
    if usual.total < 2:
        raise NoDataError(f"the list has {usual.total} rows")
    always = dict(listing.always)
    answer = api.ask(listing.operation, *listing.path, **always, pageSize=1)
    if answer.status == 200:
        page = listing.page(api, pageSize=1)
        if len(page.items) != len(usual.items):
            yield page.asked, f"{len(page.items)} rows, and {len(usual.items)} without it"


def add_count(relations: Relations, operation: str, find: Find) -> None:
    """Add the relation of a list that counts the rows on the page."""

    @relations.relation(operation, "count is the number of rows on the page")
    def _(api: Api) -> Contradictions:
        listing = find(api)
        counted = False
        for size in (2, LARGEST_PAGE):
            page = listing.page(api, page_size=size)
            count = page.body.get("count")
            counted = counted or count is not None
            if count is not None and count != len(page.items):
                yield page.asked, f"count {count}, and {len(page.items)} rows"
        if not counted:
            raise NoDataError("there is no count")


def add_sorting(
    relations: Relations,
    operation: str,
    find: Find,
    columns: Sequence[tuple[str, str]],
    direction: str = "order",
) -> None:
    """Add the relations of sorting: each value of ``sort_by`` with the field it sorts."""
    for value, field in columns:
        _add_column(relations, operation, find, (value, field), direction)


def _add_column(
    relations: Relations, operation: str, find: Find, column: tuple[str, str], direction: str
) -> None:
    value, field = column

    @relations.relation(operation, f"sort_by={value} sorts by {field}, in both directions")
    def _(api: Api) -> Contradictions:
        listing = find(api)
        usual = listing.page(api, page_size=LARGEST_PAGE)
        two_values(usual.items, field)
        for order in ("asc", "desc"):
            page = listing.page(api, page_size=LARGEST_PAGE, **{"sort_by": value, direction: order})
            values = [item.get(field) for item in page.items]
            if problem := out_of_order(values, descending=order == "desc"):
                yield page.asked, problem
            if usual.total <= LARGEST_PAGE and (difference := differ(usual.ids, page.ids)):
                yield page.asked, difference


def add_filters(
    relations: Relations,
    operation: str,
    find: Find,
    filters: Sequence[tuple[str, str]],
    *,
    many: bool,
) -> None:
    """Add the relations of filters by a field's exact value.

    Args:
        relations: What they are added to.
        operation: The operation that gives the list.
        find: Gives the list.
        filters: Each parameter with the field it filters by.
        many: Whether one takes several values.
    """
    for parameter, field in filters:
        _add_filter(relations, operation, find, (parameter, field), many=many)


def _add_filter(
    relations: Relations, operation: str, find: Find, names: tuple[str, str], *, many: bool
) -> None:
    parameter, field = names

    @relations.relation(operation, f"{parameter} keeps the rows with this {field}, and all of them")
    def _(api: Api) -> Contradictions:
        listing = find(api)
        whole = listing.everything(api)
        values = two_values(whole, field)
        for wanted in [values[:1], values[1:], values] if many else [values[:1], values[1:]]:
            page = listing.page(
                api,
                page_size=LARGEST_PAGE,
                **{parameter: [str(value) for value in wanted] if many else wanted[0]},
            )
            strays = [item for item in page.items if item.get(field) not in wanted]
            if strays:
                yield page.asked, f"{len(strays)} of {len(page.items)} rows have another {field}"
            kept = [listing.identity(item) for item in whole if item.get(field) in wanted]
            if page.total != len(kept):
                yield page.asked, f"a total of {page.total}, and {len(kept)} rows have it"
            elif page.total <= LARGEST_PAGE and (difference := differ(kept, page.ids)):
                yield page.asked, difference

    @relations.relation(operation, f"{parameter} with a value that nothing has keeps nothing")
    def _(api: Api) -> Contradictions:
        listing = find(api)
        if listing.page(api).total == 0:
            raise NoDataError("the list is empty")
        page = listing.page(api, **{parameter: [NOWHERE] if many else NOWHERE})
        if page.items or page.total:
            yield page.asked, f"{len(page.items)} rows, and a total of {page.total}"
