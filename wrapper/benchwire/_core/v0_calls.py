"""The v0 API's operations as plans: arguments checked, request built, answer read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from benchwire._core import checks
from benchwire._core.plan import Plan, send, then
from benchwire._core.polling import Wait, wait_for_one
from benchwire._core.replies import reader
from benchwire.errors import (
    BadRequestError,
    JobFailedError,
    UnprocessableEntityError,
    WaitTimeoutError,
)
from benchwire_api.types import UNSET, Unset
from benchwire_api.v0.api.account import get_account as get_account_operation
from benchwire_api.v0.api.benchmarks import list_benchmarks as list_benchmarks_operation
from benchwire_api.v0.api.jobs import get_job as get_job_operation
from benchwire_api.v0.api.jobs import list_jobs as list_jobs_operation
from benchwire_api.v0.api.jobs import submit_job as submit_job_operation
from benchwire_api.v0.api.jobs import submit_job_batch as submit_batch_operation
from benchwire_api.v0.models import (
    Account,
    BatchJobItem,
    Benchmark,
    Job,
    JobStatus,
    Provider,
    SubmitJobBatchRequest,
    SubmitJobBatchResponse,
    SubmitJobRequest,
    SubmitJobResponse,
)

log = logging.getLogger("benchwire")

MAX_UNITS = 10
"""The most benchmark units of one job (openapi/v0.yaml, benchmark_count)."""

_LISTED_AT_LEAST = 100


def get_account() -> Plan[Account]:
    """The account and its credits."""
    request = get_account_operation.build_request()
    return send(request, reader(request, get_account_operation.parse_response))


def list_benchmarks() -> Plan[list[Benchmark]]:
    """Every benchmark a job can run."""
    request = list_benchmarks_operation.build_request()
    read = reader(request, list_benchmarks_operation.parse_response)
    return then(send(request, read), lambda listed: listed.benchmarks)


def list_jobs(
    status: JobStatus | str | None, limit: int | None, within: float | None = None
) -> Plan[list[Job]]:
    """Jobs, newest first."""
    request = list_jobs_operation.build_request(
        status=checks.choice("status", status, JobStatus),
        limit=UNSET if limit is None else checks.whole("limit", limit, 1, 2**31 - 1),
    )
    read = reader(request, list_jobs_operation.parse_response)
    return then(send(request, read, within), lambda listed: listed.jobs)


def list_for_wait() -> Callable[[int, float], Plan[list[Job]]]:
    """Make the plans that list the jobs of a wait, one a round.

    They ask for as many rows as are waited for, with room for jobs that others submit meanwhile.
    The reference gives no maximum, so a service that refuses the number is asked without one from
    then on; what its list leaves out is asked for one by one.
    """
    limited = True

    def ask(waited_for: int, within: float) -> Plan[list[Job]]:
        nonlocal limited
        if limited:
            try:
                return (yield from list_jobs(None, max(waited_for, _LISTED_AT_LEAST), within))
            except (BadRequestError, UnprocessableEntityError):
                limited = False
        return (yield from list_jobs(None, None, within))

    return ask


def get_job(job_id: str, within: float | None = None) -> Plan[Job]:
    """One job."""
    request = get_job_operation.build_request(checks.identifier("job_id", job_id))
    return send(request, reader(request, get_job_operation.parse_response), within)


def submit(
    benchmark_id: str,
    endpoint_url: str,
    api_key: str,
    *,
    provider: Provider | str | None,
    model: str | None,
    headers: Mapping[str, str] | None,
    benchmark_count: int | None,
    seed: int | None,
    within: float | None = None,
) -> Plan[SubmitJobResponse]:
    """Submit one job. One request, never repeated."""
    request = submit_job_operation.build_request(
        body=SubmitJobRequest(
            benchmark_id=checks.identifier("benchmark_id", benchmark_id),
            endpoint_url=_endpoint(endpoint_url),
            api_key=checks.sendable("api_key", api_key),
            provider=checks.choice("provider", provider, Provider),
            model=checks.text("model", model),
            headers=_headers(headers),
            benchmark_count=_units("benchmark_count", benchmark_count),
            seed=_seed(seed),
        )
    )
    return send(request, reader(request, submit_job_operation.parse_response), within)


def submit_and_wait(
    submission: Plan[SubmitJobResponse], wait: Wait, on_progress: Callable[[Job], object] | None
) -> Plan[Job]:
    """Submit a job, then ask for it until it has ended."""
    submitted = yield from submission
    log.info("job %s was submitted", submitted.job_id)
    try:
        return (yield from wait_for_one(submitted.job_id, get_job, wait, on_progress))
    except (JobFailedError, WaitTimeoutError):
        raise  # they carry it
    except BaseException as error:
        # It is paid for: the id must not get lost with a failed look or a Ctrl-C.
        error.add_note(f"job {submitted.job_id} was submitted and goes on; wait for it again")
        raise


def submit_batch(
    jobs: Sequence[BatchJobItem | Mapping[str, object] | str],
    endpoint_url: str,
    api_key: str,
    *,
    provider: Provider | str | None,
    model: str | None,
    headers: Mapping[str, str] | None,
    seed: int | None,
) -> Plan[SubmitJobBatchResponse]:
    """Submit several jobs. One request, never repeated."""
    if isinstance(jobs, str) or not isinstance(jobs, Sequence):
        raise TypeError(f"jobs must be a list, not one {type(jobs).__name__}")
    items = [_batch_item(position, job) for position, job in enumerate(jobs)]
    if not items:
        raise ValueError("jobs is empty: a batch needs at least one job")
    request = submit_batch_operation.build_request(
        body=SubmitJobBatchRequest(
            endpoint_url=_endpoint(endpoint_url),
            api_key=checks.sendable("api_key", api_key),
            jobs=items,
            provider=checks.choice("provider", provider, Provider),
            model=checks.text("model", model),
            headers=_headers(headers),
            seed=_seed(seed),
        )
    )
    return send(request, reader(request, submit_batch_operation.parse_response))


def _batch_item(position: int, job: BatchJobItem | Mapping[str, object] | str) -> BatchJobItem:
    name = f"jobs[{position}]"
    benchmark_id: object
    count: object = None
    if isinstance(job, str):
        benchmark_id = job
    elif isinstance(job, BatchJobItem):
        benchmark_id = job.benchmark_id
        count = None if isinstance(job.benchmark_count, Unset) else job.benchmark_count
    elif isinstance(job, Mapping):
        unknown = set(job) - {"benchmark_id", "benchmark_count"}
        if unknown or "benchmark_id" not in job:
            raise ValueError(
                f"{name} must have benchmark_id and may have benchmark_count, not"
                f" {', '.join(map(repr, job))}"
            )
        benchmark_id, count = job["benchmark_id"], job.get("benchmark_count")
    else:
        raise TypeError(
            f"{name} must be a benchmark id or a BatchJobItem, not {type(job).__name__}"
        )
    return BatchJobItem(
        benchmark_id=checks.identifier(f"{name}.benchmark_id", benchmark_id),
        benchmark_count=_units(f"{name}.benchmark_count", count),
    )


def _units(name: str, value: object) -> int | Unset:
    return UNSET if value is None else checks.whole(name, value, 1, MAX_UNITS)


def _seed(value: int | None) -> int | Unset:
    return UNSET if value is None else checks.whole("seed", value, -(2**63), 2**63 - 1)


def _endpoint(url: str) -> str:
    checks.sendable("endpoint_url", url)
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits:
        # Without what stands behind the ?, which may be a key.
        shown = url.partition("?")[0]
        raise ValueError(f"endpoint_url must be an http or https URL, not {shown!r}")
    return url


def _headers(headers: Mapping[str, object] | None) -> dict[str, str] | Unset:
    if headers is None:
        return UNSET
    if not isinstance(headers, Mapping):
        raise TypeError(f"headers must be a mapping of str to str, not {type(headers).__name__}")
    checked: dict[str, str] = {}
    for name, value in headers.items():
        if not isinstance(name, str):
            raise TypeError(f"the names of headers must be str, not {type(name).__name__}")
        checked[checks.sendable("a name of headers", name)] = checks.sendable(
            f"headers[{name!r}]", value
        )
    return checked
