"""Rules for our own extensions: which there are, and where each may stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .model import Finding, Node, Spec, types
from .walking import objects

if TYPE_CHECKING:
    from collections.abc import Iterator

_PYTHON_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*\Z")


def known(spec: Spec) -> Iterator[Finding]:
    """An extension is one of ours, stands where it has a meaning, and has a value it can have."""
    properties = {site.location for _, _, site in spec.properties()}
    parameters = {site.location for site in spec.all_parameters()}
    for site in objects(spec):
        for key in site.node:
            if not key.startswith("x-") or key == "x-provenance":
                continue
            on_property = site.location in properties
            if key == "x-python-name":
                wrong = _python_name(site.node, named=on_property or site.location in parameters)
            elif key == "x-null-means-empty":
                wrong = _null_means_empty(site.node, on_property=on_property)
            elif key == "x-python-decode":
                wrong = _python_decode(site.node, on_property=on_property)
            elif key == "x-enum-varnames":
                wrong = _enum_varnames(site.node)
            else:
                wrong = f"{key} is not an extension of ours"
            if wrong:
                yield Finding(site.location, "extension", wrong)


def _python_name(node: Node, *, named: bool) -> str | None:
    if not named:
        return "x-python-name belongs on a property or a parameter"
    if not _PYTHON_NAME.match(str(node["x-python-name"])):
        return f"x-python-name: {node['x-python-name']!r} is not a snake_case name"
    return None


def _null_means_empty(node: Node, *, on_property: bool) -> str | None:
    if not on_property or "array" not in types(node):
        return "x-null-means-empty belongs on a property that is an array"
    if node["x-null-means-empty"] is not True:
        return "x-null-means-empty is true or left out"
    return None


def _python_decode(node: Node, *, on_property: bool) -> str | None:
    if node["x-python-decode"] != "epoch":
        return f"x-python-decode: {node['x-python-decode']!r} is not 'epoch'"
    if not on_property or not {"integer", "string"} <= set(types(node)):
        return "x-python-decode: epoch belongs on a property that is an integer or a string"
    return None


def _enum_varnames(node: Node) -> str | None:
    names, values = node["x-enum-varnames"], node.get("enum", [])
    if not isinstance(names, list):
        return "x-enum-varnames is a list, in the order of the values"
    for name in names:
        if not (isinstance(name, str) and _CONSTANT.match(name)):
            return f"x-enum-varnames: {name!r} is not in UPPER_CASE"
    if len(names) != len(values) or len(set(names)) != len(names):
        return f"x-enum-varnames gives {len(set(names))} names to {len(values)} values"
    return None
