"""The single v0 requests that submitting, waiting and runs are made of."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from attrs import define, frozen

from benchwire._requests.fetch import fetch
from benchwire._transport.deadline import Deadline
from benchwire._transport.port import Port
from benchwire.errors import BadRequestError, UnprocessableEntityError
from benchwire_api.types import Response
from benchwire_api.v0.api.account import get_account as get_account_operation
from benchwire_api.v0.api.benchmarks import list_benchmarks as list_benchmarks_operation
from benchwire_api.v0.api.jobs import get_job as get_job_operation
from benchwire_api.v0.api.jobs import list_jobs as list_jobs_operation
from benchwire_api.v0.models import Account, Benchmark, Job

_MIN_ROWS = 100


async def get_account(port: Port, deadline: Deadline) -> Account:
    """Return the account and its credits."""
    request = get_account_operation.build_request()
    return await fetch(port, request, get_account_operation.parse_response, deadline)


async def list_benchmarks(port: Port, deadline: Deadline) -> list[Benchmark]:
    """Return every benchmark that a job can run."""
    request = list_benchmarks_operation.build_request()
    body = await fetch(port, request, list_benchmarks_operation.parse_response, deadline)
    return body.benchmarks


async def get_job(port: Port, job_id: str, deadline: Deadline) -> Job:
    """Return one job."""
    request = get_job_operation.build_request(job_id)
    return await fetch(port, request, get_job_operation.parse_response, deadline)


@frozen
class JobListing:
    """The response to one request for the list of jobs.

    Attributes:
        jobs: The jobs, newest first.
        service_time: The service's time when it responded, in seconds since 1970; ``None`` if the
            response has no ``Date``.
    """

    jobs: list[Job]
    service_time: float | None


@define
class JobLister:
    """Lists jobs of every status, with a number of rows.

    The reference names no maximum for ``limit``. A service that refuses the number gets requests
    without a limit from then on.
    """

    _sends_limit: bool = True

    async def poll(self, port: Port, rows: int, deadline: Deadline) -> JobListing:
        """Return the list, with this many rows if the service allows that."""
        if self._sends_limit:
            try:
                return await _list_jobs(port, rows, deadline)
            except (BadRequestError, UnprocessableEntityError):
                self._sends_limit = False
        return await _list_jobs(port, None, deadline)

    async def poll_pending(self, port: Port, count: int, deadline: Deadline) -> list[Job]:
        """Return the list for a wait for this many jobs, with room for jobs of other submitters."""
        return (await self.poll(port, max(count, _MIN_ROWS), deadline)).jobs


async def _list_jobs(port: Port, limit: int | None, deadline: Deadline) -> JobListing:
    request = list_jobs_operation.build_request(limit=limit)
    return await fetch(port, request, _parse_listing, deadline)


def _parse_listing(response: Response) -> JobListing:
    return JobListing(list_jobs_operation.parse_response(response).jobs, _date(response))


def _date(response: Response) -> float | None:
    try:
        return parsedate_to_datetime(response.headers.get("date", "")).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
