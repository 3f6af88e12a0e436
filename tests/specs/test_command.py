"""The command of ``make lint-specs``, in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support import forks
from support.shared import REPOSITORY

HERE = Path(__file__).parent


def run(*arguments: object, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.spec_lint", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return forks.run(command, imported=forks.LIBRARIES, cwd=cwd, env=environment)


@pytest.fixture
def valid(tmp_path: Path) -> Path:
    """The minimal spec as v0.yaml, with its documented names."""
    spec = tmp_path / "v0.yaml"
    shutil.copy(HERE / "minimal.yaml", spec)
    listed = (HERE / "documented.yaml").read_text().replace("minimal:", "v0:")
    (tmp_path / "documented.yaml").write_text(listed)
    return spec


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_specs_of_the_repository_pass() -> None:
    result = run()
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_spec_named_by_path_passes(valid: Path) -> None:
    result = run(valid)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_finding_is_one_line_with_file_location_and_rule(valid: Path) -> None:
    edit(valid, "          explode: false\n", "")
    result = run("v0.yaml", cwd=valid.parent)
    assert result.returncode == 1
    assert result.stdout == (
        "v0.yaml: #/paths/~1v0~1things/get/parameters/0: array-parameter: "
        "a list in the query requires style: form and explode: false\n"
    )
    assert result.stderr == "1 finding\n"


def test_every_file_is_linted_even_if_one_is_invalid(valid: Path) -> None:
    other = valid.with_name("v2.yaml")
    other.write_text("openapi: 3.1.0\n")
    edit(valid, "summary: List things.", "x-order: 1")
    result = run(other, valid)
    assert result.returncode == 1
    assert 'v2.yaml: #: openapi: "info" is a required property' in result.stdout
    assert "v0.yaml: #/paths/~1v0~1things/get: extension: x-order is an" in result.stdout
    assert (
        "v0.yaml: #/paths/~1v0~1things/get: operation-identity: summary is missing" in result.stdout
    )


# Edits of the minimal spec that parsers read differently, with the findings.
READ_DIFFERENTLY = [
    (
        "      summary: List things.\n",
        "      summary: List things.\n      summary: Again.\n",
        "v0.yaml, line 17, column 7: duplicate key 'summary'",
    ),
    ('        "401":', "        401:", "the key 401 is not a string; quote it"),
    (
        '{id: t1, made_at: "2025-06-03T09:15:27Z"}',
        "{id: t1, made_at: 2025-06-03}",
        "2025-06-03 would be parsed as a date; quote it",
    ),
    ("[red, green]", "[red, green", "v0.yaml, line"),
    ("openapi: 3.1.0", "- openapi", "v0.yaml, line"),
]
NO_MAPPINGS = ["", "[]", "3.1.0", "null"]


def test_each_file_that_can_not_be_read_is_a_finding(valid: Path, tmp_path: Path) -> None:
    """One process for all: it names each file and goes on."""
    texts, messages = [], []
    for old, new, message in READ_DIFFERENTLY:
        text = valid.read_text(encoding="utf-8")
        assert old in text
        texts.append(text.replace(old, new, 1))
        messages.append(message)
    texts += NO_MAPPINGS
    messages += ["not a mapping"] * len(NO_MAPPINGS)
    paths = [tmp_path / str(number) / "v0.yaml" for number in range(len(texts) + 1)]
    for path, text in zip(paths, texts, strict=False):
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    result = run(*paths)
    assert (result.returncode, result.stderr) == (1, f"{len(paths)} findings\n")
    lines = result.stdout.splitlines()
    for path, line, message in zip(
        paths, lines, [*messages, "v0.yaml cannot be read"], strict=True
    ):
        assert f"{path.parent.name}/v0.yaml: #: file: " in line
        assert message in line
