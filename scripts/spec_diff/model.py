"""The public surface of an API's generated package, and changes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from openapi.generator.plan import ApiPlan, EnumPlan, FieldPlan, ModelPlan, OperationPlan


class Grade(StrEnum):
    """The effect of a change on code that uses the generated packages, most severe first.

    Attributes:
        BREAKING: Code that calls or reads may be rejected by mypy, or fail at run time.
        SEMANTIC: Code that calls and reads still works, but other data is sent, or refused.
        ADDITIVE: Something was added; what existed is unchanged.
        DOCS: Documentation changed; the code is unchanged.
    """

    BREAKING = "breaking"
    SEMANTIC = "semantic"
    ADDITIVE = "additive"
    DOCS = "docs"


Graded = tuple[Grade, str]


@dataclass(frozen=True)
class Change:
    """One change for users.

    Attributes:
        api: The API, which names the package: `benchwire_api.<api>`.
        grade: Its effect on users' code.
        text: What changed, in Python's names, as half a sentence.
    """

    api: str
    grade: Grade
    text: str


def by_severity(changes: Iterable[Change]) -> list[Change]:
    """Return changes, most severe first."""
    order = list(Grade)
    return sorted(changes, key=lambda change: order.index(change.grade))


@dataclass(frozen=True)
class Value:
    """A field of a model, or an argument of an operation.

    Attributes:
        plan: Its names, description and flags.
        location: `field`, `path` or `query`.
        type: The annotation. None is part of it, the absence of an argument is not.
        default: What the service uses in its absence, as JSON; empty if undocumented.
        limits: The constraints in its schema beyond its type.
        open: Of an enum, whether the spec allows other values.
    """

    plan: FieldPlan
    location: str
    type: str
    default: str
    limits: Mapping[str, Any]
    open: bool


@dataclass(frozen=True)
class Model:
    """A class, sent or received, and its fields by their names on the wire."""

    plan: ModelPlan
    fields: Mapping[str, Value]


@dataclass(frozen=True)
class Enum:
    """An enum, and the names of its members by their values."""

    plan: EnumPlan
    members: Mapping[str, str]


@dataclass(frozen=True)
class Operation:
    """An operation, and its arguments by their names on the wire."""

    plan: OperationPlan
    arguments: Mapping[str, Value]


@dataclass(frozen=True)
class Surface:
    """The public surface of one API."""

    api: str
    spec: Mapping[str, Any]
    plan: ApiPlan
    operations: Mapping[str, Operation]
    models: Mapping[str, Model]
    enums: Mapping[str, Enum]
