"""The kinds of change, made from what is particular to one: a field, a parameter, a status."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from benchwire_local.drift.messages import JSON, Act, Answered, Asked, PassOn

Start = Callable[[], Act]
Edit = Callable[[dict[str, Any]], None]


# ---- from pure functions to changes --------------------------------------------------------


def asking(change: Callable[[Asked], Asked]) -> Start:
    """Make the change that has the app see another request."""

    async def act(asked: Asked, pass_on: PassOn) -> Answered:
        return await pass_on(change(asked))

    return lambda: act


def answering(change: Callable[[Answered], Answered], *, refusals: bool = False) -> Start:
    """Make the change of an answer: of the successful ones, or of the refusals."""

    async def act(asked: Asked, pass_on: PassOn) -> Answered:
        answered = await pass_on(asked)
        return change(answered) if (answered.status >= 400) is refusals else answered

    return lambda: act


def editing(path: str, edit: Edit) -> Start:
    """Make the change of every object at a place of the successful answers' body.

    Args:
        path: Property names with dots between them; lists on the way are gone through. Empty for
            the body itself.
        edit: Changes an object in place.
    """

    def change(answered: Answered) -> Answered:
        for item in objects(answered.body, path):
            edit(item)
        return answered

    return answering(change)


def objects(body: Any, path: str) -> Iterator[dict[str, Any]]:
    """Give the objects at a place of a body."""
    if isinstance(body, list):
        for item in body:
            yield from objects(item, path)
    elif isinstance(body, dict):
        first, _, rest = path.partition(".")
        if not first:
            yield body
        elif first in body:
            yield from objects(body[first], rest)


# ---- fields --------------------------------------------------------------------------------


def rename(old: str, new: str) -> Edit:
    """A field by another name, at the same place among the others."""

    def edit(item: dict[str, Any]) -> None:
        items = [(new if key == old else key, value) for key, value in item.items()]
        item.clear()
        item.update(items)

    return edit


def remove(name: str) -> Edit:
    """A field that is gone."""

    def edit(item: dict[str, Any]) -> None:
        item.pop(name, None)

    return edit


def add(name: str, value: Any) -> Edit:
    """A field nobody has heard of."""

    def edit(item: dict[str, Any]) -> None:
        item[name] = value

    return edit


def convert(name: str, to: Callable[[Any], Any]) -> Edit:
    """Another value in a field, where there is one that is not null."""

    def edit(item: dict[str, Any]) -> None:
        if item.get(name) is not None:
            item[name] = to(item[name])

    return edit


def null(name: str) -> Edit:
    """A field that is always null."""

    def edit(item: dict[str, Any]) -> None:
        if name in item:
            item[name] = None

    return edit


def enum_value(name: str, old: str, new: str) -> Edit:
    """A new word for one value of an enumeration."""
    return convert(name, lambda value: new if value == old else value)


def at(iso: str) -> datetime:
    """Read a time as v2 and v0 write it; digits beyond microseconds are cut off."""
    whole, _, fraction = iso.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{fraction[:6] or '0'}+00:00")


def epoch(iso: str) -> int:
    """Write a time as seconds since the epoch."""
    return int(at(iso).timestamp())


def german(iso: str) -> str:
    """Write a time as it is written in Germany."""
    return at(iso).strftime("%d.%m.%Y %H:%M")


def mail(iso: str) -> str:
    """Write a time as mail and HTTP do."""
    return format_datetime(at(iso), usegmt=True)


def iso(seconds: float) -> str:
    """Write seconds since the epoch as ISO 8601."""
    return datetime.fromtimestamp(float(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- whole answers -------------------------------------------------------------------------


def envelope(key: str) -> Start:
    """The body within another object."""

    def change(answered: Answered) -> Answered:
        answered.body = {key: answered.body}
        return answered

    return answering(change)


def status(code: int, *, refusals: bool = False, instead_of: int | None = None) -> Start:
    """Another status with the same body."""

    def change(answered: Answered) -> Answered:
        if instead_of in (None, answered.status):
            answered.status = code
        return answered

    return answering(change, refusals=refusals)


def content_type(media_type: str, *, refusals: bool = False) -> Start:
    """Another media type with the same body."""

    def change(answered: Answered) -> Answered:
        answered.content_type = media_type
        return answered

    return answering(change, refusals=refusals)


def refusal_shape(shape: Callable[[str], Any], media_type: str = JSON) -> Start:
    """Another shape of the refusals' body, made from the message."""

    def change(answered: Answered) -> Answered:
        (message,) = answered.body.values()
        answered.body, answered.content_type = shape(message), media_type
        return answered

    return answering(change, refusals=True)


def null_instead_of_404() -> Start:
    """What is not there is answered with 200 and null."""

    def change(answered: Answered) -> Answered:
        return Answered(200, None) if answered.status == 404 else answered

    return answering(change, refusals=True)


def missing_route(error_key: str) -> Start:
    """The route is not served any more."""

    async def act(asked: Asked, _pass_on: PassOn) -> Answered:
        return Answered(404, {error_key: f"There is nothing at {asked.path!r}."})

    return lambda: act


# ---- parameters ----------------------------------------------------------------------------


def ignoring(*names: str) -> Start:
    """Query parameters are accepted and make no difference."""
    return asking(lambda asked: asked.without(*names))


def capped(most: int) -> Start:
    """Pages are never larger than this, whatever is asked for within the limits."""

    def change(asked: Asked) -> Asked:
        size = asked.given("page_size") or "100"
        larger = size.isdecimal() and most < int(size) <= 500
        return asked.having("page_size", most) if larger else asked

    return asking(change)


def without_key() -> Start:
    """Requests are served whether they carry the key or not."""
    return asking(lambda asked: replace(asked, with_key=True))


# ---- pages and other resources -------------------------------------------------------------


def shifted_pages(
    holder_of: Callable[[Any], dict[str, Any]], key: str, by: int, *, page_count: str | None = None
) -> Start:
    """Every page but the first begins a row too early (-1) or too late (1).

    Args:
        holder_of: Gives the object that holds the rows, from a body.
        key: The rows' name in it.
        by: The shift.
        page_count: The name of the number of rows on the page, if there is one.
    """

    async def act(asked: Asked, pass_on: PassOn) -> Answered:
        page = int(asked.given("page") or 1)
        answered = await pass_on(asked)
        if answered.status != 200 or page == 1:
            return answered
        neighbour = await pass_on(asked.having("page", page + by))
        beside = holder_of(neighbour.body)[key] or []
        holder = holder_of(answered.body)
        own, size = holder[key] or [], int(asked.given("page_size") or 100)
        holder[key] = [*beside[-1:], *own][:size] if by < 0 else [*own[1:], *beside[:1]]
        if page_count is not None:
            holder[page_count] = len(holder[key])
        return answered

    return lambda: act


def another(list_of: Callable[[Asked], Asked], rows: Callable[[Any], list[Any]]) -> Start:
    """A resource asked for by its id: another one is answered.

    Args:
        list_of: Makes the request for the list, from that for the resource.
        rows: Gives the rows of that list's answer.
    """

    async def act(asked: Asked, pass_on: PassOn) -> Answered:
        answered = await pass_on(asked)
        if answered.status != 200:
            return answered
        identity = answered.body["id"]
        for row in rows((await pass_on(list_of(asked))).body):
            if row["id"] != identity:
                tail = asked.path.rpartition(quote(str(identity), safe=""))
                path = f"{tail[0]}{quote(str(row['id']), safe='')}{tail[2]}"
                return await pass_on(replace(asked, path=path))
        return answered

    return lambda: act
