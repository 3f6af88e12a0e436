"""Plans the operations of a spec: their parameters, body and responses."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from benchwire_specs import holds_secret

from .bounds import allowed_values
from .checks import model_kinds, text_limits
from .empty import empty_response
from .names import module_name, parameter_name, path_step, require_distinct, tag_name
from .plans import FieldPlan, OperationPlan, SuccessPlan, referenced
from .schemas import PlanError, SchemaReader, TypePlan, json_schema, text
from .service import check_headers, needs_key

if TYPE_CHECKING:
    from .checks import CheckWriter


_BRACES = re.compile(r"{([^{}]*)}")
# RFC 3986, with the percent sign of what is encoded.
_LITERAL = re.compile(r"/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*")


_WITHOUT_BODY = {"204", "205"}


class OperationPlanner:
    """Plans the operations of one spec."""

    def __init__(self, spec: dict[str, Any], schemas: SchemaReader, checks: CheckWriter) -> None:
        self.spec = spec
        self.schemas = schemas
        self.checks = checks

    def plan(self, path: str, method: str, item: dict[str, Any]) -> OperationPlan:
        """Plan one operation.

        Raises:
            PlanError: If it uses a construct that the templates do not support.
        """
        operation = item[method]
        name = operation["operationId"]
        where = f"{method.upper()} {path}"
        module = module_name(name, where)
        (wire_tag,) = operation["tags"]
        parameters = [
            self._parameter(raw, where, module)
            for raw in self.schemas.parameters(item, operation, where)
        ]
        require_distinct(
            ((plan.wire, plan.python) for _, plan in parameters),
            where,
            "parameters; x-python-name can name them",
        )
        target = _literal_path(path, [plan.wire for place, plan in parameters if place == "path"])
        in_path = [plan for place, plan in parameters if place == "path"]
        query = [plan for place, plan in parameters if place == "query"]
        for plan in in_path:
            # The path is an f-string in double quotes.
            check = plan.check.replace('"', "'")
            target = target.replace(f"{{{plan.wire}}}", f"{{path_segment({check})}}")
        by_wire = {plan.wire: plan.python for _, plan in parameters}
        in_header = [plan for place, plan in parameters if place == "header"]
        check_headers(self.spec, [plan.wire for plan in in_header], where)
        for _, plan in parameters:
            if plan.requires and plan.requires not in by_wire:
                raise PlanError(where, f"has no parameter {plan.requires} for x-requires")
        sent = set(operation.get("x-python-send-defaults", ()))
        single = {plan.wire for plan in query if plan.default and plan.type.kind != "list"}
        if undefined := sent - single:
            raise PlanError(where, f"has no single value {min(undefined)} with a default to send")
        query = [
            replace(
                plan,
                requires=by_wire.get(plan.requires, ""),
                default_is_sent=plan.wire in sent,
            )
            for plan in query
        ]
        in_header = [replace(each, requires=by_wire.get(each.requires, "")) for each in in_header]
        body = self._body(operation, where)
        bodies = list(dict.fromkeys(body.name.split(" | "))) if body else []
        successes, error = self._responses(operation, where)
        return OperationPlan(
            id=name,
            module=module,
            tag=tag_name(wire_tag, where),
            wire_tag=wire_tag,
            method=method.upper(),
            path=path,
            target=target,
            summary=operation.get("summary", ""),
            description=text(operation),
            path_parameters=in_path,
            query_parameters=query,
            header_parameters=in_header,
            body=body.name if body else "",
            bodies=bodies,
            body_kinds=model_kinds(body.name, body.tag, body.kinds) if body else "",
            successes=successes,
            error=error,
            models=sorted({error, *bodies, *(name for s in successes for name in s.models)} - {""}),
            enums=referenced([*in_path, *query, *in_header], "enum"),
            empty_response=(
                empty_response(self.schemas, operation, successes[0].status, where)
                if method == "get" and any(plan.type.kind == "list" for plan in query)
                else ""
            ),
            statuses={
                str(status): text(self.schemas.pointed_at(raw, where))
                for status, raw in operation["responses"].items()
            },
            python={key: value for key, value in operation.items() if key.startswith("x-python-")},
            needs_key=needs_key(self.spec, operation, where),
            idempotent=_idempotent(operation, method, where),
            identity=self._identity(path, in_path, successes[0]),
            deprecated=bool(operation.get("deprecated")),
        )

    def _parameter(self, raw: dict[str, Any], where: str, module: str) -> tuple[str, FieldPlan]:
        wire, place = raw["name"], raw["in"]
        where = f"{where}, parameter {wire}"
        plan = self.schemas.type_of(raw["schema"], where)
        scalar = plan.item if plan.kind == "list" and plan.item else plan
        allowed = self.schemas.components[scalar.name]["enum"] if scalar.kind == "enum" else []
        _check_form(plan, scalar, [one for one in allowed if one is not None], raw, where)
        python = parameter_name(wire, raw.get("x-python-name"), where, module)
        schema = self.schemas.resolved(raw["schema"], where)
        is_deprecated = bool(raw.get("deprecated") or schema.get("deprecated"))
        if holds_secret(self.spec, schema):
            raise PlanError(
                where, "has `format: password`, and a parameter is shown in logs and events"
            )
        sent_if_true = raw.get("x-python-default") is False
        if sent_if_true and (plan.annotation, schema.get("default")) != ("bool", False):
            raise PlanError(
                where, "has x-python-default and is no boolean that is false by default"
            )
        self.checks.require_checked(plan, raw["schema"], python, where, is_argument=True)
        check = self.checks.call(plan, raw["schema"], f'"{python}"', python, python)
        if place == "header" and scalar.annotation == "str":
            if plan.kind == "list":
                raise PlanError(
                    where, "is a list of strings in a header, which can't be told apart"
                )
            check = f'check.header("{python}", {check})'
        if plan.kind == "list":
            check = f'check.joinable("{python}", {check})'
        if place == "path" and plan.annotation == "str":
            if "pattern" in schema:
                raise PlanError(where, "has `pattern`, which is not checked in a path")
            # Whatever it is called: an empty or a dot segment would change the path.
            check = (
                f'check.identifier("{python}", {python}{text_limits(schema, is_identifier=True)})'
            )
        return place, FieldPlan(
            wire=wire,
            python=python,
            step=path_step(wire),
            description=text({**schema, **raw, "deprecated": is_deprecated}),
            required=bool(raw.get("required")),
            secret=False,
            null_means_empty=False,
            type=plan,
            check=check,
            argument=_argument(plan, self.schemas.components),
            default=repr(schema["default"]) if "default" in schema else "",
            facts=allowed_values(schema),
            maximum=str(schema.get("maximum", "")),
            sent_if_true=sent_if_true,
            positional=place == "path"
            or bool(raw.get("required"))
            or bool(raw.get("x-python-positional")),
            requires=raw.get("x-requires", ""),
            deprecated=is_deprecated,
        )

    def _identity(self, path: str, in_path: list[FieldPlan], success: SuccessPlan) -> str:
        """Return the argument whose value the response must have as its ``id``, if there is one.

        That is the last one in the path, where the path ends with it or the response is named after
        it: `GET /runs/{runId}/cases` returns a `ProbeRunWithCases`, which has the id of the run.
        """
        schemas = self.spec["components"]["schemas"]
        if not in_path or success.is_list or not success.models:
            return ""
        if any("id" not in schemas[name].get("properties", {}) for name in success.models):
            return ""
        before, _, after = path.rpartition(f"{{{in_path[-1].wire}}}")
        stem = re.sub(r"_?[Ii][Dd]$", "", in_path[-1].wire) or before.split("/")[-2].removesuffix(
            "s"
        )
        named = {re.sub(r"(With[A-Z].*|Details?)$", "", name).lower() for name in success.models}
        is_named = all(name.endswith(stem.replace("_", "").lower()) for name in named)
        return in_path[-1].python if not after or is_named else ""

    def _body(self, operation: dict[str, Any], where: str) -> TypePlan | None:
        if "requestBody" not in operation:
            return None
        raw = self.schemas.pointed_at(operation["requestBody"], where)
        plan = self.schemas.type_of(json_schema(raw, f"{where}, body"), f"{where}, body")
        if plan.kind not in {"model", "union"} or plan.nullable or not raw.get("required"):
            raise PlanError(f"{where}, body", "is not a required object, or one of several")
        return plan

    def _responses(self, operation: dict[str, Any], where: str) -> tuple[list[SuccessPlan], str]:
        successes, errors = [], set()
        for status, raw in operation["responses"].items():
            place = f"{where}, response {status}"
            response = self.schemas.pointed_at(raw, place)
            is_success = str(status).startswith("2")
            if str(status) in _WITHOUT_BODY or (is_success and where.startswith("HEAD ")):
                if "content" in response:
                    raise PlanError(place, "has `content`, which no such response can have")
                successes.append(SuccessPlan(int(status), "", [], "", (), False, text(response)))
                continue
            plan = self.schemas.response_type(json_schema(response, place), place)
            item = plan.item if plan.kind == "list" and plan.item else plan
            if item.nullable or item.kind not in {"model", *(["union"] if is_success else [])}:
                raise PlanError(place, "is neither an object nor an array of objects")
            if is_success:
                names = [name for _, name in item.kinds] or [item.name]
                successes.append(
                    SuccessPlan(
                        int(status),
                        item.name,
                        list(dict.fromkeys(names)),
                        item.tag,
                        item.kinds,
                        plan.kind == "list",
                        text(response),
                    )
                )
            else:
                errors.add(item.name)
        if len(successes) != 1:
            found = " and ".join(str(each.status) for each in successes) or "none"
            raise PlanError(where, f"needs one success, and its responses have {found}")
        if len(errors) != 1:
            found = " and ".join(sorted(errors)) or "none"
            raise PlanError(where, f"needs one model for all its errors, and they have {found}")
        return successes, errors.pop()


def _literal_path(path: str, names: list[str]) -> str:
    """Return a path, whose text is printed as it is and whose parameters are in braces.

    Raises:
        PlanError: If it has a character that a URL has not, or other parameters than these.
    """
    if sorted(_BRACES.findall(path)) != sorted(names):
        raise PlanError(
            path, f"has not the parameters of its operation: {', '.join(names) or 'none'}"
        )
    for segment in path.split("/"):
        if segment in {".", ".."}:
            raise PlanError(path, f"has the segment {segment}, which a URL drops")
        if "{" in segment and not _BRACES.fullmatch(segment):
            raise PlanError(path, f"has {segment}: a parameter must be a whole segment")
    if not _LITERAL.fullmatch(_BRACES.sub("", path)):
        raise PlanError(path, "has a character that a path of a URL can't have: percent-encode it")
    return path


def _check_form(
    plan: TypePlan, scalar: TypePlan, values: list[str], raw: dict[str, Any], where: str
) -> None:
    """Raise unless a parameter is a scalar, or a list of them that is joined with commas."""
    if plan.kind == "list" and raw["in"] == "path":
        raise PlanError(where, "is an array in the path: only a scalar is supported there")
    if plan.kind == "list" and raw.get("explode", True):
        raise PlanError(where, "is an array: it needs explode: false")
    if plan.kind == "list" and scalar.nullable:
        raise PlanError(where, "is an array whose items may be null, which can't be sent")
    # The values of an enum are not checked where they are sent: the spec's are right, or none is.
    for value in values:
        if raw["in"] == "header" and not (value.isascii() and value == value.strip()):
            raise PlanError(where, f"has {value!r} in its enum, which a header can't have")
        if raw["in"] == "path" and value in {"", ".", ".."}:
            raise PlanError(where, f"has {value!r} in its enum, which is no segment of a path")
    is_simple = scalar.annotation in {"str", "int", "bool", "float", "datetime", "date"}
    if not is_simple and scalar.kind != "enum":
        raise PlanError(where, f"is a {plan.annotation}: parameters are scalars or lists of them")


def _idempotent(operation: dict[str, Any], method: str, where: str) -> bool:
    marked = operation.get("x-idempotent", False)
    if marked is not False and (marked is not True or method in {"get", "head"}):
        raise PlanError(
            where, "has x-idempotent, which is only ever true, and not of a GET or HEAD"
        )
    return bool(marked)


def _argument(plan: TypePlan, components: dict[str, dict[str, Any]]) -> str:
    """The annotation of an argument, without None."""
    if plan.kind == "list" and plan.item:
        return f"ListLike[{_argument(plan.item, components)}]"
    if plan.kind != "enum":
        return plan.annotation
    values = ", ".join(repr(value) for value in components[plan.name]["enum"] if value is not None)
    return f"{plan.name} | Literal[{values}]"
