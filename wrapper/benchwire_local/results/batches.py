"""Batches of what is read from files of results."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from benchwire_local.errors import ImportFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")


def batches(
    items: Iterable[T],
    most: int,
    size: Callable[[T], int] = lambda _: 0,
    most_size: float = math.inf,
) -> Iterator[list[T]]:
    """Yield items in lists of at most so many; a list ends where its size is beyond a limit.

    Before an error in reading, the items before it are yielded, as they may have an earlier one.
    """
    batch: list[T] = []
    total = 0
    try:
        for item in items:
            batch.append(item)
            total += size(item)
            if len(batch) == most or total > most_size:
                yield batch
                batch, total = [], 0
    except ImportFailedError:
        yield batch
        raise
    yield batch
