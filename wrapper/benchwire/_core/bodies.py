"""Puts a body together from what comes off the wire, within a bound.

The bound holds while a body is decompressed, not after: a few hundred bytes can become gigabytes,
and the first piece that a decoder without a bound gives may hold them all.
"""

from __future__ import annotations

import zlib
from typing import Final

from attrs import define, field, frozen

DEFAULT_MAX_BODY: Final = 16 * 2**20

KEPT_OF_ERRORS: Final = 64 * 2**10
"""What is read of the body of an error, which need not be whole to be understood."""

ACCEPT_ENCODING = "gzip, deflate"

_GZIP = zlib.MAX_WBITS | 16


@frozen
class Flaw:
    """What is wrong with a body.

    Attributes:
        text: What is said of it.
        is_broken: Whether it broke on its way, so that it might be whole the next time.
    """

    text: str
    is_broken: bool


@define
class Body:
    """A body while it arrives.

    Attributes:
        limit: The most bytes it may have, decompressed.
        encoding: Its ``Content-Encoding``.
        flaw: What is wrong with it, as far as is known; nothing more is to be read once there is one.
    """

    limit: int
    encoding: str
    flaw: Flaw | None = field(default=None, init=False)
    _parts: list[bytes] = field(factory=list, init=False)
    _size: int = field(default=0, init=False)
    _decoder: zlib._Decompress | None = field(default=None, init=False)
    _is_deflate: bool = field(default=False, init=False)
    _is_empty: bool = field(default=True, init=False)

    def __attrs_post_init__(self) -> None:
        coding = self.encoding.strip().lower()
        if coding in {"gzip", "x-gzip"}:
            self._decoder = zlib.decompressobj(_GZIP)
        elif coding == "deflate":
            self._decoder = zlib.decompressobj(zlib.MAX_WBITS)
            self._is_deflate = True
        elif coding not in {"", "identity"}:
            self.flaw = Flaw(
                f"it comes in the content coding {self.encoding[:40]!r}; {ACCEPT_ENCODING} and none"
                " can be read",
                is_broken=False,
            )

    def feed(self, data: bytes) -> None:
        """Take the next bytes off the wire."""
        if self.flaw is not None or not data:
            return
        if self._decoder is None:
            self._keep(data)
            return
        first, self._is_empty = self._is_empty, False
        if first and self._is_deflate and not _has_zlib_header(data):
            # Some services send deflate without the wrapper that the name stands for.
            self._decoder = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            self._inflate(self._decoder, data)
        except zlib.error as problem:
            self.flaw = Flaw(f"it can't be decompressed: {problem}", is_broken=True)

    def finish(self) -> bytes:
        """Give the body, after all of it was fed; the beginning of it where it has a flaw."""
        if self._decoder is not None and not (self.flaw or self._decoder.eof or self._is_empty):
            self.flaw = Flaw("it ends before its compressed data does", is_broken=True)
        parts, self._parts = self._parts, []
        if self.flaw is None:
            return b"".join(parts)
        return b"".join(part[:KEPT_OF_ERRORS] for part in parts[:1])

    def _inflate(self, decoder: zlib._Decompress, data: bytes) -> None:
        while data and self.flaw is None:
            if decoder.eof:
                # Another member may follow in gzip (RFC 1952, 2.2); nothing may in deflate.
                if self._is_deflate:
                    self.flaw = Flaw("something stands behind its compressed data", is_broken=True)
                    return
                decoder = self._decoder = zlib.decompressobj(_GZIP)
            # One byte more than there is room for shows that there is more.
            self._keep(decoder.decompress(data, self.limit - self._size + 1))
            data = decoder.unused_data if decoder.eof else decoder.unconsumed_tail

    def _keep(self, data: bytes) -> None:
        room = self.limit - self._size
        if len(data) > room:
            self.flaw = Flaw(f"it has more than the {self.limit} bytes allowed", is_broken=False)
            data = data[:room]
        self._parts.append(data)
        self._size += len(data)


def _has_zlib_header(data: bytes) -> bool:
    if len(data) < 2:
        return data[0] & 0x0F == 8
    return data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
