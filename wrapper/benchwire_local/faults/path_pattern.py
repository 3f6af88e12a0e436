"""Patterns of paths, matched in time linear in the path: it is sent by clients."""

from __future__ import annotations

import re

_STARS = re.compile(r"(\*\*|\*)")


class PathPattern:
    """A pattern in which ``*`` is any text without a slash, and ``**`` any text.

    A regular expression with several stars takes a power of the length of the path.
    """

    def __init__(self, text: str) -> None:
        self._first, *rest = _STARS.split(text)
        self._parts = tuple(zip(rest[::2], rest[1::2], strict=True))

    def matches(self, path: str) -> bool:
        """Return whether the pattern matches the whole path."""
        if not path.startswith(self._first):
            return False
        if not self._parts:
            return path == self._first
        # The ends of what is matched so far: the earliest in each segment of the path, because
        # whatever can follow a later end in a segment can follow the earliest.
        ends = [len(self._first)]
        *inner, (star, last) = self._parts
        for inner_star, literal in inner:
            ends = _after(inner_star, literal, path, ends)
            if not ends:
                return False
        start = len(path) - len(last)
        if not path.endswith(last) or start < ends[0]:
            return False
        nearest = max(end for end in ends if end <= start)
        return star == "**" or "/" not in path[nearest:start]


def _after(star: str, literal: str, path: str, ends: list[int]) -> list[int]:
    """Return the earliest end in each segment of a literal that follows a star."""
    found: list[int] = []
    if star == "**":
        start = path.find(literal, ends[0])
        while start >= 0:
            found.append(start + len(literal))
            slash = path.find("/", found[-1])
            if slash < 0:
                break
            start = path.find(literal, max(start + 1, slash + 1 - len(literal)))
        return found
    for end in ends:
        slash = path.find("/", end)
        most = (len(path) if slash < 0 else slash) + len(literal)
        start = path.find(literal, end, most)
        if start >= 0:
            found.append(start + len(literal))
    return found
