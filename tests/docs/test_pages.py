"""What README.md and the pages of docs/ show runs as it stands."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from benchwire.cli.app import app
from support.pages import PAGES, blocks
from support.shared import REPOSITORY

SNIPPETS = blocks("python")


def test_there_are_snippets() -> None:
    pages = [page for page, _ in SNIPPETS]
    assert pages.count("README.md") >= 2
    assert len(pages) > 20


@pytest.mark.parametrize(("page", "code"), SNIPPETS)
def test_the_snippet_runs_and_prints(
    page: str, code: str, run: Callable[[str], subprocess.CompletedProcess[str]]
) -> None:
    done = run(code)

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout


def test_the_first_snippet_is_ten_lines() -> None:
    lines = [line for line in SNIPPETS[0][1].splitlines() if line.strip()]
    assert len(lines) <= 10


def test_every_make_target_named_exists() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, flags=re.MULTILINE))
    texts = [*PAGES.values(), (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")]
    named = set(re.findall(r"(?:^|`)make ([a-z0-9-]+)", "\n".join(texts), flags=re.MULTILINE))

    assert {"demo", "test"} <= named
    assert named <= targets


def command_lines() -> list[list[str]]:
    """Return the calls of the command in all pages, without what the shell does with them."""
    lines = [line.split("#")[0] for _, code in blocks("console") for line in code.splitlines()]
    calls = [line.partition(";")[0].partition("|")[0].split() for line in lines]
    return [call[1:] for call in calls if call[:1] == ["benchwire"]]


def test_every_command_line_option_named_exists() -> None:
    calls = [call for call in command_lines() if "--local" not in call]
    assert calls
    for call in calls:
        words = list(itertools.takewhile(lambda word: word.isalpha() and word.islower(), call))
        command: Any = typer.main.get_command(app)
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word.partition("=")[0] for word in call if word.startswith("--")} <= options


@pytest.mark.parametrize(
    "call", [call for call in command_lines() if "--local" in call], ids=" ".join
)
def test_every_command_line_with_sample_data_runs(
    call: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    assert done.stdout


def test_the_export_of_the_first_five_minutes_is_queried(tmp_path: Path) -> None:
    """The last two lines of the first block, one after the other, as they stand."""
    [first, *_] = [code for page, code in blocks("console") if page == "README.md"]
    lines = first.splitlines()[-2:]
    assert ["export" in line or "duckdb" in line for line in lines] == [True, True]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-ec", "\n".join(lines)],
        env=os.environ | {"PATH": path, "PYTHONIOENCODING": "utf-8"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "eval-sample-0" in done.stdout
    assert "avg(score)" in done.stdout


def test_every_link_to_a_file_leads_somewhere() -> None:
    pages = {REPOSITORY / "CONTRIBUTING.md", REPOSITORY / "README.md"}
    pages |= {REPOSITORY / "docs" / name for name in PAGES if name != "README.md"}
    pages |= {REPOSITORY / "openapi" / "README.md", REPOSITORY / "openapi/generator/README.md"}
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
