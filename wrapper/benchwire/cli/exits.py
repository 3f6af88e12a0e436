"""The exit status of the command, for each way to end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from benchwire import errors
from benchwire.cli.output import note

FAILED = 1
USAGE = 2
GATE_NOT_MET = 3
REFUSED = 4
INCOMPLETE = 5
UNKNOWN_OUTCOME = 6
TIMED_OUT = 124

# The first class that fits decides.
_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (errors.SubmissionUnknown, UNKNOWN_OUTCOME),
    (errors.PaginationError, INCOMPLETE),
    (errors.APITimeoutError, TIMED_OUT),
    (errors.WaitTimeoutError, TIMED_OUT),
    (errors.AuthenticationError, REFUSED),
    (errors.PermissionDeniedError, REFUSED),
    (errors.ConfigurationError, REFUSED),
    (errors.BenchwireError, FAILED),
    (ValueError, USAGE),
    (TypeError, USAGE),
    (OSError, FAILED),
    # An extra is missing: the message names it.
    (ImportError, FAILED),
)


class CommandError(Exception):
    """A command can't do what was asked; the message says why."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status


@contextmanager
def ending_with(status: int) -> Iterator[None]:
    """Raise a status after what a command found is printed, even if nobody reads it."""
    try:
        yield
    finally:
        if status:
            raise typer.Exit(status)


@contextmanager
def exit_status() -> Iterator[None]:
    """Turn the errors of a command into a message on standard error and an exit status.

    Raises:
        typer.Exit: With the status; of a closed pipe with 0, and no message.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has what it wanted.
        _stop_printing()
        raise typer.Exit(0) from None
    except typer.Exit:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            _stop_printing()
        raise
    except CommandError as error:
        note(f"error: {error}")
        raise typer.Exit(error.status) from None
    except tuple(kind for kind, _ in _STATUS) as error:
        for text in (f"error: {error}", *getattr(error, "__notes__", ())):
            note(text)  # a note may have the id of a job that is paid for
        if isinstance(error, errors.SubmissionUnknown):
            note(f"intent: {error.intent_id} (benchwire jobs resume {error.intent_id})")
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        raise typer.Exit(status) from None


def _stop_printing() -> None:
    """Discard what is still printed: the interpreter would fail to flush it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
