"""Lint rules for the specs, one module per subject; ``openapi/README.md`` lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from . import document, errors, extensions, names, operations, schemas
from .loader import SpecFileError, load_spec
from .model import Check, Documented, Finding, Spec

__all__ = [
    "RULES", "Check", "Documented", "Finding", "Spec", "SpecFileError", "lint", "lint_file",
    "load_spec",
]  # fmt: skip

# Checked first, in this order: the other rules need a valid document whose references resolve.
FOUNDATIONS = {"reference": document.references, "openapi": document.openapi}
RULES: Mapping[str, Check] = {
    "operation-identity": operations.identity,
    "operation-example": operations.examples,
    "operation-security": operations.security,
    "error-status": errors.statuses,
    "error-body": errors.bodies,
    "request-id": errors.request_id,
    "array-parameter": operations.parameter_arrays,
    "parameter-description": operations.parameter_descriptions,
    "parameter-example": operations.parameter_examples,
    "schema-description": schemas.descriptions,
    "property-description": schemas.property_descriptions,
    "schema-keyword": schemas.keywords,
    "nullable": schemas.nullable,
    "required-property": schemas.required_properties,
    "named-object": schemas.named_objects,
    "integer-bounds": schemas.integer_bounds,
    "request-closed": schemas.requests,
    "response-open": schemas.responses,
    "response-enum": schemas.enums,
    "inferred-required": schemas.inferred_required,
    "provenance-mark": names.marks,
    "provenance": names.sources,
    "documented-name": names.documented_names,
    "extension": extensions.extensions,
    "naming": names.styles,
    "secret": names.secrets,
    "link-target": operations.link_targets,
    "link-missing": operations.missing_links,
    "example": document.examples,
}


def lint(spec: Spec) -> list[Finding]:
    """Return the violations of OpenAPI and of our rules, sorted by location, without duplicates.

    If the document is not valid OpenAPI or a reference does not resolve, those of that rule alone.
    """
    spec = replace(spec)  # its document may have changed since its schemas were listed
    for name, check in FOUNDATIONS.items():
        if findings := _findings(spec, {name: check}):
            return findings
    return _findings(spec, RULES)


def lint_file(path: Path) -> list[Finding]:
    """Lint one file; a file that cannot be read as a spec is one finding."""
    try:
        return lint(load_spec(path))
    except SpecFileError as error:
        return [Finding("#", "file", str(error))]


def _findings(spec: Spec, rules: Mapping[str, Check]) -> list[Finding]:
    problems = ((name, problem) for name, check in rules.items() for problem in check(spec))
    return sorted({Finding(site.location, name, message) for name, (site, message) in problems})
