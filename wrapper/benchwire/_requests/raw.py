"""Requests of paths that no method has, and their bodies as they came."""

from __future__ import annotations

import re
from collections.abc import Mapping

from benchwire_api.arguments import string
from benchwire_api.encoding import query_string
from benchwire_api.errors import StatusError
from benchwire_api.types import Request, Response

# What RFC 3986 allows in a path, percent-encoded octets included.
_PATH = re.compile(r"/(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*", re.ASCII)


def raw_request(path: str, query: Mapping[str, str | float]) -> Request:
    """Build the GET of a path.

    Raises:
        TypeError: If the path is no text, or the query no mapping.
        ValueError: If it is no path, or has a segment ``.`` or ``..``, which would lead elsewhere.
    """
    if not isinstance(query, Mapping):
        raise TypeError(f"query must be a mapping of names to values, not {type(query).__name__}")
    if not _PATH.fullmatch(string("path", path)):
        raise ValueError(
            f"a path begins with / and is percent-encoded, without a query: not {path!r}"
        )
    if {".", ".."} & set(path.replace("%2e", ".").replace("%2E", ".").split("/")):
        raise ValueError(f"the path {path!r} has a segment . or ..")
    return Request(
        operation_id=f"GET {path}", method="GET", path=path, query=query_string(*query.items())
    )


def raw_content(response: Response) -> bytes:
    """Return the body of a success.

    Raises:
        StatusError: If the status is none.
    """
    if not 200 <= response.status_code < 300:
        raise StatusError(response.status_code, response.headers, response.content, None)
    return response.content
