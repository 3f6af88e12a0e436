"""The ASGI layer that makes the changes of a drift plan, in front of the real app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from benchwire_local.drift.messages import Answered, Asked
from benchwire_local.http.operations import operation_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from benchwire_local.drift.messages import Act, Change, PassOn
    from benchwire_local.drift.plan import DriftPlan
    from benchwire_local.http.routing import Router

# Headers that are of a body, and are made anew with it.
_OF_THE_BODY = ("content-type", "content-length")


class DriftLayer:
    """ASGI middleware that treats the requests its plan's changes concern as they say.

    Args:
        app: The real app.
        switch: Holds the plan, which can be changed while the server runs.
        router: Tells which operation a request is for.
        api_key: The server's key, for the changes that serve without one.
    """

    def __init__(self, app: ASGIApp, switch: DriftSwitch, router: Router, api_key: str) -> None:
        self._app = app
        self._switch = switch
        self._router = router
        self._api_key = api_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, changed or not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = self._asked(scope)
        acts = [act for change, act in self._switch.running if change.concerns(asked)]
        if not acts:
            await self._app(scope, receive, send)
            return

        async def from_app(asked: Asked) -> Answered:
            return await self._from_app(scope, receive, asked)

        try:
            answered = await _chain(acts, from_app)(asked)
        except ClientDisconnect:
            return
        content = answered.body if isinstance(answered.body, bytes) else orjson.dumps(answered.body)
        response = Response(
            content, answered.status, answered.headers, media_type=answered.content_type
        )
        await response(scope, receive, send)

    def _asked(self, scope: Scope) -> Asked:
        method, path = scope["method"], scope["raw_path"].decode("ascii", "replace")
        pairs = (
            pair.partition("=")
            for pair in scope["query_string"].decode("latin-1").split("&")
            if pair
        )
        return Asked(
            operation=operation_of(self._router, method, path),
            method=method,
            path=path,
            query=tuple((name, value) for name, _, value in pairs),
        )

    async def _from_app(self, scope: Scope, receive: Receive, asked: Asked) -> Answered:
        """Have the real app answer a request."""
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if asked.with_key:
            headers = [pair for pair in headers if pair[0] not in _KEYS]
            key = self._api_key.encode()
            headers += [(b"x-api-key", key), (b"authorization", b"Bearer " + key)]
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        query = "&".join(f"{name}={value}" for name, value in asked.query)
        changed: dict[str, Any] = {
            "method": asked.method,
            "raw_path": asked.path.encode(),
            "query_string": query.encode("latin-1"),
            "headers": headers,
        }
        await self._app({**scope, **changed}, receive, collect)
        if not messages:
            raise ClientDisconnect  # which the app met, and kept to itself
        start = messages[0]
        found = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
        body = b"".join(message.get("body", b"") for message in messages[1:])
        return Answered(
            status=start["status"],
            body=orjson.loads(body),
            headers={name: value for name, value in found.items() if name not in _OF_THE_BODY},
            content_type=found["content-type"],
        )


_KEYS = (b"x-api-key", b"authorization")


def _chain(acts: Sequence[Act], last: PassOn) -> PassOn:
    """Put one change before the other."""
    if not acts:
        return last

    async def first(asked: Asked) -> Answered:
        return await acts[0](asked, _chain(acts[1:], last))

    return first


class DriftSwitch:
    """The changes one server makes now; they can be changed while it runs."""

    def __init__(self, plan: DriftPlan) -> None:
        self.running: tuple[tuple[Change, Act], ...] = ()
        self.load(plan)

    def load(self, plan: DriftPlan) -> None:
        """Make these changes from the next request on, and no others."""
        self.running = tuple((change, change.start()) for change in plan.changes)
