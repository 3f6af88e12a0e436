"""Lists our extensions: the kinds of objects that may have each, and the form of its value."""

from __future__ import annotations

from typing import Any

from .schemas import PlanError

_EXTENSIONS = {
    "operation": {
        "x-python-method", "x-python-iterate", "x-python-unwrap", "x-python-not-found",
        "x-python-pagination", "x-python-send-defaults", "x-idempotent",
    },
    "parameter": {"x-python-name", "x-python-default", "x-python-positional", "x-requires"},
    "component": {"x-python-name", "x-enum-varnames", "x-python-properties"},
    "property": {
        "x-python-name", "x-null-means-empty", "x-python-decode", "x-python-elsewhere",
        "x-python-lenient",
    },
}  # fmt: skip
# What the value of an extension is, and its form; of a map, those of its keys.
_FORMS: dict[str, tuple[str, Any]] = {
    **dict.fromkeys(("x-provenance", "x-requires", "x-python-unwrap"), ("a text", str)),
    "x-python-name": ("a text", str),
    "x-python-pagination": ("a text", str),
    "x-python-method": ("a text or null", (str, type(None))),
    "x-python-decode": ("epoch", {"epoch"}),
    "x-python-not-found": ("none", {"none"}),
    "x-idempotent": ("a boolean", bool),
    **dict.fromkeys(
        ("x-null-means-empty", "x-python-lenient", "x-python-positional"), ("true", {True})
    ),
    "x-python-default": ("false", {False}),
    **dict.fromkeys(
        ("x-enum-varnames", "x-python-elsewhere", "x-python-send-defaults"),
        ("a list of texts", [str]),
    ),
    "x-python-iterate": (
        "a map of name, items, total and perhaps count, id",
        {"name": str, "items": str, "total": str, "count?": str, "id?": [str]},
    ),
    "x-python-properties": (
        "a map of names, each to a description, of and values or a divisor",
        {"*": {"description": str, "of": str, "values?": [str], "divisor?": (int, float)}},
    ),
}


def check_extension(kind: str, key: str, value: Any, where: str) -> None:
    """Raise unless an extension is one of a kind of object, and its value has its form.

    Raises:
        PlanError: If not.
    """
    if key not in _EXTENSIONS.get(kind, ()) and key != "x-provenance":
        raise PlanError(where, f"has {key}, which is no extension of ours for a {kind}")
    noun, form = _FORMS[key]
    if not _has_form(value, form):
        raise PlanError(where, f"has `{key}: {value!r}`, which is not {noun}")


def _has_form(value: Any, form: Any) -> bool:
    """Return whether the value of an extension has a form of `_FORMS`."""
    if isinstance(form, set):
        return isinstance(value, str | bool) and value in form
    if isinstance(form, list):
        return isinstance(value, list) and all(_has_form(each, form[0]) for each in value)
    if not isinstance(form, dict):
        return isinstance(value, form) and (form is bool or not isinstance(value, bool))
    if not isinstance(value, dict):
        return False
    if "*" in form:
        return all(isinstance(k, str) and _has_form(v, form["*"]) for k, v in value.items())
    inner = {key.removesuffix("?"): each for key, each in form.items()}
    return {key for key in form if not key.endswith("?")} <= value.keys() <= inner.keys() and all(
        _has_form(each, inner[key]) for key, each in value.items()
    )
