"""Reads and decompresses a response body within a size limit.

The limit holds during decompression, not after it: a few hundred bytes can become gigabytes, and
the first chunk of a decoder without a limit may hold them all.
"""

from __future__ import annotations

import zlib
from typing import Final

from attrs import define, field

from benchwire._transport.received import BodyFault

MAX_ERROR_BODY: Final = 64 * 2**10
"""The bytes that are read of an error body; its beginning is enough to understand it."""

ACCEPT_ENCODING = "gzip, deflate"

_GZIP = zlib.MAX_WBITS | 16
_MAGIC = b"\x1f\x8b"
"""The first bytes of a member of gzip."""

_PIECE = 2**18
"""Bytes that are decompressed at a time: zlib needs twice the memory of what it returns."""

_MAX_MEMBERS = 1000
"""Members of gzip that may be empty: they cost time, and nothing comes out of them."""

_PLAIN = frozenset(
    {"", "identity", "none", "null", "binary", "7bit", "8bit", "raw", "plain", "text"}
    | {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1", "windows-1252"}
)
"""What services send as ``Content-Encoding`` of a body without one, charsets included."""


@define
class BodyReader:
    """Collects a body chunk by chunk.

    Attributes:
        limit: The maximum size in bytes, decompressed.
        encoding: The ``Content-Encoding``.
        fault: What is wrong with the body so far; once it is set, nothing more need be read.
    """

    limit: int
    encoding: str
    fault: BodyFault | None = field(default=None, init=False)
    _parts: list[bytes] = field(factory=list, init=False)
    _size: int = field(default=0, init=False)
    _decoder: zlib._Decompress | None = field(default=None, init=False)
    _is_deflate: bool = field(default=False, init=False)
    _is_empty: bool = field(default=True, init=False)
    _received: int = field(default=0, init=False)
    _has_ended: bool = field(default=False, init=False)
    _member: int = field(default=0, init=False)  # the size at its beginning
    _empty_members: int = field(default=0, init=False)
    _ahead: bytes = field(default=b"", init=False)  # the first byte of what may be a member

    def __attrs_post_init__(self) -> None:
        names = (name.strip().strip("\"'").lower() for name in self.encoding.split(","))
        coding = ", ".join(name for name in names if name not in _PLAIN)
        if coding in {"gzip", "x-gzip"}:
            self._decoder = zlib.decompressobj(_GZIP)
        elif coding == "deflate":
            self._decoder = zlib.decompressobj(zlib.MAX_WBITS)
            self._is_deflate = True
        elif coding:
            self.fault = BodyFault(
                f"its content coding is {self.encoding[:40]!r}; only {ACCEPT_ENCODING} and none can"
                " be read",
                is_transient=False,
            )

    def feed(self, data: bytes) -> None:
        """Add the next bytes as received."""
        if self.fault is not None or not data:
            return
        if self._decoder is None:
            self._append(data)
            return
        self._received += len(data)
        if self._received > self.limit + MAX_ERROR_BODY:
            # Compressed, it is larger than it may be decompressed: most of it is of no use.
            self._exceed()
            return
        first, self._is_empty = self._is_empty, False
        if first and self._is_deflate and not _has_zlib_header(data):
            # Some services send raw deflate, without the zlib wrapper that the coding requires.
            self._decoder = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            self._inflate(self._decoder, data)
        except zlib.error as error:
            self.fault = BodyFault(f"it can't be decompressed: {error}", is_transient=True)

    def break_off(self, error: Exception) -> None:
        """Report that the rest of the body will not arrive."""
        self.fault = BodyFault(f"it broke off: {type(error).__name__}", is_transient=True)

    def finish(self) -> bytes:
        """Return the body after its last chunk; only its beginning if it has a fault."""
        if self._decoder is not None and not (self.fault or self._decoder.eof or self._is_empty):
            self.fault = BodyFault("it ends before its compressed data does", is_transient=True)
        parts, self._parts = self._parts, []
        if self.fault is None:
            return b"".join(parts)
        return b"".join(part[:MAX_ERROR_BODY] for part in parts[:1])

    def _inflate(self, decoder: zlib._Decompress, data: bytes) -> None:
        has_more = False
        while (data or has_more) and self.fault is None:
            if decoder.eof:
                # In gzip another member may follow (RFC 1952, 2.2). What else does is ignored.
                data = (self._ahead + data).lstrip(b"\0")
                self._ahead = data if data == _MAGIC[:1] else b""
                if self._has_ended or self._ahead or not data:
                    return
                if self._is_deflate or not data.startswith(_MAGIC):
                    self._has_ended = True
                    return
                decoder = self._decoder = zlib.decompressobj(_GZIP)
                self._member = self._size
            # One byte over the limit is enough to detect that the limit is exceeded.
            room = min(_PIECE, self.limit - self._size + 1)
            piece = decoder.decompress(data, room)
            self._append(piece)
            has_more = len(piece) == room  # raw deflate may have no input left
            data = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
            self._empty_members += decoder.eof and self._size == self._member
            if self._empty_members > _MAX_MEMBERS:
                self.fault = BodyFault("too many of its gzip members are empty", is_transient=False)

    def _append(self, data: bytes) -> None:
        remaining = self.limit - self._size
        if len(data) > remaining:
            self._exceed()
            data = data[:remaining]
        self._parts.append(data)
        self._size += len(data)

    def _exceed(self) -> None:
        self.fault = BodyFault(
            f"it is larger than the limit of {self.limit} bytes",
            is_transient=False,
            is_too_large=True,
        )


def _has_zlib_header(data: bytes) -> bool:
    if len(data) < 2:
        return data[0] & 0x0F == 8
    return data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
