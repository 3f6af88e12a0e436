"""Clients by openapi-generator and by openapi-python-client with its own templates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openapi_python_client import Config, generate
from openapi_python_client.cli import MetaType
from openapi_python_client.config import ConfigFile

import benchwire
from benchwire_specs import APIS, spec_path

from .scenario import PeerCall, expected, peer_calls, url_of
from .tools import HERE, run

pytestmark = pytest.mark.peers


def answers(
    kind: str, package: str, folder: Path, url: str, key: str, calls: list[PeerCall]
) -> list[dict[str, Any]]:
    file = folder / "calls.json"
    file.write_text(json.dumps([call.as_json() for call in calls]), "utf-8")
    done = subprocess.run(
        [sys.executable, HERE / "python_driver.py", kind, package, url, key, file],
        env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def check(server: benchwire.local.Server, call: PeerCall, answer: dict[str, Any]) -> None:
    assert answer["status"] == call.status, (call, answer)
    if call.status >= 400:
        assert answer["model"] == "ErrorResponse", (call, answer)
        assert answer["body"]["error"], call
    elif call.method == "get" and call.id not in {"getJob", "listJobs", "getAccount"}:
        assert same(expected(server, call), answer["body"]), (call, answer)
    if call.rows is not None:
        assert len(answer["body"][call.rows[0]]) == call.rows[1], call


def same(sent: Any, read: Any) -> bool:
    """Compare two bodies, apart from nulls and how dates are written."""
    if isinstance(sent, dict) and isinstance(read, dict):
        names = {name for name in sent | read if (sent.get(name), read.get(name)) != (None, None)}
        return all(same(sent.get(name), read.get(name)) for name in names)
    if isinstance(sent, list) and isinstance(read, list):
        return len(sent) == len(read) and all(map(same, sent, read))
    if isinstance(sent, str) and isinstance(read, str) and sent[10:11] == read[10:11] == "T":
        return sent[:19] == read[:19]
    return bool(sent == read)


@pytest.mark.parametrize("api", APIS)
def test_the_embedded_server_answers_openapi_generators_client(
    api: str, openapi_generator: list[str], server: benchwire.local.Server, tmp_path: Path
) -> None:
    run([*openapi_generator, "generate", "-g", "python", "-i", spec_path(api), "-o", tmp_path,
         "--additional-properties", "packageName=peer"])  # fmt: skip
    calls = [call for call in peer_calls(server) if call.api == api]
    url = url_of(server, api)
    found = answers("openapi_generator", "peer", tmp_path, url, server.api_key, calls)
    for call, answer in zip(calls, found, strict=True):
        check(server, call, answer)


@pytest.mark.parametrize("api", APIS)
def test_the_embedded_server_answers_openapi_python_clients_own_client(
    api: str, server: benchwire.local.Server, tmp_path: Path
) -> None:
    config: Any = Config.from_sources(
        ConfigFile(post_hooks=[]), MetaType.NONE, document_source=spec_path(api),
        file_encoding="utf-8", overwrite=False, output_path=tmp_path / "peer",
    )  # fmt: skip
    assert generate(config=config) == []
    # It repeats the name of a list, so that the server sees the last value alone.
    calls = [
        call for call in peer_calls(server)
        if call.api == api and not any(isinstance(value, list) for value in call.query.values())
    ]  # fmt: skip
    key = f"!{server.api_key}" if api == "v0" else server.api_key  # with or without Bearer
    found = answers("stock", "peer", tmp_path, url_of(server, api), key, calls)
    for call, answer in zip(calls, found, strict=True):
        check(server, call, answer)
