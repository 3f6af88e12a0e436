"""Checks of ``Host``, ``Origin`` and ``Sec-Fetch-Site``: no page of another site is served.

A page in a browser can send requests to loopback ports. Where its name resolves to 127.0.0.1 (DNS
rebinding), it can also read the responses; its ``Host`` is then the name of the page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import orjson
from starlette.responses import Response

from benchwire_local.errors import ApiError
from benchwire_local.http.parameters import shorten
from benchwire_local.http.routing import area_of
from benchwire_local.loopback import LOOPBACK, is_loopback

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z._-]{1,253})(?::[0-9]{0,5})?")
_ORIGIN = re.compile(r"https?://([^/?#@]{1,300})", re.IGNORECASE)
# RFC 9112, section 3.2.2: its authority counts, and Host is ignored.
_ABSOLUTE = re.compile(r"https?://([^/?#@]*)(/.*)?", re.IGNORECASE | re.DOTALL)


class HostMiddleware:
    """ASGI middleware that refuses requests for other hosts, and those of other sites' pages.

    Args:
        app: The app to serve.
        any_host: Whether to serve every host name, and not loopback names alone.
    """

    def __init__(self, app: ASGIApp, *, any_host: bool = False) -> None:
        self._app = app
        self._any_host = any_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app, or respond with 400 or 403."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
        try:
            if absolute := _ABSOLUTE.fullmatch(path):
                path = absolute[2] or "/"
                scope.update(raw_path=path.encode("latin-1"), path=unquote(path))
            self._check(scope, absolute[1] if absolute else None)
        except ApiError as error:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            body = orjson.dumps(area_of(path).error_body(error.status, error.message))
            refused = Response(body, error.status, media_type="application/json")
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope, target: str | None) -> None:
        hosts = _values(scope, b"host")
        if len(hosts) != 1:
            raise ApiError(400, f"There must be one Host header, not {len(hosts)}.")
        host = (target if target is not None else hosts[0]).lower()
        name = _name(host)
        if name is None:
            raise ApiError(400, f"The host {shorten(host)} is not a name or an address.")
        if not self._any_host and not is_loopback(name):
            raise ApiError(
                403,
                f"The host {shorten(host)} is not served, {LOOPBACK} are. To serve other names, start"
                " the server with --host.",
            )
        for origin in _values(scope, b"origin"):
            found = _ORIGIN.fullmatch(origin.lower())
            if found is None or not (found[1] == host or is_loopback(_name(found[1]) or "")):
                raise ApiError(403, f"Pages of the origin {shorten(origin)} are not served.")
        if "cross-site" in _values(scope, b"sec-fetch-site"):
            raise ApiError(403, "Requests of other sites' pages (Sec-Fetch-Site) are not served.")


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _name(authority: str) -> str | None:
    """Return the host of an authority without its port; ``None`` if it is malformed."""
    found = _AUTHORITY.fullmatch(authority)
    return found[1].strip("[]") if found else None
