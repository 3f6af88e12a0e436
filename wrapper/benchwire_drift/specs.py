"""The specs as the drift check reads them: operations, documented responses, strict schemas."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property

from attrs import frozen

from benchwire_drift.redaction import DATA, redacted_segment
from benchwire_drift.schemas import Schemas
from benchwire_specs import (
    APIS,
    Document,
    load_document,
    matches_template,
    most_literal,
    pointer_token,
)


@frozen(eq=False)
class StrictOperation:
    """One operation of a spec.

    Attributes:
        id: The operationId.
        method: In upper case.
        template: The path below the base URL, with its parameters in braces.
        responses: For each documented status, as the spec writes it (``200``, ``5XX``): the JSON
            pointer of the body's schema by media type.
    """

    id: str
    method: str
    template: str
    responses: Mapping[str, Mapping[str, str]]

    def documented(self, status: int) -> str | None:
        """Return a status as the spec documents it; None if it does not."""
        keys = (str(status), f"{status // 100}XX", "default")
        return next((key for key in keys if key in self.responses), None)


@frozen(eq=False)
class StrictSpec:
    """One spec: its document, and what the drift check reads in it."""

    document: Document

    @cached_property
    def schemas(self) -> Schemas:
        """The strict schemas of the document."""
        return Schemas(self.document)

    @property
    def name(self) -> str:
        """The API: ``public``, ``v2`` or ``v0``."""
        return self.document.name

    @cached_property
    def operations(self) -> tuple[StrictOperation, ...]:
        """Every operation, in the document's order."""
        return tuple(
            StrictOperation(
                node["operationId"],
                method.upper(),
                template,
                {str(key): self._media(f"{pointer}/responses/{key}") for key in node["responses"]},
            )
            for method, template, pointer in self.document.operations()
            for node in (self.document.node(pointer),)
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

    def operations_returning(self, pointer: str) -> list[str]:
        """Return the ids of the reading operations whose success can have the field at a pointer."""
        return [name for name, fields in self._returned_fields.items() if pointer in fields]

    @cached_property
    def _returned_fields(self) -> dict[str, frozenset[str]]:
        return {
            operation.id: self.schemas.fields_below(
                pointer
                for status, media in operation.responses.items()
                if status.startswith("2")
                for pointer in media.values()
            )
            for operation in self.operations
            if operation.method == "GET"
        }

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

    def _media(self, response: str) -> dict[str, str]:
        node, pointer = self.document.resolved(response)
        return {
            kind: f"{pointer}/content/{pointer_token(kind)}/schema"
            for kind in node.get("content", ())
        }


@cache
def bundled_spec(name: str) -> StrictSpec:
    """Return one of the bundled specs; it is read once.

    Raises:
        SpecError: If it is missing or can't be read.
        ValueError: If there is no such API.
    """
    if name not in APIS:
        raise ValueError(f"the API must be one of {', '.join(APIS)}, not {name!r}")
    return StrictSpec(load_document(name))
