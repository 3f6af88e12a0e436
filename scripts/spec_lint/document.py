"""Rules of OpenAPI itself: references resolve, the document is valid, and so is the data in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jsonschema_rs
from jsonschema_path.paths import SchemaPath
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
from openapi_spec_validator.validation.keywords import OpenAPIV31SchemaValidator

from .model import Node, Problems, Site, Spec, append, objects


class _CheckedSchemas(OpenAPIV31SchemaValidator):
    """Validates schemas, but not under the meta-schema: `_schemas` has done so, much faster."""

    def __call__(self, schema: SchemaPath, *flags: bool, **named: bool) -> Iterator[Any]:
        return super().__call__(schema, *flags[:1], **{**named, "meta_checked": True})


class _Validator(OpenAPIV31SpecValidator):
    keyword_validators = OpenAPIV31SpecValidator.keyword_validators | {"schema": _CheckedSchemas}


def references(spec: Spec) -> Problems:
    """Check that every ``$ref`` is local and resolves to an object, not to itself."""
    for site in objects(spec):
        pointer = site.node.get("$ref")
        if pointer is not None and spec.lookup(str(pointer)) is None:
            yield site, f"{pointer} does not exist in this document"
        elif isinstance(spec.resolve(site).node.get("$ref"), str):
            yield site, f"{pointer} leads back to itself"


def openapi(spec: Spec) -> Problems:
    """Check the version, the document with openapi-spec-validator, and each schema."""
    version = spec.document.get("openapi")
    if version != "3.1.0":
        yield spec.root.child("openapi"), f"the version is {version!r}, not '3.1.0'"
        return
    # Each step requires that the one before passes: the validator's semantic checks raise on a
    # default under an unknown type, for example.
    validator = _Validator(dict(spec.document))
    checks: tuple[Callable[[], Problems], ...] = (
        lambda: _problems(validator.schema_validator.iter_errors(spec.document)),
        lambda: _schemas(spec),
        # Those of a JSON schema are of defaults, and without a place: `examples` has them.
        lambda: _problems(
            error
            for error in validator.root_validator(validator.schema_path)
            if not isinstance(error.validator, str)
        ),
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
    for site in spec.all_schemas:
        try:
            jsonschema_rs.meta.validate(dict(site.node))
        except jsonschema_rs.ValidationError as error:
            # Within a schema the fault is at a place of its own, reported once.
            place = Site(append(site.location, *error.instance_path), {})
            yield place, f"invalid JSON Schema: {error.message}"


def examples(spec: Spec) -> Problems:
    """Check examples of parameters, headers and bodies, and defaults; formats included.

    An example may name declared properties only: a response accepts others, but in an example an
    undeclared one is a misspelling.
    """
    components = {**spec.document.get("components", {})}
    components["schemas"] = {name: _closed(site) for name, site in spec.named_schemas()}
    compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}  # most share a few schemas
    for site, schema, value in _data(spec):
        if (key := repr(schema.node)) not in compiled:
            # With the components beside it, `#/components/…` resolves as in the document.
            compiled[key] = jsonschema_rs.Draft202012Validator(
                {**schema.node, "components": components}, validate_formats=True
            )
        for error in compiled[key].iter_errors(value):
            path = "/".join(str(step) for step in error.instance_path)
            yield site, f"at {path}: {error.message}" if path else error.message


def _data(spec: Spec) -> Iterator[tuple[Site, Site, Any]]:
    """Yield each example or default: its site, its schema, its value."""
    media = (*spec.request_media(), *spec.response_media())
    for site in (*spec.all_parameters(), *spec.headers(), *media):
        schema = site.child("schema")
        if "example" in site.node:
            yield site.child("example"), schema, site.node["example"]
        for name, example in site.node.get("examples", {}).items():
            yield site.child("examples", name, "value"), schema, example.get("value")
    for schema in spec.all_schemas:
        if "default" in schema.node:
            yield schema.child("default"), schema, schema.node["default"]
        for index, value in enumerate(schema.node.get("examples", ())):
            yield schema.child("examples", index), schema, value


def _closed(schema: Site) -> Node:
    if "properties" in schema.node and "additionalProperties" not in schema.node:
        return {**schema.node, "unevaluatedProperties": False}
    return schema.node
