"""What browsers and supervisors request: a page at ``/``, the specs, and ``/healthz``; without a key."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.metadata import version
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from benchwire_local.errors import DatabaseError
from benchwire_local.http.reference import entry, reference
from benchwire_specs import spec_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from benchwire_local.data.database import Database
    from benchwire_local.specs import Spec


class Pages:
    """The ASGI app in front of the APIs."""

    def __init__(self, specs: Iterable[Spec], db: Database, other: ASGIApp) -> None:
        self._specs = {f"/openapi/{spec.name}.yaml": spec for spec in specs}
        self._db, self._other = db, other
        self._page: tuple[str, dict[str, str]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond with a page, a spec or the state, or call the other app."""
        is_read = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        path = scope["path"] if is_read else ""
        response: Response
        if path == "/" and _accepts_html(Request(scope)):
            if self._page is None:
                self._page = await run_in_threadpool(page, self._specs.values())
            response = HTMLResponse(self._page[0], headers=self._page[1])
        elif path == "/healthz":
            response = await run_in_threadpool(self._health)
        elif path in self._specs:
            content = spec_path(self._specs[path].name).read_bytes()
            response = Response(content, media_type="application/yaml")
        else:
            return await self._other(scope, receive, send)
        return await response(scope, receive, send)

    def _health(self) -> Response:
        status, text = 200, "ok"
        try:
            self._db.check()
        except DatabaseError:
            status, text = 503, "the database can't be read"
        return JSONResponse({"status": text}, status, headers={"cache-control": "no-store"})


def page(specs: Iterable[Spec]) -> tuple[str, dict[str, str]]:
    """Return the page about the server and its headers, whose policy allows what is in the page alone."""
    template = (files(__package__) / "page.html").read_text("utf-8")
    allowed = {
        name: _hash(re.findall(f"<{name}>(.*?)</{name}>", template, re.DOTALL)[0])
        for name in ("style", "script")
    }
    policy = (
        f"default-src 'none'; style-src {allowed['style']}; script-src {allowed['script']};"
        " connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    )
    specs = list(specs)
    text = Template(template).substitute(
        version=version("benchwire"),
        apis="".join(map(entry, specs)),
        references="".join(map(reference, specs)),
    )
    headers = {"content-security-policy": policy, "x-content-type-options": "nosniff"}
    return text, headers | {"vary": "accept", "cache-control": "no-cache"}


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _accepts_html(request: Request) -> bool:
    """Return whether HTML is named among what is accepted: programs accept anything, browsers name it."""
    for accepted in ",".join(request.headers.getlist("accept")).split(","):
        kind, _, parameters = accepted.replace(" ", "").lower().partition(";")
        if kind == "text/html":
            return not re.search(r"(?:^|;)q=0(?:\.0*)?(?:;|$)", parameters)
    return False
