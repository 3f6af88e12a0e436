"""Mutators by kind; an argument names the field, parameter or status one mutation changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

from .middleware import JSON, CallNext, MutableRequest, MutableResponse, Mutator

Edit = Callable[[dict[str, Any]], None]
Change = Callable[[list[dict[str, Any]], MutableRequest], list[dict[str, Any]]]
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


def update(values: Callable[[dict[str, Any]], dict[str, Any]]) -> Edit:
    """Set fields to values computed from the object."""
    return lambda item: item.update(values(item))


def convert(name: str, to: Callable[[Any], Any]) -> Edit:
    """Convert a field's value, unless it is absent or null."""

    def edit(item: dict[str, Any]) -> None:
        if item.get(name) is not None:
            item[name] = to(item[name])

    return edit


def percent_to_fraction(name: str) -> Edit:
    """Divide a percentage by 100."""
    return convert(name, lambda value: round(value / 100, 4))


def parse_time(text: str) -> datetime:
    """Parse a time as v2 and v0 format it; digits beyond microseconds are cut off."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{fraction[:6] or '0'}+00:00")


def iso_8601(seconds: float) -> str:
    """Format seconds since the epoch as ISO 8601."""
    return datetime.fromtimestamp(float(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- whole responses -------------------------------------------------------------------------


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


# ---- other rows and other resources ----------------------------------------------------------


def remake_list(place: str, total: str, change: Change, *dropped: str, shift: int = 0) -> Mutator:
    """Change the whole list and return the requested page of it.

    `place` is the path of the rows, `total` the name of their number beside them, if there is one.
    The app does not receive the `dropped` parameters. With a shift, pages but the first start so
    many rows later.
    """
    path, _, name = place.rpartition(".")
    size_name, largest = ("page_size", 500) if total else ("limit", 10_000)

    async def mutator(request: MutableRequest, call_next: CallNext) -> MutableResponse:
        response = await call_next(request)
        if response.status != 200:
            return response
        all_rows = request.without("page", *dropped).with_parameter(size_name, largest)
        (body,) = objects((await call_next(all_rows)).body, path)
        rows = change(body[name] or [], request)
        size = int(request.parameter(size_name) or (100 if total else largest))
        start = size * (int(request.parameter("page") or 1) - 1)
        start += shift if start else 0
        (page,) = objects(response.body, path)
        page[name] = rows[start : start + size]
        # Of two counts, the other one is that of the page.
        page.update({"count": len(page[name])} if "count" in page else {})
        page.update({total: len(rows)} if total else {})
        return response

    return mutator


def keep(parameter: str, test: Callable[[str, dict[str, Any]], bool]) -> Change:
    """Return a change that leaves the rows that pass a test with one of the values of a parameter, if it is there."""

    def change(rows: list[dict[str, Any]], request: MutableRequest) -> list[dict[str, Any]]:
        values = unquote(request.parameter(parameter) or "").split(",")
        is_filtered = request.parameter(parameter) is not None
        return [row for row in rows if not is_filtered or any(test(value, row) for value in values)]

    return change


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
