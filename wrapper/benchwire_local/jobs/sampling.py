"""The sampling of a job's conversations: a pure function of the seed.

A benchmark unit is a fixed number of needles (annotated conversations, which are scored) hidden
among a fixed number of hay conversations (not annotated, not scored). The seed determines
an order of all needles and of all hay of a benchmark, and unit ``n`` takes the ``n``-th slice of
each: the units of one job share no conversation, and a job of two units begins with the
conversations of a one-unit job with the same seed. Orders are computed from a hash rather than by
``random``, whose ``sample`` and ``shuffle`` may change between Python versions.
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
    """Return the conversations of a job.

    Args:
        seed: The same seed, benchmark and conversations have the same result on every machine.
        benchmark_id: The benchmark of the conversations.
        units: The number of benchmark units, at least 1.
        needles: The ids of the annotated conversations; at least one.
        hay: The ids of the others.

    Returns:
        Ids in the order of sending, unit after unit. If the benchmark is too small for that many
        units, later ones repeat conversations.

    Raises:
        ValueError: There is no needle to score.
    """
    if not needles:
        raise ValueError(f"benchmark {benchmark_id} has no annotated conversation to score")
    needle_order = _ordered(needles, seed, benchmark_id, "needles")
    hay_order = _ordered(hay, seed, benchmark_id, "hay")
    sampled: list[int] = []
    for unit in range(units):
        members = _slice(needle_order, unit, NEEDLES_PER_UNIT) + _slice(
            hay_order, unit, HAY_PER_UNIT
        )
        sampled += _ordered(members, seed, benchmark_id, f"unit {unit}")
    return tuple(sampled)


def _ordered(ids: Sequence[int], seed: int, benchmark_id: str, purpose: str) -> list[int]:
    def rank(item: int) -> tuple[bytes, int]:
        return sha256(f"{seed}|{benchmark_id}|{purpose}|{item}".encode()).digest(), item

    return sorted(ids, key=rank)


def _slice(ids: list[int], unit: int, size: int) -> list[int]:
    size = min(size, len(ids))
    return [ids[(unit * size + offset) % len(ids)] for offset in range(size)]
