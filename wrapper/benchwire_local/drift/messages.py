"""What a change works on, a request and an answer, and what a change is."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from urllib.parse import quote

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as changes look at it.

    Args:
        operation: Its operation, such as ``v0.getJob``; ``None`` if the specifications have none.
        method: In upper case.
        path: Percent-encoded, with the API's root.
        query: Names and values, percent-encoded, in order.
        with_key: Whether it is taken for one that carries the server's key.
    """

    operation: str | None
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    with_key: bool = False

    def given(self, name: str) -> str | None:
        """The value of a query parameter, percent-encoded; ``None`` if it is not given."""
        return next((value for key, value in self.query if key == name), None)

    def without(self, *names: str) -> Asked:
        """The same request without these query parameters."""
        return replace(self, query=tuple(pair for pair in self.query if pair[0] not in names))

    def having(self, name: str, value: object) -> Asked:
        """The same request with a query parameter set to a value."""
        return replace(self, query=(*self.without(name).query, (name, quote(str(value), safe=""))))

    def elsewhere(self, path: str, **query: object) -> Asked:
        """A GET of another path of the same API."""
        pairs = tuple((name, quote(str(value), safe="")) for name, value in query.items())
        return replace(self, method="GET", path=path, query=pairs)


@dataclass(slots=True)
class Answered:
    """An answer; its JSON body belongs to whoever holds it, and may be changed in place.

    Args:
        status: The HTTP status.
        body: The decoded JSON, or bytes to be sent as they are.
        headers: By lower-case name, without those of the body.
        content_type: The media type.
    """

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON


PassOn: TypeAlias = Callable[[Asked], Awaitable[Answered]]
Act: TypeAlias = Callable[[Asked, PassOn], Awaitable[Answered]]


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One named change of what the server sends or accepts.

    Args:
        id: The name a plan gives.
        kind: The class of change, such as ``renamed field``; a text, for reports.
        operations: The operations whose behaviour on the wire changes, as ``api.operationId``.
        description: What is different, in a sentence.
        start: Begins the change for one server: what it gives is called for each request, with the
            means to pass it, or another one, on to the real app.
        route: For a route that the specifications do not have: the requests that reach it, as a
            pattern of method, blank and path; the operations are those it stands beside.
    """

    id: str
    kind: str
    operations: tuple[str, ...]
    description: str
    start: Callable[[], Act] = field(repr=False)
    route: re.Pattern[str] | None = None

    @property
    def api(self) -> str:
        """The API it is of: ``public``, ``v2`` or ``v0``."""
        return self.id.partition(".")[0]

    def concerns(self, asked: Asked) -> bool:
        """Whether a request may be treated differently."""
        if self.route is not None:
            return self.route.fullmatch(f"{asked.method} {asked.path}") is not None
        return asked.operation in self.operations
