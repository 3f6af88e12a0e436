"""The operations of the specs for the server: parameters, bodies, validators."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from jsonschema_rs import Draft202012Validator, Registry, ValidationError

from benchwire_local.http.parameters import MASK, Parameter, describe_parameter
from benchwire_specs import Document, SpecError, check_version, load_document, pointer_token

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """The header of a key, and whether it is a bearer token."""

    header: str
    bearer: bool


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The request body of an operation."""

    required: bool
    validator: Draft202012Validator


@dataclass(frozen=True, slots=True, eq=False)
class ResponseSpec:
    """A documented response: a validator of its JSON body, ``None`` if it has none, and its headers."""

    body: Draft202012Validator | None
    headers: Mapping[str, Parameter]


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation of a spec.

    Attributes:
        operation_id: The ``operationId``.
        method: In upper case.
        path: The path template, the server's base path included.
        security: Alternatives, one of which suffices; empty if no key is needed.
        path_parameters, query_parameters, header_parameters: By name.
        body: ``None`` if it has none.
        responses: By documented status (``200``, ``5XX``).
    """

    operation_id: str
    method: str
    path: str
    security: tuple[SecurityScheme, ...]
    path_parameters: Mapping[str, Parameter]
    query_parameters: Mapping[str, Parameter]
    header_parameters: Mapping[str, Parameter]
    body: RequestBody | None
    responses: Mapping[str, ResponseSpec]


@dataclass(frozen=True, slots=True)
class Spec:
    """One OpenAPI document and its operations."""

    name: str
    document: dict[str, Any] = field(repr=False)
    operations: tuple[Operation, ...] = field(repr=False)


@cache
def load_spec(name: str) -> Spec:
    """Load one of the bundled specs by name, once: ``public``, ``v2`` or ``v0``.

    Raises:
        SpecError: If it is missing, is not OpenAPI 3.1, or uses what the server does not support.
    """
    return _spec(load_document(name))


def parse_spec(name: str, content: object) -> Spec:
    """Return the spec of a decoded OpenAPI document.

    Raises:
        SpecError: If it is not OpenAPI 3.1, or uses what the server does not support.
    """
    return _spec(check_version(name, content))


def _spec(document: Document) -> Spec:
    try:
        operations = tuple(_Reader(document).operations())
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise SpecError(f"{document.name}: invalid OpenAPI document: {error!r}") from error
    return Spec(document.name, dict(document.content), operations)


class _Reader:
    """Reads the operations of one document, with references resolved."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._name = document.name
        self._uri = f"urn:benchwire:{document.name}"
        self._registry = Registry([(self._uri, dict(document.content))])

    def operations(self) -> Iterator[Operation]:
        content = self._document.content
        base = urlsplit(content["servers"][0]["url"]).path.rstrip("/")
        for method, template, pointer in self._document.operations():
            yield self._operation(base + template, method, pointer)

    def _operation(self, path: str, method: str, pointer: str) -> Operation:
        node = self._document.node(pointer)
        # An operation's parameter replaces the path item's with the same location and name.
        parameters: dict[tuple[str, str], Parameter] = {}
        for owner in (pointer.rpartition("/")[0], pointer):
            for index in range(len(self._document.node(owner).get("parameters", ()))):
                parameter = self._parameter(f"{owner}/parameters/{index}")
                parameters[parameter.location, parameter.name] = parameter
        security = node.get("security", self._document.content.get("security", ()))
        return Operation(
            operation_id=node["operationId"],
            method=method.upper(),
            path=path,
            security=self._security(security),
            path_parameters={n: p for (where, n), p in parameters.items() if where == "path"},
            query_parameters={n: p for (where, n), p in parameters.items() if where == "query"},
            header_parameters={n: p for (where, n), p in parameters.items() if where == "header"},
            body=self._body(f"{pointer}/requestBody") if "requestBody" in node else None,
            responses={
                str(status): self._response(f"{pointer}/responses/{status}")
                for status in node["responses"]
            },
        )

    def _parameter(self, pointer: str, **more: str) -> Parameter:
        found, pointer = self._document.resolved(pointer)
        node = {**found, **more}
        schema = self._plain(node["schema"])
        items = self._plain(schema["items"]) if schema.get("type") == "array" else {}
        validator = self._validator(f"{pointer}/schema")
        return describe_parameter(node, schema, items, validator)

    def _plain(self, stated: Mapping[str, Any]) -> dict[str, Any]:
        """Return a schema with the one type beside null that it states, wherever that stands."""
        schema = self._document.merged(stated)
        parts = [part for word in ("allOf", "anyOf", "oneOf") for part in schema.get(word, ())]
        for part in map(self._plain, parts):
            if part.get("type") != "null":
                schema = {**part, **schema}
        if schema.keys() & {"enum", "const"}:
            schema.setdefault("type", "string")
        types = schema.get("type")
        if isinstance(types, list) and len(one := [each for each in types if each != "null"]) == 1:
            schema["type"] = one[0]
        return schema

    def _response(self, pointer: str) -> ResponseSpec:
        node, pointer = self._document.resolved(pointer)
        headers = {
            name: self._parameter(
                f"{pointer}/headers/{pointer_token(name)}", name=name, **{"in": "header"}
            )
            for name in node.get("headers", ())
        }
        return ResponseSpec(self._json_validator(pointer) if "content" in node else None, headers)

    def _body(self, pointer: str) -> RequestBody:
        node, pointer = self._document.resolved(pointer)
        required = node.get("required", False)
        return RequestBody(required=required, validator=self._json_validator(pointer))

    def _json_validator(self, pointer: str) -> Draft202012Validator:
        node, pointer = self._document.resolved(pointer)
        if list(node.get("content", ())) != ["application/json"]:
            raise SpecError(f"{self._name}: {pointer}: only application/json is supported")
        return self._validator(f"{pointer}/content/application~1json/schema")

    def _security(self, alternatives: list[dict[str, list[str]]]) -> tuple[SecurityScheme, ...]:
        return tuple(self._scheme(name) for alternative in alternatives for name in alternative)

    def _scheme(self, name: str) -> SecurityScheme:
        node, _ = self._document.resolved(f"#/components/securitySchemes/{name}")
        if node["type"] == "apiKey" and node["in"] == "header":
            return SecurityScheme(header=node["name"].lower(), bearer=False)
        if node["type"] == "http" and node["scheme"].lower() == "bearer":
            return SecurityScheme(header="authorization", bearer=True)
        raise SpecError(f"{self._name}: the security scheme {name} is not supported")

    def _validator(self, pointer: str) -> Draft202012Validator:
        try:
            return Draft202012Validator(
                {"$ref": f"{self._uri}{quote(pointer, safe='#/~')}"},
                registry=self._registry,
                validate_formats=True,
                mask=MASK,
                offline=True,
            )
        except (ValidationError, ValueError) as error:
            raise SpecError(f"{self._name}: invalid schema at {pointer}: {error}") from error
