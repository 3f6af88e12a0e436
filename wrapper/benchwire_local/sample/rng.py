"""A reproducible pseudo-random generator, based on SHA-256.

``random`` guarantees the same numbers for a seed only for ``random()`` itself; the sample data must
be the same in every Python version.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

_T = TypeVar("_T")
_STEPS = 2**64


class Rng:
    """An infinite sequence of choices, seeded with a name."""

    def __init__(self, *name: object) -> None:
        self._prefix = "|".join(str(part) for part in name).encode()
        self._count = 0

    def below(self, bound: int) -> int:
        """Return an integer from 0 to ``bound - 1``."""
        self._count += 1
        digest = sha256(b"%b|%d" % (self._prefix, self._count)).digest()
        return int.from_bytes(digest[:8], "big") % bound

    def between(self, low: int, high: int) -> int:
        """Return an integer from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def pick(self, options: Sequence[_T]) -> _T:
        """Return one of the options."""
        return options[self.below(len(options))]

    def some(self, count: int, options: Sequence[_T]) -> list[_T]:
        """Return a number of different options, in random order."""
        rest = list(options)
        return [rest.pop(self.below(len(rest))) for _ in range(count)]

    def fraction(self) -> float:
        """Return a number from 0 up to, but not including, 1."""
        return self.below(_STEPS) / _STEPS
