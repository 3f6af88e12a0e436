"""What a disagreement between a response and the spec is. It never holds a value of the response."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import evolve, field, frozen


class Kind(StrEnum):
    """What disagrees."""

    UNKNOWN_FIELD = "unknown field"
    MISSING_FIELD = "missing field"
    NEVER_SEEN = "never seen"
    UNKNOWN_ENUM_VALUE = "unknown enum value"
    TYPE = "type"
    NULL = "null"
    FORMAT = "format"
    UNDOCUMENTED_STATUS = "undocumented status"
    UNDOCUMENTED_CONTENT_TYPE = "undocumented content type"
    UNDOCUMENTED_OPERATION = "undocumented operation"
    MISSING_OPERATION = "missing operation"
    NOT_JSON = "not JSON"
    INTERNAL = "internal"


class Grade(StrEnum):
    """What a disagreement does to who uses the SDK; docs/drift.md has the rules."""

    ADDITIVE = "additive"
    SEMANTIC = "semantic"
    BREAKING = "breaking"

    @property
    def weight(self) -> int:
        """How much worse than nothing it is."""
        return list(Grade).index(self)


Key = tuple[str, str, str, str, str]


@frozen(kw_only=True)
class Finding:
    """One disagreement, however often it was met.

    Attributes:
        api: The API: ``public``, ``v2`` or ``v0``.
        operation: The operation's id in the spec; for one that is not there, method and path.
        kind: What disagrees.
        grade: What it does to who uses the SDK.
        status: The status of the response, as the spec writes it (``200``, ``5XX``).
        path: The JSON path, with ``[*]`` for every index and ``*`` for a key that is data. Empty
            where the response as a whole is meant.
        expected: What the spec says, in words.
        got: What came, in words: types of JSON, a media type; never a value.
        provenance: The ``x-provenance`` of the property; None for one the reference states.
        now: The unknown field beside it that it may be called now.
        pointer: Where in the spec the property or schema stands, as a JSON pointer.
        count: How often it was met.
        responses: In how many responses.
    """

    api: str
    operation: str
    kind: Kind
    grade: Grade
    status: str = ""
    path: str = ""
    expected: str = ""
    got: tuple[str, ...] = ()
    provenance: str | None = None
    now: str = ""
    pointer: str = field(default="", repr=False)
    count: int = 1
    responses: int = 1

    @property
    def key(self) -> Key:
        """What tells it from other findings."""
        return self.api, self.operation, self.kind, self.status, self.path

    def joined(self, other: Finding) -> Finding:
        """Return the one finding that two meetings of the same make."""
        return evolve(
            self,
            grade=max(self.grade, other.grade, key=lambda grade: grade.weight),
            got=tuple(sorted({*self.got, *other.got})),
            count=self.count + other.count,
            responses=self.responses + other.responses,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "api": self.api,
            "operation": self.operation,
            "kind": str(self.kind),
            "grade": str(self.grade),
            "status": self.status,
            "path": self.path,
            "expected": self.expected,
            "got": list(self.got),
            "provenance": self.provenance,
            "now": self.now,
            "pointer": self.pointer,
            "count": self.count,
            "responses": self.responses,
        }


def in_order(findings: Mapping[Key, Finding]) -> list[Finding]:
    """Sort findings: the worst first, then by where they are."""
    return sorted(findings.values(), key=lambda finding: (-finding.grade.weight, finding.key))
