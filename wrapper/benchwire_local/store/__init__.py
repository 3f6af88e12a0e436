"""The tables of the embedded server: one module an API, each with its own SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchwire_local.store import public, v0, v2

if TYPE_CHECKING:
    import sqlite3

SCHEMAS = (public.SCHEMA, v2.SCHEMA, v0.SCHEMA)


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether the database has no data of any of the three APIs, such as a new one."""
    return (
        public.is_empty(connection)
        and v2.is_empty(connection)
        and not v0.has_benchmarks(connection)
    )
