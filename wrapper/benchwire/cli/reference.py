"""What is made from the commands: ``docs/cli.md``, and ``commands.json`` for shells.

``python -m benchwire.cli.reference page`` prints the one, ``… table`` the other; ``make generate`` runs both.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import typer

_HEAD = """\
# The command line

`pip install "benchwire[cli,local]"`. Made from the help of the commands by
`make generate`.

Lists show 30 rows unless `--limit` says otherwise, and say on standard error how many there are. Models
and benchmarks are named by id, key or exact name. `--format` is `auto` (a table on a terminal, TSV in a
pipe), `table`, `tsv`, `csv`, `json`, `jsonl`, `md` or `quiet` (the first column alone). In TSV a tab, a
line break and a backslash in a value are written `\\t`, `\\n` and `\\\\`.
"""


def page() -> str:
    """Return the page: the help of each command, the groups before their commands."""
    # The width and the absence of colours must not depend on the terminal.
    os.environ["COLUMNS"] = "80"
    parts = [_HEAD]
    for path, command, context in _commands():
        text = command.get_help(context).rstrip()
        parts.append(f"## `{' '.join(path)}`\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def table() -> str:
    """Return the options and arguments of each command, as JSON; :mod:`shell_words` reads it."""
    return "{\n" + ",\n".join(_row(*each) for each in _commands()) + "\n}\n"


def _commands() -> Iterator[tuple[list[str], Any, Any]]:
    """Yield each command with its path and its context, the groups before their commands."""
    from benchwire.cli.app import app  # noqa: PLC0415  it is run as a module of its own package

    return _walk(typer.main.get_command(app), ["benchwire"], None)


def _walk(command: Any, path: list[str], parent: Any) -> Iterator[tuple[list[str], Any, Any]]:
    context = command.context_class(command, info_name=path[-1], parent=parent)
    yield path, command, context
    for name, child in getattr(command, "commands", {}).items():
        yield from _walk(child, [*path, name], context)


def _row(path: list[str], command: Any, context: Any) -> str:
    options, arguments = [], []
    for each in command.get_params(context):
        choices = getattr(each.type, "choices", None)
        values = choices and [getattr(choice, "value", choice) for choice in choices]
        if each.param_type_name == "argument":
            arguments.append({"values": values, "repeated": each.nargs < 0})
            continue
        options.append({
            "names": [*each.opts, *each.secondary_opts],
            "help": each.help or "",
            "takes": 0 if each.is_flag else each.nargs,
            "values": values,
            "repeated": each.multiple,
        })  # fmt: skip
    lines = ",\n  ".join(json.dumps(option) for option in options)
    head = {"help": command.get_short_help_str(), "arguments": arguments}
    return f' {json.dumps(" ".join(path[1:]))}: {json.dumps(head)[:-1]}, "options": [\n  {lines}]}}'


if __name__ == "__main__":
    print({"page": page, "table": table}[sys.argv[1]](), end="")
