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
        for key in sorted(_CONSTRAINTS & schema.keys() - read):
            raise PlanError(where, f"has `{key}`, which is not checked in what is sent")
        if plan.kind == "list" and plan.item and isinstance(schema.get("items"), dict):
            self.require_checked(plan.item, schema["items"], python, f"{where}/items")
        elif plan.kind == "map" and plan.item and isinstance(schema["additionalProperties"], dict):
            inner = self._schemas.resolved(schema["additionalProperties"], where)
            for key in sorted(_CONSTRAINTS & inner.keys()):
                raise PlanError(f"{where}/values", f"has `{key}`, which is not checked")

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
        function, more = "", ""
        if plan.kind == "enum":
            function, more = "enum", f", {plan.name}"
        elif plan.kind in {"datetime", "date"}:
            function = "moment" if plan.kind == "datetime" else "day"
        elif plan.kind == "integer":
            function, more = "integer", _limits(schema, _BOUNDS)
        elif plan.kind == "check" and plan.annotation == "float":
            function, more = "number", _limits(schema, _BOUNDS)
        elif plan.kind == "check" and plan.annotation == "bool":
            function = "boolean"
        elif plan.kind == "check" and plan.annotation == "str":
            identity = schema.get("minLength") and _ID.search(python)
            function = "identifier" if identity else "string"
            more = text_limits(schema, is_identifier=bool(identity))
        elif set(plan.classes) == {"str", "int"}:
            function = "string_or_integer"
            more = _limits(schema, (_LENGTHS[0], *_BOUNDS))
        elif plan.kind == "map" and plan.annotation == "dict[str, str]":
            function = "string_map"
        return f"check.{function}({name}, {value}{more})" if function else ""

    def _list(
        self, item: TypePlan, schema: dict[str, Any], name: str, value: str, python: str
    ) -> str:
        inner = self._schemas.resolved(schema["items"], python)
        # An argument that is an empty list allows nothing: nothing is sent, which is no error.
        is_argument = value == python
        fewest = "" if is_argument else f", fewest={schema.get('minItems', 0)}"
        fewest = fewest.removesuffix(", fewest=0")
        if item.kind == "model":
            return f"check.models({name}, {value}, {item.name}{fewest})"
        if is_argument and inner.get("pattern") == _NO_COMMA:
            inner = {key: each for key, each in inner.items() if key != "pattern"}
        is_filled = inner.get("minLength") == 1 and not {"maxLength", "pattern"} & inner.keys()
        if item.annotation == "str" and is_filled and not fewest:
            return f"check.strings({name}, {value})"
        # The item's name stays out of it: `x_ids` is a list, and its items need not be ids.
        one = self.call(item, inner, "place", "item", "item")
        if not one:
            return ""
        return (
            f"check.items({name}, {value}, lambda place, item: {one}, {item.annotation!r}{fewest})"
        )


def text_limits(schema: dict[str, Any], *, is_identifier: bool) -> str:
    """Return the bounds of a string as arguments of its check; an id is never empty anyway."""
    shown = {key: value for key, value in schema.items() if key != "minLength" or value != 1}
    limits = _limits(shown if is_identifier else schema, _LENGTHS)
    # Of JSON Schema's dialect; there, `$` is the very end.
    pattern = re.sub(r"(?<!\\)\$$", r"\\Z", schema.get("pattern", ""))
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
