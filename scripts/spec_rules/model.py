"""A spec as the rules see it: its operations, its schemas, and where each of them stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Node = Mapping[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# The keys of a schema object under which other schemas stand: one, a list, or a map of them.
_ONE = ("items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas")


@dataclass(frozen=True, order=True)
class Finding:
    """One broken rule at one place.

    Args:
        location: A JSON pointer into the spec, as a URI fragment.
        rule: The rule's name.
        message: What is wrong, and what it should be.
    """

    location: str
    rule: str
    message: str


@dataclass(frozen=True)
class Site:
    """A node of the document, and the pointer to it."""

    location: str
    node: Node

    def child(self, *keys: str | int) -> Site:
        """The node some keys further down; an empty one where there is none."""
        node: Any = self.node
        for key in keys:
            known = key in node if isinstance(node, Mapping) else isinstance(node, list)
            node = node[key] if known else {}
        return Site(below(self.location, *keys), node if isinstance(node, Mapping) else {})


@dataclass(frozen=True)
class Operation(Site):
    """One method of one path."""

    path: str
    method: str
    shared_parameters: tuple[Site, ...]

    @property
    def id(self) -> str:
        """The operationId, or the method and path where it has none."""
        return str(self.node.get("operationId", f"{self.method} {self.path}"))


@dataclass(frozen=True)
class Documented:
    """What the reference names: parameters by operationId, properties by schema."""

    parameters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    properties: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Spec:
    """An OpenAPI document, with what the rules need to know beside it.

    Args:
        name: The API: the file's name without its ending.
        document: The document, as JSON values.
        documented: The names the API's reference states.
    """

    name: str
    document: Node
    documented: Documented = field(default_factory=Documented)

    @property
    def root(self) -> Site:
        """The document itself."""
        return Site("#", self.document)

    def lookup(self, pointer: str) -> Node | None:
        """The object a local ``$ref`` points to, or None."""
        if not pointer.startswith("#/"):
            return None
        node: Any = self.document
        for token in pointer[2:].split("/"):
            key = token.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, Mapping) or key not in node:
                return None
            node = node[key]
        return node if isinstance(node, Mapping) else None

    def resolve(self, site: Site) -> Site:
        """Follow ``$ref`` from a site to what it names."""
        seen: set[str] = set()
        while isinstance(pointer := site.node.get("$ref"), str) and pointer not in seen:
            seen.add(pointer)
            site = Site(pointer, self.lookup(pointer) or {})
        return site

    def operations(self) -> Iterator[Operation]:
        """Every operation, in the document's order."""
        for path, item in self.document.get("paths", {}).items():
            site = self.root.child("paths", path)
            for method in METHODS:
                if method in item:
                    place = site.child(method)
                    shared = tuple(_listed(site, "parameters"))
                    yield Operation(place.location, place.node, path, method, shared)

    def operation(self, operation_id: str) -> Operation | None:
        """The operation with this id, or None."""
        return next((op for op in self.operations() if op.id == operation_id), None)

    def parameters(self, operation: Operation) -> Iterator[Site]:
        """The parameters of an operation, its path's included, each resolved."""
        for site in (*operation.shared_parameters, *_listed(operation, "parameters")):
            yield self.resolve(site)

    def all_parameters(self) -> Iterator[Site]:
        """Every parameter, each place once: of components, and of operations."""
        seen: set[str] = set()
        shared = [
            self.resolve(site) for site in _mapped(self.root.child("components"), "parameters")
        ]
        used = (site for operation in self.operations() for site in self.parameters(operation))
        for site in (*shared, *used):
            if site.location not in seen:
                seen.add(site.location)
                yield site

    def body(self, operation: Operation) -> Site | None:
        """The request body of an operation, resolved, or None."""
        if "requestBody" not in operation.node:
            return None
        return self.resolve(operation.child("requestBody"))

    def responses(self, operation: Operation) -> Iterator[tuple[str, Site]]:
        """Each status of an operation with its response, resolved."""
        for status in operation.node.get("responses", {}):
            yield str(status), self.resolve(operation.child("responses", status))

    def media(self, site: Site) -> Iterator[Site]:
        """The media types of a body or response."""
        yield from _mapped(site, "content")

    def headers(self) -> Iterator[Site]:
        """The headers of every response, resolved; a shared one once for each use."""
        for operation in self.operations():
            for _, response in self.responses(operation):
                for site in _mapped(response, "headers"):
                    yield self.resolve(site)

    def named_schemas(self) -> Iterator[tuple[str, Site]]:
        """The component schemas by name."""
        for name in self.document.get("components", {}).get("schemas", {}):
            yield name, self.root.child("components", "schemas", name)

    def properties(self) -> Iterator[tuple[str, str, Site]]:
        """Each property of each component schema: the schema's name, its own, and its place."""
        for name, schema in self.named_schemas():
            for key in schema.node.get("properties", {}):
                yield name, key, schema.child("properties", key)

    def request_schemas(self) -> Iterator[Site]:
        """Every schema that request bodies reach, each once."""
        bodies = [body for op in self.operations() if (body := self.body(op))]
        yield from self.reach(
            media.child("schema") for body in bodies for media in self.media(body)
        )

    def parameter_schemas(self) -> Iterator[Site]:
        """Every schema that parameters reach, each once."""
        yield from self.reach(site.child("schema") for site in self.all_parameters())

    def response_schemas(self) -> Iterator[Site]:
        """Every schema that responses of any status reach, each once."""
        answers = [site for op in self.operations() for _, site in self.responses(op)]
        yield from self.reach(
            media.child("schema") for site in answers for media in self.media(site)
        )

    def all_schemas(self) -> Iterator[Site]:
        """Every schema of the document, each once, those no operation reaches included."""
        named = [site for _, site in self.named_schemas()]
        headers = [site.child("schema") for site in self.headers()]
        used = (*self.request_schemas(), *self.parameter_schemas(), *self.response_schemas())
        yield from self.reach((*named, *headers, *used))

    def reach(self, roots: Iterator[Site] | tuple[Site, ...]) -> Iterator[Site]:
        """The schemas that some schemas lead to, themselves included, each place once."""
        seen: set[str] = set()
        waiting = list(roots)[::-1]
        while waiting:
            site = waiting.pop()
            if site.location in seen:
                continue
            seen.add(site.location)
            yield site
            if "$ref" in site.node:
                waiting.append(self.resolve(site))
            waiting.extend(reversed(list(subschemas(site))))


Rule = Callable[[Spec], Iterator[Finding]]


def below(location: str, *keys: str | int) -> str:
    """A pointer extended by some keys."""
    escaped = (str(key).replace("~", "~0").replace("/", "~1") for key in keys)
    return "/".join((location, *escaped))


def subschemas(site: Site) -> Iterator[Site]:
    """The schemas that stand directly inside a schema."""
    for key in _ONE:
        if isinstance(site.node.get(key), Mapping):
            yield site.child(key)
    for key in _LISTS:
        yield from _listed(site, key)
    for key in _MAPS:
        yield from _mapped(site, key)


def types(schema: Node) -> tuple[str, ...]:
    """The JSON types a schema names; none where it names none."""
    stated = schema.get("type", ())
    return (stated,) if isinstance(stated, str) else tuple(stated)


def _listed(site: Site, key: str) -> Iterator[Site]:
    items = site.node.get(key)
    for index in range(len(items) if isinstance(items, list) else 0):
        yield site.child(key, index)


def _mapped(site: Site, key: str) -> Iterator[Site]:
    named = site.node.get(key)
    for name in named if isinstance(named, Mapping) else ():
        yield site.child(key, name)
