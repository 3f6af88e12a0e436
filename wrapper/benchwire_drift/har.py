"""Reads recorded traffic: HTTP archives (HAR 1.2), as browsers and proxies write them."""

from __future__ import annotations

import base64
import binascii
import codecs
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field

from benchwire_drift.judge import ObservedResponse
from benchwire_drift.specs import StrictSpec

MAX_BYTES = 64 * 2**20
"""The maximum size of a body, decompressed."""

_PORTS = {"http": 80, "https": 443}
_NO_TRAFFIC = frozenset({"HEAD", "OPTIONS", "CONNECT"})
_Location = tuple[tuple[str | None, int | None], str]
_GZIP, _ZLIB = b"\x1f\x8b", b"\x78"
_CUT = re.compile(r"truncat|limit|too large|not included|cut", re.IGNORECASE)  # in a comment


class HarError(ValueError):
    """A file is not an HTTP archive."""


class _SkippedEntryError(Exception):
    """An entry can't be checked; the message is the reason, for counting."""


@define
class Recording:
    """The responses of one API in a HAR file.

    Attributes:
        responses: The responses.
        skipped: The number of other entries by the reason they were skipped.
    """

    responses: list[ObservedResponse] = field(factory=list)
    skipped: Counter[str] = field(factory=Counter)


def read_har(path: Path, spec: StrictSpec, base_urls: Iterable[str] = ()) -> Recording:
    """Read the responses of one API from a HAR file.

    Args:
        path: The file.
        spec: The spec of the API.
        base_urls: Base URLs of the API when it was recorded, beside those of the spec.

    Raises:
        HarError: If the file can't be read, or is not a HAR file.
    """
    bases = [_location(url) for url in (*base_urls, *spec.base_urls)]
    recording = Recording()
    for entry in _entries(path):
        try:
            recording.responses.append(_response(entry, spec, bases))
        except _SkippedEntryError as reason:
            recording.skipped[str(reason)] += 1
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            recording.skipped["malformed"] += 1
    return recording


def _location(url: str) -> _Location:
    """Return the host with its port, and the path, of a URL."""
    parts = urlsplit(url)
    return (parts.hostname, parts.port or _PORTS.get(parts.scheme)), parts.path.rstrip("/")


def _entries(path: Path) -> list[Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise HarError(f"{path} can't be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        raise HarError(f"{path} is not a HAR file: it is not JSON") from None
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise HarError(f"{path} is not a HAR file: it has no log.entries")
    return entries


def _response(
    entry: Mapping[str, Any], spec: StrictSpec, bases: list[_Location]
) -> ObservedResponse:
    request, response = entry["request"], entry["response"]
    method, stated = request["method"].upper(), str(response["status"]).removesuffix(".0")
    status = int(stated) if stated.isdecimal() else 0
    host, path = _location(request["url"])
    prefixes = [prefix for base_host, prefix in bases if base_host == host]
    if not prefixes:
        raise _SkippedEntryError("of other hosts")
    path = _below(method, path or "/", spec, prefixes)
    if method in _NO_TRAFFIC:
        raise _SkippedEntryError(f"{method} requests")
    if status < 100:
        raise _SkippedEntryError("without a response")
    if 300 <= status < 400:
        raise _SkippedEntryError("served from a cache" if status == 304 else "redirected elsewhere")
    raw = response.get("headers") or ()  # some recorders write an object
    named = (
        raw.items() if isinstance(raw, Mapping) else ((one["name"], one["value"]) for one in raw)
    )
    pairs = ((name.lower(), value) for name, value in named if value is not None)
    headers = {name: ", ".join(v) if isinstance(v, list) else str(v) for name, v in pairs}
    content = response.get("content") or {}
    if content.get("mimeType"):
        headers.setdefault("content-type", content["mimeType"])
    encoding = headers.get("content-encoding", "").lower()
    sent = headers.get("content-length", "")
    if not content.get("text"):
        is_sent = sent != "0" and (sent.isdecimal() or _number(response.get("bodySize")) > 0)
        is_text = isinstance(content.get("text"), str)
        if is_sent or (not is_text and _number(content.get("size")) != 0):
            raise _SkippedEntryError("whose body was not recorded")
        content = {**content, "text": ""}
    body = _body(content, encoding)
    if not encoding and sent.isdecimal():
        content = {"size": int(sent), **content}
    if _is_cut(content, body):
        raise _SkippedEntryError("whose body the recorder cut")
    return ObservedResponse(method=method, path=path, status=status, headers=headers, content=body)


def _below(method: str, path: str, spec: StrictSpec, prefixes: list[str]) -> str:
    """Return the path below the base URL; a proxy may serve the API below another one."""
    below_base = [path.removeprefix(prefix) for prefix in prefixes if path.startswith(prefix + "/")]
    segments = path.split("/")
    suffixes = ["/".join(["", *segments[first:]]) for first in range(1, len(segments))]
    for below in (*below_base, *suffixes):
        if spec.match(method, below):
            return below
    for below in below_base:
        if spec.covers(below):
            return below
    raise _SkippedEntryError("outside the API")


def _is_cut(content: Mapping[str, Any], body: bytes) -> bool:
    """Return whether a body is shorter than its recorded size, a byte order mark apart.

    Some recorders state the size of the compressed body, and beside it what compression saved.
    """
    size, saved = _number(content.get("size")), _number(content.get("compression", 0))
    if _CUT.search(str(content.get("comment") or "")):
        return True
    return len(body) < size and len(body) not in {size + saved, size - len(codecs.BOM_UTF8)}


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) else -1


def _body(content: Mapping[str, Any], encoding: str) -> bytes:
    text: str = content["text"]
    if str(content.get("encoding")).lower() != "base64":
        return text.encode("utf-8", "replace")
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        raise _SkippedEntryError("whose body can't be decoded") from None
    # The text should be decompressed; some recorders store the bytes of the wire.
    if raw.startswith(_GZIP) or ("deflate" in encoding and raw.startswith(_ZLIB)):
        return _decompressed(raw)
    if encoding in ("br", "zstd") and not raw.lstrip().startswith((b"{", b"[")):
        raise _SkippedEntryError("whose body can't be decoded")
    return raw


def _decompressed(raw: bytes) -> bytes:
    decompressor = zlib.decompressobj(wbits=47)  # gzip or zlib, whichever it is
    try:
        body = decompressor.decompress(raw, MAX_BYTES)
    except zlib.error:
        raise _SkippedEntryError("whose body can't be decoded") from None
    if not decompressor.eof:
        raise _SkippedEntryError("whose body is too large or cut short")
    return body
