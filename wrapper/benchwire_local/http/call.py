"""What passes between the server and an operation's handler: a checked call in, a reply out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from benchwire_local.data.database import Database
    from benchwire_local.jobs import JobRunner
    from benchwire_local.settings import Settings


@dataclass(frozen=True, slots=True)
class AppState:
    """What every handler of one server shares."""

    settings: Settings
    db: Database
    jobs: JobRunner


@dataclass(frozen=True, slots=True)
class Call:
    """One request, authenticated and valid against the specification.

    Args:
        operation_id: The specification's ``operationId``.
        path_params: By the specification's name, typed and percent-decoded.
        query: By the specification's name, typed, with defaults; absent ones are left out.
        body: The decoded JSON body, or ``None`` if the operation has none.
        state: The server's settings, database and jobs.
        jobs_until: If the fault plan makes the lists lag: later jobs are not to be seen yet.
    """

    operation_id: str
    path_params: dict[str, Any]
    query: dict[str, Any]
    body: Any = field(repr=False)  # may hold a key
    state: AppState
    jobs_until: str | None = None


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """What a handler answers; the body is checked against the specification before it is sent."""

    status: int
    body: Any


Handler: TypeAlias = Callable[[Call], ApiResponse] | Callable[[Call], Awaitable[ApiResponse]]
