"""What a spec gives to users: the names, types and limits of the package made from it.

It rests on the plan that the templates print, so a change that leaves the generated code alone (an
example, a link, a reference followed or written out) is none here, and what the plan decides (a
Python name, `x-null-means-empty`, that every enum of a response is open) is decided once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openapi.generator.plan import METHODS, ApiPlan, FieldPlan, OperationPlan, plan_api
from openapi.generator.schemas import SchemaReader
from openapi_python_client.parser.properties.enum_property import EnumProperty
from openapi_python_client.parser.properties.schemas import Class
from openapi_python_client.strings import ClassName, PythonIdentifier

LIMITS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "pattern",
)
# Formats that are a type of their own (`datetime`), are told of as such (`secret`), or say again what
# the bounds say.
_OTHER_FORMATS = {"date-time", "password", "int32", "int64", "float", "double"}


@dataclass(frozen=True)
class Value:
    """A field of a model, or an argument of an operation.

    Attributes:
        wire: Its name on the wire.
        python: Its name in Python.
        place: `field`, `path` or `query`.
        type: The annotation. None is part of it, the absence of an argument is not.
        required: Whether it must be given, or must be there.
        secret: Whether it is kept out of every repr.
        default: What the service takes in its absence, as JSON; empty if the spec doesn't say.
        limits: What a schema says about the value beyond its type.
        open: Of an enum, whether the spec allows other values.
        docs: Its description.
    """

    wire: str
    python: str
    place: str
    type: str
    required: bool
    secret: bool
    default: str
    limits: Mapping[str, Any]
    open: bool
    docs: str


@dataclass(frozen=True)
class Model:
    """A class: of a request body if `sent`, else of an answer."""

    name: str
    sent: bool
    fields: Mapping[str, Value]
    docs: str


@dataclass(frozen=True)
class Enum:
    """An enum: the names of its members by their values."""

    name: str
    members: Mapping[str, str]
    docs: str


@dataclass(frozen=True)
class Operation:
    """An operation: the module that has its functions, what they take and what they give."""

    id: str
    module: str
    package: str
    request: str
    arguments: Mapping[str, Value]
    body: str
    status: int
    result: str
    error: str
    statuses: frozenset[str]
    docs: str


@dataclass(frozen=True)
class Surface:
    """Everything one API gives to users."""

    api: str
    base_url: str = ""
    key: str = ""
    operations: Mapping[str, Operation] = field(default_factory=dict)
    models: Mapping[str, Model] = field(default_factory=dict)
    enums: Mapping[str, Enum] = field(default_factory=dict)


def surface_of(api: str, spec: dict[str, Any]) -> Surface:
    """Read what a spec gives to users.

    Raises:
        PlanError: If the templates have no answer to the spec.
    """
    return _Reader(api, spec).surface()


def shape(path: str) -> str:
    """A path without the names of its parameters, which the wire doesn't show."""
    return re.sub(r"\{[^}]*\}", "{}", path)


class _Reader:
    def __init__(self, api: str, spec: dict[str, Any]) -> None:
        self.api = api
        self.spec = spec
        self.schemas = SchemaReader(spec)
        self.plan: ApiPlan = plan_api(spec)

    def surface(self) -> Surface:
        plan, names = self.plan, self.schemas
        raw = {
            item[method]["operationId"]: (item, item[method])
            for item in self.spec["paths"].values()
            for method in METHODS
            if method in item
        }
        return Surface(
            api=self.api,
            base_url=plan.base_url,
            key=f"{plan.auth_header} {plan.auth_prefix}".strip(),
            operations={op.id: self._operation(op, *raw[op.id]) for op in plan.operations.values()},
            models={ClassName(name, ""): self._model(name) for name in names.model_names},
            enums={ClassName(name, ""): self._enum(name) for name in names.enum_names},
        )

    def _model(self, name: str) -> Model:
        plan = self.plan.models[ClassName(name, "")]
        properties = self.schemas.components[name]["properties"]
        fields = {
            wire.wire: self._value(wire, "field", _annotation(wire, plan.strict), properties)
            for wire in plan.fields
        }
        return Model(plan.name, plan.strict, fields, plan.description)

    def _enum(self, name: str) -> Enum:
        schema = self.schemas.components[name]
        values = schema["enum"]
        # The generator's own rule for the names, with the values it quotes left as they are.
        named = EnumProperty.values_from_list(
            values,
            Class(ClassName(name, ""), PythonIdentifier(name, "")),
            schema.get("x-enum-varnames", []),
        )
        plan = self.plan.enums[ClassName(name, "")]
        return Enum(plan.name, dict(zip(values, named, strict=True)), plan.description)

    def _operation(
        self, plan: OperationPlan, item: dict[str, Any], raw: dict[str, Any]
    ) -> Operation:
        parameters = [
            self.schemas.pointed_at(parameter, plan.id)
            for parameter in [*raw.get("parameters", ()), *item.get("parameters", ())]
        ]
        arguments = {}
        for place, fields in (("path", plan.path_parameters), ("query", plan.query_parameters)):
            schemas = {each["name"]: each["schema"] for each in parameters if each["in"] == place}
            for each in fields:
                arguments[each.wire] = self._value(each, place, each.type.annotation, schemas)
        (success,) = plan.successes
        return Operation(
            id=plan.id,
            module=plan.module,
            package=raw["tags"][0],
            request=f"{plan.method} {shape(plan.path)}",
            arguments=arguments,
            body=plan.body or "",
            status=success.status,
            result=f"list[{success.model}]" if success.is_list else success.model,
            error=plan.error,
            statuses=frozenset(map(str, raw["responses"])) - {str(success.status)},
            docs=f"{plan.summary}\n{plan.description}",
        )

    def _value(self, plan: FieldPlan, place: str, type_: str, schemas: dict[str, Any]) -> Value:
        raw = schemas[plan.wire]
        schema = self.schemas.resolved(raw, plan.wire)
        default = json.dumps(schema["default"]) if "default" in schema else ""
        is_open = any(branch.get("type") == "string" for branch in schema.get("anyOf", ()))
        return Value(
            wire=plan.wire,
            python=plan.python,
            place=place,
            type=type_,
            required=plan.required,
            secret=plan.secret,
            default=default,
            limits=self._limits(schema),
            open=is_open,
            docs=plan.description,
        )

    def _limits(self, schema: dict[str, Any]) -> dict[str, Any]:
        found = {name: schema[name] for name in LIMITS if name in schema}
        if schema.get("format", "date-time") not in _OTHER_FORMATS:
            found["format"] = schema["format"]
        if isinstance(items := schema.get("items"), dict):
            inner = self._limits(self.schemas.resolved(items, "items"))
            found |= {f"{name} of an item": value for name, value in inner.items()}
        return found


def _annotation(plan: FieldPlan, sent: bool) -> str:
    """The annotation of a model's field, as model.py.jinja declares it."""
    union = [plan.type.annotation]
    absent = not plan.required and not sent
    if plan.type.kind == "enum" and not sent:
        union.append("str")
    if (plan.type.nullable or absent) and not plan.null_means_empty and plan.type.kind != "any":
        union.append("None")
    return " | ".join(union)
