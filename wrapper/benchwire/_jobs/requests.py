"""The single v0 requests that submitting, waiting and runs are made of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from attrs import define, frozen

from benchwire._requests.fetch import fetch, uncached
from benchwire._transport.deadline import Deadline
from benchwire._transport.port import Port
from benchwire._transport.retry_after import parse_date
from benchwire.errors import APIError, BadRequestError, UnprocessableEntityError
from benchwire_api.types import Response
from benchwire_api.v0.api.account import get_account as get_account_operation
from benchwire_api.v0.api.benchmarks import list_benchmarks as list_benchmarks_operation
from benchwire_api.v0.api.jobs import get_job as get_job_operation
from benchwire_api.v0.api.jobs import list_jobs as list_jobs_operation
from benchwire_api.v0.models import Account, Benchmark, Job, JobStatus

_MIN_ROWS = 100
MAX_ROWS = 10_000


async def get_account(port: Port, deadline: Deadline) -> Account:
    """Return the account and its credits."""
    request = uncached(get_account_operation.build_request())
    return await fetch(port, request, get_account_operation.parse_response, deadline)


async def get_balance(port: Port, deadline: Deadline) -> float | None:
    """Return the credits of the account; ``None`` if the service does not show them."""
    try:
        return (await get_account(port, deadline)).available_credits
    except APIError:
        return None


async def list_benchmarks(port: Port, deadline: Deadline) -> list[Benchmark]:
    """Return every benchmark that a job can run."""
    request = list_benchmarks_operation.build_request()
    body = await fetch(port, request, list_benchmarks_operation.parse_response, deadline)
    return body.benchmarks


async def get_job(port: Port, job_id: str, deadline: Deadline) -> Job:
    """Return one job."""
    request = uncached(get_job_operation.build_request(job_id))
    return await fetch(port, request, get_job_operation.parse_response, deadline)


@frozen
class JobListing:
    """The response to one request for the list of jobs.

    Attributes:
        jobs: The jobs; newest first, but no document guarantees that.
        service_time: The service's time when it responded, in seconds since 1970; ``None`` if the
            response has no ``Date``.
    """

    jobs: list[Job]
    service_time: float | None


def known_ids(jobs: Iterable[Job]) -> list[str]:
    """Return the ids of jobs, without those that show none: no document names the field."""
    return [job.id for job in jobs if job.id is not None]


@define
class JobLister:
    """Lists jobs of every status, with a number of rows.

    The reference names no maximum for ``limit``. A service that refuses the number gets requests
    without a limit from then on.
    """

    _sends_limit: bool = True

    async def poll(
        self, port: Port, rows: int, deadline: Deadline, status: JobStatus | None = None
    ) -> JobListing:
        """Return the list, with this many rows if the service allows that."""
        if self._sends_limit:
            try:
                most = min(rows, list_jobs_operation.MAX_LIMIT)
                return await _list_jobs(port, most, status, deadline)
            except (BadRequestError, UnprocessableEntityError):
                self._sends_limit = False
        return await _list_jobs(port, None, status, deadline)

    async def poll_all(self, port: Port, deadline: Deadline) -> list[Job] | None:
        """Return every job of the account; ``None`` if the responses do not prove that.

        No document states an order or a maximum of rows. But a list of n rows shows that the
        service lists n: those of one status, if they are fewer, are all. Statuses are requested in
        the order in which a job has them, so that none is missed between two requests.
        """
        listed = (await self.poll(port, MAX_ROWS, deadline)).jobs
        jobs: dict[str | None, Job] = {}
        for status in JobStatus if listed else ():
            part = (await self.poll(port, MAX_ROWS, deadline, status)).jobs
            if len(part) >= len(listed):
                return None
            jobs |= {job.id: job for job in part}
        is_whole = None not in jobs and all(job.id in jobs for job in listed)
        return list(jobs.values()) if is_whole else None

    async def poll_pending(self, port: Port, count: int, deadline: Deadline) -> list[Job]:
        """Return the list for a wait for this many jobs, with room for jobs of other submitters."""
        return (await self.poll(port, max(count, _MIN_ROWS), deadline)).jobs


async def _list_jobs(
    port: Port, limit: int | None, status: JobStatus | None, deadline: Deadline
) -> JobListing:
    request = list_jobs_operation.build_request(limit=limit, status=status)
    return await fetch(port, uncached(request), _parse_listing, deadline)


def _parse_listing(response: Response) -> JobListing:
    return JobListing(list_jobs_operation.parse_response(response).jobs, _date(response))


def _date(response: Response) -> float | None:
    date = parse_date(response.headers.get("date", ""), datetime.now(UTC))
    return None if date is None else date.timestamp()
