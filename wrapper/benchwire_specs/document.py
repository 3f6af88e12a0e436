"""An OpenAPI document, with its nodes addressed by JSON pointers such as ``#/paths/~1models/get``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen

APIS = ("public", "v2", "v0")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class SpecError(ValueError):
    """A spec that is missing, can't be read, or uses what its reader does not support."""


@frozen(eq=False)
class Document:
    """An OpenAPI document.

    Attributes:
        name: The API: ``public``, ``v2`` or ``v0``.
        content: The document as JSON values.
    """

    name: str
    content: Mapping[str, Any] = field(repr=False)

    def node(self, pointer: str) -> Any:
        """Return the node at a pointer.

        Raises:
            SpecError: If there is none.
        """
        try:
            return follow_pointer(self.content, pointer)
        except LookupError:
            raise SpecError(f"{self.name}.yaml has nothing at {pointer}") from None

    def resolved(self, pointer: str) -> tuple[Any, str]:
        """Return the node at a pointer and its own pointer, with references followed."""
        node = self.node(pointer)
        while isinstance(node, Mapping) and "$ref" in node:
            pointer = node["$ref"]
            node = self.node(pointer)
        return node, pointer

    def merged(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return a schema with what it refers to; what stands beside a reference has priority."""
        if "$ref" not in schema:
            return dict(schema)
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return self.merged(self.node(schema["$ref"])) | beside

    def operations(self) -> Iterator[tuple[str, str, str]]:
        """Yield the method (lower case), path template and pointer of each operation, in order."""
        for template in self.content["paths"]:
            item, pointer = self.resolved(f"#/paths/{pointer_token(template)}")
            for method in METHODS:
                if method in item:
                    yield method, template, f"{pointer}/{method}"


def follow_pointer(content: Any, pointer: str) -> Any:
    """Return the node of a JSON value at a pointer.

    Raises:
        LookupError: If there is none.
    """
    if not pointer.startswith("#"):
        raise SpecError(f"the reference {pointer!r} does not stay within its document")
    node = content
    for token in pointer[1:].split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        try:
            node = node[int(key)] if isinstance(node, list) else node[key]
        except (ValueError, TypeError):
            raise LookupError(pointer) from None
    return node


def pointer_token(name: str) -> str:
    """Return a key as a token of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def holds_secret(content: Any, schema: object) -> bool:
    """Return whether a value of a schema is a secret, or is made of them: a list, a map, or null."""
    waiting, seen = [schema], set[str]()
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Mapping):
            continue
        if node.get("format") == "password":
            return True
        if isinstance(ref := node.get("$ref"), str) and ref not in seen:
            seen.add(ref)
            waiting.append(follow_pointer(content, ref))
        waiting += [node.get("items"), node.get("additionalProperties")]
        waiting += [part for key in ("anyOf", "oneOf", "allOf") for part in node.get(key, ())]
    return False
