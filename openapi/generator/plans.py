"""What the templates print of one API: models, enums, operations and their parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .computed import PropertyPlan
from .schemas import TypePlan


@dataclass(frozen=True)
class FieldPlan:
    """One property of a model, or one parameter of an operation.

    `check` is the call that checks it: an argument by its name, a property as one of `self`. Of a
    parameter, `argument` is its annotation without None, `default` the service's (as Python, or
    empty), `facts` are the values and bounds allowed, in words, `maximum` the largest;
    `sent_if_true` marks a boolean that is False by default and then not sent, `default_is_sent` one
    whose default is sent, `requires` the parameter that must be given beside it. `lenient` marks a
    property of which a value of another type refuses no response. `must_be_present` is false for one
    that is required and may be null in a response: many services leave null out.
    `elsewhere` are the other places of a property, as in `x-python-elsewhere`. `annotation` is that
    of a property: None is part of it, the absence of one that is sent is not.
    """

    wire: str
    python: str
    step: str
    description: str
    required: bool
    secret: bool
    null_means_empty: bool
    type: TypePlan
    check: str = ""
    argument: str = ""
    default: str = ""
    facts: str = ""
    maximum: str = ""
    sent_if_true: bool = False
    default_is_sent: bool = False
    lenient: bool = False
    positional: bool = False
    requires: str = ""
    deprecated: bool = False
    elsewhere: tuple[str, ...] = ()
    annotation: str = ""
    must_be_present: bool = False


@dataclass(frozen=True)
class ModelPlan:
    """One object schema: a response model, or a request body with `strict`.

    `python` is its name in `benchwire.models`, if it is another one there. `is_response` marks a model that is the whole body of some operation's success. `required_alone`
    are the properties it must have if it lacks the one with `x-python-elsewhere`.
    """

    name: str
    description: str
    strict: bool
    is_response: bool
    fields: list[FieldPlan]
    models: list[str]
    enums: list[str]
    computed: list[PropertyPlan] = field(default_factory=list)
    required_alone: tuple[str, ...] = ()
    python: str = ""


@dataclass(frozen=True)
class EnumPlan:
    """One enum schema, and the values of its members by their names; `python` as in `ModelPlan`."""

    name: str
    description: str
    members: dict[str, str]
    python: str = ""


@dataclass(frozen=True)
class SuccessPlan:
    """One documented success of an operation: an object, an array of objects, or nothing (no `model`).

    `model` is an annotation, of several `models` where it is one of them; `tag` and `kinds` are those of
    `TypePlan`.
    """

    status: int
    model: str
    models: list[str]
    tag: str
    kinds: tuple[tuple[str, str], ...]
    is_list: bool
    description: str


@dataclass(frozen=True)
class OperationPlan:
    """One operation: `path` and `wire_tag` as the spec has them, `target` as the inside of an f-string.

    `body` is the annotation of what is sent, empty if nothing is, of several `bodies` where it is one of
    them; `body_kinds` are the arguments of its check. `empty_response` is the body of a response that matches nothing, where there are list filters;
    `statuses` are the documented ones with their descriptions, `python` the `x-python-…` extensions;
    `needs_key` is False if no key is sent, `idempotent` True if it is marked as safe to repeat;
    `identity` is the argument that the response must have as its id, or empty.
    """

    id: str
    module: str
    tag: str
    wire_tag: str
    method: str
    path: str
    target: str
    summary: str
    description: str
    path_parameters: list[FieldPlan]
    query_parameters: list[FieldPlan]
    header_parameters: list[FieldPlan]
    body: str
    bodies: list[str]
    body_kinds: str
    successes: list[SuccessPlan]
    error: str
    models: list[str]
    enums: list[str]
    empty_response: str
    statuses: dict[str, str]
    python: dict[str, Any]
    needs_key: bool
    idempotent: bool
    identity: str
    deprecated: bool

    @property
    def parameters(self) -> list[FieldPlan]:
        """All parameters: of the path, the query and the headers."""
        return [*self.path_parameters, *self.query_parameters, *self.header_parameters]

    @property
    def once(self) -> bool:
        """Whether its request may have an effect that must not happen twice; see `Request.once`."""
        return self.method not in {"GET", "HEAD"} and not self.idempotent


@dataclass(frozen=True)
class ApiPlan:
    """Everything the templates print of one API."""

    title: str
    summary: str
    base_url: str
    other_servers: list[str]
    auth_header: str
    auth_prefix: str
    common_path: str
    tags: dict[str, str] = field(default_factory=dict)
    models: dict[str, ModelPlan] = field(default_factory=dict)
    enums: dict[str, EnumPlan] = field(default_factory=dict)
    operations: dict[str, OperationPlan] = field(default_factory=dict)


def referenced(fields: list[FieldPlan], kind: str, without: str = "") -> list[str]:
    """Return the names of the models or enums that fields have."""
    plans = [plan for field in fields for plan in (field.type, field.type.item) if plan]
    names = {plan.name for plan in plans if plan.kind == kind}
    if kind == "model":
        names |= {name for plan in plans for _, name in plan.kinds}
    return sorted(names - {without})
