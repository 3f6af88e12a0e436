"""What is made from the commands: docs/cli.md, and the table for shells."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support.shared import REPOSITORY


@pytest.mark.parametrize(
    ("made", "file"), [("page", "docs/cli.md"), ("table", "wrapper/benchwire/cli/commands.json")]
)
def test_it_is_current(made: str, file: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchwire.cli.reference", made],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stdout == (REPOSITORY / file).read_text("utf-8"), "run: make generate"
