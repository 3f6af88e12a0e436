"""Which names of a response may be shown.

The names of the spec may. A name that the spec does not have is one of two things: a field that the
service added, which is the very thing to report, or data in the pointer of a name, as in a map whose
keys are ids or addresses. The second kind is shown as a star.
"""

from __future__ import annotations

import re

DATA = "*"

_NAME = re.compile(r"[$@]?[A-Za-z_][A-Za-z_0-9]*(\.[A-Za-z_][A-Za-z_0-9]*)?")
_WORD = re.compile(r"[a-z]+([_-][a-z]+)*")
_LONGEST = 40
_MOST_DIGITS = 3


def redacted_name(name: str) -> str:
    """Return a field's name as it may be shown: shortened, or a star where it looks like data."""
    if not _NAME.fullmatch(name) or sum(letter.isdigit() for letter in name) > _MOST_DIGITS:
        return DATA
    return name if len(name) <= _LONGEST else name[:_LONGEST] + "…"


def redacted_segment(segment: str) -> str:
    """Return a segment of a path that no operation has, as it may be shown."""
    return segment if _WORD.fullmatch(segment) and len(segment) <= _LONGEST else DATA


def redacted_media_type(content_type: str | None) -> str:
    """Return a media type as it may be shown, without its parameters."""
    if content_type is None:
        return "none"
    essence = content_type.partition(";")[0].strip().lower()
    known = re.fullmatch(r"(application|text|image|multipart|audio|video)/[a-z.+-]{1,40}", essence)
    return essence if known else DATA
