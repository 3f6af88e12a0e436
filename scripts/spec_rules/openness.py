"""Rules for what is open and what is closed: responses tolerate, requests are strict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import Finding, Site, Spec, types

if TYPE_CHECKING:
    from collections.abc import Iterator

# Inferred properties that are required all the same: without them the object can't be used, so a
# body that lacks one is better refused than passed on.
IDENTITY = {
    ("v0", "Job", "id"): "the job can't be asked for again without it",
    ("v0", "Job", "status"): "waiting for a job can't end without it",
    ("v0", "SubmitJobBatchResponse", "job_ids"): "the jobs paid for can't be found without them",
}


def requests_closed(spec: Spec) -> Iterator[Finding]:
    """An object in a request body refuses properties that are not declared."""
    for site in spec.request_schemas():
        if "properties" in site.node and site.node.get("additionalProperties") is not False:
            message = "an object in a request needs additionalProperties: false"
            yield Finding(site.location, "request-closed", message)


def responses_open(spec: Spec) -> Iterator[Finding]:
    """An object in a response says nothing of further properties; a map says their schema."""
    for site in spec.response_schemas():
        is_map = (
            "properties" not in site.node and site.node.get("additionalProperties") is not False
        )
        if "additionalProperties" in site.node and not is_map:
            message = "an object in a response must not say additionalProperties"
            yield Finding(site.location, "response-open", message)


def enums_open(spec: Spec) -> Iterator[Finding]:
    """An enum in a response stands in an ``anyOf`` beside a plain string."""
    sites = list(spec.response_schemas())
    # The enum inside such an anyOf, and what it refers to, are what the rule asks for.
    sheltered: set[str] = set()
    for site in sites:
        branches = [site.child("anyOf", index) for index in range(len(site.node.get("anyOf", ())))]
        if any(_is_plain_string(branch) for branch in branches):
            sheltered.update(branch.location for branch in branches)
    roots = {site.location for _, site in spec.named_schemas()}
    for site in sites:
        if site.location in sheltered or site.location in roots:
            continue
        if {"enum", "const"} & set(spec.resolve(site).node):
            message = "an enum in a response needs anyOf with {type: string} beside it"
            yield Finding(site.location, "response-enum", message)


def inferred_required(spec: Spec) -> Iterator[Finding]:
    """A response does not require a property whose name is a guess."""
    reached = {site.location for site in spec.response_schemas()}
    for schema, name, site in spec.properties():
        owner = spec.root.child("components", "schemas", schema)
        if owner.location not in reached or name not in owner.node.get("required", ()):
            continue
        guessed = site.node.get("x-provenance") == "inferred"
        if guessed and (spec.name, schema, name) not in IDENTITY:
            message = f"{name} is inferred and required; a wrong guess would refuse every answer"
            yield Finding(site.location, "inferred-required", message)


def _is_plain_string(site: Site) -> bool:
    return "string" in types(site.node) and not {"enum", "const", "pattern"} & set(site.node)
