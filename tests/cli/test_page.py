"""docs/cli.md is the help of the commands."""

from __future__ import annotations

import subprocess
import sys

from support.shared import REPOSITORY


def test_the_page_is_current() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "benchwire.cli.reference"],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert made.stdout == (REPOSITORY / "docs" / "cli.md").read_text("utf-8"), (
        "run: python -m benchwire.cli.reference > docs/cli.md"
    )
