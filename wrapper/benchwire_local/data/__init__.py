"""The database: the tables and queries of each API, in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchwire_local.data import public_tables, v0, v2_tables

if TYPE_CHECKING:
    import sqlite3

SCHEMAS = (public_tables.SCHEMA, v2_tables.SCHEMA, v0.SCHEMA)
_ROOTS = ("public_models", "public_benchmarks", "v2_models", "v2_types", "v0_benchmarks")


def is_empty(connection: sqlite3.Connection) -> bool:
    """Return whether no API has data, as in a new database."""
    # Only names of our own are put into the text.
    exists = " OR ".join(f"EXISTS (SELECT 1 FROM {table})" for table in _ROOTS)  # noqa: S608
    (found,) = connection.execute(f"SELECT {exists}").fetchone()
    return not found
