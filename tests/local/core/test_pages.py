"""The page for a browser, with a form for each operation, and ``/healthz``."""

from __future__ import annotations

import json
import re
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from benchwire_local import LocalServer, Settings
from benchwire_specs import load_document
from support.chromium import Browser, require_chromium

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
    assert not re.search(r"(?:src|href)=(?!\"data:,\")|@import|url\(", response.text)


def test_it_is_for_browsers_alone(api: Any) -> None:
    for headers in ({}, {"accept": "application/json"}, {"accept": "*/*"}):
        assert api.http.get("/", headers=headers).status_code == 404
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


def test_healthz_without_a_database(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(api.server._db, "read", fail)
    response = api.http.get("/healthz")
    assert (response.status_code, response.json()) == (
        503,
        {"status": "the database does not respond"},
    )


SEND = """
(async () => {
  document.getElementById("key").value = KEY;
  const form = document.querySelector("form[data-method=METHOD][data-path=\'PATH\']");
  for (const [name, value] of Object.entries(VALUES)) form.elements[name].value = value;
  form.closest("details").open = true;
  form.querySelector("button").click();
  const shown = form.querySelector("pre");
  while (!shown.textContent) await new Promise((done) => setTimeout(done, 10));
  return shown.textContent;
})()
"""


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
