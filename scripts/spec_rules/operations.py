"""Rules for operations: what each one says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import Finding, Site, Spec

if TYPE_CHECKING:
    from collections.abc import Iterator


def identity(spec: Spec) -> Iterator[Finding]:
    """An operation has an id, one declared tag and a summary."""
    declared = {tag.get("name") for tag in spec.document.get("tags", ())}
    for operation in spec.operations():
        for key in ("operationId", "summary"):
            if not operation.node.get(key):
                yield Finding(operation.location, "operation-identity", f"it has no {key}")
        tags = operation.node.get("tags", [])
        if len(tags) != 1:
            message = f"it has {len(tags)} tags; the tag names the module it is generated into"
            yield Finding(operation.location, "operation-identity", message)
        for tag in tags:
            if tag not in declared:
                message = f"the tag {tag} is not declared at the top"
                yield Finding(operation.location, "operation-identity", message)


def examples(spec: Spec) -> Iterator[Finding]:
    """A request body and a successful response each come with an example."""
    for operation in spec.operations():
        body = spec.body(operation)
        answers = [site for status, site in spec.responses(operation) if status.startswith("2")]
        if not answers:
            message = "no response for success"
            yield Finding(operation.location, "operation-example", message)
        for site in (*answers, *([body] if body else [])):
            media = list(spec.media(site))
            if not media:
                yield Finding(site.location, "operation-example", "it has no content")
            for one in media:
                if not _has_example(one):
                    yield Finding(one.location, "operation-example", "it has no example")


def security(spec: Spec) -> Iterator[Finding]:
    """An operation asks for a key, by a scheme that is declared."""
    schemes = spec.document.get("components", {}).get("securitySchemes", {})
    for operation in spec.operations():
        needed = operation.node.get("security", spec.document.get("security", []))
        if not needed or {} in needed:
            yield Finding(operation.location, "operation-security", "it can be called with no key")
        for name in sorted({name for choice in needed for name in choice} - set(schemes)):
            message = f"the security scheme {name} is not declared"
            yield Finding(operation.location, "operation-security", message)


def _has_example(site: Site) -> bool:
    return "example" in site.node or bool(site.node.get("examples"))
