"""The make targets hand every value to the command as it was given."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from support.shared import REPOSITORY
from support.systems import needs_posix

pytestmark = needs_posix("make and scripts with a first line that names their interpreter")

VALUES = [
    "a b.har",
    "it's",
    'a "quoted" one',
    "$(date) ${HOME} $x",
    "`id`;|&",
    "-k",
    "a,b",
    "#1",
    "é",
]
TARGETS = {
    "drift": {
        "API": "--api",
        "BASE_URL": "--base-url",
        "HAR": "--har",
        "BASELINE": "--baseline",
        "JSON": "--json",
    },
    "contract": {
        "API": "--api",
        "BASE_URL": "--base-url",
        "RATE": "--rate",
        "MAX_REQUESTS": "--max-requests",
        "ALLOW_SPEND": "--allow-spend",
        "K": "-k",
    },
}


def arguments(folder: Path, target: str, **variables: str) -> list[str]:
    """Return the arguments that a target calls Python with."""
    program = folder / "python"
    code = "import json, sys; print(json.dumps(sys.argv[1:]))"
    # A first line can't name an interpreter in a folder with a space.
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "{code}" "$@"\n', "utf-8")
    program.chmod(0o755)
    done = subprocess.run(
        ["make", "-s", "-o", ".venv/.ready", target, f"BIN={folder}",
         *(f"{name}={value}" for name, value in variables.items())],
        cwd=REPOSITORY, env={**os.environ, "MAKEFLAGS": ""},
        text=True, capture_output=True, check=True,
    )  # fmt: skip
    printed: list[str] = json.loads(done.stdout)
    return printed


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("value", VALUES)
def test_every_value_arrives_as_it_was_given(target: str, value: str, tmp_path: Path) -> None:
    options = TARGETS[target]
    got = arguments(tmp_path, target, **dict.fromkeys(options, value))
    assert got == ["-m", f"scripts.{target}", *(f"{option}={value}" for option in options.values())]


@pytest.mark.parametrize("target", TARGETS)
def test_without_values_there_are_no_options(target: str, tmp_path: Path) -> None:
    assert arguments(tmp_path, target) == ["-m", f"scripts.{target}"]


def test_changes_between_folders_with_spaces(tmp_path: Path) -> None:
    got = arguments(tmp_path, "changes", OLD="an old one", NEW="a new one")
    assert got == ["-m", "scripts.spec_diff", "an old one", "a new one"]
