"""The model of a spec that the rules read: operations, schemas, and the location of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from benchwire_specs import METHODS, follow_pointer, pointer_token

Node = Mapping[str, Any]

# The keys of a schema whose values are other schemas: one, or a list or map of them.
_ONE = ("items", "additionalProperties")
_MANY = ("anyOf", "oneOf", "allOf", "properties")

# The values of these keys map chosen names (of properties, headers, schemas) to objects.
_NAME_MAPS = frozenset(
    {
        "$defs", "callbacks", "content", "examples", "headers", "links", "parameters", "paths",
        "patternProperties", "properties", "requestBodies", "responses", "schemas",
        "securitySchemes", "variables",
    }
)  # fmt: skip
# The values of these keys are data, not specification.
_DATA = frozenset({"const", "default", "enum", "example", "value"})


@dataclass(frozen=True, order=True)
class Finding:
    """One violation of a rule."""

    location: str  # a JSON pointer into the spec, as a URI fragment
    rule: str
    message: str  # what is wrong, or what is required instead


@dataclass(frozen=True)
class Site:
    """A node of the document, and the pointer to it."""

    location: str
    node: Node

    def child(self, *keys: str | int) -> Site:
        """Return the node under some keys; an empty one if it does not exist."""
        node: Any = self.node
        for key in keys:
            exists = key in node if isinstance(node, Mapping) else isinstance(node, list)
            node = node[key] if exists else {}
        return Site(append(self.location, *keys), node if isinstance(node, Mapping) else {})

    def children(self, key: str) -> Iterator[Site]:
        """Yield the members of the list or mapping under a key."""
        value = self.node.get(key)
        if isinstance(value, list | Mapping):
            for member in range(len(value)) if isinstance(value, list) else value:
                yield self.child(key, member)


@dataclass(frozen=True)
class Operation(Site):
    """One method of one path."""

    path: str
    method: str
    shared_parameters: tuple[Site, ...]

    @property
    def id(self) -> str:
        """The operationId, or the method and path if it is missing."""
        return str(self.node.get("operationId", f"{self.method} {self.path}"))


@dataclass(frozen=True)
class Documented:
    """The names in the API's reference: parameters by operationId, properties by schema."""

    parameters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    properties: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Spec:
    """An OpenAPI document."""

    name: str  # the API: the file's name without its suffix
    document: Node  # the document, as JSON values
    documented: Documented = field(default_factory=Documented)  # the names in the API's reference

    @property
    def root(self) -> Site:
        """The document itself."""
        return Site("#", self.document)

    def lookup(self, pointer: str) -> Node | None:
        """Return the object a local ``$ref`` points to, or None."""
        if not pointer.startswith("#/"):
            return None
        try:
            node = follow_pointer(self.document, pointer)
        except LookupError:
            return None
        return node if isinstance(node, Mapping) else None

    def resolve(self, site: Site) -> Site:
        """Follow ``$ref`` from a site to the site it points to."""
        seen: set[str] = set()
        while isinstance(pointer := site.node.get("$ref"), str) and pointer not in seen:
            seen.add(pointer)
            site = Site(pointer, self.lookup(pointer) or {})
        return site

    def operations(self) -> Iterator[Operation]:
        """Yield every operation, in the document's order."""
        for path, item in self.document.get("paths", {}).items():
            site = self.root.child("paths", path)
            shared = tuple(site.children("parameters"))
            for method in METHODS:
                if method in item:
                    child = site.child(method)
                    yield Operation(child.location, child.node, path, method, shared)

    def operation(self, operation_id: str) -> Operation | None:
        """Return the operation with this id, or None."""
        return next((op for op in self.operations() if op.id == operation_id), None)

    def parameters(self, operation: Operation) -> Iterator[Site]:
        """Yield the parameters of an operation and those of its path it does not override, resolved."""
        own = [self.resolve(site) for site in operation.children("parameters")]
        names = [(site.node.get("in"), site.node.get("name")) for site in own]
        shared = map(self.resolve, operation.shared_parameters)
        yield from (s for s in shared if (s.node.get("in"), s.node.get("name")) not in names)
        yield from own

    def all_parameters(self) -> Iterable[Site]:
        """Return every parameter of components and of operations, without duplicates."""
        components = map(self.resolve, self.root.child("components").children("parameters"))
        used = (site for operation in self.operations() for site in self.parameters(operation))
        return {site.location: site for site in (*components, *used)}.values()

    def body(self, operation: Operation) -> Site | None:
        """Return the request body of an operation, resolved, or None."""
        if "requestBody" not in operation.node:
            return None
        return self.resolve(operation.child("requestBody"))

    def responses(self, operation: Operation) -> Iterator[tuple[str, Site]]:
        """Yield each status of an operation with its response, resolved."""
        for status in operation.node.get("responses", {}):
            yield str(status), self.resolve(operation.child("responses", status))

    def all_responses(self) -> Iterator[tuple[Operation, str, Site]]:
        """Yield each operation with each of its statuses and responses, resolved."""
        for operation in self.operations():
            for status, response in self.responses(operation):
                yield operation, status, response

    def request_media(self) -> Iterator[Site]:
        """Yield the media types of every request body."""
        for operation in self.operations():
            if body := self.body(operation):
                yield from body.children("content")

    def response_media(self) -> Iterator[Site]:
        """Yield the media types of every response of any status."""
        for _, _, response in self.all_responses():
            yield from response.children("content")

    def headers(self) -> Iterator[Site]:
        """Yield the headers of every response, resolved; a shared one once for each use."""
        for _, _, response in self.all_responses():
            yield from map(self.resolve, response.children("headers"))

    def named_schemas(self) -> Iterator[tuple[str, Site]]:
        """Yield the component schemas by name."""
        for name in self.document.get("components", {}).get("schemas", {}):
            yield name, self.root.child("components", "schemas", name)

    def properties(self) -> Iterator[tuple[str, str, Site]]:
        """Yield each property of each component schema: the schema's name, its own, its site."""
        for name, schema in self.named_schemas():
            for key in schema.node.get("properties", {}):
                yield name, key, schema.child("properties", key)

    def request_schemas(self) -> Iterator[Site]:
        """Yield every schema reachable from request bodies, once."""
        yield from self.reachable(site.child("schema") for site in self.request_media())

    def response_schemas(self) -> Iterator[Site]:
        """Yield every schema reachable from responses, once."""
        yield from self.reachable(site.child("schema") for site in self.response_media())

    @cached_property
    def all_schemas(self) -> Sequence[Site]:
        """Every schema of the document once, those that no operation uses included."""
        named = [site for _, site in self.named_schemas()]
        holders = (
            *self.headers(), *self.request_media(), *self.all_parameters(), *self.response_media(),
        )  # fmt: skip
        roots = (*named, *(site.child("schema") for site in holders))
        return tuple(self.reachable(roots))

    def reachable(self, roots: Iterable[Site]) -> Iterator[Site]:
        """Yield some schemas and those they contain or refer to, each location once."""
        seen: set[str] = set()
        pending = list(roots)[::-1]
        while pending:
            site = pending.pop()
            if site.location in seen:
                continue
            seen.add(site.location)
            yield site
            if "$ref" in site.node:
                pending.append(self.resolve(site))
            pending.extend(reversed(list(_subschemas(site))))


Problems = Iterator[tuple[Site, str]]
Check = Callable[[Spec], Problems]


def each(
    sites: Callable[[Spec], Iterable[Site]], is_wrong: Callable[[Node], object], message: str
) -> Check:
    """Return a rule that reports a message for each of some sites whose node is wrong."""
    return lambda spec: ((site, message) for site in sites(spec) if is_wrong(site.node))


def objects(spec: Spec) -> Iterator[Site]:
    """Yield every object of a document that is specification: no data, no map of chosen names."""
    yield from _objects("#", spec.document, is_name_map=False)


def _objects(location: str, node: Any, *, is_name_map: bool) -> Iterator[Site]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _objects(append(location, index), item, is_name_map=False)
    elif isinstance(node, Mapping):
        if not is_name_map:
            yield Site(location, node)
        for key, value in node.items():
            child = append(location, key)
            if is_name_map:
                yield from _objects(child, value, is_name_map=False)
            elif key in _NAME_MAPS and isinstance(value, Mapping):
                yield from _objects(child, value, is_name_map=True)
            elif key not in _DATA and key != "examples":
                yield from _objects(child, value, is_name_map=False)


def append(location: str, *keys: str | int) -> str:
    """Return a JSON pointer extended by some keys."""
    return "/".join((location, *(pointer_token(str(key)) for key in keys)))


def types(schema: Node) -> tuple[str, ...]:
    """Return the JSON types a schema names, if any."""
    value = schema.get("type", ())
    return (value,) if isinstance(value, str) else tuple(value)


def _subschemas(site: Site) -> Iterator[Site]:
    """Yield the schemas directly inside a schema."""
    for key in _ONE:
        if isinstance(site.node.get(key), Mapping):
            yield site.child(key)
    for key in _MANY:
        yield from site.children(key)
