"""Clients by @hey-api/openapi-ts (with zod), openapi-typescript with openapi-fetch, and orval."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import benchwire
from benchwire_specs import APIS, spec_path

from .scenario import expected, peer_calls, url_of
from .tools import HERE, run

pytestmark = pytest.mark.peers

_TSC = ("--noEmit", "--strict", "--target", "es2022", "--module", "esnext", "--skipLibCheck",
        "--moduleResolution", "bundler", "--lib", "es2022,dom,dom.iterable")  # fmt: skip


@pytest.fixture(scope="module")
def clients(npm: Path) -> Iterator[Path]:
    """The clients of all three APIs, in a folder that finds the packages."""
    folder = npm / "clients"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("generate.mjs", "driver.ts", "typed.ts"):
        shutil.copy(HERE / name, folder)
    for api in APIS:
        (folder / api).mkdir()
        run(["node", folder / "generate.mjs", api, spec_path(api).resolve(), folder])
    yield folder
    shutil.rmtree(folder)


def test_the_types_compile_and_are_what_users_expect(npm: Path, clients: Path) -> None:
    run([npm / "node_modules" / ".bin" / "tsc", *_TSC, clients / "typed.ts"])


@pytest.mark.parametrize("kind", ["hey", "openapiFetch", "orval"])
@pytest.mark.parametrize("api", APIS)
def test_the_embedded_server_answers_a_client(
    kind: str, api: str, npm: Path, clients: Path, server: benchwire.local.Server, tmp_path: Path
) -> None:
    calls = [call for call in peer_calls(server) if call.api == api]
    file = tmp_path / "calls.json"
    file.write_text(json.dumps([call.as_json() for call in calls]), "utf-8")
    program = npm / "node_modules" / ".bin" / "tsx"
    printed = run(
        [program, clients / "driver.ts", api, kind, url_of(server, api), server.api_key, file]
    )
    answers: list[dict[str, Any]] = json.loads(printed)
    for call, answer in zip(calls, answers, strict=True):
        assert answer["status"] == call.status, (call, answer)
        if call.method == "get" and call.id not in {"getJob", "listJobs", "getAccount"}:
            assert answer["body"] == expected(server, call), call
        if call.rows is not None:
            assert len(answer["body"][call.rows[0]]) == call.rows[1], call
        if call.status >= 400:
            assert answer["body"]["error"], call
