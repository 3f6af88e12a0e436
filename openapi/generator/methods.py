"""Plans the SDK's methods: for each operation one, and for each list an iterating one.

A method's name is `<tag>.<operation id in snake case>`, or that of the operation's
`x-python-method`. What the operation's other extensions change is in README.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .docs import group_docstring, iterate_docstring, method_docstring
from .handwritten import HandWritten, hand_written
from .names import LIST_ARGUMENTS, METHOD_ARGUMENTS, group_name, method_name, require_distinct
from .plans import ApiPlan, FieldPlan, ModelPlan, OperationPlan
from .rendering import render
from .schemas import PlanError
from .words import class_case

_PREFIXES = {"public": ""}
_KNOWN = {
    "x-python-method",
    "x-python-iterate",
    "x-python-unwrap",
    "x-python-not-found",
    "x-python-pagination",
    "x-python-send-defaults",
}


@dataclass(frozen=True)
class IteratePlan:
    """A method that iterates over all pages of a list; the values are Python expressions."""

    name: str
    item: str
    items: str
    total: str
    identify: str
    replace: str
    docstring: str
    page_size: str


@dataclass(frozen=True)
class MethodPlan:
    """A method that sends one request; `parsed` is its result, of type `result`, from `response`."""

    name: str
    operation: OperationPlan
    positional: list[FieldPlan]
    keywords: list[FieldPlan]
    result: str
    parsed: str
    fetch: str
    docstring: str
    iterate: IteratePlan | None

    @property
    def parameters(self) -> list[FieldPlan]:
        """All parameters, in the order of the signature."""
        return [*self.positional, *self.keywords]


@dataclass(frozen=True)
class GroupPlan:
    """A class of methods, and the attribute of the client that has it."""

    attribute: str
    class_name: str
    description: str
    methods: list[MethodPlan] = field(default_factory=list)


def operations_modules(plans: dict[str, ApiPlan], headers: dict[str, str]) -> dict[str, str]:
    """Write the modules of the SDK's operations.

    Args:
        plans: The APIs.
        headers: The header of each API's module.

    Returns:
        The modules' texts by their file names, not formatted.

    Raises:
        PlanError: If an operation can't become a method.
    """
    by_hand = hand_written()
    modules: dict[str, str] = {}
    for api, plan in plans.items():
        modules |= _modules(api, plan, headers[api], by_hand)
    first_line = headers[next(iter(headers))].splitlines()[0]
    modules["__init__.py"] = (
        f'{first_line}\n"""The operations of each API as methods, generated from its spec."""\n'
    )
    return modules


def _modules(api: str, plan: ApiPlan, header: str, by_hand: HandWritten) -> dict[str, str]:
    """Return the module with the operations of an API, and that with its resources."""
    groups, own = _groups(api, plan)
    _require_free(f"Async{_prefix(api) or 'Public'}Resources", groups, own, by_hand)
    _require_distinct_classes(api, plan, groups)
    methods = [*own, *(method for group in groups for method in group.methods)]
    operations: dict[str, list[str]] = {}
    for method in methods:
        operations.setdefault(method.operation.tag, []).append(method.operation.module)
    context: dict[str, object] = {
        "api": api,
        "title": plan.title,
        "prefix": _prefix(api),
        "groups": groups,
        "own": own,
        "operations": operations,
        "lists": [method for method in methods if method.iterate],
        "paged": [
            method.result for method in methods if "x-python-pagination" in method.operation.python
        ],
        "names": sorted({*plan.models, *plan.enums}),
    }
    # The spec's hash is in the first alone: most edits leave the second as it is.
    shared = "\n".join(header.splitlines()[:1])
    return {
        f"{api}.py": render("operations.py.jinja", header=header.rstrip(), **context),
        f"{api}_resources.py": render("resources.py.jinja", header=shared, **context),
    }


def _prefix(api: str) -> str:
    return _PREFIXES.get(api, api.upper())


def _groups(api: str, plan: ApiPlan) -> tuple[list[GroupPlan], list[MethodPlan]]:
    """Return the classes of methods, and the methods of the client itself."""
    groups: dict[str, GroupPlan] = {}
    own: list[MethodPlan] = []
    for operation in plan.operations.values():
        unknown = operation.python.keys() - _KNOWN
        if unknown:
            raise PlanError(operation.id, f"has {min(unknown)}, which is no extension of ours")
        dotted = operation.python.get("x-python-method", f"{operation.tag}.{operation.module}")
        if dotted is None:
            continue
        attribute, dot, name = str(dotted).rpartition(".")
        name = (method_name if dot else group_name)(name, operation.id)
        method = _method(api, plan, operation, name)
        if not dot:
            if method.iterate:
                raise PlanError(operation.id, "has x-python-iterate, and its method is in no group")
            own.append(method)
            continue
        camel = class_case(group_name(attribute, operation.id))
        description = plan.tags.get(operation.tag) or f"The operations tagged {operation.wire_tag}."
        group = groups.setdefault(
            attribute,
            GroupPlan(
                attribute, f"Async{_prefix(api)}{camel}Operations", group_docstring(description)
            ),
        )
        group.methods.append(method)
    for group in groups.values():
        _require_distinct_methods(f"{api}, {group.attribute}", group.methods)
    attributes = [(group.attribute, group.attribute) for group in groups.values()]
    attributes += [(method.operation.id, method.name) for method in own]
    require_distinct(attributes, api, "attributes of the client; x-python-method can name them")
    return list(groups.values()), own


def _require_distinct_methods(where: str, methods: list[MethodPlan]) -> None:
    names = [method.name for method in methods]
    names += [method.iterate.name for method in methods if method.iterate]
    for name in names:
        if names.count(name) > 1:
            raise PlanError(where, f"has two methods called {name}")


def _require_free(
    client: str, groups: list[GroupPlan], own: list[MethodPlan], by_hand: HandWritten
) -> None:
    """Raise unless no method or resource has the name of a hand-written one."""
    for method in own:
        by_hand.require_free(client, "", method.name, method.operation.id)
    for group in groups:
        first = group.methods[0].operation.id
        by_hand.require_free(client, "", group.attribute, first, of=group.class_name)
        for method in group.methods:
            for name in [method.name, *([method.iterate.name] if method.iterate else [])]:
                by_hand.require_free(group.class_name, "AsyncResource", name, method.operation.id)


def _require_distinct_classes(api: str, plan: ApiPlan, groups: list[GroupPlan]) -> None:
    """Raise unless the names of the SDK's module differ, in its sync twin, too."""
    names = [(name, name) for name in [*plan.models, *plan.enums]]
    names += [(group.attribute, group.class_name.removeprefix("Async")) for group in groups]
    names.append((api, f"{_prefix(api) or 'Public'}Resources"))
    names += [
        (method.operation.id, method.operation.module.upper())
        for group in groups
        for method in group.methods
        if method.iterate
    ]
    require_distinct(names, api, "names of the SDK's module; rename one")


def _method(api: str, plan: ApiPlan, operation: OperationPlan, name: str) -> MethodPlan:
    parameters = operation.parameters
    # Python wants those that may be left out behind those that may not.
    positional = sorted(
        (each for each in parameters if each.positional), key=lambda each: not each.required
    )
    keywords = [each for each in parameters if not each.positional]
    taken = METHOD_ARGUMENTS | (LIST_ARGUMENTS if "x-python-iterate" in operation.python else set())
    for each in parameters:
        if each.python in taken:
            raise PlanError(
                f"{operation.id}, parameter {each.wire}",
                "has the name of an argument that methods take anyway: it needs an x-python-name",
            )
    result, parsed = _result(plan, operation)
    or_none = operation.python.get("x-python-not-found") == "none"
    if or_none and result == "None":
        raise PlanError(operation.id, "has x-python-not-found, and its success has no body either")
    spec = f"openapi/{api}.yaml, {operation.id}"
    return MethodPlan(
        name=name,
        operation=operation,
        positional=positional,
        keywords=keywords,
        result=f"{result} | None" if or_none else result,
        parsed=parsed,
        fetch="_fetch_or_none" if or_none else "_fetch",
        docstring=method_docstring(operation, [*positional, *keywords], spec, or_none=or_none),
        iterate=_iterate(plan, operation, spec),
    )


def _result(plan: ApiPlan, operation: OperationPlan) -> tuple[str, str]:
    """Return the type of a method's result, and the expression that makes it of a response."""
    success = operation.successes[0]
    body = f"{operation.module}.parse_response(response)"
    if operation.python.get("x-python-pagination"):
        if not {"page", "page_size"} <= {each.python for each in operation.parameters}:
            raise PlanError(operation.id, "has x-python-pagination, and no page or no page_size")
        return str(
            operation.python["x-python-pagination"]
        ), f"with_pagination({body}, page, page_size)"
    if "x-python-unwrap" in operation.python:
        unwrapped = _property(plan, success.model, operation.python["x-python-unwrap"], operation)
        if unwrapped.type.kind != "list" or unwrapped.type.item is None:
            raise PlanError(operation.id, "has an x-python-unwrap that names no list")
        annotation = f"ResultList[{unwrapped.type.item.annotation}]"
        return annotation, f"ResultList({body}.{unwrapped.python})"
    return (f"ResultList[{success.model}]" if success.is_list else success.model or "None"), body


def _iterate(plan: ApiPlan, operation: OperationPlan, spec: str) -> IteratePlan | None:
    raw: dict[str, Any] | None = operation.python.get("x-python-iterate")
    if raw is None:
        return None
    if operation.method != "GET":
        raise PlanError(operation.id, "has x-python-iterate, and is no GET")
    by_name = {each.python: each for each in operation.query_parameters}
    size = by_name.get("page_size")
    if "page" not in by_name or size is None or not size.default:
        raise PlanError(operation.id, "has x-python-iterate, and no page or no page_size's default")
    body = operation.successes[0].model
    *holders, last = _path(plan, body, raw["items"], operation)
    item = last.type.item
    if item is None or item.kind != "model":
        raise PlanError(operation.id, "has an x-python-iterate whose items are no list of objects")
    count = raw.get("count")
    changes = f"{last.python}=items"
    if count is not None:
        *beside, counted = _path(plan, body, count, operation)
        if beside != holders:
            raise PlanError(operation.id, "has x-python-iterate: count does not stand beside items")
        changes += f", {counted.python}=len(items)"
    for depth in range(len(holders), -1, -1):
        model = ".".join(["body", *(holder.python for holder in holders[:depth])])
        replaced = f"replaced({model}, {changes})"
        changes = f"{holders[depth - 1].python}={replaced}" if depth else changes
    total = [each.python for each in _path(plan, body, raw["total"], operation)]
    if operation.python.get("x-python-pagination"):
        total = ["pagination", "total_count"]
    ids = [_property(plan, item.name, wire, operation) for wire in raw.get("id", ())]
    return IteratePlan(
        name=method_name(raw["name"], operation.id),
        item=item.name,
        items=".".join(["body", *(each.python for each in holders), last.python]),
        total=".".join(["body", *total]),
        identify=_identify(ids),
        replace=replaced,
        docstring=iterate_docstring(operation, raw["name"], spec),
        page_size=("MAX" if size.maximum else "DEFAULT") + "_PAGE_SIZE",
    )


def _identify(ids: list[FieldPlan]) -> str:
    """Return the expression of what tells items apart: None where all of it is null."""
    values = [f"item.{each.python}" for each in ids]
    if not values:
        return "None"
    if len(values) == 1:
        return values[0]
    nothing = " and ".join(f"{value} is None" for value in values)
    return f"None if {nothing} else ({', '.join(values)})"


def _path(plan: ApiPlan, model: str, path: str, operation: OperationPlan) -> list[FieldPlan]:
    """Follow a dotted path of wire names through the response models."""
    steps: list[FieldPlan] = []
    for wire in path.split("."):
        steps.append(_property(plan, model, wire, operation))
        model = steps[-1].type.name
    return steps


def _property(plan: ApiPlan, model: str, wire: str, operation: OperationPlan) -> FieldPlan:
    fields = plan.models.get(model, ModelPlan("", "", False, False, [], [], [])).fields
    for each in fields:
        if each.wire == wire:
            return each
    raise PlanError(operation.id, f"has an extension that names {wire}, which {model} has not")
