"""Plans how the objects of a oneOf or anyOf are told apart: by a discriminator, constants, or a field of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .names import require_printable
from .schemas import PlanError, TypePlan

if TYPE_CHECKING:
    from .schemas import SchemaReader


def union_of(
    schemas: SchemaReader, names: list[str], discriminator: dict[str, Any] | None, where: str
) -> TypePlan:
    """Plan the type of a value that is one of several objects.

    Args:
        schemas: The schemas of the spec.
        names: The objects' schemas.
        discriminator: That of the oneOf, if it has one.
        where: Its place in the spec.

    Raises:
        PlanError: If they can't be told apart.
    """
    if discriminator is None:
        tag, kinds = _by_constants(schemas, names)
        if not tag:
            kinds = [(_own_field(schemas, name, names, where), name) for name in names]
    else:
        tag, kinds = _tagged(schemas, names, discriminator, where)
    return TypePlan(
        "union", " | ".join(names), "an object", name=" | ".join(names), tag=tag, kinds=tuple(kinds)
    )


def _by_constants(schemas: SchemaReader, names: list[str]) -> tuple[str, list[tuple[str, str]]]:
    """Return a field that all require, each with values of its own, and the object of each value."""
    objects = [schemas.components[name] for name in names]
    for field in objects[0].get("required", ()):
        if all(field in each.get("required", ()) for each in objects):
            allowed = [schemas.resolved(each["properties"][field], "").get("enum", ())
                       for each in objects]  # fmt: skip
            kinds = [(value, name) for name, values in zip(names, allowed, strict=True)
                     for value in values]  # fmt: skip
            texts = [value for value, _ in kinds]
            is_text = all(isinstance(value, str) and value.isprintable() for value in texts)
            if all(allowed) and is_text and len(set(texts)) == len(texts):
                return field, kinds
    return "", []


def _own_field(schemas: SchemaReader, name: str, names: list[str], where: str) -> str:
    """Return a field that an object always has, and none of the others ever."""
    others = [schemas.components[other]["properties"] for other in names if other != name]
    schema = schemas.components[name]
    own = [
        str(field)
        for field in schema.get("required", ())
        if not any(field in properties for properties in others)
    ]
    # A response may leave out what may be null.
    sure = [f for f in own if not _may_be_null(schemas.resolved(schema["properties"][f], where))]
    if own:
        return (sure or own)[0]
    raise PlanError(
        where,
        f"has {name}, which can't be told from the others: it needs a required property that they have"
        " not, or a discriminator",
    )


def _tagged(
    schemas: SchemaReader, names: list[str], discriminator: dict[str, Any], where: str
) -> tuple[str, list[tuple[str, str]]]:
    tag, mapping = discriminator.get("propertyName"), discriminator.get("mapping")
    unread = discriminator.keys() - {"propertyName", "mapping"}
    if not isinstance(tag, str) or unread or not isinstance(mapping or {}, dict):
        raise PlanError(where, "has a `discriminator` that is not a propertyName and a mapping")
    # Without a mapping, the value is the schema's name.
    pairs = (mapping or {name: name for name in names}).items()
    kinds = [
        (require_printable(value, where), str(target).rpartition("/")[2]) for value, target in pairs
    ]
    if {target for _, target in kinds} != set(names):
        raise PlanError(where, f"has a `discriminator` whose mapping is not of {', '.join(names)}")
    for name in names:
        if tag not in schemas.components[name].get("required", ()):
            raise PlanError(where, f"has a `discriminator` {tag}, which {name} does not require")
        stated = schemas.resolved(schemas.components[name]["properties"][tag], where).get("enum")
        for value, target in kinds:
            if target == name and stated and value not in stated:
                raise PlanError(
                    where, f"has a `discriminator` with {value}, which {tag} of {name} can't be"
                )
    return tag, kinds


def _may_be_null(schema: dict[str, Any]) -> bool:
    beside = schema.get("anyOf", schema.get("oneOf", ()))
    return (
        "null" in schema.get("type", ())
        or {"type": "null"} in beside
        or None in schema.get("enum", ())
    )
