"""Which conversations a job sends, and in what order: a pure function of the seed.

A benchmark unit is a fixed number of needles (annotated conversations, which are scored) hidden
among a fixed number of hay conversations (not annotated, not scored). The seed puts all needles
and all hay of a benchmark in an order of its own, and unit ``n`` takes the ``n``-th slice of each:
the units of one job share no conversation, and a job of two units begins with what a job of one
unit with the same seed sends. Orders come from a hash rather than from ``random``, whose
``sample`` and ``shuffle`` may change between Python versions.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NEEDLES_PER_UNIT = 10
HAY_PER_UNIT = 30


def sample_units(
    seed: int, benchmark_id: str, units: int, needles: Sequence[int], hay: Sequence[int]
) -> tuple[int, ...]:
    """Choose the conversations of a job.

    Args:
        seed: The same seed, benchmark and conversations give the same answer, everywhere.
        benchmark_id: The benchmark the conversations belong to.
        units: How many benchmark units, at least 1.
        needles: The ids of the annotated conversations; at least one.
        hay: The ids of the others.

    Returns:
        Ids in the order to send them, unit after unit. A benchmark too small for so many units
        repeats itself in the later ones.

    Raises:
        ValueError: There is no needle to score.
    """
    if not needles:
        raise ValueError(f"benchmark {benchmark_id} has no annotated conversation to score")
    needle_order = _ordered(needles, seed, benchmark_id, "needles")
    hay_order = _ordered(hay, seed, benchmark_id, "hay")
    chosen: list[int] = []
    for unit in range(units):
        members = _slice(needle_order, unit, NEEDLES_PER_UNIT) + _slice(
            hay_order, unit, HAY_PER_UNIT
        )
        chosen += _ordered(members, seed, benchmark_id, f"unit {unit}")
    return tuple(chosen)


def _ordered(ids: Sequence[int], seed: int, benchmark_id: str, purpose: str) -> list[int]:
    def rank(item: int) -> tuple[bytes, int]:
        return sha256(f"{seed}|{benchmark_id}|{purpose}|{item}".encode()).digest(), item

    return sorted(ids, key=rank)


def _slice(ids: list[int], unit: int, size: int) -> list[int]:
    size = min(size, len(ids))
    return [ids[(unit * size + offset) % len(ids)] for offset in range(size)]
