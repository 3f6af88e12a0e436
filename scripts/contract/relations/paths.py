"""Paths that a specification does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Where services usually serve what they do not document, and a name that exists nowhere.
_TAILS = ("search", "export", "stats", "latest", "summary", "count", "no-such-route")
_ROOTS = ("no-such-route", "health", "status", "version", "openapi.json", "admin", "users", "me")


def undocumented_paths(documented: set[str]) -> list[str]:
    """Return paths near the documented ones: by the root, beside, above and below each of them."""
    patterns = [re.compile(_fill(path, "[^/]+")) for path in documented]
    candidates = [f"{_common_prefix(documented)}/{name}" for name in _ROOTS]
    for path in sorted(documented):
        filled = _fill(path, "1")
        parts = filled.split("/")
        candidates += [f"{filled}/{tail}" for tail in (*_TAILS, "1")]
        candidates += ["/".join(parts[:end]) for end in range(2, len(parts))]
    unknown = dict.fromkeys(candidates)
    return [path for path in unknown if not any(pattern.fullmatch(path) for pattern in patterns)]


def _fill(path: str, value: str) -> str:
    return re.sub(r"\{[^}]*\}", value, path)


def _common_prefix(paths: Iterable[str]) -> str:
    prefix = ""
    for parts in zip(*(path.strip("/").split("/") for path in paths), strict=False):
        if len(set(parts)) > 1 or "{" in parts[0]:
            break
        prefix += f"/{parts[0]}"
    return prefix
