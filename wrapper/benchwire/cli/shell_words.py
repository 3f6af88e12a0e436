"""The answers to a shell that completes a command line.

Typer's scripts ask the command for them, which imports every command in a third of a second. These come
from ``commands.json``, which ``make generate`` writes from the commands: without Typer, in a tenth of that.
"""

from __future__ import annotations

import json
import os
import pkgutil
import shlex
import sys
from collections.abc import Iterator, Mapping
from typing import Any

# A word and its help.
Candidate = tuple[str, str]
Table = dict[str, dict[str, Any]]
_UNKNOWN: dict[str, Any] = {"arguments": (), "options": ()}
_ZSH = str.maketrans({'"': '""', "'": "''", "$": "\\$", "`": "\\`", ":": "\\\\:"})


def complete(shell: str, environment: Mapping[str, str]) -> int:
    """Print the words that may stand at the cursor, as Typer's script for the shell reads them.

    Returns:
        The exit status: for fish 1 where there are none, so that it offers files.
    """
    words, incomplete = _command_line(shell, environment)
    table = json.loads(pkgutil.get_data(__package__, "commands.json") or b"")
    found = list(candidates(table, words, incomplete))
    if shell == "bash":
        print("\n".join(word for word, _ in found))
    elif shell == "zsh":
        parts = ([f'"{part.translate(_ZSH)}"' for part in each if part] for each in found)
        lines = "\n".join(":".join(each) for each in parts)
        print(f"_arguments '*: :(({lines}))'" if found else "_files")
    elif shell == "fish":
        if environment.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
            return 0 if found else 1
        print("\n".join("\t".join(filter(None, each)) for each in found))
    else:
        print("\n".join(f"{word}:::{text or ' '}" for word, text in found))
    return 0


def candidates(table: Table, words: list[str], incomplete: str) -> Iterator[Candidate]:
    """Yield the words that may follow others and begin with an incomplete one, in the order of the help.

    None for a value that is not one of several: the shell offers files.

    Args:
        table: The content of ``commands.json``.
        words: Those before the cursor, without the program's name.
        incomplete: The word at the cursor; may be empty.
    """
    line = _Line(table)
    for word in words:
        line.read(word)
    name, has_value, value = incomplete.partition("=")
    if line.takes_options and has_value and name[:1] == "-":
        line.read(name)
        incomplete = value
    if line.takes_options and incomplete[:1] == "-":
        found = line.unused_options()
    elif line.waiting and not line.may_leave_out:
        found = dict.fromkeys(line.waiting[0] or (), "")
    else:
        found = line.children() | dict.fromkeys(line.values(), "")
    yield from ((word, text) for word, text in found.items() if word.startswith(incomplete))


class _Line:
    """The words before the cursor, and what may follow them."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._path: str | None = ""  # of the command; None if there is none of the name
        self._used: list[str] = []
        self._arguments = 0
        self._options_end = False
        self.waiting: list[list[str] | None] = []  # the values that the last option still takes

    @property
    def takes_options(self) -> bool:
        """Whether an option may follow."""
        return not self._options_end and (self.may_leave_out or not self.waiting)

    @property
    def may_leave_out(self) -> bool:
        """Whether the option before the cursor may do without its value."""
        return self._used[-1:] == ["--local"]

    def read(self, word: str) -> None:
        """Read the next word."""
        if self.waiting:
            del self.waiting[0]
            if not (self.may_leave_out and (word in self.children() or word[:1] == "-")):
                return
        if word == "--":
            self._options_end = True
        elif word[:1] == "-" and not self._options_end:
            name, has_value, _ = word.partition("=")
            self._used.append(name)
            values = (
                [each["values"]] * each["takes"]
                for each in self._command()["options"]
                if name in each["names"] and not has_value
            )
            self.waiting = next(values, [])
        elif children := self.children():
            self._path = f"{self._path} {word}".lstrip() if word in children else None
            self._used = []
        else:
            self._arguments += 1

    def _command(self) -> dict[str, Any]:
        return _UNKNOWN if self._path is None else self._table[self._path]

    def children(self) -> dict[str, str]:
        """Return the commands of the group, with their help."""
        parts = ((each.rpartition(" "), each) for each in self._table if each)
        return {
            name: self._table[each]["help"]
            for (group, _, name), each in parts
            if group == self._path
        }

    def values(self) -> list[str]:
        """Return the values of the argument that is next."""
        given = self._arguments
        return [
            value
            for place, argument in enumerate(self._command()["arguments"])
            if place == given or (place < given and argument["repeated"])
            for value in argument["values"] or ()
        ]

    def unused_options(self) -> dict[str, str]:
        """Return the names of options that are not there yet, with their help."""
        return {
            name: option["help"]
            for option in self._command()["options"]
            if option["repeated"] or not set(self._used) & set(option["names"])
            for name in option["names"]
        }


def _command_line(shell: str, environment: Mapping[str, str]) -> tuple[list[str], str]:
    """Return the words before the cursor, without the program's name, and the one at it."""
    if shell == "bash":
        words = _split(environment["COMP_WORDS"])
        place = int(environment["COMP_CWORD"])
        return words[1:place], words[place] if place < len(words) else ""
    line = environment["_TYPER_COMPLETE_ARGS"]
    words = _split(line)[1:]
    if shell in {"powershell", "pwsh"}:
        incomplete = environment.get("_TYPER_COMPLETE_WORD_TO_COMPLETE", "")
    else:
        incomplete = words[-1] if words and not line.endswith(" ") else ""
    return words[:-1] if incomplete else words, incomplete


def _split(line: str) -> list[str]:
    """Return the words of a line, the last of which may lack its closing quote."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="")
    lexer.whitespace_split, lexer.commenters = True, ""
    words = []
    try:
        for word in lexer:
            words.append(word)  # noqa: PERF402  those before an error stay
    except ValueError:
        words.append(lexer.token)
    return words


def main() -> None:
    """Answer the shell that ``_BENCHWIRE_COMPLETE`` names."""
    sys.exit(complete(os.environ["_BENCHWIRE_COMPLETE"].removeprefix("complete_"), os.environ))
