"""What README.md shows runs as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

import benchwire
from support.local_environment import environment_of
from support.shared import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^```console\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with benchwire.local.serve() as server:
        yield environment_of(server)


def test_there_are_snippets() -> None:
    assert len(SNIPPETS) >= 6


@pytest.mark.parametrize("code", SNIPPETS)
def test_the_snippet_runs_and_prints(code: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout


def test_the_first_snippet_is_ten_lines() -> None:
    lines = [line for line in SNIPPETS[0].splitlines() if line.strip()]
    assert len(lines) <= 10


def test_every_make_target_named_exists() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, flags=re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z0-9-]+)", README, flags=re.MULTILINE))

    assert {"demo", "test"} <= named
    assert named <= targets


def test_every_command_line_option_named_exists() -> None:
    lines = [line.split("#")[0] for block in COMMANDS for line in block.splitlines()]
    calls = [line.split() for line in lines if line.startswith("benchwire ")]
    assert calls
    for _, group, command, *arguments in calls:
        shown = subprocess.run(
            [
                sys.executable,
                "-c",
                "from benchwire.cli import main; main()",
                group,
                command,
                "--help",
            ],
            capture_output=True,
            text=True,
            check=True,
            env={"COLUMNS": "200"},
        ).stdout
        for argument in arguments:
            if argument.startswith("--"):
                assert argument in shown
