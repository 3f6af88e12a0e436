"""The request and the response a mutator works on, and the definition of a mutation."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from urllib.parse import quote

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class MutableRequest:
    """A request, as far as mutators read it; a changed one is a copy.

    Attributes:
        operation: Its operation, such as ``v0.getJob``; ``None`` if no specification has it.
        method: In upper case.
        path: Percent-encoded, with the prefix of its API.
        query: Names and values, percent-encoded, in order.
        with_key: Whether the server's key is added before the app receives it.
    """

    operation: str | None
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    with_key: bool = False

    def parameter(self, name: str) -> str | None:
        """Return the percent-encoded value of a query parameter, if it is there."""
        return next((value for key, value in self.query if key == name), None)

    def without(self, *names: str) -> MutableRequest:
        """Return the request without these query parameters."""
        return replace(self, query=tuple(pair for pair in self.query if pair[0] not in names))

    def with_parameter(self, name: str, value: object) -> MutableRequest:
        """Return the request with one query parameter replaced or added."""
        return replace(self, query=(*self.without(name).query, (name, quote(str(value), safe=""))))

    def get(self, path: str, **query: object) -> MutableRequest:
        """Return a GET of another path."""
        pairs = tuple((name, quote(str(value), safe="")) for name, value in query.items())
        return replace(self, method="GET", path=path, query=pairs)


@dataclass(slots=True)
class MutableResponse:
    """A response; mutators change it in place.

    Attributes:
        status: The HTTP status.
        body: The decoded JSON, or bytes to send as they are.
        headers: By lower-case name, without those that describe the body.
        content_type: The media type.
    """

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON


CallNext: TypeAlias = Callable[[MutableRequest], Awaitable[MutableResponse]]
Mutator: TypeAlias = Callable[[MutableRequest, CallNext], Awaitable[MutableResponse]]
MutatorFactory: TypeAlias = Callable[[], Mutator]


@dataclass(frozen=True, slots=True, eq=False)
class Mutation:
    """One named deviation from the specifications.

    Attributes:
        id: Its name: API, subject, deviation.
        kind: The class of deviation, such as ``renamed field``.
        operations: The operations whose behaviour changes, as ``api.operationId``.
        mutator: Returns a new mutator, which may keep state while one server runs.
        description: The deviation in a sentence.
        route: For a route that no specification has: the requests that reach it, as a pattern of
            method, space and path; `operations` are then those beside it.
    """

    id: str
    kind: str
    operations: tuple[str, ...]
    mutator: MutatorFactory = field(repr=False)
    description: str
    route: re.Pattern[str] | None = None

    @property
    def api(self) -> str:
        """The API it belongs to: ``public``, ``v2`` or ``v0``."""
        return self.id.partition(".")[0]

    def matches(self, request: MutableRequest) -> bool:
        """Check whether the mutator must see a request."""
        if self.route is not None:
            return self.route.fullmatch(f"{request.method} {request.path}") is not None
        return request.operation in self.operations
