"""The command behind ``make lint-specs``, run as it is run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.shared import REPOSITORY

HERE = Path(__file__).parent
SCRIPT = REPOSITORY / "scripts" / "lint_specs.py"


def run(*arguments: object, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """The minimal spec as v0.yaml, with its documented names beside it."""
    spec = tmp_path / "v0.yaml"
    shutil.copy(HERE / "minimal.yaml", spec)
    listed = (HERE / "documented.yaml").read_text().replace("minimal:", "v0:")
    (tmp_path / "documented.yaml").write_text(listed)
    return spec


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_our_own_specs_pass() -> None:
    done = run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_spec_given_by_path_passes(good: Path) -> None:
    done = run(good)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_finding_is_one_line_with_file_place_and_rule(good: Path) -> None:
    edit(good, "          explode: false\n", "")
    done = run("v0.yaml", cwd=good.parent)
    assert done.returncode == 1
    assert done.stdout == (
        "v0.yaml: #/paths/~1v0~1things/get/parameters/0: array-parameter: "
        "a list in the query needs style: form and explode: false\n"
    )
    assert done.stderr == "1 finding\n"


def test_every_file_is_read_though_one_is_broken(good: Path) -> None:
    other = good.with_name("v2.yaml")
    other.write_text("openapi: 3.1.0\n")
    edit(good, "summary: List things.", "x-order: 1")
    done = run(other, good)
    assert done.returncode == 1
    assert 'v2.yaml: #: openapi: "info" is a required property' in done.stdout
    assert "v0.yaml: #/paths/~1v0~1things/get: extension: x-order is not" in done.stdout
    assert "v0.yaml: #/paths/~1v0~1things/get: operation-identity: it has no summary" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "      summary: List things.\n",
            "      summary: List things.\n      summary: Again.\n",
            "v0.yaml, line 17, column 7: the key 'summary' stands twice in one mapping",
        ),
        ('        "401":', "        401:", "the key 401 is not a string; quote it"),
        (
            '{id: t1, made_at: "2025-06-03T09:15:27Z"}',
            "{id: t1, made_at: 2025-06-03}",
            "2025-06-03 would be read as a date; quote it",
        ),
        ("[red, green]", "[red, green", "v0.yaml, line"),
        ("openapi: 3.1.0", "- openapi", "v0.yaml, line"),
    ],
)
def test_a_file_that_is_not_what_it_seems_is_a_finding(
    good: Path, old: str, new: str, message: str
) -> None:
    edit(good, old, new)
    done = run(good)
    assert done.returncode == 1
    assert ": #: file: " in done.stdout
    assert message in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("content", ["", "[]", "3.1.0", "null"])
def test_a_file_that_is_no_mapping_is_a_finding(tmp_path: Path, content: str) -> None:
    path = tmp_path / "v0.yaml"
    path.write_text(content)
    done = run(path)
    assert done.returncode == 1
    assert "not a mapping" in done.stdout


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    done = run(tmp_path / "v0.yaml")
    assert done.returncode == 1
    assert "v0.yaml can't be read" in done.stdout
