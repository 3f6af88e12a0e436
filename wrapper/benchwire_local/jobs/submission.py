"""Creation of jobs: sampling, payment and storage in one transaction."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchwire_local.clock import utc_now
from benchwire_local.data import v0
from benchwire_local.errors import ApiError, not_found
from benchwire_local.jobs.sampling import NEEDLES_PER_UNIT, sample_units

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from benchwire_local.jobs.endpoint_config import ModelEndpoint


@dataclass(frozen=True, slots=True)
class JobRequest:
    """The benchmark and the number of units of one submitted job."""

    benchmark_id: str
    units: int


def store_jobs(
    connection: sqlite3.Connection,
    endpoint: ModelEndpoint,
    requests: Sequence[JobRequest],
    seed: int | None,
    batch_id: str | None,
) -> list[v0.NewJob]:
    """Sample, pay for and store the submitted jobs as pending.

    Args:
        connection: A connection in a transaction, which an error rolls back.
        endpoint: The validated endpoint; only its URL, shape and model are stored.
        requests: The jobs: all are created, or none.
        seed: For sampling all of them; ``None`` draws one, which is stored.
        batch_id: The batch of the jobs, if any.

    Raises:
        ApiError: 404 for an unknown benchmark, 402 for too few credits. Nothing is stored then.
    """
    if seed is None:
        seed = secrets.randbelow(2**31)
    # A batch may contain one request hundreds of times: each distinct one is sampled once.
    sampled = {request: _sampled(connection, request, seed) for request in dict.fromkeys(requests)}
    jobs = [
        _new_job(endpoint, request, sampled[request], seed=seed, batch_id=batch_id)
        for request in requests
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
    connection: sqlite3.Connection, request: JobRequest, seed: int
) -> tuple[v0.LabelledBenchmark, tuple[int, ...]]:
    benchmark = v0.get_benchmark(connection, request.benchmark_id)
    if benchmark is None:
        raise not_found("benchmark", request.benchmark_id)
    return benchmark, sample_units(
        seed, benchmark.id, request.units, benchmark.needle_ids, benchmark.hay_ids
    )


def _new_job(
    endpoint: ModelEndpoint,
    request: JobRequest,
    sampled: tuple[v0.LabelledBenchmark, tuple[int, ...]],
    *,
    seed: int,
    batch_id: str | None,
) -> v0.NewJob:
    benchmark, conversation_ids = sampled
    return v0.NewJob(
        id=str(uuid.uuid4()),
        batch_id=batch_id,
        benchmark=benchmark,
        endpoint_url=endpoint.url,
        provider=endpoint.provider,
        model=endpoint.model,
        seed=seed,
        credits=request.units * benchmark.price_per_unit,
        needle_count=request.units * min(NEEDLES_PER_UNIT, len(benchmark.needle_ids)),
        conversation_ids=conversation_ids,
    )
