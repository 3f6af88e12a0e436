"""The command, run in this process against an embedded server that serves a whole module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import benchwire
from benchwire.cli.app import app
from support.local_environment import environment_of

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def server() -> Iterator[benchwire.local.Server]:
    with benchwire.local.serve() as running:
        yield running


@pytest.fixture
def client(server: benchwire.local.Server) -> Iterator[benchwire.PublicClient]:
    with server.public_client() as client:
        yield client


@pytest.fixture
def run(server: benchwire.local.Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command with the environment of the server; stdout and stderr are apart."""
    monkeypatch.chdir(tmp_path)
    environment = {
        name: value
        for name, value in environment_of(server).items()
        if "BASE_URL" in name or "KEY" in name
    }

    def run(*arguments: str, stdin: str = "", **variables: str | None) -> Result:
        return CliRunner().invoke(app, list(arguments), input=stdin, env=environment | variables)

    return run
