"""Schemathesis runs in forks of one process, which has imported it: that takes a second each time."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import pytest
from scripts.contract import schemathesis_run

from support import forks


@pytest.fixture(autouse=True)
def schemathesis(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], *, cwd: str, env: Mapping[str, str], **_: object) -> object:
        return forks.run(command, imported=forks.SCHEMATHESIS, cwd=cwd, env=env)

    monkeypatch.setattr(schemathesis_run, "subprocess", SimpleNamespace(run=run))
