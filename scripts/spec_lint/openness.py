"""Rules for open and closed schemas: responses accept the unknown, requests do not."""

from __future__ import annotations

from .model import Problems, Spec, each, types

# Inferred properties that are required nevertheless: the object is unusable without them, so a
# response that lacks one is better refused.
REQUIRED_INFERRED = {
    ("v0", "Job", "id"): "the job cannot be polled without it",
    ("v0", "Job", "status"): "waiting for the job cannot end without it",
    ("v0", "SubmitJobBatchResponse", "job_ids"): "the submitted jobs cannot be found without them",
}


requests = each(
    Spec.request_schemas,
    lambda node: "properties" in node and node.get("additionalProperties") is not False,
    "an object in a request requires additionalProperties: false",
)


def responses(spec: Spec) -> Problems:
    """Check that an object in a response has no ``additionalProperties``, unless it is a map."""
    for site in spec.response_schemas():
        value = site.node.get("additionalProperties")
        if value is False or (value is not None and "properties" in site.node):
            yield site, "an object in a response must not have additionalProperties"


def enums(spec: Spec) -> Problems:
    """Check that an enum in a response is in an ``anyOf`` with a plain string."""
    sites = list(spec.response_schemas())
    # The branches of such an anyOf are correct, and named schemas are checked where they are used.
    exempt = {site.location for _, site in spec.named_schemas()}
    for site in sites:
        branches = [site.child("anyOf", index) for index in range(len(site.node.get("anyOf", ())))]
        keywords = [set(one.node) for one in branches if "string" in types(one.node)]
        if any(not {"enum", "const", "pattern"} & one for one in keywords):  # a plain string
            exempt.update(branch.location for branch in branches)
    for site in sites:
        if site.location not in exempt and {"enum", "const"} & set(spec.resolve(site).node):
            yield site, "an enum in a response requires anyOf with {type: string} beside it"


def inferred_required(spec: Spec) -> Problems:
    """Check that a response does not require a property whose name is inferred."""
    reached = {site.location for site in spec.response_schemas()}
    for schema, name, site in spec.properties():
        owner = spec.root.child("components", "schemas", schema)
        if owner.location not in reached or name not in owner.node.get("required", ()):
            continue
        is_inferred = site.node.get("x-provenance") == "inferred"
        if is_inferred and (spec.name, schema, name) not in REQUIRED_INFERRED:
            consequence = "if it is wrong, every response is refused"
            yield site, f"{name} is inferred and required; {consequence}"
