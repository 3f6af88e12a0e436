"""The tree of commands."""

from __future__ import annotations

import typer

from benchwire.cli.local import local

app = typer.Typer(
    name="benchwire",
    help="benchwire: one SDK for three LLM-evaluation APIs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(local, name="local")


@app.callback()
def top() -> None:
    """Register ``local`` as a command group; Typer would drop the only group."""
