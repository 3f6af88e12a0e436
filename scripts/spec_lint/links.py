"""Rules for links: their operations and values exist, and no link is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .model import Operation, Problems, Site, Spec


@dataclass(frozen=True)
class Link:
    """A link, with the operation and the response that have it."""

    source: Operation
    response: Site
    site: Site

    @property
    def operation_id(self) -> str:
        """The id of the operation the link leads to."""
        return str(self.site.node.get("operationId"))


def targets(spec: Spec) -> Problems:
    """Check that a link's operation exists and accepts the link's parameters."""
    for link in _links(spec):
        target = spec.operation(link.operation_id)
        if target is None:
            yield link.site, f"operation {link.operation_id} does not exist"
            continue
        accepted = {str(site.node.get("name")): site.node for site in spec.parameters(target)}
        passed = {name.rpartition(".")[2] for name in link.site.node.get("parameters", {})}
        required = {name for name, node in accepted.items() if node.get("in") == "path"}
        for name in sorted(passed - set(accepted)):
            yield link.site, f"{target.id} has no parameter {name}"
        for name in sorted(required - passed):
            yield link.site, f"{target.id} requires {name}"


def expressions(spec: Spec) -> Problems:
    """Check that a runtime expression names a value that the request or the response can have."""
    for link in _links(spec):
        for name, expression in link.site.node.get("parameters", {}).items():
            is_expression = isinstance(expression, str) and expression.startswith("$")
            if is_expression and not _exists(spec, link, expression):
                yield link.site.child("parameters", name), f"{expression} does not exist"


def missing(spec: Spec) -> Problems:
    """Check that what lists or creates resources links to each operation that reads one by id."""
    operations = list(spec.operations())
    linked = {(link.source.id, link.operation_id) for link in _links(spec)}
    for reader in operations:
        if reader.method != "get" or "{" not in reader.path:
            continue
        collection = reader.path.rpartition("/{")[0]
        for source in operations:
            is_collection = source.path == collection
            lists = source.method == "get" and is_collection
            creates = source.method == "post" and (
                is_collection or source.path.startswith(collection + "/")
            )
            if (lists or creates) and (source.id, reader.id) not in linked:
                yield source, f"{source.id} has no link to {reader.id}, which reads its items"


def _links(spec: Spec) -> Iterator[Link]:
    for operation in spec.operations():
        for _, response in spec.responses(operation):
            for name in response.node.get("links", {}):
                yield Link(operation, response, spec.resolve(response.child("links", name)))


def _exists(spec: Spec, link: Link, expression: str) -> bool:
    source, _, pointer = expression.partition("#")
    if source in ("$response.body", "$request.body"):
        holder = link.response if source == "$response.body" else spec.body(link.source)
        tokens = pointer.split("/")[1:]
        media = holder.children("content") if holder else ()
        return any(_has(spec, each.child("schema"), tokens) for each in media)
    kind, _, name = source.removeprefix("$request.").partition(".")
    parameters = (site.node for site in spec.parameters(link.source))
    return any(node.get("in") == kind and node.get("name") == name for node in parameters)


def _has(spec: Spec, site: Site, tokens: list[str]) -> bool:
    """Whether data of this schema can have a value at a JSON pointer's tokens."""
    site = spec.resolve(site)
    if not tokens:
        return bool(site.node)
    token, rest = tokens[0], tokens[1:]
    for key in ("anyOf", "oneOf", "allOf"):
        for index in range(len(site.node.get(key, ()))):
            if _has(spec, site.child(key, index), tokens):
                return True
    if token in site.node.get("properties", {}):
        return _has(spec, site.child("properties", token), rest)
    if token.isdigit() and "items" in site.node:
        return _has(spec, site.child("items"), rest)
    return False
