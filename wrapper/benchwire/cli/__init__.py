"""The command ``benchwire``.

Needs the extra ``cli``, and for the embedded server ``local``: ``pip install "benchwire[cli,local]"``.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Any


class _Unread(io.FileIO):
    """Standard error, whose reader may have gone: a command goes on, and ends with its own status."""

    def write(self, data: Any) -> int:
        with suppress(OSError):
            return super().write(data)
        return len(data)


def main() -> None:
    """Run the command."""
    if sys.argv[1:] == ["--version"]:
        # Without Typer: a shell prompt may ask for it.
        from benchwire import __version__  # noqa: PLC0415

        print(f"benchwire {__version__}")
        return
    if os.environ.get("_BENCHWIRE_COMPLETE", "").startswith("complete_"):
        from benchwire.cli.shell_words import main as complete  # noqa: PLC0415  with each key

        complete()
    try:
        from benchwire.cli.app import app  # noqa: PLC0415  an extra
    except ImportError as problem:
        sys.exit(
            f'the command needs the extra "cli": pip install "benchwire[cli,local]" ({problem})'
        )
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # the caller has closed it
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Programs read UTF-8, whatever the system's code page; what that of a terminal lacks must
            # not end a command.
            keeps = stream.isatty() or "PYTHONIOENCODING" in os.environ
            encoding = stream.encoding if keeps else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
    binary = getattr(sys.stderr, "buffer", None)
    if isinstance(getattr(binary, "raw", binary), io.FileIO):  # not a console of Windows
        sys.stderr = io.TextIOWrapper(
            io.BufferedWriter(_Unread(sys.stderr.fileno(), "w", closefd=False)),
            sys.stderr.encoding, "backslashreplace", line_buffering=True,
        )  # fmt: skip
    app()
