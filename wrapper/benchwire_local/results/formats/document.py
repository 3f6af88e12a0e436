"""Reads a JSON document of any size in parts: the elements of chosen arrays, and the rest.

Evaluation tools write documents of gigabytes whose bulk is one array, and write ``NaN``, which is
not JSON. Incremental parsers that refuse ``NaN``, or change long integers, are of no use here, so
this module splits the text and leaves parsing of the parts to the JSON parsers.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import orjson

from benchwire_local.results.formats.fields import FieldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MAX_PART_BYTES = 64 * 1024 * 1024
_READ_BYTES = 256 * 1024
_MAX_DEPTH = 900  # of the part of a document that is skipped or copied

Path = tuple[str, ...]

_SPACE = re.compile(rb"[ \t\r\n]*+")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR = re.compile(rb"[^\s,:\]}\[{\"]++")
# Everything up to and with the next bracket outside of a string.
_TO_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+[{}\[\]]', re.DOTALL)
_KEYS = re.compile(rb'("(?:[^"\\]++|\\.)*+")\s*+(:?)|[{}\[\]]', re.DOTALL)


class DocumentError(ValueError):
    """The text is not one JSON document, or a part of it is too large."""


def loads(text: bytes) -> Any:
    """Parse JSON in UTF-8, in which ``NaN`` and ``Infinity`` may occur.

    Raises:
        FieldError: It is no JSON, is nested too deep, or has text that is no Unicode.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        value = json.loads(text.decode())
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise FieldError(f"not valid JSON: {error.msg}: column {error.colno}") from None
    except UnicodeDecodeError as error:
        raise FieldError(f"byte {error.start + 1} is not valid UTF-8") from None
    except UnicodeEncodeError:
        raise FieldError("not valid JSON: an escape is half of a surrogate pair") from None
    except RecursionError:
        raise FieldError("not valid JSON: nested too deep") from None
    except ValueError as error:  # a number of thousands of digits
        raise FieldError(f"not valid JSON: {str(error).partition(';')[0]}") from None
    return value


def outline(prefix: bytes) -> tuple[str, set[Path]]:
    """Return the first byte of a text and the keys, two levels deep, of its first value.

    The text may be only the beginning of a document; the elements of an array have the key ``*``.
    """
    keys: set[Path] = set()
    text = prefix.lstrip(b" \t\r\n")
    path: list[str] = []
    for match in _KEYS.finditer(text):
        string, colon = match[1], match[2]
        if string is None:
            if match[0] in b"{[":
                path.append("*")
            else:
                path = path[:-1]
                if not path:
                    break
        elif colon and 1 <= len(path) <= 2:
            path[-1] = string[1:-1].decode(errors="replace")
            keys.add(tuple(path))
    return text[:1].decode(errors="replace"), keys


def split(
    read: Callable[[int], bytes], arrays: Sequence[Path], dropped: Sequence[Path] = ()
) -> Iterator[tuple[Path, bytes]]:
    """Yield the elements of arrays of a document, one by one, and last the rest of it.

    Args:
        read: Returns the next bytes, at most as many as asked for; none at the end.
        arrays: The paths of the arrays; ``*`` stands for an element of an array above.
        dropped: The paths of members to skip, however large.

    Yields:
        The path of the array and an element; last ``("",)`` and the document without the elements
        and what was dropped.

    Raises:
        DocumentError: It is no JSON document, or an element or the rest is above 64 MiB.
    """
    yield from _Splitter(read, frozenset(arrays), frozenset(dropped)).run()


class _Splitter:
    def __init__(
        self, read: Callable[[int], bytes], arrays: frozenset[Path], dropped: frozenset[Path]
    ) -> None:
        self._read = read
        self._buffer = b""
        self._at = 0
        self._arrays = arrays
        self._dropped = dropped
        # Objects are taken apart only on the way to a path.
        self._ways = {path[:n] for path in (*arrays, *dropped) for n in range(len(path))}

    def run(self) -> Iterator[tuple[Path, bytes]]:
        if self._fill() and self._buffer.startswith(b"\xef\xbb\xbf"):
            self._at = 3
        rest = bytearray()
        yield from self._value((), rest)
        if self._peek():
            raise DocumentError("not valid JSON: there is text after the document")
        yield ("",), bytes(rest)

    def _fill(self) -> bool:
        """Read more; the more, the longer the token that has not ended."""
        pending = len(self._buffer) - self._at
        if pending > MAX_PART_BYTES:
            raise DocumentError(f"a value is longer than the limit of {MAX_PART_BYTES} bytes")
        more = self._read(max(_READ_BYTES, pending))
        self._buffer = self._buffer[self._at :] + more
        self._at = 0
        return bool(more)

    def _peek(self) -> bytes:
        """Return the next byte that is no space; none at the end."""
        while True:
            match = _SPACE.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._fill():
                return b""

    def _token(self, pattern: re.Pattern[bytes]) -> bytes:
        """Take a token, of which some may not have been read yet."""
        while True:
            match = pattern.match(self._buffer, self._at)
            # A scalar may go on after the end of what was read.
            if match and (pattern is not _SCALAR or match.end() < len(self._buffer)):
                break
            if not self._fill():
                match = pattern.match(self._buffer, self._at)
                break
        if not match:
            raise DocumentError(
                "not valid JSON: it ends before the document does"
                if pattern is not _SCALAR
                else f"not valid JSON: unexpected {self._buffer[self._at : self._at + 1]!r}"
            )
        self._at = match.end()
        return match[0]

    def _expect(self, *allowed: bytes) -> bytes:
        found = self._peek()
        if found not in allowed or not found:
            what = "it ends too early" if not found else f"unexpected {found!r}"
            raise DocumentError(f"not valid JSON: {what}")
        self._at += 1
        return found

    def _value(self, path: Path, kept: bytearray) -> Iterator[tuple[Path, bytes]]:
        first = self._peek()
        if first == b"[" and path in self._arrays:
            kept += b"[]"
            yield from self._elements(path)
        elif first == b"{" and path in self._ways:
            yield from self._members(path, kept)
        else:
            self._copy(first, kept)

    def _elements(self, path: Path) -> Iterator[tuple[Path, bytes]]:
        self._expect(b"[")
        if self._peek() == b"]":
            self._at += 1
            return
        while True:
            element = bytearray()
            yield from self._value((*path, "*"), element)
            yield path, bytes(element)
            if self._expect(b",", b"]") == b"]":
                return

    def _members(self, path: Path, kept: bytearray) -> Iterator[tuple[Path, bytes]]:
        kept += self._expect(b"{")
        separator = b""
        if self._peek() == b"}":
            kept += self._expect(b"}")
            return
        while True:
            if self._peek() != b'"':
                raise DocumentError("not valid JSON: a key is missing")
            raw = self._token(_STRING)
            self._expect(b":")
            key = (*path, raw[1:-1].decode(errors="replace"))
            if key in self._dropped:
                self._copy(self._peek(), None)
            else:
                kept += separator + raw + b":"
                separator = b","
                yield from self._value(key, kept)
            if self._expect(b",", b"}") == b"}":
                kept += b"}"
                return

    def _copy(self, first: bytes, kept: bytearray | None) -> None:
        """Take a value as it is."""
        depth = 0
        while True:
            if depth or first in (b"{", b"["):
                token = self._token(_TO_BRACKET)
                depth += 1 if token[-1:] in b"{[" else -1
            elif first == b'"':
                token = self._token(_STRING)
            else:
                token = self._token(_SCALAR)
            if kept is not None:
                kept += token
                if len(kept) > MAX_PART_BYTES:
                    raise DocumentError(
                        f"a part of it is larger than the limit of {MAX_PART_BYTES} bytes"
                    )
            if depth > _MAX_DEPTH:
                raise DocumentError(f"nested more than {_MAX_DEPTH} levels deep")
            if not depth:
                return
