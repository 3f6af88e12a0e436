"""Small pieces of SQL that the queries share: conditions, order and pages."""

# ruff: noqa: S608 - only names of our own are put into SQL text; what users send is bound

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# SQLite's largest integer: an offset beyond it is as good as this one.
_MAX_INTEGER = 2**63 - 1


@dataclass(slots=True)
class Where:
    """Conditions that must all hold, with the values they are about.

    A condition that is given ``None`` filters nothing; an empty list matches nothing.
    """

    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    @property
    def sql(self) -> str:
        """The clause, with a leading blank; empty if there is no condition."""
        return " WHERE " + " AND ".join(self.conditions) if self.conditions else ""

    def add(self, condition: str, *values: Any) -> None:
        """Add a condition, with a value for each of its question marks."""
        self.conditions.append(condition)
        self.values.extend(values)

    def equals(self, column: str, value: Any) -> None:
        """Filter the rows whose column is exactly this."""
        if value is not None:
            self.add(f"{column} = ?", value)

    def one_of(self, column: str, values: Sequence[str] | None) -> None:
        """Filter the rows whose column is one of these."""
        if values is not None:
            # One JSON array: SQLite limits how many values a statement may have.
            self.add(f"{column} IN (SELECT value FROM json_each(?))", _json(values))

    def linked(self, column: str, link: str, values: Sequence[str] | None) -> None:
        """Filter the rows that a link table ties to one of these values.

        Args:
            column: The row's key.
            link: A query for the linked rows' keys, ending in the column the values are of.
            values: The values.
        """
        if values is not None:
            self.add(f"{column} IN ({link} IN (SELECT value FROM json_each(?)))", _json(values))

    def contains(self, columns: Sequence[str], text: str | None) -> None:
        """Filter the rows in which one of the columns contains a text, without regard to case."""
        if text is not None:
            tests = " OR ".join(f"contains({column}, ?)" for column in columns)
            self.add(f"({tests})", *[text.casefold()] * len(columns))


def order_by(expression: str, order: str, tie: str) -> str:
    """Sort in a direction, ``asc`` or ``desc``; what has no value last, equal rows by ``tie``."""
    direction = "DESC" if order == "desc" else "ASC"
    return f" ORDER BY {expression} {direction} NULLS LAST, {tie}"


def limit_of(query: Mapping[str, Any]) -> tuple[int, int]:
    """Return the limit and the offset of the requested page."""
    size: int = query["page_size"]
    return size, min((query["page"] - 1) * size, _MAX_INTEGER)


def _json(values: Sequence[str]) -> str:
    return orjson.dumps(list(values)).decode()
