"""Plans, from one spec, what the templates print: models, enums and operations.

The generator's own view of a schema leaves out what our output needs: extensions, formats,
nullability, whether a model is sent or received. So the decisions are made here, on the spec
itself, and the templates only print them. A construct that has no plan is a `PlanError` naming the
place, never a guess.
"""

from __future__ import annotations

import re
from typing import Any

from benchwire_specs import METHODS, holds_secret

from .checks import CheckWriter
from .computed import computed_properties
from .keywords import check_keywords
from .names import (
    class_name,
    member_names,
    path_step,
    property_name,
    require_distinct,
    require_printable,
    schema_name,
    tag_name,
)
from .operations import OperationPlanner
from .plans import ApiPlan, EnumPlan, FieldPlan, ModelPlan, OperationPlan, referenced
from .rewrite import rewritten
from .schemas import PlanError, SchemaReader, TypePlan, elsewhere, other_places, text
from .service import base_url, common_path, key_header
from .words import module_case


def plan_api(spec: dict[str, Any]) -> ApiPlan:
    """Plan one API.

    Raises:
        PlanError: If the spec uses a construct that the templates do not support.
    """
    spec, places = rewritten(spec)
    try:
        check_keywords(spec)
        return _Planner(spec).plan()
    except PlanError as error:
        # What was inline has its name only here.
        head, _, name = error.where.partition("components/schemas/")
        name, _, inside = name.partition("/")
        if head or name not in places:
            raise
        raise PlanError(f"{places[name]}/{inside}".rstrip("/"), error.what) from error


class _Planner:
    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.schemas = SchemaReader(spec)
        self.checks = CheckWriter(self.schemas)
        components = self.schemas.components
        self.enum_values = {name: components[name]["enum"] for name in self.schemas.enum_names}

    def plan(self) -> ApiPlan:
        info = self.spec["info"]
        self._check_classes()
        _check_paths(self.spec["paths"])
        header, prefix = key_header(self.spec)
        operation_plans = OperationPlanner(self.spec, self.schemas, self.checks)
        operations = [
            operation_plans.plan(path, method, item)
            for path, item in self.spec["paths"].items()
            for method in METHODS
            if method in item
        ]
        _check_operations(operations)
        request_models = self.schemas.reachable(name for op in operations for name in op.bodies)
        response_models = self.schemas.reachable(
            name
            for op in operations
            for name in [op.error, *(name for s in op.successes for name in s.models)]
        )
        bodies = {
            name for op in operations for s in op.successes if not s.is_list for name in s.models
        }
        for name in sorted(request_models & response_models):
            raise PlanError(f"components/schemas/{name}", "is both sent and received: split it")
        for name in sorted(response_models):
            if "additionalProperties" in self.schemas.components[name]:
                raise PlanError(
                    f"components/schemas/{name}",
                    "is received: it takes any other field, so additionalProperties is not read",
                )
        return ApiPlan(
            title=info["title"],
            summary=info.get("summary", info["title"]),
            base_url=base_url(self.spec),
            other_servers=[server["url"] for server in self.spec["servers"][1:]],
            auth_header=header,
            auth_prefix=prefix,
            common_path=common_path(self.spec["paths"]),
            tags={tag_name(tag["name"], "tags"): text(tag) for tag in self.spec.get("tags", ())},
            models={
                name: self._model(name, strict=name in request_models, is_response=name in bodies)
                for name in self.schemas.model_names
            },
            enums={name: self._enum(name) for name in self.schemas.enum_names},
            operations={op.module: op for op in operations},
        )

    def _check_classes(self) -> None:
        names = [*self.schemas.model_names, *self.schemas.enum_names]
        for name in names:
            class_name(name, f"components/schemas/{name}")
        modules = ((name, module_case(name)) for name in names)
        require_distinct(modules, "components/schemas", "their modules; rename one")

    def _enum(self, name: str) -> EnumPlan:
        where = f"components/schemas/{name}"
        schema = self.schemas.components[name]
        # A null is no member: what refers to the enum is nullable.
        values = [require_printable(value, where) for value in schema["enum"] if value is not None]
        members = member_names(values, schema.get("x-enum-varnames"), where)
        python = schema_name(schema.get("x-python-name", ""), where)
        return EnumPlan(name, text(schema), dict(zip(members, values, strict=True)), python)

    def _model(self, name: str, *, strict: bool, is_response: bool) -> ModelPlan:
        where = f"components/schemas/{name}"
        schema = self.schemas.components[name]
        if strict and schema.get("additionalProperties") is not False:
            raise PlanError(where, "is sent: it needs additionalProperties: false")
        properties = schema.get("properties", {})
        places = other_places(properties, where)
        if strict and places:
            raise PlanError(where, "is sent: it can't have x-python-elsewhere")
        # Where an array may come alone, nothing else is certain to be there.
        required = set() if places else set(schema.get("required", ()))
        fields = [
            self._property(
                wire, prop, wire in required, f"{where}/properties/{wire}", strict=strict
            )
            for wire, prop in properties.items()
            if wire not in places
        ]
        computed = computed_properties(schema, fields, self.enum_values, where)
        names = [(field.wire, field.python) for field in fields]
        names += [(each.name, each.name) for each in computed]
        require_distinct(names, where, "x-python-name can name them")
        return ModelPlan(
            name=name,
            description=text(schema),
            strict=strict,
            is_response=is_response,
            fields=fields,
            models=referenced(fields, "model", without=name),
            enums=referenced(fields, "enum"),
            computed=computed,
            python=schema_name(schema.get("x-python-name", ""), where),
            # `to_dict` leaves out what is None, and what it wrote is read again.
            required_alone=tuple(
                field.wire
                for field in fields
                if places and field.wire in schema.get("required", ()) and not field.type.nullable
            ),
        )

    def _property(
        self, wire: str, schema: dict[str, Any], required: bool, where: str, *, strict: bool
    ) -> FieldPlan:
        plan = self.schemas.type_of(schema, where)
        word, other = ("readOnly", "sent") if strict else ("writeOnly", "received")
        if schema.get(word):
            raise PlanError(where, f"has `{word}` and is {other}: split its schema in two")
        empty = bool(schema.get("x-null-means-empty"))
        if empty and plan.kind != "list":
            raise PlanError(where, "has x-null-means-empty and is no array")
        python = property_name(wire, schema.get("x-python-name"), where)
        name = f'f"{{prefix}}{python}"'
        if strict:
            if plan.kind == "epoch":
                raise PlanError(where, "is sent, and x-python-decode is read of what is received")
            self.checks.require_checked(plan, schema, python, where)
        return FieldPlan(
            wire=wire,
            python=python,
            step=path_step(wire),
            description=text(schema) or text(self.schemas.resolved(schema, where)),
            required=required,
            secret=holds_secret(self.spec, schema),
            null_means_empty=empty,
            type=plan,
            deprecated=bool(schema.get("deprecated")),
            elsewhere=elsewhere(schema),
            default=repr(schema["default"]) if "default" in schema else "",
            lenient=_lenient(schema, required or strict, where),
            check=self.checks.call(plan, schema, name, f"self.{python}", python),
            annotation=_annotation(plan, required=required, empty=empty, sent=strict),
            must_be_present=required and (strict or not (plan.nullable or empty)),
        )


def _check_paths(paths: dict[str, Any]) -> None:
    """Raise unless each URL is of one path."""
    seen: dict[str, str] = {}
    for path in paths:
        other = seen.setdefault(re.sub(r"{[^{}]*}", "{}", path), path)
        if other != path:
            raise PlanError(path, f"differs from {other} only in the names of its parameters")


def _check_operations(operations: list[OperationPlan]) -> None:
    """Raise unless each operation has a module and each tag a package of its own."""
    # The modules of all tags are imported by one module of the SDK.
    modules = ((operation.id, operation.module) for operation in operations)
    require_distinct(modules, "paths", "their modules; rename an operationId")
    tags = {operation.wire_tag: operation.tag for operation in operations}
    require_distinct(tags.items(), "tags", "their packages; rename one")


def _annotation(plan: TypePlan, *, required: bool, empty: bool, sent: bool) -> str:
    """Return the annotation of a property of a model that is sent, or of one that is received."""
    union = [plan.annotation]
    if plan.kind in {"enum", "date", "datetime", "epoch"} and not sent:
        union.append("str")
    if (plan.nullable or not (required or sent)) and not empty and plan.kind != "any":
        union.append("None")
    return " | ".join(union)


def _lenient(schema: dict[str, Any], required: bool, where: str) -> bool:
    """Return whether a value of another type refuses no response: what is guessed, or marked so."""
    marked = bool(schema.get("x-python-lenient"))
    if marked and required:
        raise PlanError(
            where, "has x-python-lenient, and is required or sent: nothing else may stand there"
        )
    return marked or (schema.get("x-provenance") == "inferred" and not required)
