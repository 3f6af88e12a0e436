"""The operations of the v0 API: account, benchmarks and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchwire_local.data import v0
from benchwire_local.errors import ApiError
from benchwire_local.http.call import ApiResponse
from benchwire_local.http.parameters import shorten
from benchwire_local.jobs.endpoint_config import InvalidEndpointError, ModelEndpoint, check_endpoint
from benchwire_local.jobs.submission import JobRequest

if TYPE_CHECKING:
    from benchwire_local.http.call import Call, Handler


def get_health(_: Call) -> ApiResponse:
    """Handle ``getHealth``."""
    return ApiResponse(200, {"status": "ok"})


def get_account(call: Call) -> ApiResponse:
    """Handle ``getAccount``."""
    with call.state.db.read() as connection:
        return ApiResponse(200, v0.get_account(connection))


def list_benchmarks(call: Call) -> ApiResponse:
    """Handle ``listBenchmarks``."""
    with call.state.db.read() as connection:
        return ApiResponse(200, {"benchmarks": v0.list_benchmarks(connection)})


async def submit_job(call: Call) -> ApiResponse:
    """Handle ``submitJob``."""
    body = call.body
    job_id = await call.state.jobs.submit(_endpoint(call), _job_request(body), _seed(body))
    message = f"The job was accepted. Poll GET /v0/jobs/{job_id} for its progress and results."
    return ApiResponse(202, {"job_id": job_id, "status": "pending", "message": message})


async def submit_job_batch(call: Call) -> ApiResponse:
    """Handle ``submitJobBatch``."""
    body = call.body
    requests = [_job_request(job) for job in body["jobs"]]
    batch_id, job_ids = await call.state.jobs.submit_batch(_endpoint(call), requests, _seed(body))
    response = {
        "batch_id": batch_id,
        "job_ids": job_ids,
        "status": "pending",
        "message": (
            f"{len(job_ids)} {'job was' if len(job_ids) == 1 else 'jobs were'} accepted. "
            "Poll GET /v0/jobs/{id} for the progress and results of each."
        ),
    }
    return ApiResponse(202, response)


def list_jobs(call: Call) -> ApiResponse:
    """Handle ``listJobs``: the newest first."""
    with call.state.db.read() as connection:
        jobs = v0.list_jobs(
            connection, call.query.get("status"), call.query.get("limit"), call.jobs_until
        )
    return ApiResponse(200, {"jobs": jobs})


def get_job(call: Call) -> ApiResponse:
    """Handle ``getJob``."""
    job_id = call.path_params["id"]
    with call.state.db.read() as connection:
        job = v0.get_job(connection, job_id)
    unseen = job and call.jobs_until is not None and job["created_at"] > call.jobs_until
    if job is None or unseen:
        raise ApiError(404, f"There is no job with the id {shorten(job_id)}.")
    return ApiResponse(200, job)


# JSON Schema's integers include 1.0, which Python's ranges refuse: hence the int() below.


def _job_request(job: dict[str, Any]) -> JobRequest:
    return JobRequest(str(job["benchmark_id"]), int(job.get("benchmark_count", 1)))


def _seed(body: dict[str, Any]) -> int | None:
    return int(body["seed"]) if "seed" in body else None


def _endpoint(call: Call) -> ModelEndpoint:
    body: dict[str, Any] = call.body
    try:
        return check_endpoint(
            body["endpoint_url"],
            body.get("provider", "openai"),
            body.get("model"),
            body["api_key"],
            body.get("headers", {}),
            allow_remote=call.state.settings.allow_remote_endpoints,
        )
    except InvalidEndpointError as error:
        raise ApiError(400, str(error)) from None


HANDLERS: dict[str, Handler] = {
    "getHealth": get_health,
    "getAccount": get_account,
    "listBenchmarks": list_benchmarks,
    "submitJob": submit_job,
    "submitJobBatch": submit_job_batch,
    "listJobs": list_jobs,
    "getJob": get_job,
}
