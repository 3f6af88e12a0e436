"""Matches request paths with path templates."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote


def matches_template(template: str, path: str) -> bool:
    """Return whether a percent-encoded path matches a template such as ``/jobs/{id}``."""
    expected, segments = template.split("/")[1:], path.split("/")[1:]
    return len(expected) == len(segments) and all(
        bool(segment) if part.startswith("{") else unquote(segment) == part
        for part, segment in zip(expected, segments, strict=True)
    )


def most_literal(templates: Iterable[str]) -> str | None:
    """Return the template meant where several match: that with the earliest literal segment."""
    return min(templates, key=_is_parameter, default=None)


def _is_parameter(template: str) -> list[bool]:
    return [segment.startswith("{") for segment in template.split("/")]
