"""What users write under strict mypy and pyright: the pages' snippets pass, misuse is refused."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from support.pages import blocks
from support.shared import REPOSITORY

MISUSE = (Path(__file__).parent / "misuse.py").read_text("utf-8")
# Packages of others with no types, or with few.
UNTYPED = re.compile(r"^import (dask|pandas)\b", re.MULTILINE)
MYPY = """
[mypy]
strict = true
python_version = 3.11
[mypy-dask.*,pandas.*]
ignore_missing_imports = true
"""

Found = dict[str, dict[int, set[str]]]
"""The errors of each file: by line, their codes."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with each snippet and the misuse as files, which one run checks."""
    for number, (page, code) in enumerate(blocks("python")):
        # What passes strict pyright passes every other setting.
        mode = "standard" if UNTYPED.search(code) else "strict"
        name = re.sub(r"\W", "_", page)
        (tmp_path / f"{name}_{number}.py").write_text(f"# pyright: {mode}\n{code}", "utf-8")
    (tmp_path / "misuse.py").write_text(MISUSE, "utf-8")
    (tmp_path / "mypy.ini").write_text(MYPY, "utf-8")
    return tmp_path


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=os.environ | {"MYPY_CACHE_DIR": str(REPOSITORY / ".mypy_cache" / "types")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def collected(errors: Iterable[tuple[str, int, str]]) -> Found:
    found: Found = defaultdict(lambda: defaultdict(set))
    for file, line, code in errors:
        found[Path(file).name][line].add(code)
    return found


def mypy(folder: Path) -> Found:
    files = [path.name for path in folder.glob("*.py")]
    output = run(folder, "mypy", "--config-file", "mypy.ini", "--no-error-summary", *files)
    lines = re.findall(r"^(.+?):(\d+): error: .*  \[([\w-]+)\]$", output, flags=re.MULTILINE)
    assert len(lines) == output.count(": error: "), output
    return collected((file, int(line), code) for file, line, code in lines)


def pyright(folder: Path) -> Found:
    """Run pyright as if packages with few types had none: to read them took half of the time."""
    for name in ("dask/__init__", "dask/dataframe", "pandas/__init__"):
        stub = folder / "typings" / f"{name}.pyi"
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text("def __getattr__(name: str): ...\n", "utf-8")
    return pyright_with_all(folder)


def pyright_with_all(folder: Path) -> Found:
    output = run(folder, "basedpyright", "--outputjson", "--pythonpath", sys.executable, ".")
    return collected(
        (one["file"], one["range"]["start"]["line"] + 1, one["rule"])
        for one in json.loads(output)["generalDiagnostics"]
        if one["severity"] == "error"
    )


def expected(place: int) -> dict[int, set[str]]:
    marks = [re.search(r"# E: (\S+) (\S+)$", line) for line in MISUSE.splitlines()]
    return {number: {mark[place]} for number, mark in enumerate(marks, 1) if mark}


@pytest.mark.parametrize(
    ("check", "place"),
    [(mypy, 1), (pyright, 2), pytest.param(pyright_with_all, 2, marks=pytest.mark.long)],
)
def test_the_snippets_pass_and_each_misuse_is_an_error(
    check: Callable[[Path], Found], place: int, folder: Path
) -> None:
    found = check(folder)
    assert dict(found.pop("misuse.py")) == expected(place)
    assert found == {}
