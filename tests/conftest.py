"""Fixtures for every test."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, the loop the SDK is used with."""
    return "asyncio"


@pytest.fixture(autouse=True)
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Submissions are recorded in a folder of the test, not in the user's."""
    path = tmp_path / "journal" / "submissions.db"
    monkeypatch.setenv("BENCHWIRE_JOURNAL", str(path))
    return path
