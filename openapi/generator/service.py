"""Reads what a spec says of its service: where it is, and how its key is sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .schemas import PlanError


def key_header(spec: dict[str, Any]) -> tuple[str, str]:
    """Return the header that the key is sent in, and the word before the key."""
    (name,) = spec["security"][0]
    scheme = spec["components"]["securitySchemes"][name]
    if scheme["type"] == "apiKey" and scheme["in"] == "header":
        return scheme["name"], ""
    if scheme["type"] == "http" and scheme["scheme"].lower() == "bearer":
        return "Authorization", "Bearer"
    raise PlanError(f"components/securitySchemes/{name}", "is neither a header key nor a bearer")


def needs_key(spec: dict[str, Any], operation: dict[str, Any], where: str) -> bool:
    """Return whether the key is sent with an operation's request."""
    security = operation.get("security", spec["security"])
    if security and security != spec["security"]:
        raise PlanError(where, "has a security of its own: only [] is supported, for no key")
    return bool(security)


def refuse_servers(item: dict[str, Any], operation: dict[str, Any], where: str) -> None:
    """Raise for a path or an operation that has servers of its own."""
    if "servers" in item or "servers" in operation:
        raise PlanError(where, "has servers of its own: only those of the document are supported")


def common_path(paths: Iterable[str]) -> str:
    """Return the segments that all paths begin with, such as `/v0`; empty if there are none."""
    common: list[str] = []
    for segments in zip(*(path.split("/")[:-1] for path in paths), strict=False):
        if len(set(segments)) > 1 or segments[0].startswith("{"):
            break
        common.append(segments[0])
    return "/".join(common)
