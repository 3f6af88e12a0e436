"""``benchwire api``: read any path of a service, and print its body as it came."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, urlsplit

import typer

from benchwire import PublicClient
from benchwire._lists.source import ListOperation
from benchwire._sync.operations import public
from benchwire.cli.drift import Api
from benchwire.cli.exits import INCOMPLETE, CommandError
from benchwire.cli.output import print_text
from benchwire.cli.session import session
from benchwire_api.errors import DecodeError
from benchwire_api.types import Response

_LISTS: tuple[ListOperation[Any, Any], ...] = tuple(
    each for each in vars(public).values() if isinstance(each, ListOperation)
)
_SAFE = "/%!$&'()*+,;=:@~"  # with letters, digits and -._: what a path may have unencoded


def read_path(
    context: typer.Context,
    api: Annotated[Api, typer.Argument(help="The service.")],
    path: Annotated[
        str, typer.Argument(help="The path in its spec, such as /models; a query may follow.")
    ],
    *,
    query: Annotated[
        list[str] | None,
        typer.Option("--field", "-f", metavar="NAME=VALUE", help="A value of the query."),
    ] = None,
    paginate: Annotated[
        bool,
        typer.Option("--paginate", help="Read all pages of a list; one body after the other."),
    ] = False,
) -> None:
    """Read any path of a service (GET), and print its JSON as it came.

    With it you reach what benchwire has no command for. A filter with several values takes one value,
    separated by commas.
    """
    client = getattr(session(context), api)()
    path, _, in_path = path.partition("?")
    path = _below(client.base_url, path)
    values = _query([*parse_qsl(in_path, keep_blank_values=True), *map(_pair, query or ())])
    if not paginate:
        print_text(client.get_raw(path, values).decode("utf-8", "replace"))
        return
    operation = _list_at(path) if api == "public" else None
    if operation is None or "page" in values:
        paths = ", ".join(each.path for each in _LISTS)
        raise typer.BadParameter(
            f"it counts the pages of {paths} of the public API: name no page",
            param_hint="--paginate",
        )
    for content in _pages(client, path, values, operation):
        print_text(content.decode("utf-8", "replace"))


def _pages(
    client: PublicClient, path: str, query: dict[str, str], operation: ListOperation[Any, Any]
) -> Iterator[bytes]:
    """Yield the bodies of all pages, checked to be all.

    Raises:
        CommandError: If a page can't be read, or fewer rows came than the pages say there are.
    """
    number, seen = 0, 0
    size = query.setdefault("page_size", str(operation.largest_page_size))
    while True:
        number += 1
        content = client.get_raw(path, {**query, "page": number})
        yield content
        try:
            body = operation.parse(Response(status_code=200, content=content), number, int(size))
        except DecodeError as error:
            raise CommandError(f"page {number} is no page: {error}", INCOMPLETE) from None
        rows, total = len(operation.items(body)), operation.total(body)
        seen += rows
        if not rows or (rows < int(size) if total is None else seen >= total):
            break
    if total is not None and seen < total:
        raise CommandError(f"{seen} of {total} rows came", INCOMPLETE)


def _below(base_url: str, path: str) -> str:
    """Return a path below the base URL, percent-encoded; it may be given with that of the URL."""
    prefix = urlsplit(base_url).path.rstrip("/")
    path = "/" + quote(path, safe=_SAFE).lstrip("/")
    return path.removeprefix(prefix) if path.startswith(prefix + "/") else path


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise typer.BadParameter(f"{text!r} is no NAME=VALUE", param_hint="--field")
    return name, value


def _query(pairs: list[tuple[str, str]]) -> dict[str, str]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise typer.BadParameter(
            f"{twice} is given twice; separate the values of a filter by commas",
            param_hint="--field",
        )
    return values


def _list_at(path: str) -> ListOperation[Any, Any] | None:
    """Return the list operation of a path; a literal segment goes before a parameter."""
    for operation in sorted(_LISTS, key=lambda each: each.path.count("{")):
        if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", operation.path), path):
            return operation
    return None
