"""The operations of the v0 API: account, benchmarks and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchwire_local.data import v0
from benchwire_local.errors import ApiError
from benchwire_local.http.call import Reply
from benchwire_local.http.parameters import shorten
from benchwire_local.jobs.endpoint_config import InvalidTargetError, Target, checked_target
from benchwire_local.jobs.submission import Order

if TYPE_CHECKING:
    from benchwire_local.http.call import Call, Handler


def get_account(call: Call) -> Reply:
    """Answer ``getAccount``."""
    with call.state.db.read() as connection:
        return Reply(200, v0.get_account(connection))


def list_benchmarks(call: Call) -> Reply:
    """Answer ``listBenchmarks``."""
    with call.state.db.read() as connection:
        return Reply(200, {"benchmarks": v0.list_benchmarks(connection)})


async def submit_job(call: Call) -> Reply:
    """Answer ``submitJob``."""
    body = call.body
    job_id = await call.state.jobs.submit(_target(call), _order(body), _seed(body))
    message = f"The job was accepted. Poll GET /v0/jobs/{job_id} for its progress and results."
    return Reply(202, {"job_id": job_id, "status": "pending", "message": message})


async def submit_job_batch(call: Call) -> Reply:
    """Answer ``submitJobBatch``."""
    body = call.body
    orders = [_order(job) for job in body["jobs"]]
    batch_id, job_ids = await call.state.jobs.submit_batch(_target(call), orders, _seed(body))
    reply = {
        "batch_id": batch_id,
        "job_ids": job_ids,
        "status": "pending",
        "message": (
            f"{len(job_ids)} {'job was' if len(job_ids) == 1 else 'jobs were'} accepted. "
            "Poll GET /v0/jobs/{id} for the progress and results of each."
        ),
    }
    return Reply(202, reply)


def list_jobs(call: Call) -> Reply:
    """Answer ``listJobs``: the newest first."""
    with call.state.db.read() as connection:
        jobs = v0.list_jobs(
            connection, call.query.get("status"), call.query.get("limit"), call.jobs_until
        )
    return Reply(200, {"jobs": jobs})


def get_job(call: Call) -> Reply:
    """Answer ``getJob``."""
    job_id = call.path_params["id"]
    with call.state.db.read() as connection:
        job = v0.get_job(connection, job_id)
    unseen = job and call.jobs_until is not None and job["created_at"] > call.jobs_until
    if job is None or unseen:
        raise ApiError(404, f"There is no job with the id {shorten(job_id)}.")
    return Reply(200, job)


# JSON Schema's integers include 1.0, which Python's ranges refuse: hence the int() below.


def _order(job: dict[str, Any]) -> Order:
    return Order(job["benchmark_id"], int(job.get("benchmark_count", 1)))


def _seed(body: dict[str, Any]) -> int | None:
    return int(body["seed"]) if "seed" in body else None


def _target(call: Call) -> Target:
    body: dict[str, Any] = call.body
    try:
        return checked_target(
            body["endpoint_url"],
            body.get("provider", "openai"),
            body.get("model"),
            body["api_key"],
            body.get("headers", {}),
            allow_remote=call.state.settings.allow_remote_endpoints,
        )
    except InvalidTargetError as error:
        raise ApiError(422, str(error)) from None


HANDLERS: dict[str, Handler] = {
    "getAccount": get_account,
    "listBenchmarks": list_benchmarks,
    "submitJob": submit_job,
    "submitJobBatch": submit_job_batch,
    "listJobs": list_jobs,
    "getJob": get_job,
}
