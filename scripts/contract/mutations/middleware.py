"""ASGI middleware that applies mutations to the requests and responses of the embedded server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from scripts.contract.services import SERVICES, operation_at
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from .messages import MutableRequest, MutableResponse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from .messages import CallNext, Mutation, Mutator

_BODY_HEADERS = ("content-type", "content-length")
_KEY_PREFIXES = {
    service.key_header.lower().encode(): service.key_prefix.encode()
    for service in SERVICES.values()
}


class MutatingMiddleware:
    """Applies the active mutations; every other request passes through untouched.

    An instance is the ``middleware`` of one `LocalServer`.

    Args:
        api_key: The server's key, for mutators that accept a request without it.
        mutations: The active ones. Of two that match a request, the first receives it first.
    """

    def __init__(self, api_key: str, *mutations: Mutation) -> None:
        self._api_key = api_key.encode()
        self._active: list[tuple[Mutation, Mutator]] = []
        self.activate(*mutations)

    def activate(self, *mutations: Mutation) -> None:
        """Replace the active mutations, from the next request on."""
        self._active = [(mutation, mutation.mutator()) for mutation in mutations]

    def __call__(self, app: ASGIApp) -> ASGIApp:
        """Wrap the app."""

        async def mutating(scope: Scope, receive: Receive, send: Send) -> None:
            request = _read_request(scope) if scope["type"] == "http" else None
            mutators = [
                mutator for mutation, mutator in self._active
                if request is not None and mutation.matches(request)
            ]  # fmt: skip
            if request is None or not mutators:
                await app(scope, receive, send)
                return

            async def call_app(request: MutableRequest) -> MutableResponse:
                return await self._call(app, request, scope, receive)

            try:
                response = await _chain(mutators, call_app)(request)
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
            headers = [pair for pair in headers if pair[0] not in _KEY_PREFIXES]
            headers += [(name, prefix + self._api_key) for name, prefix in _KEY_PREFIXES.items()]
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
    pairs = (
        pair.partition("=") for pair in scope["query_string"].decode("latin-1").split("&") if pair
    )
    query = tuple((name, value) for name, _, value in pairs)
    return MutableRequest(operation_at(method, path), method, path, query)


def _chain(mutators: Sequence[Mutator], call_app: CallNext) -> CallNext:
    if not mutators:
        return call_app

    async def call(request: MutableRequest) -> MutableResponse:
        return await mutators[0](request, _chain(mutators[1:], call_app))

    return call
