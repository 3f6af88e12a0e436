"""Rules of OpenAPI itself: references resolve, and the document is valid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jsonschema_rs
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from .model import Node, Problems, Site, Spec, append
from .traversal import objects


def references(spec: Spec) -> Problems:
    """Check that every ``$ref`` is local and resolves to an object."""
    for site in objects(spec):
        pointer = site.node.get("$ref")
        if pointer is not None and spec.lookup(str(pointer)) is None:
            yield site, f"{pointer} does not exist in this document"


def openapi(spec: Spec) -> Problems:
    """Check the version, the document with openapi-spec-validator, and each schema."""
    version = spec.document.get("openapi")
    if version != "3.1.0":
        yield spec.root.child("openapi"), f"the version is {version!r}, not '3.1.0'"
        return
    # Each step requires that the one before passes: the validator's semantic checks raise on a
    # default under an unknown type, for example.
    validator = OpenAPIV31SpecValidator
    checks: tuple[Callable[[], Problems], ...] = (
        lambda: _problems(validator.schema_validator.iter_errors(spec.document)),
        lambda: _schemas(spec),
        lambda: _problems(validator(dict(spec.document)).iter_errors()),
    )
    for check in checks:
        if problems := list(check()):
            yield from problems
            return


def _problems(errors: Iterable[OpenAPIValidationError]) -> Problems:
    for error in errors:
        yield Site(append("#", *error.absolute_path), {}), error.message.splitlines()[0]


def _schemas(spec: Spec) -> Problems:
    # openapi-spec-validator accepts any string as a type; the dialect's own meta-schema does not.
    for site in spec.all_schemas():
        try:
            jsonschema_rs.meta.validate(_without_subschemas(site.node))
        except jsonschema_rs.ValidationError as error:
            yield site, f"invalid JSON Schema: {error.message}"


def _without_subschemas(schema: Node) -> dict[str, Any]:
    """Return a schema with its subschemas emptied: each of them is validated by itself."""
    shallow = dict(schema)
    for key in ("items", "additionalProperties", "not", "properties", "$defs"):
        if isinstance(shallow.get(key), Mapping):
            shallow[key] = {}
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(shallow.get(key), list):
            shallow[key] = [{} if isinstance(one, Mapping) else one for one in shallow[key]]
    return shallow
