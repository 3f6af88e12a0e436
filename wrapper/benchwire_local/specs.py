"""Reads the three OpenAPI documents and says what the server needs of each operation."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

import yaml
from jsonschema_rs import Draft202012Validator, Registry, ValidationError

from benchwire_local.errors import SpecError
from benchwire_local.parameters import Parameter, describe_parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Stands for the offending value in a validator's messages, so that they never quote one whole.
MASK = "\N{OBJECT REPLACEMENT CHARACTER}"

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """Where a key is expected: in a header of its own, or as a bearer token."""

    header: str
    bearer: bool


@dataclass(frozen=True, slots=True)
class RequestBody:
    """What an operation takes as its body."""

    required: bool
    validator: Draft202012Validator


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation of a specification, ready to be served.

    Args:
        operation_id: The specification's ``operationId``.
        method: In upper case.
        path: The template under which it is served, the server's base path included.
        security: Alternatives; one scheme that is met is enough. Empty: open to all.
        path_parameters: By name.
        query_parameters: By name.
        body: ``None`` if it takes none.
        responses: A validator of the JSON body by documented status (``200``, ``5XX``).
    """

    operation_id: str
    method: str
    path: str
    security: tuple[SecurityScheme, ...]
    path_parameters: Mapping[str, Parameter]
    query_parameters: Mapping[str, Parameter]
    body: RequestBody | None
    responses: Mapping[str, Draft202012Validator]


@dataclass(frozen=True, slots=True)
class Spec:
    """One OpenAPI document and its operations."""

    name: str
    document: dict[str, Any] = field(repr=False)
    operations: tuple[Operation, ...] = field(repr=False)


def spec_path(name: str) -> Path:
    """Find a specification: beside this package where it is installed, else in the checkout.

    Raises:
        SpecError: It is in neither place.
    """
    here = Path(__file__).resolve()
    packaged = here.parents[1] / "benchwire_specs" / f"{name}.yaml"
    checkout = here.parents[2] / "openapi" / f"{name}.yaml"
    for path in (packaged, checkout):
        if path.is_file():
            return path
    raise SpecError(f"the specification {name}.yaml is neither at {packaged} nor at {checkout}")


def load_spec(name: str) -> Spec:
    """Load one of the bundled specifications by name: ``public``, ``v2`` or ``v0``.

    Raises:
        SpecError: It is missing, is not OpenAPI 3.1, or uses what the server does not support.
    """
    path = spec_path(name)
    try:
        document = yaml.load(path.read_bytes(), Loader=_YAML_LOADER)  # noqa: S506 - a safe loader
    except (OSError, yaml.YAMLError) as error:
        raise SpecError(f"{path} can't be read: {error}") from error
    return parse_spec(name, document)


def parse_spec(name: str, document: object) -> Spec:
    """Turn a decoded OpenAPI document into operations.

    Raises:
        SpecError: It is not OpenAPI 3.1, or uses what the server does not support.
    """
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3.1."):
        raise SpecError(f"{name}: not an OpenAPI 3.1 document")
    reader = _Reader(name, document)
    try:
        return Spec(name, document, tuple(reader.operations()))
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise SpecError(f"{name}: not a sound OpenAPI document: {error!r}") from error


class _Reader:
    """Walks one document; nodes are known by their JSON pointer, so that references resolve."""

    def __init__(self, name: str, document: dict[str, Any]) -> None:
        self._name = name
        self._document = document
        self._uri = f"urn:benchwire:{name}"
        self._registry = Registry([(self._uri, document)])

    def operations(self) -> Iterator[Operation]:
        base = urlsplit(self._document["servers"][0]["url"]).path.rstrip("/")
        for template in self._document["paths"]:
            item, at = self._follow(("paths", template))
            for method in _METHODS:
                if method in item:
                    yield self._operation(base + template, method, (*at, method), at)

    def _operation(
        self, path: str, method: str, at: tuple[str, ...], item_at: tuple[str, ...]
    ) -> Operation:
        node = self._node(at)
        # An operation's parameter replaces the path item's of the same place and name.
        parameters: dict[tuple[str, str], Parameter] = {}
        for owner in (item_at, at):
            for index in range(len(self._node(owner).get("parameters", ()))):
                place, parameter = self._parameter((*owner, "parameters", str(index)))
                parameters[place, parameter.name] = parameter
        return Operation(
            operation_id=node["operationId"],
            method=method.upper(),
            path=path,
            security=self._security(node.get("security", self._document.get("security", ()))),
            path_parameters={n: p for (place, n), p in parameters.items() if place == "path"},
            query_parameters={n: p for (place, n), p in parameters.items() if place == "query"},
            body=self._body((*at, "requestBody")) if "requestBody" in node else None,
            responses={
                str(status): self._json_validator((*at, "responses", status))
                for status in node["responses"]
            },
        )

    def _parameter(self, at: tuple[str, ...]) -> tuple[str, Parameter]:
        node, at = self._follow(at)
        if node["in"] not in ("path", "query"):
            raise SpecError(f"{self._name}: parameters in {node['in']!r} are not supported")
        schema = self._effective(node["schema"])
        items = self._effective(schema["items"]) if schema.get("type") == "array" else {}
        validator = self._validator((*at, "schema"))
        return node["in"], describe_parameter(node, schema, items, validator)

    def _body(self, at: tuple[str, ...]) -> RequestBody:
        node, at = self._follow(at)
        return RequestBody(required=node.get("required", False), validator=self._json_validator(at))

    def _json_validator(self, at: tuple[str, ...]) -> Draft202012Validator:
        node, at = self._follow(at)
        if list(node["content"]) != ["application/json"]:
            raise SpecError(f"{self._name}: {'/'.join(at)}: only application/json is supported")
        return self._validator((*at, "content", "application/json", "schema"))

    def _security(self, alternatives: list[dict[str, list[str]]]) -> tuple[SecurityScheme, ...]:
        return tuple(self._scheme(name) for alternative in alternatives for name in alternative)

    def _scheme(self, name: str) -> SecurityScheme:
        node, _ = self._follow(("components", "securitySchemes", name))
        if node["type"] == "apiKey" and node["in"] == "header":
            return SecurityScheme(header=node["name"].lower(), bearer=False)
        if node["type"] == "http" and node["scheme"].lower() == "bearer":
            return SecurityScheme(header="authorization", bearer=True)
        raise SpecError(f"{self._name}: the security scheme {name} is not supported")

    def _validator(self, at: tuple[str, ...]) -> Draft202012Validator:
        pointer = "/".join(part.replace("~", "~0").replace("/", "~1") for part in ("", *at))
        try:
            return Draft202012Validator(
                {"$ref": f"{self._uri}#{quote(pointer, safe='/~')}"},
                registry=self._registry,
                validate_formats=True,
                mask=MASK,
                offline=True,
            )
        except (ValidationError, ValueError) as error:
            raise SpecError(f"{self._name}: the schema at {pointer} is unsound: {error}") from error

    def _node(self, at: tuple[str, ...]) -> Any:
        node: Any = self._document
        for part in at:
            node = node[int(part)] if isinstance(node, list) else node[part]
        return node

    def _follow(self, at: tuple[str, ...]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Give the node at a place and its own place, through references."""
        node = self._node(at)
        while "$ref" in node:
            at = _pointer_parts(node["$ref"])
            node = self._node(at)
        return node, at

    def _effective(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A schema with what it refers to merged in; what stands beside a reference wins."""
        if "$ref" not in schema:
            return schema
        target = self._effective(self._node(_pointer_parts(schema["$ref"])))
        return target | {key: value for key, value in schema.items() if key != "$ref"}


def _pointer_parts(reference: str) -> tuple[str, ...]:
    if not reference.startswith("#/"):
        raise SpecError(f"the reference {reference!r} does not stay within its document")
    parts = reference[2:].split("/")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


class _SpecLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader that leaves dates as text (YAML 1.1 would make objects of them)."""


_SpecLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _SpecLoader.yaml_implicit_resolvers.items()
}
_YAML_LOADER = cast("type[yaml.SafeLoader]", _SpecLoader)
