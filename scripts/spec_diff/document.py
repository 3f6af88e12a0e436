"""Comparison of what two states of a spec say of themselves: `info`, tags, servers, security.

No code depends on it, so each change is one of the documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# What the parts of the surface are made of, and what is compared with the base URL and the key.
_ELSEWHERE = {"openapi", "paths", "components", "security"}
_OF_THE_KEY = {"type", "in", "name", "scheme"}


def document_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield the text of each change; of a long text, only that it is another."""
    was, now = (dict(_statements(_own_parts(spec))) for spec in (old, new))
    for name in sorted(was.keys() | now.keys()):
        before, after = was.get(name, "none"), now.get(name, "none")
        if before != after:
            is_long = max(len(str(before)), len(str(after))) > 60
            yield f"{name} is another" if is_long else f"{name} is {after}, was {before}"


def _own_parts(spec: Mapping[str, Any]) -> dict[str, Any]:
    schemes = spec["components"].get("securitySchemes", {})
    own = {name: part for name, part in spec.items() if name not in _ELSEWHERE}
    notes = {
        name: {key: value for key, value in scheme.items() if key not in _OF_THE_KEY}
        for name, scheme in schemes.items()
    }
    return own | {"securitySchemes": notes}


def _statements(part: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value and its name, such as `tags.models.description`."""
    if isinstance(part, list):
        named = (
            each.get("name", i) if isinstance(each, dict) else i for i, each in enumerate(part)
        )
        part = dict(zip(named, part, strict=True))
    if not isinstance(part, Mapping):
        yield name, part
        return
    for key, inner in part.items():
        if key not in {"url", "x-provenance"} or not name.startswith("servers"):
            yield from _statements(inner, f"{name}.{key}".lstrip("."))
