"""Schemas in the strict reading: closed where they name properties, with references resolved.

A schema is addressed by its JSON pointer. What it refers to and the schemas of its ``allOf`` are merged
into it, so that a field is unknown only if none of them names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from attrs import frozen

from benchwire_drift.formats import KNOWN as KNOWN_FORMATS
from benchwire_specs import Document, SpecError, pointer_token

_KEYWORDS = frozenset(
    {
        *("$ref", "additionalProperties", "allOf", "anyOf", "const", "enum", "format", "items"),
        *("discriminator", "oneOf", "properties", "required", "type"),
    }
)
_ANNOTATIONS = frozenset(
    {
        *("default", "deprecated", "description", "example", "examples", "readOnly", "title"),
        "writeOnly",
    }
)
# Not judged: drift is about shapes, and the clients refuse what is outside of them.
_BOUNDS = frozenset(
    {
        *("exclusiveMaximum", "exclusiveMinimum", "maximum", "maxItems", "maxLength", "minimum"),
        *("minItems", "minLength", "multipleOf", "pattern", "uniqueItems"),
    }
)

_PYTHON_TYPES: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


@frozen(eq=False)
class Schema:
    """The values that a schema allows.

    Attributes:
        pointer: The JSON pointer of the schema.
        is_field: Whether it is the schema of a property.
        types: The allowed JSON types; None for any.
        values: The allowed values; None for any.
        properties: The schemas of each property by name; all of them apply.
        places: The properties that are other places of another one.
        required: The required properties.
        keys: The schema of the values of all other keys; None where they are free.
        closed: Whether there may be no other key.
        items: The schemas of an array's items.
        branches: For each ``anyOf``, the schemas of which one must match.
        format: The format of a string or number.
        epoch: Whether it is a time in seconds since the epoch.
        null_means_empty: Whether the SDK reads null, or nothing, as an empty list.
        elsewhere: The other places where the SDK looks for its value.
        provenance: Its ``x-provenance``; None if the reference documents its name.
    """

    pointer: str
    is_field: bool
    types: tuple[str, ...] | None
    values: tuple[Any, ...] | None
    properties: Mapping[str, tuple[str, ...]]
    places: frozenset[str]
    required: tuple[str, ...]
    keys: str | None
    closed: bool
    items: tuple[str, ...]
    branches: tuple[tuple[str, ...], ...]
    format: str | None
    epoch: bool
    null_means_empty: bool
    elsewhere: tuple[str, ...]
    provenance: str | None

    @property
    def is_plain_string(self) -> bool:
        """Whether it is any string."""
        return self.types is not None and "string" in self.types and self.values is None

    @property
    def allows_null(self) -> bool:
        """Whether it is null, among other values."""
        return self.types is None or "null" in self.types


class Schemas:
    """The strict schemas of one document, each built on first use."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._built: dict[str, Schema] = {}

    def at(self, pointer: str) -> Schema:
        """Return the schema at a pointer.

        Raises:
            SpecError: If a keyword or a reference is not supported.
        """
        schema = self._built.get(pointer)
        if schema is None:
            schema = self._built.setdefault(pointer, self._build(pointer))
        return schema

    def allow_null(self, pointer: str) -> bool:
        """Return whether null is stated for a value; where any value may be, it is not."""
        schema = self.at(pointer)
        inner = [at for branches in schema.branches for at in branches]
        return "null" in (schema.types or ()) or any(map(self.allow_null, inner))

    def kinds(self, branches: tuple[str, ...]) -> tuple[str, Mapping[str, str]]:
        """Return how the SDK tells which of several objects a value is.

        Returns:
            The field whose value tells, and the schema by that value; or nothing, and the schema by a
            field that it requires and the others have not.
        """
        objects = [one for one in map(self.at, branches) if one.types == ("object",)]
        if len(objects) < 2:  # one object beside null
            return "", {}
        stated = self._document.node(branches[0].rsplit("/", 2)[0]).get("discriminator")
        if stated is not None:
            named = {name_at(one.pointer): one.pointer for one in objects}
            mapping = stated.get("mapping") or {name: name for name in named}
            targets = {value: name_at(target) for value, target in mapping.items()}
            return stated["propertyName"], {v: named[name] for v, name in targets.items()}
        for tag in objects[0].required:
            if all(tag in one.required for one in objects):
                allowed = [self.at(one.properties[tag][0]).values or () for one in objects]
                pairs = [
                    (value, one.pointer)
                    for one, values in zip(objects, allowed, strict=True)
                    for value in values
                ]
                if all(allowed) and len(dict(pairs)) == len(pairs):
                    return tag, dict(pairs)
        own: dict[str, str] = {}
        for one in objects:
            others = {name for each in objects if each is not one for name in each.properties}
            names = [name for name in one.required if name not in others]
            sure = [name for name in names if not self.allow_null(one.properties[name][0])]
            own |= dict.fromkeys((sure or names)[:1], one.pointer)
        return "", own if len(own) == len(objects) else {}

    def fields_below(self, pointers: Iterable[str]) -> frozenset[str]:
        """Return the pointers of all fields of the values that some schemas describe."""
        fields: set[str] = set()
        visited: set[str] = set()
        waiting = list(pointers)
        while waiting:
            pointer = waiting.pop()
            if pointer in visited:
                continue
            visited.add(pointer)
            schema = self.at(pointer)
            properties = [*chain.from_iterable(schema.properties.values())]
            fields.update(properties)
            waiting += [*properties, *schema.items, *chain.from_iterable(schema.branches)]
            if schema.keys is not None:
                waiting.append(schema.keys)
        return frozenset(fields)

    def _build(self, pointer: str) -> Schema:
        parts = list(self._parts(pointer, ()))
        properties: dict[str, tuple[str, ...]] = {}
        for at, node in parts:
            for name in node.get("properties", {}):
                field = f"{at}/properties/{pointer_token(name)}"
                properties[name] = (*properties.get(name, ()), field)
        branches = tuple(
            tuple(f"{at}/{word}/{index}" for index in range(len(node[word])))
            for at, node in parts
            for word in ("anyOf", "oneOf")
            if word in node
        )
        if branches and properties:
            raise self._error(pointer, "the schema has both properties and anyOf")
        extra = [(at, n["additionalProperties"]) for at, n in parts if "additionalProperties" in n]
        maps = [f"{at}/additionalProperties" for at, value in extra if isinstance(value, dict)]
        refused = any(value is False for _, value in extra)
        types = _common([_types(node["type"]) for _, node in parts if "type" in node])
        values = _common([tuple(node["enum"]) for _, node in parts if "enum" in node])
        values = values or _common([(node["const"],) for _, node in parts if "const" in node])
        if types is None and values:
            types = tuple(dict.fromkeys(map(json_type, values)))
        return Schema(
            pointer=self._document.resolved(pointer)[1],
            is_field=pointer.rpartition("/")[0].endswith("/properties"),
            types=types,
            values=values,
            properties=properties,
            places=frozenset(place for at in properties.values() for place in self._places(at[0])),
            required=tuple(name for _, node in parts for name in node.get("required", ())),
            keys=maps[0] if maps else None,
            closed=refused or (bool(properties) and not extra),
            items=tuple(f"{at}/items" for at, node in parts if "items" in node),
            branches=branches,
            format=next((node["format"] for _, node in parts if "format" in node), None),
            epoch=any(node.get("x-python-decode") == "epoch" for _, node in parts),
            null_means_empty=any(node.get("x-null-means-empty") is True for _, node in parts),
            elsewhere=self._places(pointer),
            provenance=next((n["x-provenance"] for _, n in parts if "x-provenance" in n), None),
        )

    def _places(self, pointer: str) -> tuple[str, ...]:
        parts = self._parts(pointer, ())
        return tuple(place for _, node in parts for place in node.get("x-python-elsewhere", ()))

    def _parts(
        self, pointer: str, parents: tuple[str, ...]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield a schema, then what it refers to and the schemas of its ``allOf``."""
        node = self._document.node(pointer)
        if pointer in parents:
            raise self._error(pointer, "the schema refers to itself")
        if node is True:
            node = {}
        if not isinstance(node, dict):
            raise self._error(pointer, "there is no schema at this pointer")
        for word in node:
            if word not in _KEYWORDS | _ANNOTATIONS | _BOUNDS and not word.startswith("x-"):
                raise self._error(pointer, f"the keyword {word!r} is not supported")
        if node.get("format", "password") not in KNOWN_FORMATS:
            raise self._error(pointer, f"there is no support for the format {node['format']!r}")
        yield pointer, node
        if "$ref" in node:
            yield from self._parts(node["$ref"], (*parents, pointer))
        for index in range(len(node.get("allOf", ()))):
            yield from self._parts(f"{pointer}/allOf/{index}", (*parents, pointer))

    def _error(self, pointer: str, problem: str) -> SpecError:
        return SpecError(f"{self._document.name}.yaml: {pointer}: {problem}")


def json_type(value: Any) -> str:
    """Return the JSON type of a value."""
    return _PYTHON_TYPES[type(value)]


def name_at(pointer: str) -> str:
    """Return the name of the field or schema at a pointer."""
    return pointer.removesuffix("/items").rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def _types(stated: str | list[str]) -> tuple[str, ...]:
    return (stated,) if isinstance(stated, str) else tuple(stated)


def _common(several: list[tuple[Any, ...]]) -> tuple[Any, ...] | None:
    """Return what all of several lists have; None where there is no list."""
    if not several:
        return None
    return tuple(item for item in several[0] if all(item in other for other in several[1:]))
