"""Words for a shell: those that Typer finds, without Typer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from typer import _completion_classes as of_typer

from benchwire.cli.app import app
from benchwire.cli.shell_words import candidates, complete
from cli.conftest import Run
from support.shared import REPOSITORY

TABLE = json.loads((REPOSITORY / "wrapper/benchwire/cli/commands.json").read_text("utf-8"))
COMMANDS: Any = typer.main.get_command(app)
SHELLS = {
    "bash": of_typer.BashComplete,
    "zsh": of_typer.ZshComplete,
    "fish": of_typer.FishComplete,
    "powershell": of_typer.PowerShellComplete,
}
WORDS = st.sampled_from(["a", "x y", "it's", "b:c", "$d"])


@st.composite
def lines(draw: st.DrawFn) -> tuple[list[str], str]:
    """A command with some of its options and arguments, and a word that has been begun."""
    path = draw(st.sampled_from(sorted(TABLE)))
    words = draw(st.sampled_from([[], ["--local"], ["--local", "x.db"], ["--local=x.db"]]))
    words += path.split()
    options = TABLE[path]["options"][:-1] if path else []  # without --help, which ends a command
    for option in draw(st.lists(st.sampled_from(options), max_size=3)) if options else ():
        name = draw(st.sampled_from(option["names"]))
        values = [draw(st.sampled_from(option["values"] or ["5"])) for _ in range(option["takes"])]
        if len(values) == 1 and name.startswith("--") and draw(st.booleans()):
            words.append(f"{name}={values[0]}")
        else:
            words += [name, *values]
        if option["takes"] and draw(st.booleans()) and draw(st.booleans()):
            return words[:-1], ""  # at its last value
    for argument in TABLE[path]["arguments"]:
        if draw(st.booleans()):
            break
        words.append(draw(st.sampled_from(argument["values"]) if argument["values"] else WORDS))
    below = [each.split()[-1] for each in TABLE if each and each.rpartition(" ")[0] == path]
    names = [name for option in TABLE[path]["options"] for name in option["names"]]
    begun = draw(st.sampled_from([*below, *names, "", "-", "public", "z"]))
    return words, begun[: draw(st.integers(0, len(begun)))]


def found_by_typer(words: list[str], incomplete: str) -> Iterator[tuple[str, str]]:
    completion = of_typer.BashComplete(COMMANDS, {}, "benchwire", "_BENCHWIRE_COMPLETE")
    for item in completion.get_completions(words, incomplete):
        if item.type == "plain":  # files are left to the shell
            yield item.value, item.help or ""


@given(lines())
@settings(max_examples=300)
def test_the_words_are_those_that_typer_finds(line: tuple[list[str], str]) -> None:
    words, incomplete = line
    assume(words[-1:] != ["--local"])
    assert list(candidates(TABLE, words, incomplete)) == list(found_by_typer([*words], incomplete))


def test_the_value_of_local_may_be_left_out() -> None:
    """Typer offers nothing here."""
    assert [word for word, _ in candidates(TABLE, ["--local"], "mod")] == ["models"]
    assert [word for word, _ in candidates(TABLE, ["--local"], "--v")] == ["--version"]
    assert [word for word, _ in candidates(TABLE, ["--local", "models"], "l")] == ["list"]
    assert [word for word, _ in candidates(TABLE, ["--local", "x.db", "models"], "l")] == ["list"]


@given(st.lists(st.text() | st.sampled_from(["models", "list", "--limit", "--", "-"])), st.text())
@settings(max_examples=100)
def test_any_line_has_an_answer(words: list[str], incomplete: str) -> None:
    for word, _ in candidates(TABLE, words, incomplete):
        assert word.startswith(incomplete.rpartition("=")[2])


@pytest.mark.parametrize("shell", list(SHELLS))
@pytest.mark.parametrize(
    "line",
    [
        "benchwire ",
        "benchwire mod",
        "benchwire models list --",
        "benchwire models list --order ",
        "benchwire models list --name 'Claude s",
        "benchwire compare 'a b' ",
    ],
)
def test_each_shell_is_answered_as_by_typer(
    line: str, shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = line.split(" ")
    asked = {
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_WORD_TO_COMPLETE": words[-1],
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    for name, value in asked.items():
        monkeypatch.setenv(name, value)
    # Helps are plain text here.
    monkeypatch.setattr(of_typer, "_sanitize_help_text", lambda text: text)
    expected = SHELLS[shell](COMMANDS, {}, "benchwire", "_BENCHWIRE_COMPLETE").complete()
    assert complete(shell, os.environ) == 0
    assert capsys.readouterr().out == expected.replace("`", "\\`" if shell == "zsh" else "`") + "\n"


def test_fish_is_told_whether_there_are_words(capsys: pytest.CaptureFixture[str]) -> None:
    def status(line: str) -> int:
        asked = {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "is-args"}
        return complete("fish", asked)

    assert (status("benchwire models "), status("benchwire import ./")) == (0, 1)
    assert capsys.readouterr().out == ""


def test_typer_is_not_imported() -> None:
    code = "import sys; sys.modules['typer'] = None\nfrom benchwire.cli import main\nmain()"
    asked = {"COMP_WORDS": "benchwire jobs wa", "COMP_CWORD": "2"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60,
        env={**os.environ, **asked, "_BENCHWIRE_COMPLETE": "complete_bash"},
    )  # fmt: skip
    assert done.stdout == "watch\n"


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_shell_completes_commands(tmp_path: Path, run: Run) -> None:
    script = run("completion", "bash")
    assert script.exit_code == 0
    (tmp_path / "complete.bash").write_text(script.stdout)
    program = """
    source ./complete.bash
    COMP_WORDS=(benchwire mod); COMP_CWORD=1
    _benchwire_completion benchwire
    echo "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        ["bash", "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
    )
    assert done.stdout == "models\n"


@pytest.mark.parametrize(("shell", "told"), [("zsh", "#compdef benchwire"), ("fish", "complete ")])
def test_other_shells_have_a_script(run: Run, shell: str, told: str) -> None:
    assert run("completion", shell).stdout.startswith(told)
