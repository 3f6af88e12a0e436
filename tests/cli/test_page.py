"""What is made from the commands: docs/cli.md, and the table for shells."""

from __future__ import annotations

import sys

import pytest

from support import forks
from support.shared import REPOSITORY


@pytest.mark.parametrize(
    ("made", "file"), [("page", "docs/cli.md"), ("table", "wrapper/benchwire/cli/commands.json")]
)
def test_it_is_current(made: str, file: str) -> None:
    done = forks.run([sys.executable, "-m", "benchwire.cli.reference", made])
    assert done.returncode == 0, done.stderr
    assert done.stdout == (REPOSITORY / file).read_text("utf-8"), "run: make generate"
