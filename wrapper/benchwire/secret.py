"""A key that no repr, text or pickle shows, and texts whose repr alone does not show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, Self, SupportsIndex, TypeVar, cast, final

_SHOWN = "**********"

T = TypeVar("T")


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
            kind = type(value).__name__
            del value  # tools that show the variables of a traceback would show it
            raise TypeError(f"a secret must be a str, not {kind}")
        self._value = str(value)

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


class KeyHolder:
    """What holds a key, connections and locks; the modules ``copy`` and ``pickle`` refuse it."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Raise: both use this, and a shallow copy that is closed would close the original."""
        raise TypeError(
            "a client, and what holds one, can't be pickled, nor copied by the module copy: call the"
            " client's own copy() or with_options(), and make a client of its own in another process"
        )


class ConcealedText(str):
    """A text whose repr is stars, and which is the text itself everywhere else."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return stars."""
        return f"'{_SHOWN}'"

    def __getitem__(self, index: SupportsIndex | slice) -> ConcealedText:
        """Return a part, concealed like the whole: tools shorten a text before they show it."""
        return ConcealedText(super().__getitem__(index))


class ConcealedBytes(bytes):
    """Bytes whose repr is stars, and which are the bytes themselves everywhere else."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return stars."""
        return f"b'{_SHOWN}'"

    def __getitem__(self, index: Any) -> Any:
        """Return a part, concealed like the whole."""
        part = super().__getitem__(index)
        return ConcealedBytes(part) if isinstance(part, bytes) else part


ConcealedBytes.__name__ = "bytes"  # messages name the type of an argument


def concealed(value: T) -> T:
    """Return an equal value whose repr shows no text: for what may be a key, or hold some.

    Public methods replace their arguments with it, since tools that report errors show the variables
    of each frame of the traceback.
    """
    hidden: object = value
    if isinstance(value, str):
        hidden = ConcealedText(value)
    elif isinstance(value, bytes):
        hidden = ConcealedBytes(value)
    elif isinstance(value, Mapping):
        hidden = {name: concealed(each) for name, each in value.items()}
    return cast("T", hidden)
