"""The places in files that staged prompts and answers were read from, for errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import sqlite3

    from benchwire_local.results.row import Row

# The bytes of a file's name need not be text.
_ERRORS = "surrogatepass"

Kind = Literal["prompt", "answer"]

# Rows of consecutive lines have consecutive keys: the first of them is enough.
_TABLE = """
CREATE TABLE import_places (kind TEXT NOT NULL, pk INTEGER NOT NULL, source BLOB NOT NULL,
    line INTEGER, PRIMARY KEY (kind, pk)) WITHOUT ROWID
"""


class Place(NamedTuple):
    """The file, with the member of an archive, and the line, if it has one."""

    source: str
    line: int | None

    def seen_from(self, other: Place) -> str:
        """Return the place for a message that starts with another one."""
        if self.line is None:
            return f"in {self.source}"
        same = self.source == other.source
        return f"on line {self.line}" if same else f"in {self.source}:{self.line}"


class PlaceWriter:
    """Writes the places of rows whose keys count from 1, into a staged database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._last: dict[Kind, tuple[str, int | None]] = {}
        connection.execute(_TABLE)

    def add(self, kind: Kind, pk: int, row: Row) -> None:
        """Add the place of a row with the next key."""
        line = row.line
        place = (row.source, None if line is None else line - pk)
        if self._last.get(kind) != place:
            self._connection.execute(
                "INSERT INTO import_places VALUES (?, ?, ?, ?)",
                (kind, pk, row.source.encode(errors=_ERRORS), line),
            )
            self._last[kind] = place


def place_of(connection: sqlite3.Connection, kind: Kind, pk: int, schema: str = "main") -> Place:
    """Return where a prompt or an answer was read."""
    first, source, line = connection.execute(
        f"SELECT pk, source, line FROM {schema}.import_places"  # noqa: S608  a name of ours
        " WHERE kind = ? AND pk <= ? ORDER BY pk DESC LIMIT 1",
        (kind, pk),
    ).fetchone()
    return Place(source.decode(errors=_ERRORS), None if line is None else line + pk - first)


def forget_places(connection: sqlite3.Connection) -> None:
    """Remove the places of a staged database that is to be used."""
    connection.execute("DROP TABLE import_places")
