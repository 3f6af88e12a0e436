"""Finds and reads the specs, and says which operation a request was for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import yaml
from attrs import field, frozen

from benchwire._drift.names import DATA, shown_segment
from benchwire._drift.shapes import Shapes, SpecError, pointer_token

APIS = ("public", "v2", "v0")

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@frozen(eq=False)
class Documented:
    """An answer that an operation is documented to give.

    Attributes:
        status: The status as the spec writes it: ``200``, ``5XX``.
        media: By media type, where the schema of the body stands.
    """

    status: str
    media: Mapping[str, str]


@frozen(eq=False)
class Operation:
    """One operation of a spec.

    Attributes:
        id: The operationId.
        method: In upper case.
        template: The path below the base URL, with its parameters in braces.
        answers: The documented answers by status.
    """

    id: str
    method: str
    template: str
    answers: Mapping[str, Documented]

    def documented(self, status: int) -> Documented | None:
        """Give what is documented for a status."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.answers:
                return self.answers[key]
        return None


@frozen(eq=False)
class Spec:
    """One spec, as the watch reads it.

    Attributes:
        name: The API: ``public``, ``v2`` or ``v0``.
        document: The document as JSON values.
        shapes: Its schemas.
    """

    name: str
    document: Mapping[str, Any] = field(repr=False)
    shapes: Shapes = field(repr=False)

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation, in the document's order."""
        return tuple(self._operations())

    @cached_property
    def base_urls(self) -> tuple[str, ...]:
        """Where the service is."""
        return tuple(server["url"].rstrip("/") for server in self.document["servers"])

    @cached_property
    def root(self) -> tuple[str, ...]:
        """The literal segments that all its paths begin with."""
        templates = [operation.template.split("/")[1:] for operation in self.operations]
        common: list[str] = []
        for segments in zip(*templates, strict=False):
            if len(set(segments)) > 1 or segments[0].startswith("{"):
                break
            common.append(segments[0])
        return tuple(common)

    def match(self, method: str, path: str) -> Operation | None:
        """Give the operation that a request below the base URL was for."""
        segments = path.split("/")[1:]
        fitting = [
            operation
            for operation in self.operations
            if operation.method == method.upper() and _fits(operation.template, segments)
        ]
        # Of two templates that fit, the one with the earlier literal segment is meant.
        return min(fitting, key=_braces, default=None)

    def covers(self, path: str) -> bool:
        """Say whether a path below the base URL is among those that the spec speaks of."""
        return tuple(path.split("/")[1 : len(self.root) + 1]) == self.root

    def shown(self, path: str) -> str:
        """Give a path that no operation has, with stars for what may be data in it."""
        segments = path.split("/")[1:]
        known = [o.template for o in self.operations if _fits(o.template, segments)]
        if known:
            return known[0]
        literal = {part for o in self.operations for part in o.template.split("/") if part}
        first = len(self.root)
        return "/" + "/".join(
            part if part in literal else shown_segment(part) if index == first else DATA
            for index, part in enumerate(segments)
        )

    def _operations(self) -> Iterator[Operation]:
        for template, item in self.document["paths"].items():
            for method in _METHODS:
                if method in item:
                    place = f"#/paths/{pointer_token(template)}/{method}"
                    answers = {
                        str(status): self._documented(str(status), f"{place}/responses/{status}")
                        for status in item[method]["responses"]
                    }
                    yield Operation(item[method]["operationId"], method.upper(), template, answers)

    def _documented(self, status: str, place: str) -> Documented:
        node = self.shapes.node(place)
        while "$ref" in node:
            place = node["$ref"]
            node = self.shapes.node(place)
        media = {
            kind: f"{place}/content/{pointer_token(kind)}/schema"
            for kind in node.get("content", ())
        }
        return Documented(status, media)


def spec_path(name: str) -> Path:
    """Find a spec: in an installed package, else in the checkout.

    Raises:
        SpecError: It is in neither place.
    """
    here = Path(__file__).resolve()
    places = (here.parents[2] / "benchwire_specs", here.parents[3] / "openapi")
    for folder in places:
        if (folder / f"{name}.yaml").is_file():
            return folder / f"{name}.yaml"
    raise SpecError(f"the spec {name}.yaml is neither in {places[0]} nor in {places[1]}")


@cache
def bundled_spec(name: str) -> Spec:
    """Give one of the bundled specs; it is read once.

    Raises:
        SpecError: It is missing or can't be read.
        ValueError: There is no such API.
    """
    if name not in APIS:
        raise ValueError(f"the API must be one of {', '.join(APIS)}, not {name!r}")
    path = spec_path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise SpecError(f"{path} can't be read: {problem.strerror}") from problem
    return parse_spec(name, text)


def parse_spec(name: str, text: str) -> Spec:
    """Read a spec.

    Raises:
        SpecError: It is no OpenAPI 3.1.
    """
    try:
        document = yaml.load(text, Loader=_LOADER)  # noqa: S506  a safe loader
    except yaml.YAMLError as problem:
        raise SpecError(f"{name}.yaml can't be read: {problem}") from problem
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3.1."):
        raise SpecError(f"{name}.yaml is no OpenAPI 3.1")
    return Spec(name, document, Shapes(name, document))


def base_path(url: str) -> str:
    """Give the path of a base URL, without a slash at its end."""
    return urlsplit(url).path.rstrip("/")


def _braces(operation: Operation) -> list[bool]:
    return [segment.startswith("{") for segment in operation.template.split("/")]


def _fits(template: str, segments: list[str]) -> bool:
    expected = template.split("/")[1:]
    return len(expected) == len(segments) and all(
        bool(segment) if part.startswith("{") else unquote(segment) == part
        for part, segment in zip(expected, segments, strict=True)
    )


class _SpecLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader that leaves dates as text (YAML 1.1 would make objects of them)."""


_SpecLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _SpecLoader.yaml_implicit_resolvers.items()
}
_LOADER = cast("type[yaml.SafeLoader]", _SpecLoader)
