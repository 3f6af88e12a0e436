"""What a browser and a supervisor request: a page about the server at ``/``, and ``/healthz``."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sqlite3
from html import escape
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from benchwire_local.errors import DatabaseError
from benchwire_specs import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from benchwire_local.data.database import Database
    from benchwire_local.specs import Spec

_FACTS = ("type", "enum", "minimum", "maximum", "default")  # of a parameter's schema
_STYLE = """
body{font:16px/1.5 sans-serif;max-width:60rem;margin:auto;padding:1rem;color:#111;background:#fff}
code,pre,textarea{font:14px/1.4 ui-monospace,monospace}
summary{cursor:pointer;padding:.4rem 0;overflow-wrap:anywhere}details{border-top:1px solid #ccc}
label{display:block;margin:.5rem 0}input,textarea{display:block;width:100%;box-sizing:border-box}
pre{background:#f2f2f2;padding:.5rem;overflow:auto;max-height:30rem}textarea{height:10rem}
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}pre{background:#2a2a2a}}
"""
_SCRIPT = """
addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target, shown = form.querySelector("pre"), query = new URLSearchParams();
  const key = document.getElementById("key").value, options = {method: form.dataset.method};
  options.headers = key ? {"x-api-key": key, authorization: "Bearer " + key} : {};
  let path = form.dataset.path;
  for (const field of form.elements) {
    if (!field.name || (!field.value && field.dataset.in !== "path")) continue;
    const value = encodeURIComponent(field.value);
    if (field.dataset.in === "path") path = path.replace("{" + field.name + "}", value);
    else if (field.dataset.in === "query") query.append(field.name, field.value);
    else if (field.dataset.in === "header") options.headers[field.name] = field.value;
    else { options.body = field.value; options.headers["content-type"] = "application/json"; }
  }
  try {
    const response = await fetch(path + "?" + query, options); let text = await response.text();
    try { text = JSON.stringify(JSON.parse(text), null, 2); } catch {}
    shown.textContent = response.status + " " + response.statusText + "\\n" + text;
  } catch (error) { shown.textContent = String(error); }
});
"""


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_HEADERS = {
    "content-security-policy": f"default-src 'none'; style-src {_hash(_STYLE)}; script-src"
    f" {_hash(_SCRIPT)}; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors"
    " 'none'",
    "x-content-type-options": "nosniff",
}


class Pages:
    """The ASGI app in front of the APIs: ``/`` for what accepts HTML, and ``/healthz``; without a key."""

    def __init__(self, specs: Iterable[Spec], db: Database, other: ASGIApp) -> None:
        self._specs, self._db, self._other = tuple(specs), db, other
        self._html = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond with a page, or call the other app."""
        is_read = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        path = scope["path"] if is_read else ""
        response: Response
        if path == "/" and "text/html" in Request(scope).headers.get("accept", ""):
            self._html = self._html or await run_in_threadpool(_page, self._specs)
            response = HTMLResponse(self._html, headers=_HEADERS)
        elif path == "/healthz":
            response = await run_in_threadpool(self._health)
        else:
            return await self._other(scope, receive, send)
        return await response(scope, receive, send)

    def _health(self) -> Response:
        try:
            with self._db.read() as connection:
                connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except (DatabaseError, sqlite3.Error):
            return JSONResponse({"status": "the database does not respond"}, 503)
        return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})


def _page(specs: Iterable[Spec]) -> str:
    parts = "".join(part for spec in specs for part in _api(spec))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>benchwire: embedded server</title>'
        f'<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width"><style>{_STYLE}'
        "</style><h1>benchwire: embedded server</h1><p>This server implements three APIs on one machine, for"
        " demos and tests. Below is the reference of each operation, with a form that sends it.</p>"
        '<label>API key <input id="key" type="password" autocomplete="off"></label>'
        f"{parts}<script>{_SCRIPT}</script></html>"
    )


def _api(spec: Spec) -> Iterator[str]:
    document = Document(spec.name, spec.document)
    info, paths = spec.document["info"], {each.operation_id: each.path for each in spec.operations}
    yield f"<h2>{_text(info['title'])}</h2><p>{_text(info.get('summary', ''))}</p>"
    for method, _, pointer in document.operations():
        node = document.node(pointer)
        path = escape(paths[node["operationId"]])
        fields = "".join(_fields(document, node, pointer))
        responses = {s: document.resolved(f"{pointer}/responses/{s}")[0] for s in node["responses"]}
        told = (f"<li>{s}: {_text(each['description'])}</li>" for s, each in responses.items())
        yield (
            f"<details><summary><code>{method.upper()} {path}</code> {_text(node.get('summary', ''))}"
            f"</summary><p>{_text(node.get('description', ''))}</p><form data-method="
            f'"{method.upper()}" data-path="{path}">{fields}<button>Send</button><pre></pre></form>'
            f"<ul>{''.join(told)}</ul></details>"
        )


def _fields(document: Document, node: Mapping[str, Any], pointer: str) -> Iterator[str]:
    for owner in (pointer.rpartition("/")[0], pointer):
        for index in range(len(document.node(owner).get("parameters", ()))):
            found, _ = document.resolved(f"{owner}/parameters/{index}")
            schema = document.merged(found["schema"])
            facts = [f"{key} {schema[key]}" for key in _FACTS if key in schema]
            name = escape(found["name"])
            yield (
                f"<label><code>{name}</code> {_text('; '.join(facts))} {_text(found.get('description', ''))}"
                f'<input name="{name}" data-in="{escape(found["in"])}"'
                f"{' required' if found.get('required') else ''}></label>"
            )
    if "requestBody" in node:
        media = document.resolved(f"{pointer}/requestBody")[0]["content"]["application/json"]
        first = next(iter(media.get("examples", {}).values()), {"value": media.get("example", {})})
        yield f'<textarea name="body" aria-label="body">{escape(json.dumps(first["value"], indent=2))}</textarea>'


def _text(markdown: str) -> str:
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(str(markdown)))
