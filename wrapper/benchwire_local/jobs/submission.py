"""Turns what a caller submits into jobs that are paid for and stored: one transaction."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchwire_local.clock import utc_now
from benchwire_local.data import v0
from benchwire_local.errors import ApiError
from benchwire_local.http.parameters import shorten
from benchwire_local.jobs.sampling import NEEDLES_PER_UNIT, sample_units

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from benchwire_local.jobs.endpoint_config import Target


@dataclass(frozen=True, slots=True)
class Order:
    """One job as ordered: which benchmark, and how many of its units."""

    benchmark_id: str
    units: int


def store_jobs(
    connection: sqlite3.Connection,
    target: Target,
    orders: Sequence[Order],
    seed: int | None,
    batch_id: str | None,
) -> list[v0.NewJob]:
    """Sample, pay for and store the ordered jobs as pending.

    Args:
        connection: A connection in a transaction, which an error rolls back.
        target: The checked endpoint; only its URL, shape and model are stored.
        orders: The jobs, all of which are created, or none.
        seed: For the sampling of all of them; without one, a seed is drawn and kept.
        batch_id: The batch the jobs belong to, if they do.

    Raises:
        ApiError: 404 for an unknown benchmark, 402 for too few credits. Nothing was stored then.
    """
    if seed is None:
        seed = secrets.randbelow(2**31)
    # A batch may name one benchmark hundreds of times: each different order is sampled once.
    sampled = {order: _sampled(connection, order, seed) for order in dict.fromkeys(orders)}
    jobs = [
        _new_job(target, order, sampled[order], seed=seed, batch_id=batch_id) for order in orders
    ]
    try:
        v0.create_jobs(connection, jobs, utc_now())
    except v0.NotEnoughCreditsError as error:
        raise ApiError(
            402,
            f"Not enough credits: this needs {error.needed}, and {error.available} "
            f"{'is' if error.available == 1 else 'are'} available.",
        ) from None
    return jobs


def _sampled(
    connection: sqlite3.Connection, order: Order, seed: int
) -> tuple[v0.Benchmark, tuple[int, ...]]:
    benchmark = v0.get_benchmark(connection, order.benchmark_id)
    if benchmark is None:
        raise ApiError(404, f"There is no benchmark with the id {shorten(order.benchmark_id)}.")
    return benchmark, sample_units(
        seed, benchmark.id, order.units, benchmark.needle_ids, benchmark.hay_ids
    )


def _new_job(
    target: Target,
    order: Order,
    sampled: tuple[v0.Benchmark, tuple[int, ...]],
    *,
    seed: int,
    batch_id: str | None,
) -> v0.NewJob:
    benchmark, conversation_ids = sampled
    return v0.NewJob(
        id=str(uuid.uuid4()),
        batch_id=batch_id,
        benchmark=benchmark,
        endpoint_url=target.url,
        provider=target.provider,
        model=target.model,
        seed=seed,
        credits=order.units * benchmark.price_per_unit,
        needle_count=order.units * min(NEEDLES_PER_UNIT, len(benchmark.needle_ids)),
        conversation_ids=conversation_ids,
    )
