"""The page of all commands, made from their help: ``python -m benchwire.cli.reference > docs/cli.md``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import typer

_HEAD = """\
# The command line

`pip install "benchwire[cli,local]"`. Made from the help of the commands by
`python -m benchwire.cli.reference > docs/cli.md`.

Lists show 30 rows unless `--limit` says otherwise, and say on standard error how many there are. Models
and benchmarks are named by id, key or exact name. `--format` is `auto` (a table on a terminal, TSV in a
pipe), `table`, `tsv`, `csv`, `json`, `jsonl`, `md` or `quiet` (the first column alone). In TSV a tab, a
line break and a backslash in a value are written `\\t`, `\\n` and `\\\\`.
"""


def page() -> str:
    """Return the page: the help of each command, the groups before their commands."""
    from benchwire.cli.app import app  # noqa: PLC0415  it is run as a module of its own package

    # The width and the absence of colours must not depend on the terminal.
    os.environ["COLUMNS"] = "80"
    parts = [_HEAD]
    for path, text in _helps(typer.main.get_command(app), ["benchwire"], None):
        parts.append(f"## `{' '.join(path)}`\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def _helps(command: Any, path: list[str], parent: Any) -> Iterator[tuple[list[str], str]]:
    context = command.context_class(command, info_name=path[-1], parent=parent)
    yield path, command.get_help(context).rstrip()
    for name, child in getattr(command, "commands", {}).items():
        yield from _helps(child, [*path, name], context)


if __name__ == "__main__":
    print(page(), end="")
