"""Plans, from one spec, what the templates print: models, enums and operations.

The generator's own view of a schema leaves out what our output needs: extensions, formats,
nullability, whether a model is sent or received. So the decisions are made here, on the spec
itself, and the templates only print them. A construct that has no plan is a `PlanError` naming the
place, never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from openapi_python_client.strings import ClassName, PythonIdentifier

from benchwire_specs import METHODS

from .bounds import allowed_values, maximum
from .checks import CheckWriter
from .computed import PropertyPlan, computed_properties
from .empty import empty_response
from .names import parameter_name, path_step, property_name
from .schemas import PlanError, SchemaReader, TypePlan
from .service import common_path, key_header, needs_key, refuse_servers


@dataclass(frozen=True)
class FieldPlan:
    """One property of a model, or one parameter of an operation.

    `check` is the call that checks it: an argument by its name, a property as one of `self`. Of a
    parameter, `argument` is its annotation without None, `default` the service's (as Python, or
    empty), `facts` are the values and bounds allowed, in words, `maximum` the largest;
    `sent_if_true` marks a boolean that is False by default and then not sent, `default_is_sent` one
    whose default is sent, `requires` the parameter that must be given beside it. `lenient` marks a
    property with an inferred name: a value of another type refuses no response.
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


@dataclass(frozen=True)
class ModelPlan:
    """One object schema: a response model, or a request body with `strict`.

    `is_response` marks a model that is the whole body of some operation's success.
    """

    name: str
    description: str
    strict: bool
    is_response: bool
    fields: list[FieldPlan]
    models: list[str]
    enums: list[str]
    properties: list[PropertyPlan] = field(default_factory=list)


@dataclass(frozen=True)
class EnumPlan:
    """One enum schema."""

    name: str
    description: str


@dataclass(frozen=True)
class SuccessPlan:
    """One documented success of an operation: an object, or an array of objects."""

    status: int
    model: str
    is_list: bool
    description: str


@dataclass(frozen=True)
class OperationPlan:
    """One operation: `path` as the spec has it, `target` as the inside of an f-string.

    `empty_response` is the body of a response that matches nothing, where there are list filters;
    `statuses` are the documented ones with their descriptions, `python` the `x-python-…` extensions;
    `needs_key` is False if no key is sent.
    """

    id: str
    module: str
    tag: str
    method: str
    path: str
    target: str
    summary: str
    description: str
    path_parameters: list[FieldPlan]
    query_parameters: list[FieldPlan]
    body: str | None
    successes: list[SuccessPlan]
    error: str
    models: list[str]
    enums: list[str]
    empty_response: str
    statuses: dict[str, str]
    python: dict[str, Any]
    needs_key: bool


@dataclass(frozen=True)
class ApiPlan:
    """Everything the templates print of one API."""

    title: str
    summary: str
    base_url: str
    auth_header: str
    auth_prefix: str
    common_path: str
    tags: dict[str, str] = field(default_factory=dict)
    models: dict[str, ModelPlan] = field(default_factory=dict)
    enums: dict[str, EnumPlan] = field(default_factory=dict)
    operations: dict[str, OperationPlan] = field(default_factory=dict)


def plan_api(spec: dict[str, Any]) -> ApiPlan:
    """Plan one API.

    Raises:
        PlanError: If the spec uses a construct that the templates do not support.
    """
    return _Planner(spec).plan()


class _Planner:
    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.schemas = SchemaReader(spec)
        self.checks = CheckWriter(self.schemas)

    def plan(self) -> ApiPlan:
        info = self.spec["info"]
        header, prefix = key_header(self.spec)
        operations = [
            self._operation(path, method, item)
            for path, item in self.spec["paths"].items()
            for method in METHODS
            if method in item
        ]
        request_models = self.schemas.reachable(op.body for op in operations if op.body)
        response_models = self.schemas.reachable(
            name for op in operations for name in [op.error, *(s.model for s in op.successes)]
        )
        bodies = {s.model for op in operations for s in op.successes if not s.is_list}
        for name in sorted(request_models & response_models):
            raise PlanError(f"components/schemas/{name}", "is both sent and received: split it")
        return ApiPlan(
            title=info["title"],
            summary=info.get("summary", info["title"]),
            base_url=self.spec["servers"][0]["url"],
            auth_header=header,
            auth_prefix=prefix,
            common_path=common_path(self.spec["paths"]),
            tags={tag["name"]: _text(tag) for tag in self.spec.get("tags", ())},
            models={
                ClassName(name, ""): self._model(
                    name,
                    strict=name in request_models,
                    is_response=ClassName(name, "") in bodies,
                )
                for name in self.schemas.model_names
            },
            enums={
                ClassName(name, ""): EnumPlan(
                    ClassName(name, ""), _text(self.schemas.components[name])
                )
                for name in self.schemas.enum_names
            },
            operations={op.module: op for op in operations},
        )

    def _model(self, name: str, *, strict: bool, is_response: bool) -> ModelPlan:
        where = f"components/schemas/{name}"
        schema = self.schemas.components[name]
        if strict and schema.get("additionalProperties") is not False:
            raise PlanError(where, "is sent: it needs additionalProperties: false")
        required = set(schema.get("required", ()))
        fields = [
            self._property(wire, prop, wire in required, f"{where}/properties/{wire}")
            for wire, prop in schema.get("properties", {}).items()
        ]
        if strict:
            fields = [replace(each, lenient=False) for each in fields]
        properties = computed_properties(schema, fields, where)
        names = [*(each.python for each in fields), *(each.name for each in properties)]
        for python in names:
            if names.count(python) > 1:
                raise PlanError(where, f"has two properties called {python} in Python")
        return ModelPlan(
            name=ClassName(name, ""),
            description=_text(schema),
            strict=strict,
            is_response=is_response,
            fields=fields,
            models=_referenced(fields, "model", without=name),
            enums=_referenced(fields, "enum"),
            properties=properties,
        )

    def _property(self, wire: str, schema: dict[str, Any], required: bool, where: str) -> FieldPlan:
        plan = self.schemas.type_of(schema, where)
        empty = bool(schema.get("x-null-means-empty"))
        if empty and plan.kind != "list":
            raise PlanError(where, "has x-null-means-empty and is no array")
        python = property_name(wire, schema.get("x-python-name"))
        name = f'f"{{prefix}}{python}"'
        return FieldPlan(
            wire=wire,
            python=python,
            step=path_step(wire),
            description=_text(schema) or _text(self.schemas.resolved(schema, where)),
            required=required,
            secret=_secret(schema),
            null_means_empty=empty,
            type=plan,
            check=self.checks.call(plan, schema, name, f"self.{python}", python),
            lenient=schema.get("x-provenance") == "inferred" and not required,
        )

    def _operation(self, path: str, method: str, item: dict[str, Any]) -> OperationPlan:
        operation = item[method]
        name = operation["operationId"]
        where = f"{method.upper()} {path}"
        refuse_servers(item, operation, where)
        parameters = [
            self._parameter(self.schemas.pointed_at(raw, where), where)
            for raw in [*operation.get("parameters", ()), *item.get("parameters", ())]
        ]
        target = path
        in_path = [plan for place, plan in parameters if place == "path"]
        query = [plan for place, plan in parameters if place == "query"]
        for plan in in_path:
            # The path is an f-string in double quotes.
            check = plan.check.replace('"', "'")
            target = target.replace(f"{{{plan.wire}}}", f"{{path_segment({check})}}")
        by_wire = {plan.wire: plan.python for _, plan in parameters}
        for plan in query:
            if plan.requires and plan.requires not in by_wire:
                raise PlanError(where, f"has no parameter {plan.requires} for x-requires")
        sent = set(operation.get("x-python-send-defaults", ()))
        if undefined := sent - {plan.wire for plan in query if plan.default}:
            raise PlanError(where, f"has no parameter {min(undefined)} with a default to send")
        query = [
            replace(
                plan,
                requires=by_wire.get(plan.requires, ""),
                default_is_sent=plan.wire in sent,
            )
            for plan in query
        ]
        body = self._body(operation, where)
        successes, error = self._responses(operation, where)
        return OperationPlan(
            id=name,
            module=PythonIdentifier(name, prefix="operation_"),
            tag=PythonIdentifier(operation["tags"][0], prefix="tag_"),
            method=method.upper(),
            path=path,
            target=target,
            summary=operation.get("summary", ""),
            description=_text(operation),
            path_parameters=in_path,
            query_parameters=query,
            body=body,
            successes=successes,
            error=error,
            models=sorted({error, *(s.model for s in successes), *([body] if body else [])}),
            enums=_referenced([*in_path, *query], "enum"),
            empty_response=(
                empty_response(self.schemas, operation, successes[0].status, where)
                if method == "get" and any(plan.type.kind == "list" for plan in query)
                else ""
            ),
            statuses={
                str(status): _text(self.schemas.pointed_at(raw, where))
                for status, raw in operation["responses"].items()
            },
            python={key: value for key, value in operation.items() if key.startswith("x-python-")},
            needs_key=needs_key(self.spec, operation, where),
        )

    def _parameter(self, raw: dict[str, Any], where: str) -> tuple[str, FieldPlan]:
        wire, place = raw["name"], raw["in"]
        where = f"{where}, parameter {wire}"
        if place not in {"path", "query"}:
            raise PlanError(where, f"is in {place}: only path and query parameters are supported")
        plan = self.schemas.type_of(raw["schema"], where)
        scalar = plan.item if plan.kind == "list" and plan.item else plan
        if plan.kind == "list" and raw.get("explode", True):
            raise PlanError(where, "is an array: it needs explode: false")
        if scalar.annotation not in {"str", "int", "bool", "float"} and scalar.kind != "enum":
            raise PlanError(
                where, f"is a {plan.annotation}: parameters are scalars or lists of them"
            )
        python = parameter_name(wire, raw.get("x-python-name"))
        schema = self.schemas.resolved(raw["schema"], where)
        sent_if_true = raw.get("x-python-default") is False
        if sent_if_true and (plan.annotation, schema.get("default")) != ("bool", False):
            raise PlanError(
                where, "has x-python-default and is no boolean that is false by default"
            )
        check = self.checks.call(plan, raw["schema"], f'"{python}"', python, python)
        if plan.kind == "list":
            check = f'check.joinable("{python}", {check})'
        if place == "path" and plan.annotation == "str":
            # Whatever it is called: an empty or a dot segment would change the path.
            check = f'check.identifier("{python}", {python})'
        return place, FieldPlan(
            wire=wire,
            python=python,
            step=path_step(wire),
            description=_text(raw),
            required=bool(raw.get("required")),
            secret=False,
            null_means_empty=False,
            type=plan,
            check=check,
            argument=_argument(plan),
            default=repr(schema["default"]) if "default" in schema else "",
            facts=allowed_values(schema),
            maximum=maximum(schema),
            sent_if_true=sent_if_true,
            positional=place == "path"
            or bool(raw.get("required"))
            or bool(raw.get("x-python-positional")),
            requires=raw.get("x-requires", ""),
        )

    def _body(self, operation: dict[str, Any], where: str) -> str | None:
        if "requestBody" not in operation:
            return None
        raw = self.schemas.pointed_at(operation["requestBody"], where)
        plan = self.schemas.type_of(_json_schema(raw, f"{where}, body"), f"{where}, body")
        if plan.kind != "model" or not raw.get("required"):
            raise PlanError(f"{where}, body", "is not a required object")
        return plan.name

    def _responses(self, operation: dict[str, Any], where: str) -> tuple[list[SuccessPlan], str]:
        successes, errors = [], set()
        for status, raw in operation["responses"].items():
            place = f"{where}, response {status}"
            response = self.schemas.pointed_at(raw, place)
            plan = self.schemas.type_of(_json_schema(response, place), place)
            item = plan.item if plan.kind == "list" and plan.item else plan
            if item.kind != "model":
                raise PlanError(place, "is neither an object nor an array of objects")
            if str(status).startswith("2"):
                successes.append(
                    SuccessPlan(int(status), item.name, plan.kind == "list", _text(response))
                )
            else:
                errors.add(item.name)
        if len(successes) != 1 or len(errors) != 1:
            raise PlanError(where, "needs one success, and one model for all its errors")
        return successes, errors.pop()


def _argument(plan: TypePlan) -> str:
    """The annotation of an argument, without None."""
    if plan.kind == "list" and plan.item:
        return f"Collection[{_argument(plan.item)}]"
    return f"{plan.name} | str" if plan.kind == "enum" else plan.annotation


def _json_schema(holder: dict[str, Any], where: str) -> dict[str, Any]:
    try:
        schema: dict[str, Any] = holder["content"]["application/json"]["schema"]
    except KeyError:
        raise PlanError(where, "has no application/json schema") from None
    return schema


def _referenced(fields: list[FieldPlan], kind: str, without: str = "") -> list[str]:
    plans = [plan for field in fields for plan in (field.type, field.type.item) if plan]
    return sorted({plan.name for plan in plans if plan.kind == kind} - {without})


def _text(node: dict[str, Any]) -> str:
    paragraphs = str(node.get("description", "")).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs).strip()


def _secret(schema: dict[str, Any]) -> bool:
    inner = schema.get("additionalProperties")
    return schema.get("format") == "password" or (isinstance(inner, dict) and _secret(inner))
