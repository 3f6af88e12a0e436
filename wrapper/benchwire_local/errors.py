"""The errors of the embedded server: error responses, startup failures and failed imports."""

from __future__ import annotations

from benchwire_local.http.parameters import shorten


class ApiError(Exception):
    """An error response: a documented status and a message in the API's error shape.

    Args:
        status: An HTTP status that the spec documents for the operation.
        message: The problem, the value and the limit; sent to the client.
        headers: Response headers for the status, such as ``Allow``.
    """

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.headers: dict[str, str] = headers or {}

    def __str__(self) -> str:
        return f"{self.status}: {self.message}"


def not_found(what: str, identifier: object) -> ApiError:
    """Return the 404 for an unknown id."""
    return ApiError(404, f"There is no {what} with the id {shorten(identifier)}.")


class LocalServerError(Exception):
    """The embedded server failed; the message has the reason.

    It could not start (the address is in use, the database or a spec is invalid), was started
    twice, or its address was requested while it was not running.
    """


class PlanError(LocalServerError):
    """A fault plan is invalid; the message has the location and the allowed values."""


class DatabaseError(LocalServerError):
    """The database file is unusable, belongs to another program, or is in use by another server."""


class DatabaseBusyError(DatabaseError):
    """Another process is writing to the database file and has not finished in time."""


class ImportFailedError(Exception):
    """The import of a results file failed; the database is unchanged.

    The text is ``source:line: reason``, or ``source: reason`` if the whole file is invalid.

    Args:
        source: The name of the file.
        line: The number of the invalid line, from 1; ``None`` for the whole file.
        reason: The problem, the field and the value.
    """

    def __init__(self, source: str, line: int | None, reason: str) -> None:
        super().__init__(source, line, reason)
        self.source = source
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        return f"{place}: {self.reason}"


class NoAnswersError(ImportFailedError):
    """A file of results has no answers: only aggregates, or nothing."""
