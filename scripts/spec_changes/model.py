"""What changed for users, and how much it matters to them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """What a change means for code that uses the generated packages; the gravest first."""

    BREAKING = "breaking"
    """Code that called or read may be refused by mypy, or fail at run time."""

    SEMANTIC = "semantic"
    """Code that calls and reads goes on, but what is sent, or what is refused, is another."""

    ADDITIVE = "additive"
    """There is more than before; what was there is as it was."""

    DOCS = "docs"
    """Other words; the code is the same."""


@dataclass(frozen=True)
class Change:
    """One change for users.

    Attributes:
        api: The API, which names the package: `benchwire_api.<api>`.
        grade: How much it matters.
        text: What changed, in Python's names, as half a sentence.
    """

    api: str
    grade: Grade
    text: str
