"""The rule for our own extensions: which exist, where each may be used, and with which values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .model import Node, Problems, Spec, objects, types

# The kinds of nodes an extension is defined for (any, if empty), the description of a valid value,
# and whether a value is valid in a node.
Extension = tuple[tuple[str, ...], str, Callable[[Any, Node], bool]]


def extensions(spec: Spec) -> Problems:
    """Check that an extension is one of ours, in a place and with a value that is defined for it."""
    kinds = {site.location: "parameter" for site in spec.all_parameters()}
    kinds |= {site.location: "property" for _, _, site in spec.properties()}
    kinds |= {site.location: "operation" for site in spec.operations()}
    kinds |= {f"#/components/schemas/{name}": "schema" for name, _ in spec.named_schemas()}
    for site in objects(spec):
        for key, value in site.node.items():
            if not key.startswith("x-") or key == "x-provenance":
                continue
            if key not in EXTENSIONS:
                yield site, f"{key} is an unknown extension"
                continue
            allowed, requirement, is_valid = EXTENSIONS[key]
            if allowed and kinds.get(site.location) not in allowed:
                yield site, f"{key} is defined for a {' or '.join(allowed)} only"
            elif not is_valid(value, site.node) or (
                key == "x-idempotent" and site.location.endswith(("/get", "/head"))
            ):
                yield site, f"{key} must be {requirement}, not {value!r}"


def _matches(pattern: str) -> Callable[[Any, Node], bool]:
    return lambda value, _: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _is(expected: object) -> Callable[[Any, Node], bool]:
    return lambda value, _: type(value) is type(expected) and value == expected


def _is_method(value: Any, node: Node) -> bool:
    return value is None or _matches(r"([a-z][a-z0-9_]*\.)?[a-z][a-z0-9_]*")(value, node)


def _is_iteration(value: Any, _node: Node) -> bool:
    required = {"name", "items", "total"}
    return isinstance(value, dict) and required <= value.keys() <= required | {"count", "id"}


EXTENSIONS: Mapping[str, Extension] = {
    "x-python-name": (
        ("property", "parameter", "schema"), "a snake_case name, or of a schema a PascalCase one",
        lambda value, node: _matches(
            "[A-Z][A-Za-z0-9]*" if {"properties", "enum"} & node.keys() else "[a-z][a-z0-9_]*"
        )(value, node),
    ),
    "x-null-means-empty": (
        ("property",), "true, of an array",
        lambda value, node: value is True and "array" in types(node),
    ),
    "x-python-decode": (
        ("property",), "epoch, of an integer or string",
        lambda value, node: value == "epoch" and {"integer", "string"} <= set(types(node)),
    ),
    "x-python-elsewhere": (
        ("property",), "a list of names or $, of an array",
        lambda value, node: isinstance(value, list) and "array" in types(node),
    ),
    "x-enum-varnames": (
        (), "a list of one distinct UPPER_CASE name per value",
        lambda value, node: isinstance(value, list) and len(value) == len(node.get("enum", ()))
        == len({str(name) for name in value if _matches("[A-Z][A-Z0-9_]*")(name, node)}),
    ),
    "x-python-method": (("operation",), "group.method, method or null", _is_method),
    "x-python-iterate": (
        ("operation",), "a mapping of name, items, total and optionally count, id", _is_iteration
    ),
    "x-python-unwrap": (("operation",), "a name", _matches(".+")),
    "x-python-not-found": (("operation",), "none", _is("none")),
    "x-python-pagination": (("operation",), "a PascalCase name", _matches("[A-Z][A-Za-z0-9]*")),
    "x-python-lenient": (("property",), "true", _is(True)),
    "x-python-send-defaults": (
        ("operation",), "a list of names of parameters with a default",
        lambda value, _: isinstance(value, list) and all(map(_matches(".+"), value, value)),
    ),
    "x-python-properties": (
        (), "a map of names to a description, of and values or a divisor",
        lambda value, _: isinstance(value, dict) and all(
            isinstance(each, dict) and {"description", "of"} < each.keys() for each in value.values()
        ),
    ),
    "x-python-default": (("parameter",), "false", _is(False)),
    "x-python-positional": (("parameter",), "true", _is(True)),
    "x-requires": (("parameter",), "a name", _matches(".+")),
    "x-idempotent": (("operation",), "true, and not of a GET or HEAD", _is(True)),
}  # fmt: skip
