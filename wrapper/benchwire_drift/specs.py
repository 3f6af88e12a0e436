"""The specs as the drift check reads them: operations, documented responses, strict schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from urllib.parse import urlsplit

from attrs import field, frozen

from benchwire_drift.redaction import DATA, redacted_segment
from benchwire_drift.schemas import Schemas
from benchwire_specs import (
    APIS,
    Document,
    load_document,
    matches_template,
    most_literal,
    parse_document,
    pointer_token,
)


@frozen(eq=False)
class DocumentedResponse:
    """A documented response of an operation.

    Attributes:
        status: The status as the spec writes it: ``200``, ``5XX``.
        media: The JSON pointer of the body's schema, by media type.
    """

    status: str
    media: Mapping[str, str]


@frozen(eq=False)
class StrictOperation:
    """One operation of a spec.

    Attributes:
        id: The operationId.
        method: In upper case.
        template: The path below the base URL, with its parameters in braces.
        responses: The documented responses by status.
    """

    id: str
    method: str
    template: str
    responses: Mapping[str, DocumentedResponse]

    def documented(self, status: int) -> DocumentedResponse | None:
        """Return what is documented for a status."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.responses:
                return self.responses[key]
        return None


@frozen(eq=False)
class StrictSpec:
    """One spec.

    Attributes:
        document: The document.
        schemas: Its schemas.
    """

    document: Document = field(repr=False)
    schemas: Schemas = field(repr=False)

    @property
    def name(self) -> str:
        """The API: ``public``, ``v2`` or ``v0``."""
        return self.document.name

    @cached_property
    def operations(self) -> tuple[StrictOperation, ...]:
        """Every operation, in the document's order."""
        return tuple(
            StrictOperation(
                self.document.node(pointer)["operationId"],
                method.upper(),
                template,
                dict(self._responses(pointer)),
            )
            for method, template, pointer in self.document.operations()
        )

    @cached_property
    def base_urls(self) -> tuple[str, ...]:
        """The base URLs of the service."""
        return tuple(server["url"].rstrip("/") for server in self.document.content["servers"])

    @cached_property
    def root(self) -> tuple[str, ...]:
        """The literal segments that all its paths begin with."""
        templates = [operation.template.split("/")[1:] for operation in self.operations]
        common: list[str] = []
        for segments in zip(*templates, strict=False):
            if len(set(segments)) > 1 or segments[0].startswith("{"):
                break
            common.append(segments[0])
        return tuple(common)

    def match(self, method: str, path: str) -> StrictOperation | None:
        """Return the operation of a request below the base URL."""
        matches = {
            operation.template: operation
            for operation in self.operations
            if operation.method == method.upper() and matches_template(operation.template, path)
        }
        template = most_literal(matches)
        return None if template is None else matches[template]

    def covers(self, path: str) -> bool:
        """Return whether a path below the base URL begins as those of the spec do."""
        return tuple(path.split("/")[1 : len(self.root) + 1]) == self.root

    def redacted(self, path: str) -> str:
        """Return a path that no operation has, with stars for what may be data in it."""
        known = [o.template for o in self.operations if matches_template(o.template, path)]
        if known:
            return known[0]
        literal = {part for o in self.operations for part in o.template.split("/") if part}
        first = len(self.root)
        return "/" + "/".join(
            part if part in literal else redacted_segment(part) if index == first else DATA
            for index, part in enumerate(path.split("/")[1:])
        )

    def _responses(self, operation: str) -> Iterator[tuple[str, DocumentedResponse]]:
        for stated in self.document.node(operation)["responses"]:
            status = str(stated)
            node, pointer = self.document.resolved(f"{operation}/responses/{stated}")
            media = {
                kind: f"{pointer}/content/{pointer_token(kind)}/schema"
                for kind in node.get("content", ())
            }
            yield status, DocumentedResponse(status, media)


@cache
def bundled_spec(name: str) -> StrictSpec:
    """Return one of the bundled specs; it is read once.

    Raises:
        SpecError: If it is missing or can't be read.
        ValueError: If there is no such API.
    """
    if name not in APIS:
        raise ValueError(f"the API must be one of {', '.join(APIS)}, not {name!r}")
    return _strict(load_document(name))


def parse_spec(name: str, text: str) -> StrictSpec:
    """Parse the YAML text of a spec.

    Raises:
        SpecError: If it is not OpenAPI 3.1.
    """
    return _strict(parse_document(name, text))


def _strict(document: Document) -> StrictSpec:
    return StrictSpec(document, Schemas(document))


def base_path(url: str) -> str:
    """Return the path of a base URL, without a slash at its end."""
    return urlsplit(url).path.rstrip("/")
