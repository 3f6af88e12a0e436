"""`benchwire api`, `benchwire completion` and the SDK's `get_raw`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

import benchwire
from cli.conftest import Run
from support import wire
from support.scripted import ScriptedService, always, json_reply


def bodies(text: str) -> Iterator[dict[str, object]]:
    """Yield the JSON values that stand one after the other."""
    decoder, text = json.JSONDecoder(), text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        yield value
        text = text[end:].lstrip()


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/models", ["-f", "page_size=2", "--field", "companies=OpenAI"]),
        ("models", ["-f", "page_size=2", "-f", "companies=OpenAI"]),
        ("/api/v1/models?companies=OpenAI", ["-f", "page_size=2"]),
        ("/models?companies=Open%41I&page_size=2", []),
    ],
)
def test_a_path_is_read(
    run: Run, client: benchwire.PublicClient, path: str, options: list[str]
) -> None:
    done = run("api", "public", path, *options)
    assert done.exit_code == 0, done.stderr
    expected = client.models.get(companies=["OpenAI"], page_size=2)
    found = json.loads(done.stdout)
    assert [each["id"] for each in found["models"]] == [each.id for each in expected.models]
    assert len(expected.models) == 2


@pytest.mark.parametrize(
    ("api", "path", "key"),
    [("v0", "/v0/me", "organization_id"), ("v2", "/api/v2/benchmarks/models/101", "ranks")],
)
def test_every_service_is_read(run: Run, api: str, path: str, key: str) -> None:
    assert key in json.loads(run("api", api, path).stdout)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/models", "models"),
        ("/datasets/682bddc1e014f9fa440f8a91/prompts", "prompts"),
        ("/results?evaluation_id=eval-def", "results"),
        ("/evaluations", "evaluations"),
    ],
)
def test_all_pages_of_a_list(run: Run, path: str, name: str) -> None:
    done = run("api", "public", path, "--paginate", "-f", "page_size=4")
    assert done.exit_code == 0, done.stderr
    pages = [page.get("data", page) for page in bodies(done.stdout)]
    whole = json.loads(run("api", "public", path, "-f", "page_size=500").stdout)
    assert [row for page in pages for row in page[name]] == whole.get("data", whole)[name]
    assert len(pages) > 1


def test_a_list_that_ends_before_its_total_is_incomplete(run: Run) -> None:
    with ScriptedService(always(json_reply(wire.models([], 3)))) as service:
        done = run("api", "public", "/models", "--paginate", LAYERLENS_STRATIX_BASE_URL=service.url)
    assert done.exit_code == 5
    assert done.stderr.endswith("error: 0 of 3 rows came\n")


def test_a_page_that_is_none_is_told(run: Run) -> None:
    with ScriptedService(always(json_reply({"models": 1}))) as service:
        done = run("api", "public", "/models", "--paginate", LAYERLENS_STRATIX_BASE_URL=service.url)
    assert done.exit_code == 5
    assert "error: page 1 is no page: $.total_count" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["public", "/nowhere"], 1, "404"),
        (["public", "/models", "-f", "nope=1"], 1, "nope"),
        (["public", "/models", "-f", "nope"], 2, "'nope' is no NAME=VALUE"),
        (["public", "/models", "-f", "a=1", "-f", "a=2"], 2, "a is given twice"),
        (["public", "/models/../evaluations"], 2, "has a segment . or .."),
        (["public", "/models", "-f", "page=2", "--paginate"], 2, "name no page"),
        (["v0", "/v0/jobs", "--paginate"], 2, "it counts the pages of"),
        (["v3", "/models"], 2, "'v3'"),
    ],
)
def test_what_can_not_be_read_is_told(
    run: Run, arguments: list[str], status: int, told: str
) -> None:
    done = run("api", *arguments)
    assert done.exit_code == status, done.stderr
    assert told in " ".join(done.stderr.split())
    assert not done.stdout


def test_no_text_of_a_body_reaches_the_terminal_as_a_control_character(run: Run) -> None:
    with ScriptedService(always(json_reply({"a": "[/bold]\x1b[31m"}))) as service:
        done = run("api", "public", "/x y/é%2F", LAYERLENS_STRATIX_BASE_URL=service.url)
        assert service.requests[0].target == b"/x%20y/%C3%A9%2F"
    assert json.loads(done.stdout) == {"a": "[/bold]\x1b[31m"}


@pytest.mark.parametrize(
    "path", ["", "models", "/a?b=c", "/a#b", "/é", "/a b", "/%zz", "/a/%2e%2E/b"]
)
def test_a_path_that_is_none_is_refused(path: str) -> None:
    async def read() -> None:
        async with benchwire.AsyncPublicClient("k") as client:
            await client.get_raw(path)

    with benchwire.PublicClient("k") as client, pytest.raises(ValueError, match="path"):
        client.get_raw(path)
    with pytest.raises(ValueError, match="path"):
        asyncio.run(read())


@pytest.mark.parametrize("query", ["a=b", [("a", "b")], pd.Series([1])])
def test_a_query_that_is_no_mapping_is_refused(query: Any) -> None:
    with benchwire.PublicClient("k") as client:
        with pytest.raises(TypeError, match="query must be a mapping of names to values, not "):
            client.get_raw("/models", query)
        with pytest.raises(TypeError, match="path must be a str, not "):
            client.get_raw(query if not isinstance(query, str) else None)  # type: ignore[arg-type]


def test_get_raw_returns_the_body_as_it_came(server: benchwire.local.Server) -> None:
    with server.v2_client() as client:
        body = client.get_raw("/api/v2/benchmarks/models", {"benchmarkTypeId": 1})
        assert [each["id"] for each in json.loads(body)] == [
            each.id for each in client.benchmarks.list_models(1)
        ]
        with pytest.raises(benchwire.NotFoundError):
            client.with_options(on_error="none").get_raw("/nothing")
