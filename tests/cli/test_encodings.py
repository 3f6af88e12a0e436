"""Texts and paths that the encoding of the terminal, the code page or the locale can't express."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.systems import needs_posix

COMMAND = [sys.executable, "-c", "from benchwire.cli import main; main()"]
C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
BENCHMARK, MODEL = "Prüfung 日本", "m/é…"
ON_POSIX = needs_posix("C locale, and no pseudo-terminals")


def environment(**variables: str) -> dict[str, str]:
    kept = {name: it for name, it in os.environ.items() if not name.startswith(("LC_", "PYTHON"))}
    return {**kept, "TERM": "dumb", **variables}


def run(*arguments: object, **variables: str) -> tuple[bytes, bytes]:
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=environment(**variables), capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def answers(path: Path) -> Path:
    line = {"benchmark": BENCHMARK, "model": MODEL, "input": "Où ?", "truth": "a", "result": "a"}
    path.parent.mkdir()
    path.write_text(json.dumps(line | {"score": 1}), encoding="utf-8")
    return path


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return answers(tmp_path / "a folder é" / "réponses 1.jsonl")


@pytest.mark.parametrize("variables", [{}, pytest.param(C_LOCALE, marks=ON_POSIX)])
def test_a_pipe_gets_utf_8(results: Path, variables: dict[str, str]) -> None:
    db = results.with_name("é.db")
    for _ in range(2):  # into a new file, and into one that is there
        imported, _ = run("import", results, "--db", db, **variables)
        assert f"{BENCHMARK}\t{MODEL}".encode() in imported
    surveyed, _ = run("import", "--dry-run", "--format", "json", results, **variables)
    assert json.loads(surveyed)[0]["benchmark"] == BENCHMARK
    listed, _ = run("--local", db, "models", "list", "--format", "json", **variables)
    assert [it["name"] for it in json.loads(listed)] == [MODEL]


def test_an_encoding_that_is_asked_for_is_used(results: Path) -> None:
    imported, _ = run(
        "import", results, "--db", results.with_name("d.db"), PYTHONIOENCODING="cp1252"
    )
    assert rb"Pr" + b"\xfc" + rb"fung \u65e5\u672c" in imported


@ON_POSIX
@pytest.mark.parametrize("form", ["table", "tsv", "md", "json"])
def test_what_a_terminal_can_not_show_is_escaped(results: Path, form: str) -> None:
    db = results.with_name("d.db")
    run("import", results, "--db", db)
    ours, theirs = os.openpty()
    arguments = ("--local", str(db), "benchmarks", "list", "--format", form)
    with subprocess.Popen(
        [*COMMAND, *arguments], env=environment(**C_LOCALE), stdout=theirs, stderr=subprocess.PIPE
    ) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
        _, errors = process.communicate()
    os.close(ours)
    assert process.returncode == 0, errors
    assert rb"Pr\xfcfung" in shown
    assert shown.isascii()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux, at the end
        return b""


@pytest.mark.skipif(sys.platform != "linux", reason="needs file names that are no text")
def test_a_path_that_is_no_text(tmp_path: Path) -> None:
    results = answers(tmp_path / os.fsdecode(b"\xff") / "a.jsonl")
    db = results.with_name(os.fsdecode(b"\xfe.db"))
    for _ in range(2):
        run("import", results, "--db", db, LC_ALL="C.UTF-8")
    surveyed, _ = run("import", "--dry-run", "--format", "json", results, LC_ALL="C.UTF-8")
    assert json.loads(surveyed)[0]["source"].endswith(r"\udcff/a.jsonl")
    two = [{"prompt_id": "p", "truth": it} for it in "ab"]  # the message has the earlier place
    lines = [json.loads(results.read_text("utf-8")) | it for it in two]
    results.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    with pytest.raises(AssertionError, match=r"\\udcff"):  # the message names the file
        run("import", results, "--db", db, LC_ALL="C.UTF-8")
