"""What the SDK offers, by inspection of its public names, and what the specs have, from their YAML.

Both are sets of lines, such as ``public models.get(companies)``. The plans of the generator are not
used: what they forget is what is looked for.
"""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from typing import Any

import attrs

import benchwire
from benchwire import models
from benchwire_specs import METHODS

from .scripted import Received, ScriptedService, always, json_reply

CLIENTS = {"public": "PublicClient", "v2": "V2Client", "v0": "V0Client"}
RESOURCE = {
    "base_url",
    "close",
    "copy",
    "get_raw",
    "with_options",
}  # of every client, beside its operations
# Methods written by hand, the operation they stand for, and its parameters that they take in another
# form. Those without an operation combine several, and take arguments of their own.
BY_HAND: dict[str, tuple[str, set[str]]] = {
    "public benchmarks.get_all_prompts": ("", set()),
    "public evaluations.wait": ("", set()),
    "public comparisons.compare_models": (
        "compareEvaluations", {"evaluation_id_1", "evaluation_id_2"},
    ),
    "public comparisons.iter_model_results": (
        "compareEvaluations", {"evaluation_id_1", "evaluation_id_2", "page"},
    ),
    "public comparisons.statistics": ("", set()),
    "public comparisons.matrix": ("", set()),
    "public results.get": ("listResults", {"evaluation_id"}),
    "public results.get_by_id": ("listResults", set()),
    "public results.get_all": ("listResults", {"evaluation_id", "page", "page_size"}),
    "public results.get_all_by_id": ("listResults", {"page", "page_size"}),
    "v0 jobs.submit": ("submitJob", set()),
    "v0 jobs.submit_batch": ("submitJobBatch", set()),
    "v0 jobs.run": ("submitJob", set()),
    "v0 jobs.wait": ("", set()),
    "v0 jobs.wait_all": ("", set()),
    "v0 jobs.run_many": ("", set()),
    "v0 jobs.resume": ("", set()),
    "v0 jobs.resolve": ("", set()),
    "v0 jobs.unresolved": ("", set()),
}  # fmt: skip
_COMPARED = {
    "benchmark_id", "model_id_1", "model_id_2", "benchmark_key", "model_key_1", "model_key_2",
}  # fmt: skip
# What they take beside the operation's parameters.
OWN = {
    "public comparisons.compare_models": _COMPARED,
    "public comparisons.iter_model_results": _COMPARED,
    "public comparisons.statistics": {*_COMPARED, "evaluation_ids"},
    "public comparisons.matrix": {"benchmarks", "models", "baseline", "adjust"},
    "public results.get": {"evaluation"},
    "public results.get_all": {"evaluation"},
    "v0 jobs.submit": {"resend"},
    "v0 jobs.run": {"resend", "timeout", "poll_interval", "on_progress"},
}
_ITERATION = {"max_items", "concurrency", "options"}
_KEY = "a-key-to-look-for"


def snake(name: str) -> str:
    """Return a wire name in snake case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


# ---- what the specs have ---------------------------------------------------------------------


def of_specs(specs: dict[str, dict[str, Any]]) -> set[str]:
    """Return a line for everything that the specs have."""
    return {f"{api} {line}" for api, spec in specs.items() for line in _of_spec(api, spec)}


def _of_spec(api: str, spec: dict[str, Any]) -> Iterator[str]:
    yield f"server {spec['servers'][0]['url']}"
    for operation_id, (_, item, operation) in operations(spec).items():
        arguments = _arguments(spec, item, operation)
        methods = {
            name.removeprefix(f"{api} "): arguments - without
            for name, (of, without) in BY_HAND.items()
            if of == operation_id and name.startswith(f"{api} ")
        }
        name = method_name(operation)
        if name is not None:
            methods[name] = arguments
        if "x-python-iterate" in operation:
            group = str(name).partition(".")[0]
            methods[f"{group}.{operation['x-python-iterate']['name']}"] = arguments - {"page"}
        for method, taken in methods.items():
            yield f"{method}()"
            yield from (f"{method}({argument})" for argument in taken)
        yield f"{operation_id} sends {_security(spec, operation)}"
    for name, schema in spec["components"]["schemas"].items():
        if "enum" in schema:
            yield from (f"{name}.{value}" for value in schema["enum"] if value is not None)
        if "properties" in schema:
            properties = schema["properties"]
            places = {p for each in properties.values() for p in each.get("x-python-elsewhere", ())}
            yield from (f"{name}.{python_name(wire, properties[wire])}" for wire in properties
                        if wire not in places)  # fmt: skip
            yield from (f"{name}.{computed}" for computed in schema.get("x-python-properties", ()))


def operations(spec: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return each operation by its id, with its path and the path's item."""
    return {
        item[method]["operationId"]: (path, item, item[method])
        for path, item in spec["paths"].items()
        for method in METHODS
        if method in item
    }


def method_name(operation: dict[str, Any]) -> str | None:
    """Return the name of the generated method of an operation; None if there is none."""
    default = f"{snake(operation['tags'][0])}.{snake(operation['operationId'])}"
    name: str | None = operation.get("x-python-method", default)
    return name


def python_name(wire: str, node: dict[str, Any]) -> str:
    return str(node.get("x-python-name", snake(wire)))


def pointed_at(spec: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = spec
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def parameters(
    spec: dict[str, Any], item: dict[str, Any], operation: dict[str, Any]
) -> list[dict[str, Any]]:
    raw = [*item.get("parameters", ()), *operation.get("parameters", ())]
    return [pointed_at(spec, each) for each in raw]


def body(spec: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a request body; an empty one if there is none."""
    raw = pointed_at(spec, operation.get("requestBody", {}))
    content = raw.get("content", {}).get("application/json", {})
    return pointed_at(spec, content.get("schema", {}))


def _arguments(spec: dict[str, Any], item: dict[str, Any], operation: dict[str, Any]) -> set[str]:
    found = {python_name(each["name"], each) for each in parameters(spec, item, operation)}
    properties = body(spec, operation).get("properties", {})
    if properties and operation.get("x-python-method", "") is not None:
        return found | {"body"}
    return found | {python_name(wire, node) for wire, node in properties.items()}


def _security(spec: dict[str, Any], operation: dict[str, Any]) -> str:
    requirement = operation.get("security", spec["security"])
    if not requirement:
        return "no key"
    scheme = spec["components"]["securitySchemes"][next(iter(requirement[0]))]
    if scheme["type"] == "http":
        return f"authorization: {scheme['scheme'].title()} KEY"
    return f"{scheme['name'].lower()}: KEY"


# ---- what the SDK offers ---------------------------------------------------------------------


def of_sdk(specs: dict[str, dict[str, Any]]) -> set[str]:
    """Return a line for everything that the SDK offers; the specs say what to call."""
    return {f"{api} {line}" for api in specs for line in _of_client(api, specs[api])}


def resources(client: Any) -> dict[str, Any]:
    """Return a client's resources by name, and the client itself under the empty name."""
    found = {
        name: getattr(client, name)
        for kind in type(client).__mro__
        for name, value in vars(kind).items()
        if isinstance(value, cached_property)
    }
    return {"": client, **found}


def methods(client: Any) -> dict[str, Any]:
    """Return the methods of a client and its resources by the names they are called by."""
    groups = resources(client)
    return {
        f"{group}.{name}".removeprefix("."): getattr(holder, name)
        for group, holder in groups.items()
        for name in dir(holder)
        if not name.startswith("_") and name not in groups and (group or name not in RESOURCE)
    }


def arguments(method: Any) -> set[str]:
    return set(inspect.signature(method).parameters)


def _of_client(api: str, spec: dict[str, Any]) -> Iterator[str]:
    make = getattr(benchwire, CLIENTS[api])
    more = {"journal": False} if api == "v0" else {}
    with make(_KEY, **more) as client:
        yield f"server {client.base_url}"
        for name, method in methods(client).items():
            of = BY_HAND.get(f"{api} {name}")
            if of == ("", set()):
                continue
            own = OWN.get(f"{api} {name}", set())
            iterates = "max_items" in arguments(method)
            more_of_it = _ITERATION if iterates else {"options"}
            yield from (f"{name}({argument})" for argument in arguments(method) - own - more_of_it)
            yield f"{name}()"
    yield from _keys(api, spec, make, more)
    package = __import__(f"benchwire_api.{api}.models", fromlist=["__all__"])
    for name in package.__all__:
        kind = getattr(package, name)
        if issubclass(kind, enum.Enum):
            yield from (f"{name}.{member.value}" for member in kind)
        else:
            yield from (f"{name}.{field.name.rstrip('_')}" for field in attrs.fields(kind)
                        if not field.name.startswith("_"))  # fmt: skip
            yield from (f"{name}.{key}" for key, value in vars(kind).items()
                        if isinstance(value, property))  # fmt: skip


def _keys(api: str, spec: dict[str, Any], make: Any, more: dict[str, Any]) -> Iterator[str]:
    """Call each operation once, and yield the header in which its request had the key."""
    with (
        ScriptedService(always(json_reply({"error": "no"}, 401))) as service,
        make(_KEY, base_url=service.url, on_error="none", **more) as client,
    ):
        for operation_id in operations(spec):
            method, given = call_of(api, client, spec, operation_id)
            before = len(service.requests)
            with suppress(benchwire.AuthenticationError):  # a submission raises in any case
                method(**given)
            request: Received = service.requests[before]
            sent = [f"{name}: {value.replace(_KEY, 'KEY')}" for name, value in request.headers
                    if _KEY in value]  # fmt: skip
            yield f"{operation_id} sends {', '.join(sent) or 'no key'}"


def call_of(
    api: str, client: Any, spec: dict[str, Any], operation_id: str
) -> tuple[Any, dict[str, Any]]:
    """Return the method that stands for an operation, and arguments from the spec's examples."""
    _, item, operation = operations(spec)[operation_id]
    name = method_name(operation)
    given = {
        python_name(each["name"], each): each["example"]
        for each in parameters(spec, item, operation)
        if each.get("required")
    }
    if "requestBody" in operation:
        media = pointed_at(spec, operation["requestBody"])["content"]["application/json"]
        example = media.get("example") or next(iter(media["examples"].values()))["value"]
        if name is None:
            properties = body(spec, operation)["properties"]
            given |= {python_name(wire, properties[wire]): value for wire, value in example.items()}
        else:
            kind = getattr(models, media["schema"]["$ref"].rpartition("/")[2])
            given["body"] = kind.from_dict(example)
    if name is None:
        stand_ins = [each for each, (of, _) in BY_HAND.items() if of == operation_id]
        name = stand_ins[0].removeprefix(f"{api} ")
    return methods(client)[name], given
