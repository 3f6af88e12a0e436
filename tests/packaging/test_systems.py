"""What is shipped runs on Windows, too: an errand with what Python lacks there taken away."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from support.shared import REPOSITORY

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


def unencoded(path: Path) -> Iterator[str]:
    """Yield the calls that read or write text in the encoding of the system."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        options = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        arguments = [*map(ast.unparse, node.args), options.get("mode", "")]
        modes = [it for it in arguments if re.fullmatch(r"'[rwax+bt]+'", it)]
        is_text = {
            "read_text": not node.args,
            "write_text": len(node.args) < 2,
            "open": ast.unparse(node.func) != "os.open" and any("b" not in it for it in modes),
            "TextIOWrapper": len(node.args) < 2,
        }.get(name, options.get("text", options.get("universal_newlines")) == "True")
        if is_text and "encoding" not in options:
            yield f"{path.name}:{node.lineno} {name}"


def test_what_reads_unencoded_text_is_found(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text(
        "p.read_text()\np.write_text(x)\nopen(p, 'w')\np.open(mode='a')\nrun(c, text=True)\n"
        "p.read_text('utf-8')\np.write_text(x, 'utf-8')\nopen(p, 'wb')\nz.open(p)\n"
        "run(c, text=True, encoding='utf-8')\n",
        encoding="utf-8",
    )
    calls = ("read_text", "write_text", "open", "open", "run")
    assert list(unencoded(path)) == [f"m.py:{line} {it}" for line, it in enumerate(calls, 1)]


def test_text_is_read_and_written_in_a_named_encoding() -> None:
    folders = [REPOSITORY / name for name in ("wrapper", "scripts", "openapi", "generated")]
    paths = [path for folder in folders for path in folder.rglob("*.py")]
    assert len(paths) > 400
    assert [found for path in paths for found in unencoded(path)] == []


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
