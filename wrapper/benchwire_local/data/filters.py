"""SQL shared by the queries: conditions, order and pages."""

# ruff: noqa: S608 - SQL text contains names of our own only; user input is bound

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchwire_local.data.rows import to_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# SQLite's largest integer: no table has this many rows.
_MAX_INTEGER = 2**63 - 1


@dataclass(slots=True)
class Where:
    """Conditions joined by ``AND``, with their bound values.

    The value ``None`` adds no condition; an empty list matches nothing.
    """

    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    @property
    def sql(self) -> str:
        """The clause, with a leading space; empty if there is no condition."""
        return " WHERE " + " AND ".join(self.conditions) if self.conditions else ""

    def add(self, condition: str, *values: Any) -> None:
        """Add a condition, with a value for each of its placeholders."""
        self.conditions.append(condition)
        self.values.extend(values)

    def equals(self, column: str, value: Any) -> None:
        """Require that a column equals a value."""
        if value is not None:
            self.add(f"{column} = ?", value)

    def one_of(self, column: str, values: Sequence[str] | None) -> None:
        """Require that a column equals one of some values."""
        if values is not None:
            # One JSON array: SQLite limits the number of placeholders.
            self.add(f"{column} IN (SELECT value FROM json_each(?))", to_json(values))

    def linked(self, column: str, link: str, values: Sequence[str] | None) -> None:
        """Require that a key is in a query, which ends in the column to match with the values."""
        if values is not None:
            self.add(f"{column} IN ({link} IN (SELECT value FROM json_each(?)))", to_json(values))

    def contains(self, columns: Sequence[str], text: str | None) -> None:
        """Require that one of the columns contains a text, case-insensitively.

        An input that is stored as JSON, such as messages, has quotes, backslashes and line ends escaped.
        """
        if text is not None:
            folded = text.casefold()
            escaped = to_json(folded)[1:-1]
            tests = [(f"contains({column}, ?)", folded) for column in columns]
            if escaped != folded:
                tests += [
                    (f"({column}_is_json AND contains({column}, ?))", escaped)
                    for column in columns
                    if column.endswith("input")
                ]
            self.add(f"({' OR '.join(test for test, _ in tests)})", *(value for _, value in tests))


def order_by(expression: str, order: str, tie: str) -> str:
    """Return the clause for ``asc`` or ``desc``: nulls last, equal rows ordered by ``tie``."""
    direction = "DESC" if order == "desc" else "ASC"
    return f" ORDER BY {expression} {direction} NULLS LAST, {tie}"


def limit_of(query: Mapping[str, Any]) -> tuple[int, int]:
    """Return the limit and the offset of the requested page."""
    size: int = query["page_size"]
    return size, min((query["page"] - 1) * size, _MAX_INTEGER)
