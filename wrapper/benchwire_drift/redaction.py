"""Redacts names of a response that may be data.

The names of the spec are shown. Another name is either a field that the service added, which is to be
reported, or data, as in a map whose keys are ids or addresses. The latter is replaced by a star.
"""

from __future__ import annotations

import re

DATA = "*"

_NAME = re.compile(r"[$@]?[A-Za-z_][A-Za-z_0-9]*(\.[A-Za-z_][A-Za-z_0-9]*)?")
_WORD = re.compile(r"[a-z]+([_-][a-z]+)*")
_MAX_LENGTH = 40
_MAX_DIGITS = 3


def redacted_name(name: str) -> str:
    """Return a field's name, truncated, or a star if it looks like data."""
    if not _NAME.fullmatch(name) or sum(letter.isdigit() for letter in name) > _MAX_DIGITS:
        return DATA
    return name if len(name) <= _MAX_LENGTH else name[:_MAX_LENGTH] + "…"


def redacted_segment(segment: str) -> str:
    """Return a segment of an undocumented path, or a star if it looks like data."""
    return segment if _WORD.fullmatch(segment) and len(segment) <= _MAX_LENGTH else DATA


def redacted_media_type(content_type: str | None) -> str:
    """Return a media type without its parameters, or a star if it is unusual."""
    if content_type is None:
        return "none"
    essence = content_type.partition(";")[0].strip().lower()
    known = re.fullmatch(r"(application|text|image|multipart|audio|video)/[a-z.+-]{1,40}", essence)
    return essence if known else DATA
