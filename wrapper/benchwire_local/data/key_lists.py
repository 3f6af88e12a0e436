"""The keys of the rows of a list, in order, so that a page costs the same wherever it is.

``LIMIT … OFFSET …`` and a count read the whole list for each page: a list of a million rows would take
the square of its pages. The keys of the lists read last are kept, until the database changes.
"""

from __future__ import annotations

import sqlite3
from array import array
from typing import TYPE_CHECKING, Any

from benchwire_local.data.filters import limit_of
from benchwire_local.data.rows import to_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# 8 bytes a key. A list that is longer by itself is kept alone.
_MOST_KEYS = 4_000_000
_MOST_LISTS = 256


class DatabaseConnection(sqlite3.Connection):
    """A connection that keeps the keys of the lists that were read through it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._lists: dict[tuple[str, tuple[Any, ...]], array[int]] = {}
        self._state: tuple[int, int] | None = None

    def page(self, query: str, values: Sequence[Any], asked: Mapping[str, Any]) -> tuple[str, int]:
        """Return the keys of a page as a JSON array, and the number of rows on all pages.

        The rows are to be joined with ``json_each`` by ``CROSS JOIN``: in that order alone SQLite looks up
        each key, instead of reading a table.

        Args:
            query: A query of one integer column, with its order and no limit.
            values: The values of its placeholders.
            asked: The request's parameters, with ``page`` and ``page_size``.
        """
        keys = self._keys(query, tuple(values))
        size, offset = limit_of(asked)
        return to_json(list(keys[offset : offset + size])), len(keys)

    def number(self, query: str, values: Sequence[Any]) -> int:
        """Return the one integer that a query selects, such as a count."""
        return self._keys(query, tuple(values))[0]

    def _keys(self, query: str, values: tuple[Any, ...]) -> array[int]:
        # Whether another connection has changed the database, and whether this one has.
        state = (self.execute("PRAGMA data_version").fetchone()[0], self.total_changes)
        if state != self._state:
            self._lists.clear()
            self._state = state
        found = self._lists.pop((query, values), None)
        if found is None:
            found = array("q", (row[0] for row in self.execute(query, values)))
            self._make_room(len(found))
        self._lists[query, values] = found  # the last one is the last to go
        return found

    def _make_room(self, added: int) -> None:
        total = added + sum(map(len, self._lists.values()))
        while self._lists and (total > _MOST_KEYS or len(self._lists) >= _MOST_LISTS):
            total -= len(self._lists.pop(next(iter(self._lists))))
