"""Texts and paths that the encoding of the terminal, the code page or the locale can't express."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from support.systems import needs_posix

# Runs some commands one after the other: most of the time of a process is its start.
COMMAND = [
    sys.executable,
    "-c",
    """
import itertools, sys
from benchwire.cli import main
words = itertools.groupby(sys.argv[1:], lambda word: word == ";")
for sys.argv[1:] in [list(command) for is_end, command in words if not is_end]:
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
    print(end="\\0", flush=True)
""",
]
C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
BENCHMARK, MODEL = "Prüfung 日本", "m/é…"
ON_POSIX = needs_posix("C locale, and no pseudo-terminals")


def environment(**variables: str) -> dict[str, str]:
    kept = {name: it for name, it in os.environ.items() if not name.startswith(("LC_", "PYTHON"))}
    return {**kept, "TERM": "dumb", **variables}


def arguments(commands: Iterable[list[object]]) -> list[str]:
    return [*COMMAND, *(str(word) for command in commands for word in [*command, ";"])]


def run(*commands: list[object], **variables: str) -> list[bytes]:
    """Run commands in one process, and return what each printed."""
    done = subprocess.run(
        arguments(commands),
        env=environment(**variables), capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split(b"\0")[:-1]


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
    *imported, surveyed, listed = run(
        ["import", results, "--db", db],
        ["import", results, "--db", db],  # into a file that is there
        ["import", "--dry-run", "--format", "json", results],
        ["--local", db, "models", "list", "--format", "json"],
        **variables,
    )
    assert [f"{BENCHMARK}\t{MODEL}".encode() in shown for shown in imported] == [True, True]
    assert json.loads(surveyed)[0]["benchmark"] == BENCHMARK
    assert [it["name"] for it in json.loads(listed)] == [MODEL]


def test_an_encoding_that_is_asked_for_is_used(results: Path) -> None:
    command: list[object] = ["import", results, "--db", results.with_name("d.db")]
    (imported,) = run(command, PYTHONIOENCODING="cp1252")
    assert rb"Pr" + b"\xfc" + rb"fung \u65e5\u672c" in imported


@ON_POSIX
def test_what_a_terminal_can_not_show_is_escaped(results: Path) -> None:
    db = results.with_name("d.db")
    commands: list[list[object]] = [["import", results, "--db", db]]
    listed = ["--local", db, "benchmarks", "list", "--format"]
    commands += [[*listed, form] for form in ("table", "tsv", "md", "json")]
    ours, theirs = os.openpty()
    with subprocess.Popen(
        arguments(commands),
        env=environment(**C_LOCALE), stdout=theirs, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
        _, errors = process.communicate()
    os.close(ours)
    assert process.returncode == 0, errors
    assert [rb"Pr\xfcfung" in part for part in shown.split(b"\0")] == [True] * 5 + [False]
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
    twice: list[list[object]] = [["import", results, "--db", db]] * 2
    survey: list[object] = ["import", "--dry-run", "--format", "json", results]
    surveyed = run(*twice, survey, LC_ALL="C.UTF-8")[-1]
    assert json.loads(surveyed)[0]["source"].endswith(r"\udcff/a.jsonl")
    two = [{"prompt_id": "p", "truth": it} for it in "ab"]  # the message has the earlier place
    lines = [json.loads(results.read_text("utf-8")) | it for it in two]
    results.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    with pytest.raises(AssertionError, match=r"\\udcff"):  # the message names the file
        run(twice[0], LC_ALL="C.UTF-8")
