"""Fixtures: the tools of others, and the embedded server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import benchwire

from . import tools


@pytest.fixture(scope="session")
def npm() -> Path:
    return tools.npm_tools()


@pytest.fixture(scope="session")
def openapi_generator() -> list[str]:
    return tools.openapi_generator()


@pytest.fixture(scope="session")
def server() -> Iterator[benchwire.local.Server]:
    with benchwire.local.serve() as running:
        yield running
