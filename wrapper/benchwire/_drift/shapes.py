"""Reads a schema as the strict walk wants it: closed where it names fields, with no references left.

A schema is known by its JSON pointer. What it refers to and what stands in its ``allOf`` is merged
into it, so that a field is unknown only if none of them names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from benchwire._drift.formats import KNOWN as KNOWN_FORMATS
from benchwire.errors import ConfigurationError

_READ = frozenset(
    {
        *("$ref", "additionalProperties", "allOf", "anyOf", "const", "enum", "format", "items"),
        *("oneOf", "properties", "required", "type"),
    }
)
_SAY_NOTHING = frozenset({"default", "deprecated", "description", "example", "examples", "title"})


class SpecError(ConfigurationError):
    """A spec that can't be read, or says what the drift watch does not understand."""


@frozen(eq=False)
class Shape:
    """What a value may be.

    Attributes:
        place: The JSON pointer of the schema.
        types: The JSON types it may have; None for any.
        values: The values it may have; None for any.
        properties: By name, the schemas of a field; all of them count.
        required: The fields that must be there.
        keys: The schema of what stands under any other key; None where that is free.
        closed: Whether there must be no other key.
        items: The schemas of an array's items.
        branches: For each ``anyOf``, the schemas of which one must fit.
        format: The format of a string or number.
        epoch: Whether it is a time in seconds since the epoch.
        null_means_empty: Whether the SDK reads null, or nothing, as an empty list.
        mark: Where its name comes from; None for the reference.
    """

    place: str
    types: tuple[str, ...] | None
    values: tuple[Any, ...] | None
    properties: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    keys: str | None
    closed: bool
    items: tuple[str, ...]
    branches: tuple[tuple[str, ...], ...]
    format: str | None
    epoch: bool
    null_means_empty: bool
    mark: str | None

    @property
    def is_plain_string(self) -> bool:
        """Whether it is any string."""
        return self.types is not None and "string" in self.types and self.values is None


class Shapes:
    """The shapes of one document, each made when it is first asked for."""

    def __init__(self, name: str, document: Mapping[str, Any]) -> None:
        self._name = name
        self._document = document
        self._made: dict[str, Shape] = {}

    def at(self, place: str) -> Shape:
        """Give the shape of the schema at a place.

        Raises:
            SpecError: A keyword or a reference is not understood.
        """
        shape = self._made.get(place)
        if shape is None:
            shape = self._made.setdefault(place, self._make(place))
        return shape

    def node(self, place: str) -> Any:
        """Give what stands at a place.

        Raises:
            SpecError: There is nothing.
        """
        node: Any = self._document
        for part in place.removeprefix("#").split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            try:
                node = node[int(key)] if isinstance(node, list) else node[key]
            except (KeyError, IndexError, ValueError, TypeError):
                raise SpecError(f"{self._name}.yaml has nothing at {place}") from None
        return node

    def _make(self, place: str) -> Shape:
        parts = list(self._parts(place, ()))
        properties: dict[str, tuple[str, ...]] = {}
        for at, node in parts:
            for name in node.get("properties", {}):
                below = f"{at}/properties/{pointer_token(name)}"
                properties[name] = (*properties.get(name, ()), below)
        branches = tuple(
            tuple(f"{at}/{word}/{index}" for index in range(len(node[word])))
            for at, node in parts
            for word in ("anyOf", "oneOf")
            if word in node
        )
        if branches and properties:
            raise SpecError(f"{self._name}.yaml: {place} has both properties and anyOf")
        extra = [(at, n["additionalProperties"]) for at, n in parts if "additionalProperties" in n]
        maps = [f"{at}/additionalProperties" for at, value in extra if isinstance(value, dict)]
        refused = any(value is False for _, value in extra)
        return Shape(
            place=self._home(place),
            types=_common([_types(node["type"]) for _, node in parts if "type" in node]),
            values=_common([tuple(node["enum"]) for _, node in parts if "enum" in node])
            or _common([(node["const"],) for _, node in parts if "const" in node]),
            properties=properties,
            required=tuple(name for _, node in parts for name in node.get("required", ())),
            keys=maps[0] if maps else None,
            closed=refused or (bool(properties) and not extra),
            items=tuple(f"{at}/items" for at, node in parts if "items" in node),
            branches=branches,
            format=next((node["format"] for _, node in parts if "format" in node), None),
            epoch=any(node.get("x-python-decode") == "epoch" for _, node in parts),
            null_means_empty=any(node.get("x-null-means-empty") is True for _, node in parts),
            mark=next((n["x-provenance"] for _, n in parts if "x-provenance" in n), None),
        )

    def _home(self, place: str) -> str:
        while "$ref" in (node := self.node(place)):
            place = node["$ref"]
        return place

    def _parts(self, place: str, above: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give a schema, then what it refers to and what its ``allOf`` lists."""
        node = self.node(place)
        if place in above:
            raise SpecError(f"{self._name}.yaml: {place} refers to itself")
        if node is True:
            node = {}
        if not isinstance(node, dict):
            raise SpecError(f"{self._name}.yaml: there is no schema at {place}")
        for word in node:
            if word not in _READ | _SAY_NOTHING and not word.startswith("x-"):
                raise SpecError(f"{self._name}.yaml: {place}: the drift watch knows no {word!r}")
        if node.get("format", "password") not in KNOWN_FORMATS:
            raise SpecError(
                f"{self._name}.yaml: {place}: the drift watch knows no format {node['format']!r}"
            )
        yield place, node
        if "$ref" in node:
            yield from self._parts(node["$ref"], (*above, place))
        for index in range(len(node.get("allOf", ()))):
            yield from self._parts(f"{place}/allOf/{index}", (*above, place))


def pointer_token(name: str) -> str:
    """Give a key as a token of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _types(stated: str | list[str]) -> tuple[str, ...]:
    return (stated,) if isinstance(stated, str) else tuple(stated)


def _common(several: list[tuple[Any, ...]]) -> tuple[Any, ...] | None:
    """Give what all of several lists have; None where there is no list."""
    if not several:
        return None
    return tuple(item for item in several[0] if all(item in other for other in several[1:]))
