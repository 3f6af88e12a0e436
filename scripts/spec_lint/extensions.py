"""The rule for our own extensions: which exist, where each may be used, and with which values."""

from __future__ import annotations

import re

from .model import Node, Problems, Spec, types
from .traversal import objects

_PYTHON_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*\Z")


def extensions(spec: Spec) -> Problems:
    """Check that an extension is one of ours, in a place and with a value that is defined for it."""
    holders = {site.location: "parameter" for site in spec.all_parameters()}
    holders |= {site.location: "property" for _, _, site in spec.properties()}
    for site in objects(spec):
        for key in site.node:
            if not key.startswith("x-") or key == "x-provenance":
                continue
            if key not in _CHECKS:
                yield site, f"{key} is an unknown extension"
            elif problem := _CHECKS[key](site.node, holders.get(site.location)):
                yield site, f"{key} {problem}"


def _python_name(node: Node, holder: str | None) -> str | None:
    if holder is None:
        return "is defined for properties and parameters only"
    if not _PYTHON_NAME.match(str(node["x-python-name"])):
        return f"is {node['x-python-name']!r}, which is not in snake_case"
    return None


def _null_means_empty(node: Node, holder: str | None) -> str | None:
    if holder != "property" or "array" not in types(node):
        return "is defined for array properties only"
    return None if node["x-null-means-empty"] is True else "must be true if present"


def _python_decode(node: Node, holder: str | None) -> str | None:
    if holder != "property" or not {"integer", "string"} <= set(types(node)):
        return "is defined for integer-or-string properties only"
    return None if node["x-python-decode"] == "epoch" else "must be epoch if present"


def _enum_varnames(node: Node, _holder: str | None) -> str | None:
    names, values = node["x-enum-varnames"], node.get("enum", [])
    if not isinstance(names, list):
        return "must be a list, in the order of the values"
    for name in names:
        if not (isinstance(name, str) and _CONSTANT.match(name)):
            return f"has {name!r}, which is not in UPPER_CASE"
    if len(names) != len(values) or len(set(names)) != len(names):
        return f"has {len(set(names))} names for {len(values)} values"
    return None


_CHECKS = {
    "x-python-name": _python_name,
    "x-null-means-empty": _null_means_empty,
    "x-python-decode": _python_decode,
    "x-enum-varnames": _enum_varnames,
}
