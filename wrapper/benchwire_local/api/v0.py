"""The operations of the v0 API: account, benchmarks and jobs."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from benchwire_local.data import v0
from benchwire_local.errors import ApiError, not_found
from benchwire_local.http.call import ApiResponse, reader
from benchwire_local.jobs.endpoint_config import InvalidEndpointError, ModelEndpoint, check_endpoint
from benchwire_local.jobs.submission import JobRequest
from benchwire_specs import load_document

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from benchwire_local.http.call import Call, Handler


def _number_id(text: str | None) -> str | int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else text


# As the vendor prints them: ids, stored as text, are numbers; amounts, stored as integers, 125.0.
_IDS: tuple[str, ...] = ("id", "benchmark_id", "merchant_id", "version", "benchmark_property_id")
_IDS += ("organization_id", "account_id")
_AMOUNTS = ("price_per_benchmark_unit", "available_credits", "credits_used")
_PRINTED: dict[str, Callable[[Any], Any]]
_PRINTED = dict.fromkeys(_IDS, _number_id) | dict.fromkeys(_AMOUNTS, float)


def _as_printed(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _PRINTED.get(name, lambda kept: kept)(value) for name, value in row.items()}


def get_health(_: Call) -> ApiResponse:
    """Handle ``getHealth``."""
    return ApiResponse(200, {"status": "ok"})


async def submit_job(call: Call) -> ApiResponse:
    """Handle ``submitJob``."""
    body = call.body
    request = _job_request(body, "SubmitJobRequest")
    job_id = await call.state.jobs.submit(_endpoint(call), request, _seed(body))
    message = f"The job was accepted. Poll GET /v0/jobs/{job_id} for its progress and results."
    return ApiResponse(202, {"job_id": job_id, "status": "pending", "message": message})


async def submit_job_batch(call: Call) -> ApiResponse:
    """Handle ``submitJobBatch``."""
    body = call.body
    requests = [_job_request(job, "BatchJobItem") for job in body["jobs"]]
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


def _benchmarks(connection: sqlite3.Connection, _call: Call) -> dict[str, Any]:
    return {"benchmarks": [_as_printed(row) for row in v0.list_benchmarks(connection)]}


def _jobs(connection: sqlite3.Connection, call: Call) -> dict[str, Any]:
    status, limit = call.query.get("status"), call.query.get("limit")
    jobs = v0.list_jobs(connection, status, limit, call.jobs_until)
    return {"jobs": [_as_printed(job) for job in jobs]}


def _job(connection: sqlite3.Connection, call: Call) -> dict[str, Any]:
    job = v0.get_job(connection, call.path_params["id"])
    if job is None or (call.jobs_until is not None and job["created_at"] > call.jobs_until):
        raise not_found("job", call.path_params["id"])
    return _as_printed(job)


# JSON Schema's integers include 1.0, which range() rejects: hence the int() below.


@cache
def _default(schema: str, name: str) -> Any:
    return load_document("v0").node(f"#/components/schemas/{schema}/properties/{name}/default")


def _job_request(job: dict[str, Any], schema: str) -> JobRequest:
    count = job.get("benchmark_count") or _default(schema, "benchmark_count")
    return JobRequest(str(job["benchmark_id"]), int(count))


def _seed(body: dict[str, Any]) -> int | None:
    return int(body["seed"]) if "seed" in body else None


def _endpoint(call: Call) -> ModelEndpoint:
    body: dict[str, Any] = call.body
    try:
        return check_endpoint(
            body["endpoint_url"],
            body.get("provider") or _default("SubmitJobRequest", "provider"),
            body.get("model"),
            body["api_key"],
            body.get("headers", {}),
            allow_remote=call.state.settings.allow_remote_endpoints,
        )
    except InvalidEndpointError as error:
        raise ApiError(400, str(error)) from None


HANDLERS: dict[str, Handler] = {
    "getHealth": get_health,
    "getAccount": reader(lambda db, _call: _as_printed(v0.get_account(db))),
    "listBenchmarks": reader(_benchmarks),
    "submitJob": submit_job,
    "submitJobBatch": submit_job_batch,
    "listJobs": reader(_jobs),
    "getJob": reader(_job),
}
