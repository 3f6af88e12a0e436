"""A key that no repr, text or pickle shows."""

from __future__ import annotations

from typing import NoReturn, Self, final

_SHOWN = "**********"


@final
class Secret:
    """A key: its repr, text and format are stars, it can't be pickled, and it equals only itself.

    Every argument for a key accepts one instead of a ``str``.

    Args:
        value: The key.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str | Secret) -> None:
        if isinstance(value, Secret):
            value = value.reveal()
        if not isinstance(value, str):
            raise TypeError(f"a secret must be a str, not {type(value).__name__}")
        self._value = value

    def reveal(self) -> str:
        """Return the key itself."""
        return self._value

    def __repr__(self) -> str:
        """Return stars."""
        return f"Secret('{_SHOWN}')"

    def __str__(self) -> str:
        """Return stars."""
        return _SHOWN

    def __format__(self, spec: str) -> str:
        """Return stars, whatever the format."""
        return _SHOWN

    def __copy__(self) -> Self:
        """Return itself: it is immutable."""
        return self

    def __deepcopy__(self, memo: object) -> Self:
        """Return itself: it is immutable."""
        return self

    def __reduce__(self) -> NoReturn:
        """Raise: a pickle would contain the key."""
        raise TypeError("a Secret can't be pickled: the pickle would contain the key")
