"""Rules for links: they lead to operations that exist, by values that exist, and none is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import Finding, Operation, Site, Spec

if TYPE_CHECKING:
    from collections.abc import Iterator


def targets(spec: Spec) -> Iterator[Finding]:
    """A link leads to an operation, and gives parameters that the operation has."""
    for _, link in _links(spec):
        target = spec.operation(str(link.node.get("operationId")))
        if target is None:
            message = f"there is no operation {link.node.get('operationId')!r}"
            yield Finding(link.location, "link-target", message)
            continue
        known = {str(site.node.get("name")): site.node for site in spec.parameters(target)}
        given = {name.rpartition(".")[2] for name in link.node.get("parameters", {})}
        for name in sorted(given - set(known)):
            message = f"{target.id} has no parameter {name}"
            yield Finding(link.location, "link-target", message)
        needed = {name for name, node in known.items() if node.get("in") == "path"}
        for name in sorted(needed - given):
            message = f"{target.id} can't be called without {name}"
            yield Finding(link.location, "link-target", message)


def expressions(spec: Spec) -> Iterator[Finding]:
    """A runtime expression points to a value the request or the response can have."""
    for operation, link in _links(spec):
        for name, expression in link.node.get("parameters", {}).items():
            computed = isinstance(expression, str) and expression.startswith("$")
            if computed and not _leads_somewhere(spec, operation, link, expression):
                place = link.child("parameters", name).location
                yield Finding(place, "link-expression", f"{expression} points to nothing")


def complete(spec: Spec) -> Iterator[Finding]:
    """What lists or creates things links to each operation that reads one of them by its id."""
    operations = list(spec.operations())
    for reader in operations:
        if reader.method != "get" or "{" not in reader.path:
            continue
        collection = reader.path.rpartition("/{")[0]
        for source in operations:
            lists = source.method == "get" and source.path == collection
            within = source.path == collection or source.path.startswith(collection + "/")
            creates = source.method == "post" and within
            linked = {link.node.get("operationId") for op, link in _links(spec) if op == source}
            if (lists or creates) and reader.id not in linked:
                message = f"{source.id} has no link to {reader.id}, which reads what it gives"
                yield Finding(source.location, "link-missing", message)


def _links(spec: Spec) -> Iterator[tuple[Operation, Site]]:
    for operation in spec.operations():
        for _, response in spec.responses(operation):
            for name in response.node.get("links", {}):
                yield operation, spec.resolve(response.child("links", name))


def _leads_somewhere(spec: Spec, operation: Operation, link: Site, expression: str) -> bool:
    source, _, pointer = expression.partition("#")
    if source in ("$response.body", "$request.body"):
        if source == "$request.body":
            holder = spec.body(operation)
        else:
            holder = _response_of(spec, operation, link)
        schemas = [media.child("schema") for media in spec.media(holder)] if holder else []
        tokens = pointer.split("/")[1:]
        return any(_has(spec, schema, tokens) for schema in schemas)
    kind, _, name = source.removeprefix("$request.").partition(".")
    parameters = (site.node for site in spec.parameters(operation))
    return any(node.get("in") == kind and node.get("name") == name for node in parameters)


def _response_of(spec: Spec, operation: Operation, link: Site) -> Site | None:
    for _, response in spec.responses(operation):
        for name in response.node.get("links", {}):
            if spec.resolve(response.child("links", name)).location == link.location:
                return response
    return None


def _has(spec: Spec, site: Site, tokens: list[str]) -> bool:
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
