"""Writes the calls that check an argument or a field of a body, with the bounds of the spec.

The functions called are those of `runtime/arguments.py`, imported as `check`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .schemas import SchemaReader, TypePlan

_ID = re.compile(r"(^|_)id(_|$)")
_BOUNDS = (("low", "minimum"), ("high", "maximum"))
_LENGTHS = (("shortest", "minLength"), ("longest", "maxLength"))


class CheckWriter:
    """Writes checks as Python expressions."""

    def __init__(self, schemas: SchemaReader) -> None:
        self._schemas = schemas

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
        elif plan.kind == "integer":
            function, more = "integer", _limits(schema, _BOUNDS)
        elif plan.kind == "check" and plan.annotation == "float":
            function, more = "number", _limits(schema, _BOUNDS)
        elif plan.kind == "check" and plan.annotation == "bool":
            function = "boolean"
        elif plan.kind == "check" and plan.annotation == "str":
            identity = schema.get("minLength") and _ID.search(python)
            function, more = "string", _limits(schema, _LENGTHS)
            if identity:
                function, more = "identifier", ""
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
        fewest = f", fewest={schema['minItems']}" if schema.get("minItems") else ""
        if item.kind == "model":
            return f"check.models({name}, {value}, {item.name}{fewest})"
        if item.annotation == "str" and inner.get("minLength") == 1 and "maxLength" not in inner:
            return f"check.strings({name}, {value})"
        # The item's name stays out of it: `x_ids` is a list, and its items need not be ids.
        one = self.call(item, inner, "place", "item", "item")
        if not one:
            return ""
        return f"check.items({name}, {value}, lambda place, item: {one}, {item.annotation!r})"


def _limits(schema: dict[str, Any], names: tuple[tuple[str, str], ...]) -> str:
    return "".join(f", {python}={schema[key]}" for python, key in names if key in schema)
