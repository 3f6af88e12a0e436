"""Rules for our own extensions: which there are, and where each may stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .model import Finding, Node, Spec, types
from .walking import objects

if TYPE_CHECKING:
    from collections.abc import Iterator

Rule = Callable[[Node, set[str]], str | None]

_PYTHON_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_METHOD = re.compile(r"([a-z][a-z0-9_]*\.)?[a-z][a-z0-9_]*\Z")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*\Z")


def known(spec: Spec) -> Iterator[Finding]:
    """An extension is one of ours, stands where it has a meaning, and has a value it can have."""
    places = {
        "property": {site.location for _, _, site in spec.properties()},
        "parameter": {site.location for site in spec.all_parameters()},
        "operation": {site.location for site in spec.operations()},
    }
    for site in objects(spec):
        of = {place for place, locations in places.items() if site.location in locations}
        for key in site.node:
            if not key.startswith("x-") or key == "x-provenance":
                continue
            rule = _RULES.get(key)
            wrong = rule(site.node, of) if rule else f"{key} is not an extension of ours"
            if wrong:
                yield Finding(site.location, "extension", wrong)


def _python_name(node: Node, of: set[str]) -> str | None:
    if not of & {"property", "parameter"}:
        return "x-python-name belongs on a property or a parameter"
    if not _PYTHON_NAME.match(str(node["x-python-name"])):
        return f"x-python-name: {node['x-python-name']!r} is not a snake_case name"
    return None


def _null_means_empty(node: Node, of: set[str]) -> str | None:
    if "property" not in of or "array" not in types(node):
        return "x-null-means-empty belongs on a property that is an array"
    if node["x-null-means-empty"] is not True:
        return "x-null-means-empty is true or left out"
    return None


def _python_decode(node: Node, of: set[str]) -> str | None:
    if node["x-python-decode"] != "epoch":
        return f"x-python-decode: {node['x-python-decode']!r} is not 'epoch'"
    if "property" not in of or not {"integer", "string"} <= set(types(node)):
        return "x-python-decode: epoch belongs on a property that is an integer or a string"
    return None


def _enum_varnames(node: Node, _of: set[str]) -> str | None:
    names, values = node["x-enum-varnames"], node.get("enum", [])
    if not isinstance(names, list):
        return "x-enum-varnames is a list, in the order of the values"
    for name in names:
        if not (isinstance(name, str) and _CONSTANT.match(name)):
            return f"x-enum-varnames: {name!r} is not in UPPER_CASE"
    if len(names) != len(values) or len(set(names)) != len(names):
        return f"x-enum-varnames gives {len(set(names))} names to {len(values)} values"
    return None


def _method(node: Node, of: set[str]) -> str | None:
    value = node["x-python-method"]
    if "operation" not in of:
        return "x-python-method belongs on an operation"
    if value is not None and not _METHOD.match(str(value)):
        return f"x-python-method: {value!r} is neither `group.method` nor `method` nor null"
    return None


def _iterate(node: Node, of: set[str]) -> str | None:
    value = node["x-python-iterate"]
    if "operation" not in of:
        return "x-python-iterate belongs on an operation"
    if not isinstance(value, dict) or not {"name", "items", "total"} <= value.keys():
        return "x-python-iterate needs a name, items and total"
    unknown = value.keys() - {"name", "items", "total", "count", "id"}
    return f"x-python-iterate has no {min(unknown)}" if unknown else None


def _on(place: str, key: str, *values: object) -> Rule:
    """Return the rule of an extension of one place, whose value is one of a few, or a name."""

    def rule(node: Node, of: set[str]) -> str | None:
        if place not in of:
            return f"{key} belongs on {'an' if place[0] in 'aeiou' else 'a'} {place}"
        if values and node[key] not in values:
            return f"{key} is {str(values[0]).lower()} or left out"
        return None if values or isinstance(node[key], str) else f"{key} is a name"

    return rule


_RULES: dict[str, Rule] = {
    "x-python-name": _python_name,
    "x-null-means-empty": _null_means_empty,
    "x-python-decode": _python_decode,
    "x-enum-varnames": _enum_varnames,
    "x-python-method": _method,
    "x-python-iterate": _iterate,
    "x-python-unwrap": _on("operation", "x-python-unwrap"),
    "x-python-not-found": _on("operation", "x-python-not-found", "none"),
    "x-python-pagination": _on("operation", "x-python-pagination", True),
    "x-python-default": _on("parameter", "x-python-default", False),
    "x-python-positional": _on("parameter", "x-python-positional", True),
    "x-requires": _on("parameter", "x-requires"),
}
