"""Reads what a spec says of its service: where it is, and how its key is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .schemas import PlanError

_BASE = re.compile(r"https?://(\[[0-9a-f:.]+\]|[\w.-]+)(:\d+)?(/[^\s?#{}]*)?", re.IGNORECASE)
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# An API key may be sent as the first.
_OWN_HEADERS = (
    "authorization", "accept", "accept-encoding", "connection", "content-length", "content-type",
    "cookie", "host", "transfer-encoding", "user-agent",
)  # fmt: skip


def key_header(spec: dict[str, Any]) -> tuple[str, str]:
    """Return the header that the key is sent in, and the word before the key."""
    requirements = spec["security"]
    if len(requirements) != 1 or len(requirements[0]) != 1:
        raise PlanError("security", "needs one requirement of one scheme: the client has one key")
    ((name, scopes),) = requirements[0].items()
    if scopes:
        raise PlanError("security", f"has scopes of {name}, which are not read")
    scheme = spec.get("components", {}).get("securitySchemes", {}).get(name)
    if scheme is None:
        raise PlanError("security", f"names {name}, which is no security scheme")
    if scheme["type"] == "apiKey" and scheme.get("in") == "header" and scheme.get("name"):
        where = f"components/securitySchemes/{name}"
        _check_header(scheme["name"], _OWN_HEADERS[1:], where)
        return scheme["name"], ""
    if scheme["type"] == "http" and scheme.get("scheme", "").lower() == "bearer":
        return "Authorization", "Bearer"
    raise PlanError(f"components/securitySchemes/{name}", "is neither a header key nor a bearer")


def check_headers(spec: dict[str, Any], names: Iterable[str], where: str) -> None:
    """Raise unless the parameters of an operation can be sent as headers of their names."""
    for name in names:
        taken = (*_OWN_HEADERS, key_header(spec)[0].lower())
        _check_header(name, taken, f"{where}, parameter {name}")


def _check_header(name: str, taken: Iterable[str], where: str) -> None:
    """Raise unless HTTP allows the name of a header, and no other value is sent under it."""
    if not _HEADER.fullmatch(name):
        raise PlanError(where, f"is called {name!r}, which no header can be")
    if name.lower() in taken:
        raise PlanError(where, "is a header that the client sets itself")


def needs_key(spec: dict[str, Any], operation: dict[str, Any], where: str) -> bool:
    """Return whether the key is sent with an operation's request."""
    security = operation.get("security", spec["security"])
    if security and security != spec["security"]:
        raise PlanError(where, "has a security of its own: only [] is supported, for no key")
    return bool(security)


def base_url(spec: dict[str, Any]) -> str:
    """Return the URL of the first server, the default."""
    url: str = spec["servers"][0]["url"]
    if not _BASE.fullmatch(url):
        raise PlanError("servers/0", f"has the url {url!r}, which is no base of URLs")
    return url


def common_path(paths: Iterable[str]) -> str:
    """Return the segments that all paths begin with, such as `/v0`; empty if there are none."""
    common: list[str] = []
    for segments in zip(*(path.split("/")[:-1] for path in paths), strict=False):
        if len(set(segments)) > 1 or segments[0].startswith("{"):
            break
        common.append(segments[0])
    return "/".join(common)
