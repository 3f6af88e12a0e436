"""A mutation, and the ASGI middleware that applies mutations to the embedded server."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

import orjson
from scripts.contract.services import SERVICES, operation_at
from starlette.requests import ClientDisconnect
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

JSON = "application/json"
_BODY_HEADERS = ("content-type", "content-length")


@dataclass(frozen=True, slots=True)
class MutableRequest:
    """A request, as far as mutators read it; a changed one is a copy."""

    operation: str | None  # such as ``v0.getJob``; ``None`` if no specification has it
    method: str  # in upper case
    path: str  # percent-encoded, with the prefix of its API
    query: tuple[tuple[str, str], ...]  # names and values, percent-encoded, in order
    memory: set[str] = field(default_factory=set)  # what the mutator remembers of earlier requests
    with_key: bool = False  # whether the server's key is added before the app receives it

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
    """A response; mutators change it in place."""

    status: int
    body: Any  # the decoded JSON, or bytes to send as they are
    headers: dict[str, str] = field(default_factory=dict)  # in lower case, none of the body
    content_type: str = JSON


CallNext: TypeAlias = Callable[[MutableRequest], Awaitable[MutableResponse]]
Mutator: TypeAlias = Callable[[MutableRequest, CallNext], Awaitable[MutableResponse]]


@dataclass(frozen=True, slots=True, eq=False)
class Mutation:
    """One named deviation from the specifications."""

    id: str  # its name: API, subject, deviation
    kind: str  # the class of deviation, such as ``renamed field``
    operations: tuple[str, ...]  # the operations whose behaviour changes, as ``api.operationId``
    mutator: Mutator = field(repr=False)
    description: str  # the deviation in a sentence
    # for a route that no specification has: the requests that reach it, as a pattern of method,
    # space and path; `operations` are then those beside it
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


class MutatingMiddleware:
    """Applies the active mutations; every other request passes through untouched.

    An instance is the ``middleware`` of one `LocalServer`. The key is the server's, for mutators
    that accept a request without it. Of two that match a request, the first receives it first.
    """

    def __init__(self, api_key: str, *mutations: Mutation) -> None:
        pairs = (service.address.auth(api_key) for service in SERVICES.values())
        self._auth = {name.lower().encode(): value.encode() for name, value in pairs}
        self.activate(*mutations)

    def activate(self, *mutations: Mutation) -> None:
        """Replace the active mutations, from the next request on."""
        self._active = [(mutation, set[str]()) for mutation in mutations]

    def __call__(self, app: ASGIApp) -> ASGIApp:
        """Wrap the app."""

        async def mutating(scope: Scope, receive: Receive, send: Send) -> None:
            request = _read_request(scope) if scope["type"] == "http" else None
            active = [item for item in self._active if request and item[0].matches(request)]
            if request is None or not active:
                await app(scope, receive, send)
                return

            async def call_app(request: MutableRequest) -> MutableResponse:
                return await self._call(app, request, scope, receive)

            try:
                response = await _chain(active, call_app)(request)
            except ClientDisconnect:
                return
            content = response.body
            if not isinstance(content, bytes):
                content = orjson.dumps(content)
            await Response(
                content, response.status, response.headers, media_type=response.content_type
            )(scope, receive, send)

        return mutating

    async def _call(
        self, app: ASGIApp, request: MutableRequest, scope: Scope, receive: Receive
    ) -> MutableResponse:
        """Send a request to the app and read its response."""
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if request.with_key:
            headers = [pair for pair in headers if pair[0] not in self._auth] + [
                *self._auth.items()
            ]
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        query = "&".join(f"{name}={value}" for name, value in request.query)
        changed: dict[str, Any] = {
            "method": request.method,
            "raw_path": request.path.encode(),
            "query_string": query.encode("latin-1"),
            "headers": headers,
        }
        await app({**scope, **changed}, receive, collect)
        if not messages:
            raise ClientDisconnect  # the app caught it and sent nothing
        start = messages[0]
        own = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
        return MutableResponse(
            status=start["status"],
            body=orjson.loads(b"".join(message.get("body", b"") for message in messages[1:])),
            headers={name: value for name, value in own.items() if name not in _BODY_HEADERS},
            content_type=own["content-type"],
        )


def _read_request(scope: Scope) -> MutableRequest:
    method, path = scope["method"], scope["raw_path"].decode("ascii", "replace")
    pairs = [pair.partition("=") for pair in scope["query_string"].decode("latin-1").split("&")]
    query = tuple((name, value) for name, equals, value in pairs if name or equals)
    return MutableRequest(operation_at(method, path), method, path, query)


def _chain(active: Sequence[tuple[Mutation, set[str]]], call_app: CallNext) -> CallNext:
    if not active:
        return call_app

    async def call(request: MutableRequest) -> MutableResponse:
        (mutation, memory), *others = active
        return await mutation.mutator(replace(request, memory=memory), _chain(others, call_app))

    return call
