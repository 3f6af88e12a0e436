"""`scripts/generate.py --output` replaces a generated package, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from openapi.generator.build import ROOT, check_target

from support import forks

if TYPE_CHECKING:
    from pathlib import Path


def run(target: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.generate", "--output", target]
    return forks.run(command, imported=forks.LIBRARIES, cwd=ROOT)


@pytest.mark.parametrize("name", ["thesis.txt", "__init__.py"])
def test_a_folder_of_other_things_is_refused_and_kept(name: str, tmp_path: Path) -> None:
    target = tmp_path / "documents"
    target.mkdir()
    (target / name).write_text("# Years of work.\n")
    result = run(target)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(
        f"generate: {target} is not empty and holds no generated package"
    )
    assert [path.read_text() for path in target.iterdir()] == ["# Years of work.\n"]
    assert [path.name for path in tmp_path.iterdir()] == ["documents"]


def test_a_file_is_refused_and_kept(tmp_path: Path) -> None:
    target = tmp_path / "thesis.txt"
    target.write_text("Years of work.")
    result = run(target)
    assert (result.returncode, result.stderr) == (1, f"generate: {target} is not a folder\n")
    assert target.read_text() == "Years of work."


def test_an_empty_or_a_new_folder_is_taken(tmp_path: Path) -> None:
    check_target(tmp_path)
    check_target(tmp_path / "new")
    (tmp_path / "__pycache__").mkdir()
    check_target(tmp_path)
