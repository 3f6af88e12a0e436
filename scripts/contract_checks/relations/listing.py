"""Lists as relations read them: one page, or all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts.contract_checks.asking import UnexpectedError

from .running import NoDataError

if TYPE_CHECKING:
    from scripts.contract_checks.asking import Api, Asked, Value

LARGEST_PAGE = 500
MOST_PAGES = 4
NOWHERE = "no-such-value-anywhere"
Item = Mapping[str, Any]


@dataclass(frozen=True)
class Listing:
    """A paged list.

    Attributes:
        operation: The operation that gives it.
        items: Where its rows stand in the answer.
        total: Where the number of all rows stands.
        count: Where the number of rows on the page stands, if anywhere.
        identity: What tells a row from another.
        path: The values in its path.
        always: Parameters that are sent with every request.
    """

    operation: str
    items: tuple[str, ...]
    total: tuple[str, ...]
    count: str | None = None
    identity: Callable[[Item], Any] = lambda item: item["id"]
    path: tuple[str, ...] = ()
    always: tuple[tuple[str, Value], ...] = ()

    def page(self, api: Api, **query: Value) -> Page:
        """Ask for one page."""
        body = api.get(self.operation, *self.path, **dict(self.always), **query)
        asked = api.last
        items = _at(body, self.items, asked) or []
        total = _at(body, self.total, asked)
        if not isinstance(items, list) or not isinstance(total, int):
            raise UnexpectedError(asked, "no list of rows with a total")
        return Page(asked, body, items, total, [self.identity(item) for item in items])

    def everything(self, api: Api, **query: Value) -> list[Item]:
        """All rows.

        Raises:
            NoDataError: There are more than can be read in a few requests.
        """
        items: list[Item] = []
        for number in range(1, MOST_PAGES + 1):
            page = self.page(api, page=number, page_size=LARGEST_PAGE, **query)
            items += page.items
            if len(items) >= page.total or not page.items:
                return items
        raise NoDataError(f"there are {page.total} rows, too many to read all of them")

    def some(self, api: Api, **query: Value) -> list[Item]:
        """Rows to take values from: one page as large as it may be."""
        page = self.page(api, page_size=LARGEST_PAGE, **query)
        if not page.items:
            raise NoDataError("the list is empty")
        return page.items


@dataclass(frozen=True)
class Page:
    """One page of a list."""

    asked: Asked
    body: Any
    items: list[Item]
    total: int
    ids: list[Any]


def _at(body: Any, path: tuple[str, ...], asked: Asked) -> Any:
    for key in path:
        if not isinstance(body, dict) or key not in body:
            raise UnexpectedError(asked, f"no {'.'.join(path)} in the answer")
        body = body[key]
    return body


def two_values(items: Iterable[Item], field: str) -> tuple[Any, Any]:
    """Two values of a field, the rarest of those that are there.

    Raises:
        NoDataError: All rows have the same.
    """
    seen: dict[Any, int] = {}
    for item in items:
        value = item.get(field)
        if value is not None:
            seen[value] = seen.get(value, 0) + 1
    if len(seen) < 2:
        raise NoDataError(f"{field} has fewer than two values")
    first, second, *_ = sorted(seen, key=lambda value: (seen[value], str(value)))
    return first, second


def out_of_order(values: Sequence[Any], *, descending: bool) -> str | None:
    """Say what is out of order, or None.

    Texts may be sorted with or without regard to case; what has no value may stand at either end,
    but together.
    """
    there = [position for position, value in enumerate(values) if value is not None]
    if there and there[-1] - there[0] + 1 != len(there):
        return "rows without a value stand among those with one"
    present = [values[position] for position in there]
    for key in (_exactly, _folded):
        ordered = sorted(present, key=key, reverse=descending)
        if [key(value) for value in ordered] == [key(value) for value in present]:
            return None
    return f"{len(present)} rows, not in order"


def _exactly(value: Any) -> Any:
    # Seconds since the epoch are sometimes sent as text.
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def differ(expected: Iterable[Any], got: Iterable[Any]) -> str | None:
    """Say how two sets of ids differ, or None."""
    wanted, came = set(expected), set(got)
    if wanted == came:
        return None
    said = []
    for word, ids in (("missing", wanted - came), ("not asked for", came - wanted)):
        if ids:
            shown = ", ".join(sorted(map(str, ids))[:3])
            said.append(f"{len(ids)} {word}, such as {shown}")
    return "; ".join(said)
