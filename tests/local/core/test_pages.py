"""The page for a browser, with a form for each operation, and ``/healthz``."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx
import pytest

from benchwire_local import LocalServer, Settings
from benchwire_local.http.pages import page
from benchwire_local.specs import load_spec
from benchwire_specs import load_document, parse_document, spec_path
from support.chromium import CONTRASTS, Browser, require_chromium

if TYPE_CHECKING:
    from pathlib import Path

APIS = ("public", "v2", "v0")
HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_the_page_has_every_operation_and_parameter(api: Any) -> None:
    response = api.http.get("/", headers=HTML)
    assert (response.status_code, response.headers["content-type"]) == (
        200,
        "text/html; charset=utf-8",
    )
    for name in APIS:
        document = load_document(name)
        assert document.content["info"]["title"] in response.text
        for method, template, pointer in document.operations():
            assert f'data-method="{method.upper()}" data-path="' in response.text
            assert f'{template}">' in response.text
            for parameter in document.node(pointer).get("parameters", ()):
                found = (
                    document.resolved(parameter["$ref"])[0] if "$ref" in parameter else parameter
                )
                assert f'name="{found["name"]}" data-in="{found["in"]}"' in response.text
    assert api.server.api_key not in response.text


def test_the_page_loads_nothing_from_elsewhere(api: Any) -> None:
    response = api.http.get("/", headers=HTML)
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    links = set(re.findall(r'(?:src|href)="(?!#)([^"]*)"', response.text))
    assert links == {"data:,", "/healthz", *(f"/openapi/{name}.yaml" for name in APIS)}
    assert not re.search(r"(?:src|href)=[^\"]|@import|url\(", response.text)


def test_it_is_for_browsers_alone(api: Any) -> None:
    programs = (
        "application/json",
        "*/*",
        "text/*",
        "text/html;q=0, */*",
        "text/htmlx",
        "xtext/html",
        "",
    )
    for headers in ({}, *({"accept": value} for value in programs)):
        assert api.http.get("/", headers=headers).status_code == 404
    for value in ("TEXT/HTML", "a/b;q=0 , text/html ;q=0.01", "text/html;level=1"):
        response = api.http.get("/", headers={"accept": value})
        assert (response.status_code, response.headers["vary"]) == (200, "accept")
    assert api.http.post("/", headers=HTML).status_code == 404
    assert api.http.get("/nothing", headers=HTML).status_code == 404
    assert api.http.head("/", headers=HTML).status_code == 200
    assert api.http.get("/", headers=HTML | {"host": "evil.example"}).status_code == 403


def test_healthz(api: Any) -> None:
    response = api.http.get("/healthz", headers={"x-api-key": "", "authorization": ""})
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response.headers["cache-control"] == "no-store"
    assert api.http.head("/healthz").status_code == 200
    for method, path in (("POST", "/healthz"), ("GET", "/healthz/"), ("GET", "/healthz%0a")):
        assert api.http.request(method, path).status_code == 404


def test_healthz_waits_for_no_write_in_memory() -> None:
    with LocalServer(Settings()) as server, server._db.write():
        assert httpx.get(f"{server.url}/healthz", timeout=5).status_code == 200


@pytest.mark.skipif(sys.platform == "win32", reason="an open file can't be renamed")
def test_healthz_while_the_database_is_gone_or_damaged(tmp_path: Path) -> None:
    path, aside = tmp_path / "d #%41 é.db", tmp_path / "aside"
    with LocalServer(Settings(db=path)) as server:

        def health() -> tuple[int, str]:
            response = httpx.get(f"{server.url}/healthz")
            return response.status_code, response.json()["status"]

        assert health() == (200, "ok")
        path.rename(aside)
        assert health() == (503, "the database can't be read")
        path.mkdir()
        assert health() == (503, "the database can't be read")
        path.rmdir()
        aside.rename(path)
        assert health() == (200, "ok")
        # A file in another's place, with no journal of the old one that would repair it.
        for file in tmp_path.glob(f"{path.name}*"):
            file.rename(tmp_path / f"old-{file.name}")
        path.write_bytes(b"no database" * 1000)
        assert health() == (503, "the database can't be read")


def test_healthz_does_not_wait_for_requests(tmp_path: Path) -> None:
    with LocalServer(Settings(db=tmp_path / "d.db")) as server, server._db.write() as writing:
        writing.execute("DELETE FROM v0_jobs")
        assert httpx.get(f"{server.url}/healthz", timeout=20).status_code == 200


@pytest.mark.parametrize("name", APIS)
def test_the_specs_are_served(api: Any, name: str) -> None:
    response = api.http.get(f"/openapi/{name}.yaml", headers={"x-api-key": "", "authorization": ""})
    assert response.content == spec_path(name).read_bytes()
    assert response.headers["content-type"] == "application/yaml"
    assert parse_document(name, response.text).content == load_document(name).content
    assert api.http.get("/openapi/other.yaml").status_code == 404


class Tags(HTMLParser):
    """The elements of a page, and the names of their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []
        self.targets: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *(name for name, _ in attrs)))
        for name, value in attrs:
            if name == "id":
                self.targets.add(value or "")
            elif name == "href" and value and value.startswith("#"):
                self.links.add(unquote(value[1:]))


HOSTILE = """<img src=x onerror=alert(1)>"'&amp;</textarea></script><script>alert(1)</script>"""
TEXTS = {"title", "version", "summary", "description", "pattern", "default", "const"}


def hostile(node: Any, key: str = "") -> Any:
    """A spec in which every text that is shown would end an element or an attribute."""
    if isinstance(node, dict):
        prefix = HOSTILE if key == "properties" else ""
        return {prefix + name: hostile(value, name) for name, value in node.items()}
    if isinstance(node, list):
        return [hostile(value, "pattern" if key == "enum" else key) for value in node]
    if key == "required" and isinstance(node, str):
        return HOSTILE + node
    return HOSTILE if key in TEXTS and isinstance(node, str) else node


@pytest.mark.parametrize("name", APIS)
def test_texts_of_specs_are_escaped(name: str) -> None:
    document = load_document(name).content
    spec = load_spec(name)
    plain, _ = page([replace(spec, document=without_code(dict(document)))])
    shown, _ = page([replace(spec, document=hostile(document))])
    assert HOSTILE not in shown
    assert Tags(shown).found == Tags(plain).found


def without_code(node: Any) -> Any:
    """A spec whose texts have no code in them, which is an element of its own."""
    if isinstance(node, dict):
        return {name: without_code(value) for name, value in node.items()}
    if isinstance(node, list):
        return [without_code(value) for value in node]
    return node.replace("`", "") if isinstance(node, str) else node


def test_every_link_has_its_target(api: Any) -> None:
    tags = Tags(api.http.get("/", headers=HTML).text)
    assert set(APIS) < tags.links
    assert tags.links <= tags.targets


SEND = """
(async () => {
  document.getElementById("key").value = KEY;
  const form = document.querySelector("form[data-method=METHOD][data-path=\'PATH\']");
  for (const [name, value] of Object.entries(VALUES)) form.elements[name].value = value;
  form.closest("details").open = true;
  form.querySelector("button").click();
  const state = form.querySelector("output");
  while (!state.value) await new Promise((done) => setTimeout(done, 10));
  return state.value + "\\n" + form.querySelector("pre").textContent;
})()
"""


SHOWN = "document.querySelector(`form[data-path='/v0/me'] pre`).textContent"

FOLLOW = """
(async () => {
  const link = document.querySelector("li a[href^='#v0-']"), hash = link.getAttribute("href");
  link.click();
  while (!document.querySelector(hash).open) await new Promise((done) => setTimeout(done, 10));
})()
"""


# Contrasts are those of texts: each field gets one in the color of its border.
BORDERS = """
document.querySelectorAll("input, textarea").forEach((e) => {
  const text = document.createElement("span");
  text.textContent = "border";
  text.style.color = getComputedStyle(e).borderTopColor;
  e.after(text);
})
"""


def check_access(browser: Browser) -> None:
    """Check contrasts, landmarks, names of fields, and that a response is announced."""
    nodes = browser.send("Accessibility.getFullAXTree")["nodes"]
    found = [
        (node["role"]["value"], node.get("name", {}).get("value"))
        for node in nodes
        if not node["ignored"]
    ]
    roles = [role for role, _ in found]
    assert {"main", "navigation", "contentinfo"} <= set(roles)
    assert roles.count("status") == roles.count("button") > 10
    assert all(name for role, name in found if role in {"textbox", "button", "link", "region"})
    browser.run(BORDERS)
    contrast, where = browser.run(CONTRASTS)
    assert contrast >= 4.5, where


def test_a_browser_sends_each_operation(tmp_path: Path) -> None:
    settings = Settings(api_key="of my own")
    with Browser(require_chromium(), tmp_path) as browser, LocalServer(settings) as server:

        def sent(method: str, path: str, key: str = "of my own", **values: str) -> tuple[int, Any]:
            script = SEND.replace("METHOD", method).replace("PATH", path)
            script = script.replace("KEY", json.dumps(key)).replace("VALUES", json.dumps(values))
            head, _, body = str(browser.run(script)).partition("\n")
            return int(head[:3]), json.loads(body)

        for width, scheme in ((360, "light"), (1280, "dark")):
            browser.open(server.url + "/", width=width, scheme=scheme)
            browser.run("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
            assert browser.run("document.documentElement.scrollWidth") <= width
            shown = "document.querySelector('[data-base]').textContent"
            assert browser.run(shown) == server.public_base_url
            browser.run("document.querySelectorAll('details').forEach((e) => { e.open = false; })")
            browser.run(FOLLOW)
        for scheme in ("light", "dark"):
            browser.open(server.url + "/", scheme=scheme)
            browser.run("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
            check_access(browser)
        sent("GET", "/v0/me")
        assert '"available_credits": 1000.0' in browser.run(SHOWN)  # as it was written
        status, body = sent("GET", "/api/v1/models", page_size="1", query="sample")
        assert (status, len(body["models"])) == (200, 1)
        status, body = sent("GET", "/v0/jobs/{id}", id="a/b?c<script>")
        assert (status, list(body)) == (404, ["error"])
        endpoint = {"endpoint_url": server.url + "/demo/raw", "provider": "raw", "api_key": "k"}
        status, body = sent("POST", "/v0/jobs", body=json.dumps({"benchmark_id": 1, **endpoint}))
        assert (status, body["status"]) == (202, "pending")
        assert not browser.named("Runtime.exceptionThrown", "Runtime.consoleAPICalled")
        entries = [event["params"]["entry"] for event in browser.named("Log.entryAdded")]
        errors = [entry["text"] for entry in entries if entry["level"] == "error"]
        assert all("404" in text for text in errors), errors
        browser.open(server.url + "/")
        assert sent("GET", "/v0/me", key="wrong")[0] == 401
        urls = [
            event["params"]["request"]["url"]
            for event in browser.named("Network.requestWillBeSent")
        ]
        assert all(url.startswith((server.url, "data:")) for url in urls)
