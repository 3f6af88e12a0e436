"""Checks that every keyword of a spec is read: any other is refused by name, with its place.

A keyword that is skipped in silence is a promise of the spec that the package does not keep: a server of
an operation's own, a `pattern` that is never checked, a body in a second media type. The tables list what
is read by the generator, by the embedded server or by the tests of contract and drift.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .extensions import check_extension
from .schemas import PlanError

# The keys of each kind of object, and what each holds: a kind, a list `[kind]` or a map `{kind}` of it, or
# data, which is empty.
_KINDS: dict[str, dict[str, str]] = {
    "document": {
        "openapi": "", "info": "info", "servers": "[server]", "security": "", "tags": "[tag]",
        "paths": "{path}", "components": "components",
    },
    "info": {
        "title": "", "version": "", "summary": "", "description": "", "contact": "", "license": "",
        "termsOfService": "",
    },
    "server": {"url": "", "description": ""},
    "tag": {"name": "", "description": ""},
    "components": {
        "schemas": "{schema}", "parameters": "{parameter}", "responses": "{response}",
        "requestBodies": "{requestBody}", "headers": "{header}", "securitySchemes": "{securityScheme}",
        "examples": "", "links": "",
    },
    "securityScheme": {
        "type": "", "description": "", "name": "", "in": "", "scheme": "", "bearerFormat": "",
    },
    "path": {
        "parameters": "[parameter]",
        **dict.fromkeys(("get", "put", "post", "delete", "options", "head", "patch"), "operation"),
    },
    "operation": {
        "operationId": "", "tags": "", "summary": "", "description": "", "security": "",
        "parameters": "[parameter]", "requestBody": "requestBody", "responses": "{response}",
        "deprecated": "",
    },
    "parameter": {
        "name": "", "in": "", "description": "", "required": "", "schema": "schema", "style": "",
        "explode": "", "example": "", "examples": "", "deprecated": "",
    },
    "requestBody": {"description": "", "required": "", "content": "{media}"},
    "response": {"description": "", "headers": "{header}", "content": "{media}", "links": ""},
    "header": {
        "description": "", "required": "", "schema": "schema", "example": "", "examples": "",
    },
    "media": {"schema": "schema", "example": "", "examples": ""},
    "schema": {
        "title": "", "description": "", "type": "", "format": "", "enum": "", "default": "", "examples": "",
        "anyOf": "[schema]", "oneOf": "[schema]", "discriminator": "", "items": "schema",
        "properties": "{schema}", "required": "",
        "additionalProperties": "schema", "minimum": "", "maximum": "", "exclusiveMinimum": "",
        "exclusiveMaximum": "", "multipleOf": "", "minLength": "", "maxLength": "", "pattern": "",
        "minItems": "", "maxItems": "", "uniqueItems": "", "deprecated": "", "readOnly": "", "writeOnly": "",
    },
}  # fmt: skip
# A schema that is a component or a property may have extensions that others may not.
_KINDS["components"]["schemas"] = "{component}"
_KINDS["schema"]["properties"] = "{property}"
_KINDS |= {"component": _KINDS["schema"], "property": _KINDS["schema"]}
_SCHEMA_KINDS = {"schema", "component", "property"}
# `rewrite.py` reads the two that are not in the table.
SCHEMA_KEYWORDS = frozenset({"$ref", "allOf", "const", *_KINDS["schema"]})
# Why a keyword is not read, where its name alone would leave open what to do instead.
_INSTEAD = {
    "servers": "only those of the document are supported",
    "callbacks": "the clients receive no requests",
    "webhooks": "the clients receive no requests",
    "trace": "the clients send no TRACE",
    "content": "only a schema is supported",
    "const": "only that of a text is read",
    "allOf": "only that of objects is read",
    "nullable": 'use the type "null"',
    "variables": "write the URL out",
    "cookie": "only path, query and header parameters are supported",
}
# The JSON types that a keyword says something of; of any other it is ignored by JSON Schema.
_OF_TYPES = {
    key: set(types)
    for types, keys in {
        ("integer", "number"): (
            "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
        ),
        ("string",): ("minLength", "maxLength", "pattern"),
        ("array",): ("items", "minItems", "maxItems", "uniqueItems"),
        ("object",): ("properties", "required", "additionalProperties"),
    }.items()
    for key in keys
}  # fmt: skip
_FORMATS = {
    "string": {
        "date-time", "date", "password", "uuid", "uri", "email", "hostname", "ipv4", "ipv6",
    },
    "integer": {"int32", "int64"},
    "number": {"float", "double"},
}  # fmt: skip
_TYPES = {"string", "integer", "number", "boolean", "array", "object", "null"}
# What may stand beside a reference or an anyOf: a description, and bounds that are merged into a
# reference's target.
_NOTES = {
    "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
}  # fmt: skip
_BOUNDS = {key for key, types in _OF_TYPES.items() if not types & {"array", "object"}} | {
    "minItems", "maxItems", "uniqueItems", "format",
}  # fmt: skip
_STYLES = {"query": ("form", None), "path": ("simple", None), "header": ("simple", None)}
# Set by the transport, which would send them twice; Authorization is that of `security`.
# Bounds that no value keeps if the first is above the second, or equal where one is exclusive.
_PAIRS = (
    ("minimum", "maximum"), ("minimum", "exclusiveMaximum"), ("exclusiveMinimum", "maximum"),
    ("exclusiveMinimum", "exclusiveMaximum"), ("minLength", "maxLength"), ("minItems", "maxItems"),
)  # fmt: skip
_JSON = "application/json"
_SCHEMAS = "#/components/schemas/"
_REQUIRED = {
    "document": {"info", "servers", "security", "paths"},
    "info": {"title"},
    "server": {"url"},
    "tag": {"name"},
    "operation": {"operationId", "tags", "responses"},
    "parameter": {"name", "in", "schema"},
    "media": {"schema"},
    "securityScheme": {"type"},
}
# Data of one type, whatever has it. `required` is a list in a schema, and a boolean elsewhere.
_DATA: tuple[tuple[set[str], tuple[type, ...], str], ...] = (
    (
        {"title", "description", "summary", "url", "operationId", "name", "in", "style", "format",
         "pattern", "scheme"},
        (str,), "string",
    ),
    ({"explode", "uniqueItems", "deprecated", "readOnly", "writeOnly"}, (bool,), "boolean"),
    (
        {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
        (int, float), "number",
    ),
    ({"minLength", "maxLength", "minItems", "maxItems"}, (int,), "whole number"),
    ({"enum", "tags", "security"}, (list,), "list"),
)  # fmt: skip


@dataclass(frozen=True)
class _Node:
    kind: str
    value: Any
    where: str


def check_keywords(spec: dict[str, Any]) -> None:
    """Raise unless each keyword of a spec is read.

    Raises:
        PlanError: If one is not, or has a value that is not supported.
    """
    waiting = [_Node("document", spec, "")]
    while waiting:
        node = waiting.pop()
        if not isinstance(node.value, dict):
            raise PlanError(node.where, f"is {node.value!r}, and no {node.kind}")
        if "$ref" in node.value and node.kind not in _SCHEMA_KINDS:
            _check_reference(node)
            continue
        for key in node.value:
            _check_key(node, key)
        for key in sorted(_REQUIRED.get(node.kind, set()) - node.value.keys()):
            raise PlanError(node.where or "the document", f"has no {key}")
        waiting += _children(node)
        if node.kind in _CHECKS:
            _CHECKS[node.kind](node)


def _children(node: _Node) -> Iterator[_Node]:
    for key, kind in _KINDS[node.kind].items():
        if not kind or key not in node.value:
            continue
        value = node.value[key]
        where = f"{node.where}/{key}".removeprefix("/")
        if node.kind == "path" and kind == "operation":
            where = f"{key.upper()} {node.where}"
        inner = kind.strip("[]{}")
        if kind[0] not in "[{":
            if key == "additionalProperties" and isinstance(value, bool):
                continue
            yield _Node(inner, value, where)
            continue
        wanted, noun = (dict, "map") if kind[0] == "{" else (list, "list")
        if not isinstance(value, wanted):
            raise PlanError(where, f"is {value!r}, and no {noun}")
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, member in members:
            yield _Node(inner, member, _place(node, inner, name, member, where))


def _place(node: _Node, kind: str, name: Any, member: Any, where: str) -> str:
    if kind == "path":
        return str(name)
    if node.kind == "operation" and kind == "response":
        return f"{node.where}, response {name}"
    if node.kind in {"path", "operation"} and isinstance(member, dict) and "name" in member:
        return f"{node.where}, parameter {member['name']}"
    return f"{where}/{name}"


def _check_key(node: _Node, key: Any) -> None:
    kinds = _KINDS[node.kind]
    if not isinstance(key, str):
        raise PlanError(node.where, f"has the key {key!r}, which is no string: quote it")
    where = node.where or "the document"
    if key in kinds or (key == "$ref" and node.kind in _SCHEMA_KINDS):
        value = node.value[key]
        for names, types, noun in _DATA:
            is_wrong = not isinstance(value, types) or (bool not in types and type(value) is bool)
            if key in names and not kinds.get(key) and is_wrong:
                raise PlanError(where, f"has `{key}: {value!r}`, which is no {noun}")
        return
    if key.startswith("x-"):
        check_extension(node.kind, key, node.value[key], where)
        return
    hint = f": {_INSTEAD[key]}" if key in _INSTEAD else ""
    raise PlanError(where, f"has `{key}`, which is not read{hint}")


def _check_reference(node: _Node) -> None:
    """Check that a reference leads to a component of its kind; what stands beside it is refused."""
    plural = {"requestBody": "requestBodies"}.get(node.kind, f"{node.kind}s")
    reference = node.value["$ref"]
    if plural not in _KINDS["components"]:
        raise PlanError(node.where, f"has `$ref`, which is not read in a {node.kind}")
    if not isinstance(reference, str) or not reference.startswith(f"#/components/{plural}/"):
        raise PlanError(
            node.where, f"refers to {reference!r}, which is not below #/components/{plural}"
        )
    for key in node.value.keys() - {"$ref"}:
        raise PlanError(node.where, f"has `{key}` beside a $ref, which is not read")


def _check_parameter(node: _Node) -> None:
    value, where = node.value, node.where
    place = value.get("in")
    if place not in _STYLES:
        raise PlanError(where, f"is in {place}: {_INSTEAD['cookie']}")
    schema = value.get("schema")
    for word in sorted({"readOnly", "writeOnly"} & set(schema if isinstance(schema, dict) else ())):
        raise PlanError(where, f"has `{word}`, which is read only of a property")
    if place == "path" and not value.get("required"):
        raise PlanError(where, "is part of the path, so it needs `required: true`")
    if value.get("style") not in _STYLES[place]:
        raise PlanError(
            where, f"has `style: {value['style']}`, which is not read: {_STYLES[place][0]} is"
        )


def _check_content(node: _Node) -> None:
    content = node.value.get("content", {})
    if content and set(content) != {_JSON}:
        other = min(str(name) for name in content.keys() - {_JSON})
        raise PlanError(node.where, f"has no {_JSON} alone, but {other}: only JSON is supported")


def _check_operation(node: _Node) -> None:
    if len(_strings(node.value["tags"], node.where)) != 1:
        raise PlanError(node.where, "needs one tag, which names its package")
    if "requestBody" in node.value and node.where.startswith(("GET ", "HEAD ")):
        raise PlanError(node.where, "has a requestBody, which a GET or HEAD can't have")
    for status in node.value.get("responses", {}):
        if str(status)[:1] == "2" and not str(status).isdigit():
            raise PlanError(node.where, f"has the response {status}: each success needs its status")


def _check_schema(node: _Node) -> None:
    for low, high in _PAIRS:
        if low in node.value and high in node.value:
            least, most = node.value[low], node.value[high]
            if least > most or (least == most and "exclusive" in low + high):
                message = f"has `{low}: {least}` and `{high}: {most}`, which no value keeps"
                raise PlanError(node.where, message)
    for key in ("$ref", "anyOf", "oneOf"):
        if key in node.value:
            _check_beside(node, key)
            return
    if "discriminator" in node.value:
        raise PlanError(node.where, "has `discriminator`, which is read only beside oneOf or anyOf")
    _check_types(node)
    value, where = node.value, node.where
    if "properties" in value and value["type"] != "object":
        raise PlanError(where, "has `properties`, which is read only of the type object alone")
    for name in _strings(value.get("required", []), where):
        if name not in value.get("properties", {}):
            raise PlanError(where, f"has `required: {name}`, which is not among its properties")


def _check_beside(node: _Node, key: str) -> None:
    """Check a reference or an anyOf: nothing stands beside it that would be skipped."""
    if node.value[key] == []:
        raise PlanError(node.where, f"has `{key}` of no schema")
    allowed = _NOTES | (_BOUNDS if key == "$ref" else {"discriminator"}) | {key}
    for other in sorted(node.value.keys() - allowed):
        if not other.startswith("x-"):
            raise PlanError(node.where, f"has `{other}` beside `{key}`, which is not read")
    if not isinstance(node.value.get("discriminator", {}), dict):
        raise PlanError(node.where, "has a `discriminator` that is no map")
    reference = node.value.get("$ref", _SCHEMAS)
    if not isinstance(reference, str) or not reference.startswith(_SCHEMAS):
        raise PlanError(node.where, f"refers to {reference!r}, which is not below {_SCHEMAS}")


def _check_types(node: _Node) -> None:
    """Check the type of a schema, and that its other keywords say something of it."""
    value, where = node.value, node.where
    raw = value.get("type", [])
    types = raw if isinstance(raw, list) else [raw]
    for name in types:
        if not isinstance(name, str) or name not in _TYPES:
            raise PlanError(where, f"has the type {name!r}, which JSON has not")
    for key, of in _OF_TYPES.items():
        if key in value and not of & set(types):
            kinds = " or ".join(sorted(of))
            raise PlanError(where, f"has `{key}`, which is read only of the type {kinds}")
    if value.get("enum") == []:
        raise PlanError(where, "has an `enum` of no value")
    formats = {each for name in types for each in _FORMATS.get(name, ())}
    if "format" in value and value["format"] not in formats:
        raise PlanError(where, f"has `format: {value['format']}`, which is not read")


def _strings(value: Any, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise PlanError(where, f"has {value!r} where a list of strings is needed")
    return value


def _check_document(node: _Node) -> None:
    if not node.value["servers"]:
        raise PlanError("servers", "is empty")
    for requirement in node.value["security"]:
        if not isinstance(requirement, dict):
            raise PlanError("security", f"has {requirement!r}, which is no map of schemes")


_CHECKS = {
    "document": _check_document,
    "parameter": _check_parameter,
    "requestBody": _check_content,
    "response": _check_content,
    "operation": _check_operation,
    **dict.fromkeys(_SCHEMA_KINDS, _check_schema),
}
