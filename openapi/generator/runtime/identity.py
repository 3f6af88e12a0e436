"""Compares the id in a response with the id that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from .decoding import described
from .errors import DecodeError

if TYPE_CHECKING:
    from .types import Request

__all__ = ["same_identity"]

T = TypeVar("T")


def same_identity(request: Request, result: T) -> T:
    """Return a result that has the id that was asked for, or none.

    A number and its text are one id, and case does not count: a service may change both.

    Raises:
        DecodeError: If it has another one: it is the response to another request.
    """
    found = getattr(result, "id", None)
    asked = request.identity
    if asked is None or found is None or str(found).casefold() == str(asked).casefold():
        return result
    raise DecodeError("$.id", f"the id that was asked for, {described(asked)}", described(found))
