"""The tables of the embedded server: one module an API, each with its own SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchwire_local.data import public_tables, v0, v2_tables

if TYPE_CHECKING:
    import sqlite3

SCHEMAS = (public_tables.SCHEMA, v2_tables.SCHEMA, v0.SCHEMA)


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether the database has no data of any of the three APIs, such as a new one."""
    return (
        public_tables.is_empty(connection)
        and v2_tables.is_empty(connection)
        and not v0.has_benchmarks(connection)
    )
