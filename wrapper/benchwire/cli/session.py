"""The clients of a command: of the services, or of an embedded server inside this process."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

import benchwire
from benchwire.cli.exits import CommandError
from benchwire.cli.output import note

if TYPE_CHECKING:
    from benchwire.local import Server

DEFAULT_DATABASE = Path("benchwire-local.db")

Client = TypeVar("Client", bound=AbstractContextManager[object])


class Session:
    """What the options before a command say, and the clients made by them.

    Args:
        context: The context of the command line; clients and server are closed with it.
        local: None: the services. Empty: an embedded server with the default database if there is
            one, else with sample data in memory. Else the database file to serve.
    """

    def __init__(self, context: typer.Context, local: str | None) -> None:
        self._context = context
        self._local = local
        self._server: Server | None = None

    @property
    def is_local(self) -> bool:
        """Whether the server is in this process."""
        return self._local is not None

    def public(self) -> benchwire.PublicClient:
        """Return a client of the public API."""
        return self._client(benchwire.PublicClient, lambda server: server.public_client())

    def v2(self) -> benchwire.V2Client:
        """Return a client of the v2 API."""
        return self._client(benchwire.V2Client, lambda server: server.v2_client())

    def v0(self) -> benchwire.V0Client:
        """Return a client of the v0 API; submissions to an embedded server are not recorded."""
        return self._client(benchwire.V0Client, lambda server: server.v0_client(journal=False))

    def _client(self, remote: Callable[[], Client], local: Callable[[Server], Client]) -> Client:
        client = remote() if self._local is None else local(self._running_server())
        self._context.with_resource(client)
        return client

    def _running_server(self) -> Server:
        if self._server is None:
            name = self._local or ""
            db = Path(name) if name else DEFAULT_DATABASE if DEFAULT_DATABASE.exists() else None
            if db is not None and not db.exists():
                raise typer.BadParameter(f"there is no database {name!r}", param_hint="--local")
            note(f"# embedded server: {db or 'sample data in memory'}")
            try:
                self._server = self._context.with_resource(benchwire.local.serve(db=db))
            except benchwire.local.LocalServerError as problem:
                raise CommandError(str(problem)) from None
        return self._server


def session(context: typer.Context) -> Session:
    """Return the session of a command's context."""
    found: Session = context.find_root().obj
    return found
