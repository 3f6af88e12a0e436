"""A spec's public surface, and its reader: the names, types and limits of its generated package.

It reads the plan that the templates print. So a change that leaves the generated code alone (an
example, a link, a reference that is written out) is no change here, and the plan's decisions (a
Python name, `x-null-means-empty`, that every enum of a response is open) are made in one place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openapi.generator.plan import plan_api
from openapi.generator.plans import ApiPlan, EnumPlan, FieldPlan, ModelPlan, OperationPlan
from openapi.generator.rewrite import rewritten
from openapi.generator.schemas import SchemaReader

from benchwire_specs import METHODS

LIMITS = (
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
    "maxLength", "minItems", "maxItems", "uniqueItems", "pattern",
)  # fmt: skip
# Formats that are a type of their own (`datetime`, `date`), or a `secret`.
_OTHER_FORMATS = {"date-time", "date", "password"}


@dataclass(frozen=True)
class Value:
    """A field of a model, or an argument of an operation."""

    plan: FieldPlan  # its names, description and flags
    location: str  # `field`, `path` or `query`
    type: str  # The annotation. None is part of it, the absence of an argument is not.
    default: str  # what the service uses in its absence, as JSON; empty if undocumented
    limits: Mapping[str, Any]  # the constraints in its schema beyond its type
    examples: str  # in its schema, as JSON
    open: bool  # of an enum, whether the spec allows other values


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


def surface_of(api: str, spec: dict[str, Any]) -> Surface:
    """Read the public surface of a spec; raise `PlanError` if the templates do not support it."""
    return _Reader(api, rewritten(spec)[0]).surface()


def with_renamed_schemas(surface: Surface, names: Mapping[str, str]) -> Surface:
    """Return the surface of the same spec with new names for some of its classes and enums."""
    if not names:
        return surface

    def renamed(name: str) -> str:
        return names.get(name, name)

    pattern = r'"(#/components/schemas/)([^"]+)"'
    text = re.sub(pattern, lambda ref: f'"{ref[1]}{renamed(ref[2])}"', json.dumps(surface.spec))
    spec = json.loads(text)
    components = spec["components"]
    components["schemas"] = {renamed(key): value for key, value in components["schemas"].items()}
    return surface_of(surface.api, spec)


class _Reader:
    def __init__(self, api: str, spec: dict[str, Any]) -> None:
        self.api = api
        self.spec = spec
        self.schemas = SchemaReader(spec)
        self.plan = plan_api(spec)
        self.parameters = {
            item[method]["operationId"]: self.schemas.parameters(item, item[method], "")
            for item in spec["paths"].values()
            for method in METHODS
            if method in item
        }  # fmt: skip

    def surface(self) -> Surface:
        schemas = self.schemas
        return Surface(
            api=self.api,
            spec=self.spec,
            plan=self.plan,
            operations={op.id: self._operation(op) for op in self.plan.operations.values()},
            models={name: self._model(name) for name in schemas.model_names},
            enums={name: self._enum(name) for name in schemas.enum_names},
        )

    def _model(self, name: str) -> Model:
        plan = self.plan.models[name]
        properties = self.schemas.components[name]["properties"]
        fields = {
            field.wire: self._value(field, "field", field.annotation, properties)
            for field in plan.fields
        }
        return Model(plan, fields)

    def _enum(self, name: str) -> Enum:
        plan = self.plan.enums[name]
        return Enum(plan, {value: member for member, value in plan.members.items()})

    def _operation(self, plan: OperationPlan) -> Operation:
        parameters = self.parameters[plan.id]
        arguments = {}
        places = zip(
            ("path", "query", "header"),
            (plan.path_parameters, plan.query_parameters, plan.header_parameters), strict=True,
        )  # fmt: skip
        for location, fields in places:
            schemas = {one["name"]: one["schema"] for one in parameters if one["in"] == location}
            for field in fields:
                value = self._value(field, location, field.type.annotation, schemas)
                is_taken = field.wire in arguments  # in another location
                arguments[f"{field.wire} {location}" if is_taken else field.wire] = value
        return Operation(plan, arguments)

    def _value(self, plan: FieldPlan, location: str, type_: str, schemas: dict[str, Any]) -> Value:
        schema = self.schemas.resolved(schemas[plan.wire], plan.wire)
        return Value(
            plan=plan,
            location=location,
            type=type_,
            default=json.dumps(schema["default"]) if "default" in schema else "",
            limits=self._limits(schema),
            examples=json.dumps(schema.get("examples")),
            open=any(branch.get("type") == "string" for branch in schema.get("anyOf", ())),
        )

    def _limits(self, schema: dict[str, Any]) -> dict[str, Any]:
        limits = {name: schema[name] for name in LIMITS if name in schema}
        if schema.get("format", "date-time") not in _OTHER_FORMATS:
            limits["format"] = schema["format"]
        for key, part in (("items", "an item"), ("additionalProperties", "a value")):
            if isinstance(inside := schema.get(key), dict):
                inner = self._limits(self.schemas.resolved(inside, key))
                limits |= {f"{name} of {part}": value for name, value in inner.items()}
        return limits
