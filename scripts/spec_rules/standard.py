"""What OpenAPI itself asks of a document: references that lead somewhere, and a valid document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jsonschema_rs
from openapi_spec_validator import OpenAPIV31SpecValidator

from .model import Finding, Node, Spec, below
from .walking import objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from openapi_spec_validator.validation.exceptions import OpenAPIValidationError


def references(spec: Spec) -> Iterator[Finding]:
    """Every ``$ref`` is local and names an object that exists."""
    for site in objects(spec):
        pointer = site.node.get("$ref")
        if pointer is not None and spec.lookup(str(pointer)) is None:
            yield Finding(site.location, "reference", f"{pointer} names nothing in this document")


def openapi(spec: Spec) -> Iterator[Finding]:
    """openapi-spec-validator has nothing to say, and every schema is a JSON Schema."""
    if spec.document.get("openapi") != "3.1.0":
        version = spec.document.get("openapi")
        yield Finding("#/openapi", "openapi", f"the version is {version!r}, not '3.1.0'")
        return
    # From the outside in: the shape of the document, then that of each schema, then what takes both
    # for granted (the validator crashes on a default under a type it doesn't know).
    for check in (_shape, _schemas, _semantics):
        broken = list(check(spec))
        if broken:
            yield from broken
            return


def _shape(spec: Spec) -> Iterator[Finding]:
    yield from _reported(OpenAPIV31SpecValidator.schema_validator.iter_errors(spec.document))


def _semantics(spec: Spec) -> Iterator[Finding]:
    yield from _reported(OpenAPIV31SpecValidator(dict(spec.document)).iter_errors())


def _reported(errors: Iterable[OpenAPIValidationError]) -> Iterator[Finding]:
    for error in errors:
        location = below("#", *error.absolute_path)
        yield Finding(location, "openapi", error.message.splitlines()[0])


def _schemas(spec: Spec) -> Iterator[Finding]:
    # openapi-spec-validator takes any word for a type; the dialect's own meta-schema doesn't.
    for site in spec.all_schemas():
        try:
            jsonschema_rs.meta.validate(_shallow(site.node))
        except jsonschema_rs.ValidationError as error:
            message = f"this is not a JSON Schema: {error.message}"
            yield Finding(site.location, "openapi", message)


def _shallow(schema: Node) -> dict[str, Any]:
    """A schema without what stands inside its subschemas, each of which is looked at by itself."""
    shallow = dict(schema)
    for key in ("items", "additionalProperties", "not", "properties", "$defs"):
        if isinstance(shallow.get(key), Mapping):
            shallow[key] = {}
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(shallow.get(key), list):
            shallow[key] = [{} if isinstance(one, Mapping) else one for one in shallow[key]]
    return shallow
