"""Writes the calls that check an argument or a field of a body, with the bounds of the spec.

The functions called are those of `runtime/arguments.py`, imported as `check`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .schemas import PlanError

if TYPE_CHECKING:
    from .schemas import SchemaReader, TypePlan

_ID = re.compile(r"(^|_)id(_|$)")
_BOUNDS = (("low", "minimum"), ("high", "maximum"))
_LENGTHS = (("shortest", "minLength"), ("longest", "maxLength"))
_CONSTRAINTS = {
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
    "pattern", "minItems", "maxItems", "uniqueItems",
}  # fmt: skip
_FREE: tuple[Any, ...] = (None, True, {})
_FUNCTIONS = {
    "enum": "enum", "datetime": "moment", "date": "day", "integer": "integer", "model": "model",
    "union": "model",
}  # fmt: skip
# In a pattern, with what has a dollar sign that is no anchor.
_DOLLAR = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\$")
# Of the values of a list argument, which are joined with commas: `joinable` checks it.
_NO_COMMA = "^[^,]+$"


class CheckWriter:
    """Writes checks as Python expressions."""

    def __init__(self, schemas: SchemaReader) -> None:
        self._schemas = schemas

    def require_checked(
        self,
        plan: TypePlan,
        schema: dict[str, Any],
        python: str,
        where: str,
        *,
        is_argument: bool = False,
    ) -> None:
        """Raise if a value that is sent has a bound that its check does not look at.

        Raises:
            PlanError: If so.
        """
        schema = self._schemas.resolved(schema, where)
        read = {"minimum", "maximum"} if plan.kind == "integer" else set()
        if plan.kind == "check" and plan.annotation == "float":
            read = {"minimum", "maximum"}
        elif plan.kind == "check" and plan.annotation == "str":
            read = {"minLength", "maxLength", "pattern"}
            _require_pattern(schema.get("pattern", ""), where)
        elif set(plan.classes) == {"str", "int"}:
            read = {"minLength", "minimum", "maximum"}
        elif plan.kind == "list":
            # An argument may be empty: nothing is sent then.
            read = {"minItems"} if not is_argument or schema.get("minItems", 1) == 1 else set()
        found = _CONSTRAINTS & schema.keys() - read | self._of_branches(plan, schema, where)
        for key in sorted(found):
            raise PlanError(where, f"has `{key}`, which is not checked in what is sent")
        if plan.kind == "list" and plan.item and isinstance(schema.get("items"), dict):
            self.require_checked(plan.item, schema["items"], python, f"{where}/items")
        elif plan.kind == "map" and plan.item and isinstance(schema["additionalProperties"], dict):
            self.require_checked(
                plan.item, schema["additionalProperties"], python, f"{where}/values"
            )

    def _of_branches(self, plan: TypePlan, schema: dict[str, Any], where: str) -> set[str]:
        """Return the keywords of the types that a value may have, which are checked of a single one."""
        if plan.kind not in {"check", "integer"}:
            return set()
        found = {key for key in ("items", "additionalProperties") if schema.get(key) not in _FREE}
        members = schema.get("anyOf", schema.get("oneOf", ()))
        branches = [each for each in members if each != {"type": "null"}]
        if len(branches) > 1:
            found.update(
                *(_CONSTRAINTS & self._schemas.resolved(each, where).keys() for each in branches)
            )
        return found

    def call(
        self, plan: TypePlan, schema: dict[str, Any], name: str, value: str, python: str
    ) -> str:
        """Return the call that checks a value, or an empty string where nothing can be checked.

        Args:
            plan: The value's type.
            schema: Its schema.
            name: The expression for its name in messages.
            value: The expression for the value.
            python: Its name in Python, by which an id is known.
        """
        schema = self._schemas.resolved(schema, python)
        if plan.kind == "list" and plan.item:
            return self._list(plan.item, schema, name, value, python)
        if plan.kind == "map" and plan.item:
            inner = schema.get("additionalProperties")
            one = self._inner(plan.item, inner if isinstance(inner, dict) else {})
            return f"check.mapping({name}, {value}, {one}, {plan.item.annotation!r})"
        function, more = _FUNCTIONS.get(plan.kind, ""), ""
        if plan.kind == "enum":
            more = f", {plan.name}"
        elif plan.kind == "integer":
            more = _limits(schema, _BOUNDS)
        elif plan.kind in {"model", "union"}:
            more = model_kinds(plan.name, plan.tag, plan.kinds)
        elif plan.kind == "check":
            function, more = self._check(plan, schema, python)
        return f"check.{function}({name}, {value}{more})" if function else ""

    def _check(self, plan: TypePlan, schema: dict[str, Any], python: str) -> tuple[str, str]:
        """Return the function that checks a value of JSON types, and its bounds as arguments."""
        if plan.annotation == "float":
            return "number", _limits(schema, _BOUNDS)
        if plan.annotation == "bool":
            return "boolean", ""
        if plan.annotation == "str":
            identity = bool(schema.get("minLength") and _ID.search(python))
            limits = text_limits(schema, is_identifier=identity)
            return "identifier" if identity else "string", limits
        if set(plan.classes) == {"str", "int"}:
            return "string_or_integer", _limits(schema, (_LENGTHS[0], *_BOUNDS))
        return "json_type", "".join(f", {each}" for each in plan.classes)

    def _list(
        self, item: TypePlan, schema: dict[str, Any], name: str, value: str, python: str
    ) -> str:
        inner = self._schemas.resolved(schema.get("items") or {}, python)
        # An argument that is an empty list allows nothing: nothing is sent, which is no error.
        is_argument = value == python
        fewest = "" if is_argument else f", fewest={schema.get('minItems', 0)}"
        fewest = fewest.removesuffix(", fewest=0")
        if is_argument and inner.get("pattern") == _NO_COMMA:
            inner = {key: each for key, each in inner.items() if key != "pattern"}
        is_filled = inner.get("minLength") == 1 and not {"maxLength", "pattern"} & inner.keys()
        if item.annotation == "str" and is_filled and not fewest:
            return f"check.strings({name}, {value})"
        one = self._inner(item, inner)
        return f"check.items({name}, {value}, {one}, {item.annotation!r}{fewest})"

    def _inner(self, item: TypePlan, schema: dict[str, Any]) -> str:
        """Return the function that checks an item of a list or a value of a map."""
        # The item's name stays out of it: `x_ids` is a list, and its items need not be ids.
        one = self.call(item, schema, "place", "item", "item") or "item"
        if item.nullable and one != "item":
            one = f"None if item is None else {one}"
        elif one.endswith("(place, item)"):
            return one.removesuffix("(place, item)")
        return f"lambda place, item: {one}"


def model_kinds(name: str, tag: str, kinds: tuple[tuple[str, str], ...]) -> str:
    """Return the classes of a request model or union, as arguments of their check."""
    if not tag:
        return "".join(f", {each}" for each in name.split(" | "))
    classes = "".join(f", {each}" for _, each in kinds)
    return f"{classes}, tag={tag!r}, tags={tuple(value for value, _ in kinds)!r}"


def text_limits(schema: dict[str, Any], *, is_identifier: bool) -> str:
    """Return the bounds of a string as arguments of its check; an id is never empty anyway."""
    shown = {key: value for key, value in schema.items() if key != "minLength" or value != 1}
    limits = _limits(shown if is_identifier else schema, _LENGTHS)
    # Of JSON Schema's dialect; there, `$` is the very end.
    pattern = _DOLLAR.sub(lambda it: r"\Z" if it[0] == "$" else it[0], schema.get("pattern", ""))
    return f"{limits}, pattern={pattern!r}" if pattern else limits


def _require_pattern(pattern: str, where: str) -> None:
    """Raise for a pattern that Python does not read, or reads differently.

    Raises:
        PlanError: If so.
    """
    try:
        re.compile(pattern)
    except re.error as error:
        raise PlanError(
            where, f"has the pattern {pattern}, which Python does not read: {error}"
        ) from None
    if re.search(r"\\[^dw.-]", pattern):
        raise PlanError(
            where, f"has the pattern {pattern}, whose escapes Python may read differently"
        )


def _limits(schema: dict[str, Any], names: tuple[tuple[str, str], ...]) -> str:
    return "".join(f", {python}={schema[key]}" for python, key in names if key in schema)
