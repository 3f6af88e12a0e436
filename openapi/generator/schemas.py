"""Reads the JSON schemas of a spec: their references, and the Python type of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .words import class_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_PREFIX = "#/components/"
# JSON type: the Python classes orjson makes of it, the annotation, the words for an error.
_JSON_TYPES = {
    "string": (("str",), "str", "a string"),
    "integer": (("int",), "int", "an integer"),
    "number": (("float", "int"), "float", "a number"),
    "boolean": (("bool",), "bool", "a boolean"),
    "array": (("list",), "list[Any]", "an array"),
    "object": (("dict",), "dict[str, Any]", "an object"),
}

# Format of a string: its type, which is its kind, and the words for an error.
_MOMENTS = {
    "date-time": ("datetime", "an ISO 8601 date and time"),
    "date": ("date", "an ISO 8601 date"),
}
# Of two bounds, the one that holds.
_NARROWER: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "uniqueItems"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems"), min),
}


class PlanError(ValueError):
    """A spec uses a construct that the templates do not support.

    Attributes:
        where: The place in the spec.
        what: What is wrong there.
    """

    def __init__(self, where: str, what: str) -> None:
        # A name with a line break would break the message.
        where = where if where.isprintable() else repr(where)[1:-1]
        super().__init__(f"{where} {what}")
        self.where = where
        self.what = what


@dataclass(frozen=True)
class TypePlan:
    """The Python type of a schema, and its decoding.

    Attributes:
        kind: `any` (nothing to check), `check` (one of `classes`, kept as it is), `integer`,
            `datetime`, `date`, `epoch`, `enum`, `model`, `union`, `list` or `map` (of `item`).
        annotation: The Python type, without None.
        expected: The type in words, for errors.
        classes: The Python classes a decoded value may have.
        name: The class of an enum or model.
        item: The type of the items of a list or the values of a map.
        nullable: Whether null is allowed.
        tag: The field of a union whose value tells which object it is; empty if a field of its own does.
        kinds: The value of that field, or that field of its own, of each class of a union.
    """

    kind: str
    annotation: str
    expected: str
    classes: tuple[str, ...] = ()
    name: str = ""
    item: TypePlan | None = None
    nullable: bool = False
    tag: str = ""
    kinds: tuple[tuple[str, str], ...] = ()


class SchemaReader:
    """Reads the schemas of one spec."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._spec = spec
        self.components: dict[str, dict[str, Any]] = spec.get("components", {}).get("schemas", {})
        self.model_names = [name for name, schema in self.components.items() if is_model(schema)]
        self._open: list[str] = []  # the schemas that are being followed
        self.enum_names = [name for name, schema in self.components.items() if "enum" in schema]

    def pointed_at(self, raw: dict[str, Any], where: str) -> dict[str, Any]:
        """Follow a `$ref` into components, if there is one, to what is no reference itself."""
        seen = []
        while "$ref" in raw:
            if raw["$ref"] in seen:
                raise PlanError(where, f"refers to {raw['$ref']}, which refers to itself")
            seen.append(raw["$ref"])
            raw = self._target(raw["$ref"], where)
        return raw

    def _target(self, ref: str, where: str) -> dict[str, Any]:
        kind, _, name = ref.removeprefix(_PREFIX).partition("/")
        try:
            target: dict[str, Any] = self._spec["components"][kind][name]
        except KeyError:
            raise PlanError(where, f"refers to {ref}, which does not exist") from None
        return target

    def resolved(self, schema: dict[str, Any], where: str) -> dict[str, Any]:
        """Return a schema with what it refers to, and with its one branch beside null.

        Of bounds beside a reference and in what it refers to, both hold. Other keywords beside it take
        precedence, as those beside an anyOf.

        Raises:
            PlanError: If two keywords can't be one.
        """
        if "$ref" in schema:
            beside = {key: value for key, value in schema.items() if key != "$ref"}
            target = self.resolved(self._target(schema["$ref"], where), where)
            return {**target, **_narrowed(beside, target, where)}
        members = schema.get("anyOf", schema.get("oneOf", ()))
        branches = [each for each in members if each != {"type": "null"}]
        return {**self.resolved(branches[0], where), **schema} if len(branches) == 1 else schema

    def parameters(
        self, item: dict[str, Any], operation: dict[str, Any], where: str
    ) -> list[dict[str, Any]]:
        """Return the parameters of an operation: its own, and those of its path it does not override."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for holder in (operation, item):
            own: set[tuple[str, str]] = set()
            for raw in holder.get("parameters", ()):
                parameter = self.pointed_at(raw, where)
                key = (parameter["in"], parameter["name"])
                if key in own:
                    raise PlanError(where, f"has the {key[0]} parameter {key[1]} twice")
                own.add(key)
                found.setdefault(key, parameter)
        return list(found.values())

    def reachable(self, names: Iterable[str]) -> set[str]:
        """Return these models and all models they contain, at any depth."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [ref for ref in _refs(self.components[name]) if ref in self.model_names]
        return found

    def type_of(self, schema: dict[str, Any], where: str) -> TypePlan:
        """Plan the type of a schema.

        Raises:
            PlanError: If there is no plan for it.
        """
        if "$ref" in schema:
            return self._named(schema, where)
        if "enum" in schema or is_model(schema):
            raise PlanError(where, "is inline: it needs a name under components/schemas")
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._one_of(schema[key], schema.get("discriminator"), where)
        if schema.get("x-python-decode") == "epoch":
            nullable = "null" in schema.get("type", ())
            return TypePlan("epoch", "EpochSeconds", "seconds since the epoch", nullable=nullable)
        return self._typed(schema, where)

    def response_type(self, schema: dict[str, Any], where: str) -> TypePlan:
        """Plan the type of a response: of an object or array, the object that is read from both."""
        whole, *others = schema.get("anyOf", [schema])
        target = self.pointed_at(whole, where)
        arrays = [
            {"type": "array", "items": prop.get("items")}
            for prop in target.get("properties", {}).values()
            if "$" in elsewhere(prop)
        ]
        plain = [{key: value for key, value in one.items() if key[:2] != "x-"} for one in others]
        return self.type_of(whole if others and plain == arrays else schema, where)

    def _named(self, schema: dict[str, Any], where: str) -> TypePlan:
        if schema.get("format") in _MOMENTS:
            raise PlanError(where, "has `format` beside `$ref`, which is not read: state its type")
        target = self._target(schema["$ref"], where)
        name = class_case(schema["$ref"].rpartition("/")[2])
        if is_model(target):
            return TypePlan("model", name, "an object", name=name)
        if "enum" in target:
            types = target.get("type")
            nullable = None in target["enum"]
            if types != (["string", "null"] if nullable else "string"):
                raise PlanError(where, f"refers to {name}, an enum that is not of strings")
            return TypePlan("enum", name, "a string", name=name, nullable=nullable)
        if name in self._open:
            raise PlanError(where, f"refers to {name}, which refers to itself and is no object")
        self._open.append(name)
        try:
            return self.type_of(target, where)
        finally:
            self._open.pop()

    def _one_of(
        self, members: list[dict[str, Any]], discriminator: dict[str, Any] | None, where: str
    ) -> TypePlan:
        plans = [self.type_of(member, where) for member in members if member != {"type": "null"}]
        nullable = len(plans) < len(members)
        # An enum beside a plain string is an open enum, which every enum of a response is anyway.
        if len(plans) == 2 and plans[0].kind == "enum" and plans[1].annotation == "str":
            plans.pop()
        if len(plans) > 1 and all(plan.kind == "model" for plan in plans):
            from .unions import union_of  # noqa: PLC0415  it needs the types of this module

            names = [plan.name for plan in plans]
            return replace(union_of(self, names, discriminator, where), nullable=nullable)
        if len(plans) > 1 and all(plan.kind in {"check", "integer"} for plan in plans):
            plans = [_either(plans)]
        if len(plans) != 1:
            raise PlanError(
                where,
                "has an anyOf that is not of JSON types, nullable, an open enum or one of several objects",
            )
        if discriminator is not None:
            raise PlanError(where, "has a `discriminator`, and is not one of several objects")
        return replace(plans[0], nullable=nullable or plans[0].nullable)

    def _typed(self, schema: dict[str, Any], where: str) -> TypePlan:
        raw = schema.get("type", [])
        types = raw if isinstance(raw, list) else [raw]
        nullable = "null" in types
        types = [name for name in types if name != "null"]
        if not types:
            return TypePlan("any", "Any", "any JSON")
        if len(types) > 1:
            parts = [self._typed({"type": name}, where) for name in types]
            return replace(_either(parts), nullable=nullable)
        (name,) = types
        classes, annotation, words = _JSON_TYPES[name]
        if name == "array" and schema.get("items"):
            return self._container("list", schema["items"], words, nullable, where)
        if name == "object" and schema.get("additionalProperties"):
            return self._container("map", schema["additionalProperties"], words, nullable, where)
        if name == "string" and schema.get("format") in _MOMENTS:
            annotation, words = _MOMENTS[schema["format"]]
            return TypePlan(annotation, annotation, words, nullable=nullable)
        kind = "integer" if name == "integer" else "check"
        return TypePlan(kind, annotation, words, classes=classes, nullable=nullable)

    def _container(
        self, kind: str, inner: dict[str, Any] | bool, words: str, nullable: bool, where: str
    ) -> TypePlan:
        item = TypePlan("any", "Any", "any JSON")
        if isinstance(inner, dict):
            item = self.type_of(inner, f"{where}/items" if kind == "list" else f"{where}/values")
        allowed = {"any", "check", "integer"} | (
            {"model", "enum", "union"} if kind == "list" else set()
        )
        if item.kind not in allowed or (item.nullable and item.kind in {"model", "enum", "union"}):
            raise PlanError(where, f"is a {kind} of {item.expected}: not supported")
        inside = item.annotation + (" | None" if item.nullable else "")
        annotation = f"list[{inside}]" if kind == "list" else f"dict[str, {inside}]"
        return TypePlan(kind, annotation, words, item=item, nullable=nullable)


def elsewhere(schema: dict[str, Any]) -> tuple[str, ...]:
    """Return the other places of a property: names beside its own, and `$`, the whole body."""
    return tuple(schema.get("x-python-elsewhere", ()))


def _narrowed(beside: dict[str, Any], target: dict[str, Any], where: str) -> dict[str, Any]:
    """Return what stands beside a reference, with the narrower of two bounds."""
    found = dict(beside)
    for key in beside.keys() & target.keys():
        if key in _NARROWER:
            found[key] = _NARROWER[key](beside[key], target[key])
        elif key in {"pattern", "multipleOf"} and beside[key] != target[key]:
            raise PlanError(where, f"has a `{key}` beside `$ref`, which refers to another")
    return found


def _either(plans: list[TypePlan]) -> TypePlan:
    """Return the plan of a value that has one of several JSON types and is kept as it is."""
    return TypePlan(
        "check",
        " | ".join(plan.annotation for plan in plans),
        " or ".join(plan.expected for plan in plans),
        classes=tuple(name for plan in plans for name in plan.classes),
        nullable=any(plan.nullable for plan in plans),
    )


def other_places(properties: dict[str, Any], where: str) -> set[str]:
    """Return the other places of the one property of a model that has some.

    Raises:
        PlanError: If several have some, or a place is no property of the same type.
    """
    names = [name for name, schema in properties.items() if elsewhere(schema)]
    if len(names) > 1:
        raise PlanError(where, f"has x-python-elsewhere twice: {' and '.join(names)}")
    places = {place for name in names for place in elsewhere(properties[name])}
    if places and not isinstance(properties[names[0]].get("items"), dict):
        raise PlanError(
            where, f"has x-python-elsewhere of {names[0]}, which is no array of a schema"
        )
    for place in places - {"$"}:
        own, other = properties[names[0]], properties.get(place, {})
        if [other.get(word) for word in ("type", "items")] != [own["type"], own["items"]]:
            raise PlanError(where, f"has no array {place} like {names[0]}")
    return places


def json_schema(holder: dict[str, Any], where: str) -> dict[str, Any]:
    """Return the schema of the JSON of a body or response."""
    try:
        schema: dict[str, Any] = holder["content"]["application/json"]["schema"]
    except KeyError:
        raise PlanError(where, "has no application/json schema") from None
    return schema


def is_model(schema: dict[str, Any]) -> bool:
    """Return whether a schema becomes a class: an object with properties of its own."""
    return schema.get("type") == "object" and "properties" in schema


def text(node: dict[str, Any]) -> str:
    """Return a description, each of its paragraphs as one line."""
    paragraphs = str(node.get("description", "")).split("\n\n")
    found = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs).strip()
    return f"Deprecated. {found}".strip() if node.get("deprecated") else found


def _refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        for value in node.values():
            yield from _refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from _refs(value)
