"""Findings: differences between responses and the spec. They never hold a value of a response."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import asdict, evolve, field, frozen


class Kind(StrEnum):
    """What differs."""

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
    """What a difference does to users of the SDK; docs/drift.md has the rules."""

    ADDITIVE = "additive"
    SEMANTIC = "semantic"
    BREAKING = "breaking"

    @property
    def weight(self) -> int:
        """The order of severity, 0 for the mildest."""
        return list(Grade).index(self)


Key = tuple[str, str, str, str, str]


@frozen(kw_only=True)
class Finding:
    """One difference, however often it occurred.

    Attributes:
        api: The API: ``public``, ``v2`` or ``v0``.
        operation: The operation's id in the spec; method and path for one that the spec lacks.
        kind: What differs.
        grade: What it does to users of the SDK.
        status: The status of the response, as the spec writes it (``200``, ``5XX``).
        path: The JSON path, with ``[*]`` for every index and ``*`` for a key that is data. Empty
            for the response as a whole.
        expected: What the spec states, in words.
        got: What the response had, in words: JSON types, a media type; never a value.
        provenance: The ``x-provenance`` of the property; None for a name of the reference.
        now: The unknown field beside it that may be its new name.
        pointer: The JSON pointer of the property or schema in the spec.
        count: How often it occurred.
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
        """The values that identify the finding; those of equal key are counted as one."""
        return self.api, self.operation, self.kind, self.status, self.path

    def joined(self, other: Finding) -> Finding:
        """Return this finding with the counts of another of the same key."""
        return evolve(
            self,
            grade=max(self.grade, other.grade, key=lambda grade: grade.weight),
            got=tuple(sorted({*self.got, *other.got})),
            count=self.count + other.count,
            responses=self.responses + other.responses,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        return asdict(self) | {"got": list(self.got)}


def in_order(findings: Mapping[Key, Finding]) -> list[Finding]:
    """Return findings sorted: the worst first, then by key."""
    return sorted(findings.values(), key=lambda finding: (-finding.grade.weight, finding.key))
