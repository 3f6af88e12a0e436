"""Rules for operations, their parameters, and the links between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .model import Operation, Problems, Site, Spec, each, types


def identity(spec: Spec) -> Problems:
    """Check that the document has a contact, an operation an id, texts and one declared tag."""
    if not spec.document["info"].get("contact"):
        yield spec.root.child("info"), "contact is missing"
    declared = {tag.get("name") for tag in spec.document.get("tags", ())}
    for operation in spec.operations():
        for key in ("operationId", "summary", "description"):
            if not operation.node.get(key):
                yield operation, f"{key} is missing"
        tags = operation.node.get("tags", [])
        if len(tags) != 1:
            yield operation, f"{len(tags)} tags instead of one, which names the generated package"
        for tag in [tag for tag in tags if tag not in declared]:
            yield operation, f"the tag {tag} is not declared in the document's tags"


def examples(spec: Spec) -> Problems:
    """Check that a request body and a successful response have an example."""
    for operation in spec.operations():
        body = spec.body(operation)
        successes = [site for status, site in spec.responses(operation) if status[0] == "2"]
        if not successes:
            yield operation, "no response for success"
        for site in (*successes, *([body] if body else [])):
            if not site.node.get("content") and "204" not in site.location:
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


parameter_descriptions = each(
    Spec.all_parameters, lambda node: not node.get("description"), "description is missing"
)
parameter_examples = each(
    Spec.all_parameters,
    lambda node: "example" not in node and not node.get("examples"),
    "example is missing",
)


# ---- links -----------------------------------------------------------------------------------


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


def link_targets(spec: Spec) -> Problems:
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


def missing_links(spec: Spec) -> Problems:
    """Check that what lists or creates resources links to each operation that reads one by id."""
    operations = list(spec.operations())
    linked = {(link.source.id, link.operation_id) for link in _links(spec)}
    for reader in operations:
        if reader.method != "get" or "{" not in reader.path:
            continue
        collection = reader.path.rpartition("/{")[0]
        for source in operations:
            lists = source.method == "get" and source.path == collection
            creates = source.method == "post" and f"{source.path}/".startswith(f"{collection}/")
            if (lists or creates) and (source.id, reader.id) not in linked:
                yield source, f"{source.id} has no link to {reader.id}, which reads its items"


def _links(spec: Spec) -> Iterator[Link]:
    for operation, _, response in spec.all_responses():
        for name in response.node.get("links", {}):
            yield Link(operation, response, spec.resolve(response.child("links", name)))
