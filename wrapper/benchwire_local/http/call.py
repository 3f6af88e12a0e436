"""The interface of the operations' handlers: from a validated call to a response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from benchwire_local.data.database import Database
    from benchwire_local.data.key_lists import DatabaseConnection
    from benchwire_local.jobs import JobRunner
    from benchwire_local.settings import Settings


@dataclass(frozen=True, slots=True)
class AppState:
    """The state that all handlers of a server share."""

    settings: Settings
    db: Database
    jobs: JobRunner


@dataclass(frozen=True, slots=True)
class Call:
    """One request, authenticated and validated against the spec.

    Args:
        operation_id: The ``operationId`` of the spec.
        path_params: Typed and percent-decoded values by name.
        query: Typed values by name, defaults included; absent parameters are omitted.
        headers: The header parameters, likewise.
        body: The decoded JSON body; ``None`` if the operation has none.
        state: The server's settings, database and jobs.
        jobs_until: Jobs created later are hidden; set by the fault ``list_lag``.
    """

    operation_id: str
    path_params: dict[str, Any]
    query: dict[str, Any]
    body: Any = field(repr=False)  # may hold a key
    state: AppState
    jobs_until: str | None = None
    headers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """The response of a handler; the server validates body and headers before they are sent."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler: TypeAlias = Callable[[Call], ApiResponse] | Callable[[Call], Awaitable[ApiResponse]]


def reader(read: Callable[[DatabaseConnection, Call], Any]) -> Handler:
    """Return the handler that responds with the result of a function that reads the database."""

    def handle(call: Call) -> ApiResponse:
        with call.state.db.read() as connection:
            return ApiResponse(200, read(connection, call))

    return handle
