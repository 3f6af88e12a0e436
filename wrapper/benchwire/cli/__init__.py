"""The command ``benchwire``.

Needs the extra ``cli``, and for the embedded server ``local``: ``pip install "benchwire[cli,local]"``.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command."""
    if sys.argv[1:] == ["--version"]:
        # Without Typer: a shell prompt may ask for it.
        from benchwire import __version__  # noqa: PLC0415

        print(f"benchwire {__version__}")
        return
    try:
        from benchwire.cli.app import app  # noqa: PLC0415  an extra
    except ImportError as problem:
        sys.exit(
            f'the command needs the extra "cli": pip install "benchwire[cli,local]" ({problem})'
        )
    app()
