"""Mutators that belong to one operation each."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from .middleware import CallNext, MutableRequest, MutableResponse
from .mutators import on_success, remake_list


async def redirect(request: MutableRequest, call_next: CallNext) -> MutableResponse:
    """Redirect to a path that does not exist."""
    response = await call_next(request)
    if response.status == 200:
        response.headers["location"] = request.path.replace("/evaluations/", "/evals/")
        response.status, response.body = 308, {"error": "Moved."}
    return response


@on_success
async def list_runs_of_all_types(
    request: MutableRequest, response: MutableResponse, call_next: CallNext
) -> MutableResponse:
    """List the runs of every benchmark type."""
    root = request.path.partition("/models/")[0]
    types = (await call_next(request.get(f"{root}/types"))).body
    requests = [request.with_parameter("benchmarkTypeId", item["id"]) for item in types]
    response.body = [run for one in requests for run in (await call_next(one)).body]
    return response


def swap_ties(rows: list[Any], request: MutableRequest) -> list[Any]:
    """Reverse the models of equal region on the second page of a list sorted by it."""
    if (request.parameter("sort_by"), request.parameter("page")) == ("region", "2"):
        rows.reverse()
        rows.sort(key=lambda row: str(row["region"]), reverse=request.parameter("order") == "desc")
    return rows


def sort_pages(rows: list[Any], request: MutableRequest) -> list[Any]:
    """Sort each page of evaluations on its own, by accuracy."""
    size, order = int(request.parameter("page_size") or 100), request.parameter("order")
    if request.parameter("sort_by") == "accuracy":
        rows.sort(key=lambda row: str(row["id"]))
        for start in range(0, len(rows), size):
            page = sorted(rows[start : start + size], key=lambda row: row["accuracy"] or 0)
            rows[start : start + size] = page[::-1] if order == "desc" else page
    return rows


async def limit_before_status(request: MutableRequest, call_next: CallNext) -> MutableResponse:
    """Select jobs by status among those that the limit leaves."""
    response, status = await call_next(request.without("status")), request.parameter("status")
    if response.status == 200 and status:
        response.body["jobs"] = [job for job in response.body["jobs"] if job["status"] == status]
    return response


_without_lost_jobs = remake_list(
    "jobs", "", lambda jobs, request: [job for job in jobs if job["id"] not in request.memory]
)


async def lose_submissions(request: MutableRequest, call_next: CallNext) -> MutableResponse:
    """Accept a job, and never show it again."""
    job_id = unquote(request.path.rpartition("/")[2])
    if request.operation == "v0.getJob" and job_id in request.memory:
        return MutableResponse(404, {"error": f"There is no job with the id {job_id!r}."})
    if request.operation == "v0.listJobs":
        return await _without_lost_jobs(request, call_next)
    response = await call_next(request)
    if response.status == 202:
        request.memory.add(response.body["job_id"])
    return response


async def revert_status(request: MutableRequest, call_next: CallNext) -> MutableResponse:
    """Return ``pending`` in every second response about a job that has started."""
    response = await call_next(request)
    job, shown = response.body, request.memory
    if response.status != 200 or job["status"] == "pending":
        return response
    if job["id"] in shown:
        response.body = job | {"status": "pending", "completed_at": None}
    shown ^= {job["id"]}
    return response
