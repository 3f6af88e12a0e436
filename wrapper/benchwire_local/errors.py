"""The errors of the embedded server: those it answers with, and those that stop it or an import."""

from __future__ import annotations


class ApiError(Exception):
    """A refusal the client gets: a documented status and a message in the API's error shape.

    Args:
        status: The HTTP status, one that the specification documents for the operation.
        message: What is wrong, which value, and the limit. The client reads it.
        headers: Response headers that belong to the status, such as ``Allow``.
    """

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.headers = headers or {}

    def __str__(self) -> str:
        return f"{self.status}: {self.message}"


class LocalServerError(Exception):
    """The embedded server can't do what it was told; the message says why.

    It could not start (the address is taken, the database or a specification can't be used), was
    started twice, or was asked for its address while it was not running.
    """


class PlanError(LocalServerError):
    """A fault plan can't be used; the message says where, and what is allowed."""


class DatabaseError(LocalServerError):
    """The database file can't be used, is no database of this server, or is served by another."""


class DatabaseBusyError(DatabaseError):
    """Another process is writing to the database file and has not finished in time."""


class ImportFailedError(Exception):
    """A results file can't be imported; nothing of it was, and the database is as before.

    As a text it is ``source:line: reason``, or ``source: reason`` if the whole file is at fault.

    Args:
        source: The file's name as the user gave it.
        line: The line at fault, from 1; ``None`` if the whole file is.
        reason: What is wrong, in which field, and the value seen.
    """

    def __init__(self, source: str, line: int | None, reason: str) -> None:
        super().__init__(source, line, reason)
        self.source = source
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        return f"{place}: {self.reason}"
