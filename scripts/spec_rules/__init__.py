"""The rules the specs are held to, one module per family; see ``openapi/README.md``."""

from __future__ import annotations

from . import (
    errors,
    examples,
    extensions,
    links,
    naming,
    openness,
    operations,
    parameters,
    provenance,
    schemas,
    standard,
)
from .loading import SpecFileError, load_spec
from .model import Documented, Finding, Rule, Spec

__all__ = ["RULES", "Documented", "Finding", "Rule", "Spec", "SpecFileError", "lint", "load_spec"]

RULES: tuple[Rule, ...] = (
    operations.identity,
    operations.examples,
    operations.security,
    errors.statuses,
    errors.bodies,
    errors.request_id,
    parameters.comma_joined,
    parameters.described,
    schemas.described,
    schemas.keywords,
    schemas.nullable,
    schemas.required_exist,
    schemas.named_objects,
    schemas.integer_bounds,
    openness.requests_closed,
    openness.responses_open,
    openness.enums_open,
    openness.inferred_required,
    provenance.marks,
    provenance.parameters,
    provenance.properties,
    provenance.documented_exists,
    extensions.known,
    naming.styles,
    naming.secrets,
    links.targets,
    links.expressions,
    links.complete,
    examples.valid,
)


def lint(spec: Spec) -> list[Finding]:
    """Hold a spec to OpenAPI and to our rules.

    Returns:
        What is broken, by place, each once. Where the document is not OpenAPI, or a reference leads
        nowhere, that alone: the rules read a document that holds together.
    """
    for foundation in (standard.references, standard.openapi):
        broken = sorted(set(foundation(spec)))
        if broken:
            return broken
    return sorted({finding for rule in RULES for finding in rule(spec)})
