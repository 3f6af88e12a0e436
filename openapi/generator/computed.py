"""Plans the properties that a model computes from its fields: `x-python-properties`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .names import property_name
from .schemas import PlanError

if TYPE_CHECKING:
    from .plans import FieldPlan


@dataclass(frozen=True)
class PropertyPlan:
    """A computed property: `expression` is its value, `returns` its annotation."""

    name: str
    description: str
    returns: str
    expression: str


def computed_properties(
    schema: dict[str, Any], fields: Sequence[FieldPlan], enums: Mapping[str, Any], where: str
) -> list[PropertyPlan]:
    """Plan the computed properties of a schema.

    `enums` are the values of the spec's enums. Each has the wire name of a field under `of`, and either the `values` for which it is true, or a
    `divisor`.

    Raises:
        PlanError: If there is no such field, or it is neither of the two.
    """
    by_wire = {each.wire: each for each in fields}
    properties = []
    for name, raw in schema.get("x-python-properties", {}).items():
        if property_name(name, None, where) != name:
            raise PlanError(where, f"has {name} in x-python-properties, which is no free name")
        field = by_wire.get(raw.get("of", ""))
        if field is None:
            raise PlanError(where, f"has {name} in x-python-properties, of no property it has")
        value = f"self.{field.python}"
        allowed = enums.get(field.type.name)
        if unknown := [each for each in raw.get("values", ()) if allowed and each not in allowed]:
            raise PlanError(where, f"has {name} of {unknown[0]!r}, which is no {field.type.name}")
        if raw.get("values"):
            returns, expression = "bool", f"{value} in {tuple(raw['values'])!r}"
        elif raw.get("divisor") and field.type.kind == "integer":
            returns = "float | None"
            expression = f"None if {value} is None else {value} / {raw['divisor']!r}"
        else:
            raise PlanError(where, f"has {name} in x-python-properties without values or divisor")
        properties.append(PropertyPlan(name, raw["description"], returns, expression))
    return properties
