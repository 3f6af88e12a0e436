"""``benchwire completion``: the script with which a shell completes the command."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from typer.completion import get_completion_script  # type: ignore[attr-defined]  # in no __all__

from benchwire.cli.output import print_text


def print_completion(
    shell: Annotated[
        Literal["bash", "zsh", "fish", "powershell"], typer.Argument(help="The shell.")
    ],
) -> None:
    """Print the script with which a shell completes commands and options.

    For bash, add to ~/.bashrc: eval "$(benchwire completion bash)"
    """
    print_text(
        get_completion_script(
            prog_name="benchwire", complete_var="_BENCHWIRE_COMPLETE", shell=shell
        )
    )
