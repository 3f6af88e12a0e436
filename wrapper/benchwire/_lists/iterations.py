"""Iterations that do not end as if they were complete once an error has broken them off.

A generator ends with the first error that passes it, and whoever asks it for more is told that there is
none: after a timeout around one item, a list would look shorter than it is.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from types import AsyncGeneratorType, GeneratorType
from typing import Any, TypeVar, cast

from benchwire.errors import BenchwireError

T = TypeVar("T")


class Iteration(Generator[T]):
    """A generator which, continued after an error, raises one."""

    def __init__(self, generator: Generator[T]) -> None:
        self._generator = cast("GeneratorType[T, None, None]", generator)
        self._broken_off_by = ""

    def __next__(self) -> T:
        """Return the next value."""
        return self.send(None)

    def send(self, value: None) -> T:
        """Return the next value.

        Raises:
            BenchwireError: If an error, which was raised, has ended the iteration before its end.
        """
        try:
            return self._generator.send(value)
        except StopIteration:
            _check_end(self._broken_off_by)
            raise
        except BaseException as error:
            # Another thread's call, which finds it running, ends nothing.
            self._broken_off_by = "" if self._generator.gi_frame else type(error).__name__
            raise

    def throw(self, *error: Any) -> T:
        """Raise an error where the generator waits."""
        return self._generator.throw(*error)

    def close(self) -> None:
        """End the iteration; then there is no next value."""
        self._generator.close()


class AsyncIteration(AsyncGenerator[T]):
    """An async generator which, continued after an error, raises one."""

    def __init__(self, generator: AsyncGenerator[T]) -> None:
        self._generator = cast("AsyncGeneratorType[T, None]", generator)
        self._broken_off_by = ""

    async def __anext__(self) -> T:
        """Return the next value."""
        return await self.asend(None)

    async def asend(self, value: None) -> T:
        """Return the next value; as `Iteration.send`."""
        try:
            return await self._generator.asend(value)
        except StopAsyncIteration:
            _check_end(self._broken_off_by)
            raise
        except BaseException as error:
            self._broken_off_by = "" if self._generator.ag_frame else type(error).__name__
            raise

    async def athrow(self, *error: Any) -> T:
        """Raise an error where the generator waits."""
        return await self._generator.athrow(*error)

    async def aclose(self) -> None:
        """End the iteration; then there is no next value."""
        await self._generator.aclose()


def _check_end(broken_off_by: str) -> None:
    if broken_off_by:
        raise BenchwireError(
            f"the list was not read to its end, a {broken_off_by} broke it off: read it anew"
        ) from None
