"""Rules for operations and parameters: identity, examples, security, descriptions."""

from __future__ import annotations

from .model import Problems, Spec, types


def identity(spec: Spec) -> Problems:
    """Check that an operation has an id, a summary and one declared tag."""
    declared = {tag.get("name") for tag in spec.document.get("tags", ())}
    for operation in spec.operations():
        for key in ("operationId", "summary"):
            if not operation.node.get(key):
                yield operation, f"{key} is missing"
        tags = operation.node.get("tags", [])
        if len(tags) != 1:
            yield operation, f"{len(tags)} tags instead of one, which names the generated package"
        for tag in tags:
            if tag not in declared:
                yield operation, f"the tag {tag} is not declared in the document's tags"


def examples(spec: Spec) -> Problems:
    """Check that a request body and a successful response have an example."""
    for operation in spec.operations():
        body = spec.body(operation)
        successes = [site for status, site in spec.responses(operation) if status[0] == "2"]
        if not successes:
            yield operation, "no response for success"
        for site in (*successes, *([body] if body else [])):
            if not site.node.get("content"):
                yield site, "content is missing"
            for media in site.children("content"):
                if "example" not in media.node and not media.node.get("examples"):
                    yield media, "example is missing"


def security(spec: Spec) -> Problems:
    """Check that an operation requires a key, by a declared scheme, or says that it needs none."""
    schemes = spec.document.get("components", {}).get("securitySchemes", {})
    for operation in spec.operations():
        if operation.node.get("security") == []:
            continue
        required = operation.node.get("security", spec.document.get("security", []))
        if not required or {} in required:
            yield operation, "no key is required"
        for name in sorted({name for choice in required for name in choice} - set(schemes)):
            yield operation, f"the security scheme {name} is not declared"


def parameter_arrays(spec: Spec) -> Problems:
    """Check that a list in the query declares that its values are joined with commas.

    Both keywords are required, though `form` is the default: a reader of the spec should not have to
    know the default style of a query parameter.
    """
    for site in spec.all_parameters():
        schema = spec.resolve(site.child("schema"))
        if site.node.get("in") != "query" or "array" not in types(schema.node):
            continue
        if site.node.get("style") != "form" or site.node.get("explode") is not False:
            yield site, "a list in the query requires style: form and explode: false"


def parameter_descriptions(spec: Spec) -> Problems:
    """Check that a parameter has a description."""
    for site in spec.all_parameters():
        if not site.node.get("description"):
            yield site, "description is missing"


def parameter_examples(spec: Spec) -> Problems:
    """Check that a parameter has an example."""
    for site in spec.all_parameters():
        if "example" not in site.node and not site.node.get("examples"):
            yield site, "example is missing"
