"""The grades of changes, from breaking to docs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """The effect of a change on code that uses the generated packages, most severe first."""

    BREAKING = "breaking"  # code that calls or reads may be rejected by mypy, or fail at run time
    SEMANTIC = "semantic"  # code still works, but other data is sent, or refused
    ADDITIVE = "additive"  # something was added; what existed is unchanged
    DOCS = "docs"  # documentation changed; the code is unchanged


Graded = tuple[Grade, str]


@dataclass(frozen=True)
class Change:
    """One change for users: `text` says what changed, in Python's names, as half a sentence."""

    api: str
    grade: Grade
    text: str


def by_severity(changes: Iterable[Change]) -> list[Change]:
    """Return changes, most severe first."""
    order = list(Grade)
    return sorted(changes, key=lambda change: order.index(change.grade))
