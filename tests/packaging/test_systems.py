"""What is shipped runs on Windows, too: an errand with what Python lacks there taken away."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

from support.shared import REPOSITORY
from support.windows import ABSENT_MODULES

ERRAND = Path(__file__).with_name("errand.py")


def test_an_errand_as_on_windows_and_every_module(tmp_path: Path) -> None:
    environment = os.environ | {
        "PYTHONPATH": str(REPOSITORY / "tests"),
        "PYTHONWARNDEFAULTENCODING": "1",
        "PYTHONUTF8": "0",
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", ERRAND, tmp_path],
        env=environment, capture_output=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    here, windows = json.loads(done.stdout)
    assert windows == here


def test_no_test_module_fails_to_be_imported_on_windows() -> None:
    found = {
        f"{path.name} imports {name}"
        for path in (REPOSITORY / "tests").rglob("*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [it.name for it in node.names]
        )
        if name in ABSENT_MODULES
    }
    assert found == set()


def test_the_emulation_takes_away_what_windows_does_not_have(tmp_path: Path) -> None:
    code = """
import os, pathlib, signal, sys
from support.windows import ABSENT_MODULES, emulate
emulate()
import os as hidden, signal as hidden_signal
for name in ABSENT_MODULES:
    try:
        __import__(name)
    except ImportError:
        continue
    sys.exit(name)
path = pathlib.Path(sys.argv[1], "file")
with path.open("xb"):
    try:
        path.unlink()
    except PermissionError:
        print(hasattr(hidden, "fork"), hasattr(hidden_signal, "SIGKILL"), hidden.name, hidden.sep)
path.unlink()
"""
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "tests")}
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path],
        env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert (done.stderr, done.stdout) == ("", f"False False nt {os.sep}\n")
