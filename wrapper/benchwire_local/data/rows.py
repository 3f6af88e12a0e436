"""Insertion of rows, with lists and objects stored as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping


def insert(connection: sqlite3.Connection, table: str, columns: Mapping[str, Any]) -> int:
    """Insert a row and return its key; omitted columns get their default."""
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    values = [
        to_json(value) if isinstance(value, list | tuple | dict) else value
        for value in columns.values()
    ]
    cursor = connection.execute(
        f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names of our own
        values,
    )
    return cursor.lastrowid or 0


def to_json(value: Any) -> str:
    """Return the JSON to store for a value."""
    return orjson.dumps(value).decode()


def from_json(text: str | None) -> Any:
    """Return the value of stored JSON; ``None`` for a null."""
    return None if text is None else orjson.loads(text)


def as_dict(row: sqlite3.Row) -> dict[str, Any]:
    """Return a row's values by their names; ``dict(row)`` takes five times as long."""
    return dict(zip(row.keys(), row, strict=True))
