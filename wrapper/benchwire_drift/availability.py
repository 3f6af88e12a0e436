"""Classify what shows nothing about a service: the response of a gateway, a login page, no response."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

GATEWAY_STATUSES = frozenset({429, 502, 503, 504, 511})
"""Statuses that any gateway may return; they show nothing about the service behind it.

511 is that of a network that asks to log in.
"""


def unavailable_reason(status: int) -> str | None:
    """Return why a response with a status shows nothing about the service; None if it may."""
    if status in {401, 403}:
        return f"the key was rejected (status {status})"
    if status == 429:
        return "it limits the rate of requests (status 429)"
    return f"it is not available (status {status})" if status in GATEWAY_STATUSES else None


def foreign_reason(status: int, headers: Mapping[str, str], content: bytes) -> str | None:
    """Return why a response is not the API's at all: also a redirect, or an HTML page."""
    if 300 <= status < 400:
        host = urlsplit(headers.get("location", "")).hostname
        return f"it redirects to {host or 'another path'} (status {status})"
    start = content[:64].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    is_page = start.startswith((b"<!doctype html", b"<html")) or (
        start.startswith(b"<") and "html" in headers.get("content-type", "")
    )
    page = f"it sends an HTML page, such as one to log in, and no JSON (status {status})"
    return unavailable_reason(status) or (page if is_page else None)


def connection_reason(error: BaseException) -> str:
    """Return why there was no response, from the error and its causes, without their texts."""
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and cause not in chain:
        chain.append(cause)
    for one in chain:
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"its TLS certificate is not accepted ({one.verify_message.lower()})"
        if isinstance(one, ssl.SSLError):
            return "it does not speak TLS as expected"
        if isinstance(one, ConnectionRefusedError):
            return "nobody listens there (connection refused)"
        if isinstance(one, socket.gaierror):
            return "there is no host of this name"
        if "Decoding" in type(one).__name__:
            return "its compressed response can't be decompressed"
    is_late = any(isinstance(one, TimeoutError) or "Timeout" in type(one).__name__ for one in chain)
    is_cut = any("complete message body" in str(one) for one in chain)
    cut = "its response was cut: the connection was closed before its end"
    lost = cut if is_cut else "the connection was lost or refused"
    return "it does not respond in time" if is_late else lost
