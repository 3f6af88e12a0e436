"""Mutators by kind; an argument names the field, parameter or status one mutation changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from .middleware import JSON, CallNext, MutableRequest, MutableResponse, Mutator

Edit = Callable[[dict[str, Any]], None]
SUCCESSES, ERRORS = range(200, 300), range(400, 600)  # statuses


# ---- from pure functions to mutators ---------------------------------------------------------


def map_request(change: Callable[[MutableRequest], MutableRequest]) -> Mutator:
    """Send another request to the app."""

    async def mutator(request: MutableRequest, call_next: CallNext) -> MutableResponse:
        return await call_next(change(request))

    return mutator


def map_response(
    change: Callable[[MutableResponse], MutableResponse], statuses: Container[int] = SUCCESSES
) -> Mutator:
    """Change the responses with some statuses."""

    async def mutator(request: MutableRequest, call_next: CallNext) -> MutableResponse:
        response = await call_next(request)
        return change(response) if response.status in statuses else response

    return mutator


def on_success(
    change: Callable[[MutableRequest, MutableResponse, CallNext], Awaitable[MutableResponse]],
) -> Mutator:
    """Change the successful responses, depending on the request and on further responses."""

    async def mutator(request: MutableRequest, call_next: CallNext) -> MutableResponse:
        response = await call_next(request)
        return await change(request, response, call_next) if response.status == 200 else response

    return mutator


def edit_objects(path: str, edit: Edit, *paths: str) -> Mutator:
    """Edit every object at some paths of a successful response's body.

    A path has property names joined with dots; lists on the way are iterated. Empty: the body.
    """

    def change(response: MutableResponse) -> MutableResponse:
        for each in (path, *paths):
            for item in objects(response.body, each):
                edit(item)
        return response

    return map_response(change)


def objects(body: Any, path: str) -> Iterator[dict[str, Any]]:
    """Yield the objects at a path of a body."""
    if isinstance(body, list):
        for item in body:
            yield from objects(item, path)
    elif isinstance(body, dict):
        first, _, rest = path.partition(".")
        if not first:
            yield body
        elif first in body:
            yield from objects(body[first], rest)


# ---- edits of one object ---------------------------------------------------------------------


def rename(old: str, new: str) -> Edit:
    """Rename a field; it keeps its position."""

    def edit(item: dict[str, Any]) -> None:
        items = [(new if key == old else key, value) for key, value in item.items()]
        item.clear()
        item.update(items)

    return edit


def remove(name: str) -> Edit:
    """Remove a field."""
    return lambda item: item.pop(name, None)


def add(name: str, value: Any) -> Edit:
    """Add an undocumented field."""
    return lambda item: item.update({name: value})


def convert(name: str, to: Callable[[Any], Any]) -> Edit:
    """Convert a field's value, unless it is absent or null."""

    def edit(item: dict[str, Any]) -> None:
        if item.get(name) is not None:
            item[name] = to(item[name])

    return edit


def null(name: str) -> Edit:
    """Set a field to null where it is there."""
    return lambda item: item.update({name: None} if name in item else {})


def enum_value(name: str, old: str, new: str) -> Edit:
    """Replace one value of an enumeration."""
    return convert(name, lambda value: new if value == old else value)


def increment(name: str, by: int = 1) -> Edit:
    """Add a number to a count."""
    return convert(name, lambda count: count + by)


def count_rows(rows: str, total: str) -> Edit:
    """Set the total to the number of rows on the page."""
    return lambda item: item.update({total: len(item[rows] or ())})


def exceed(count: str, total: str) -> Edit:
    """Set a count to one more than its total."""
    return lambda item: item.update({count: item[total] + 1})


def percent_to_fraction(name: str) -> Edit:
    """Divide a percentage by 100."""
    return convert(name, lambda value: round(value / 100, 4))


def parse_time(text: str) -> datetime:
    """Parse a time as v2 and v0 format it; digits beyond microseconds are cut off."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{fraction[:6] or '0'}+00:00")


def epoch_seconds(text: str) -> int:
    """Convert a time to seconds since the epoch."""
    return int(parse_time(text).timestamp())


def german_date(text: str) -> str:
    """Format a time as in Germany."""
    return parse_time(text).strftime("%d.%m.%Y %H:%M")


def http_date(text: str) -> str:
    """Format a time as in mail and HTTP headers."""
    return format_datetime(parse_time(text), usegmt=True)


def iso_8601(seconds: float) -> str:
    """Format seconds since the epoch as ISO 8601."""
    return datetime.fromtimestamp(float(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- whole responses -------------------------------------------------------------------------


def wrap_body(key: str) -> Mutator:
    """Wrap the body in an object."""
    return map_response(lambda response: replace(response, body={key: response.body}))


def replace_response(statuses: Container[int] = SUCCESSES, **changes: Any) -> Mutator:
    """Replace the status or the media type of some responses, and keep the body."""
    return map_response(lambda response: replace(response, **changes), statuses)


def reshape_errors(shape: Callable[[str], Any], media_type: str = JSON) -> Mutator:
    """Build the body of an error response anew from its message."""

    def change(response: MutableResponse) -> MutableResponse:
        error = response.body["error"]
        body = shape(error["message"] if isinstance(error, dict) else error)
        return replace(response, body=body, content_type=media_type)

    return map_response(change, ERRORS)


def null_instead_of_404() -> Mutator:
    """Return 200 and null for what does not exist."""
    return map_response(lambda _response: MutableResponse(200, None), {404})


def remove_route(error_key: str) -> Mutator:
    """Return 404 for the whole route."""

    async def mutator(request: MutableRequest, _call_next: CallNext) -> MutableResponse:
        return MutableResponse(404, {error_key: f"There is nothing at {request.path!r}."})

    return mutator


# ---- requests --------------------------------------------------------------------------------


def ignore_parameters(*names: str) -> Mutator:
    """Accept query parameters without any effect."""
    return map_request(lambda request: request.without(*names))


def cap_page_size(limit: int, largest: float = 500) -> Mutator:
    """Lower a larger page size to a limit, up to the largest; one above is still rejected."""

    def change(request: MutableRequest) -> MutableRequest:
        size = request.parameter("page_size") or "100"
        is_capped = size.isdecimal() and limit < int(size) <= largest
        return request.with_parameter("page_size", limit) if is_capped else request

    return map_request(change)


def accept_any_key() -> Mutator:
    """Accept requests with a wrong key or without one."""
    return map_request(lambda request: replace(request, with_key=True))


# ---- other rows and other resources ----------------------------------------------------------


def shift_pages(
    page_of: Callable[[Any], dict[str, Any]], rows: str, by: int, count: str | None = None
) -> Mutator:
    """Start every page but the first one row too early (-1) or too late (1).

    `page_of` returns the object with the rows, from a body; `count` is its field with their number.
    """

    async def change(
        request: MutableRequest, response: MutableResponse, call_next: CallNext
    ) -> MutableResponse:
        number = int(request.parameter("page") or 1)
        if number == 1:
            return response
        neighbour = await call_next(request.with_parameter("page", number + by))
        other = page_of(neighbour.body)[rows] or []
        page = page_of(response.body)
        own, size = page[rows] or [], int(request.parameter("page_size") or 100)
        page[rows] = [*other[-1:], *own][:size] if by < 0 else [*own[1:], *other[:1]]
        if count is not None:
            page[count] = len(page[rows])
        return response

    return on_success(change)


def return_other_resource(
    list_request: Callable[[MutableRequest], MutableRequest], rows: Callable[[Any], list[Any]]
) -> Mutator:
    """Return another resource of the list than the one requested by id."""

    async def change(
        request: MutableRequest, response: MutableResponse, call_next: CallNext
    ) -> MutableResponse:
        identity = response.body["id"]
        for row in rows((await call_next(list_request(request))).body):
            if row["id"] != identity:
                before, _, after = request.path.rpartition(quote(str(identity), safe=""))
                path = f"{before}{quote(str(row['id']), safe='')}{after}"
                return await call_next(replace(request, path=path))
        return response

    return on_success(change)


def serve_item(
    list_query: dict[str, Any], rows: Callable[[Any], list[Any]], error: Callable[[str], Any]
) -> Mutator:
    """Serve one row of a list under a route that no specification has.

    With `list_query` the list has every row. `error` makes the body of the 404 from the id.
    """

    async def mutator(request: MutableRequest, call_next: CallNext) -> MutableResponse:
        root, _, identity = request.path.rpartition("/")
        response = await call_next(request.get(root, **list_query))
        if response.status != 200:
            return response
        for item in rows(response.body):
            if str(item["id"]) == identity:
                return MutableResponse(200, item)
        return MutableResponse(404, error(identity))

    return mutator
