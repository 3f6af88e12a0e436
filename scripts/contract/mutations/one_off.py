"""Mutators that belong to one operation each."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from .middleware import CallNext, MutableRequest, MutableResponse, Mutator
from .mutators import on_success

if TYPE_CHECKING:
    from collections.abc import Callable

# Fields that only a completed or a running job has.
_JOB_DETAILS = (
    *("passed_count", "failed_count", "score", "total_count", "error_message"),
    *("processed_prompts", "prompts_to_process", "progress_message"),
)


def snake_case_names(request: MutableRequest) -> MutableRequest:
    """Translate camelCase parameter names to the app's, and drop the app's own names."""
    pairs = (
        (re.sub(r"([A-Z]|[0-9]+)", r"_\1", name).lower(), value)
        for name, value in request.query
        if "_" not in name
    )
    return replace(request, query=tuple(pairs))


def reverse_order(request: MutableRequest) -> MutableRequest:
    """Reverse the order of evaluations, the default one included."""
    order = request.parameter("order") or ("asc" if request.parameter("sort_by") else "desc")
    return request.with_parameter("order", {"asc": "desc", "desc": "asc"}.get(order, order))


def swap_scores(row: dict[str, Any]) -> None:
    """Swap the scores of a row."""
    row["score1"], row["score2"] = row["score2"], row["score1"]


def swap_outcomes(request: MutableRequest) -> MutableRequest:
    """Replace one value of the outcome filter by another."""
    if request.parameter("outcome_filter") == "comparison_fails":
        return request.with_parameter("outcome_filter", "reference_fails")
    return request


async def drop_both_fail(request: MutableRequest, call_next: CallNext) -> MutableResponse:
    """Return no row for one value of the outcome filter."""
    response = await call_next(request)
    if response.status == 200 and request.parameter("outcome_filter") == "both_fail":
        response.body.update(results=None, total_count=0)
    return response


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


async def rename_type_parameter(request: MutableRequest, call_next: CallNext) -> MutableResponse:
    """Require ``typeId`` in place of ``benchmarkTypeId``."""
    if (value := request.parameter("typeId")) is None:
        return MutableResponse(
            400, {"error": {"message": "typeId: required, and missing", "code": "BadRequest"}}
        )
    others = request.without("typeId", "benchmarkTypeId").query
    return await call_next(replace(request, query=(("benchmarkTypeId", value), *others)))


def map_jobs(change: Callable[[set[str], list[Any]], list[Any]]) -> Mutator:
    """Change the whole list of jobs; the limit is applied to the changed list."""

    async def mutator(request: MutableRequest, call_next: CallNext) -> MutableResponse:
        response, limit = await call_next(request), request.parameter("limit")
        if response.status != 200:
            return response
        if limit is not None:
            response = await call_next(request.without("limit"))
        jobs = change(request.memory, response.body["jobs"])
        response.body["jobs"] = jobs if limit is None else jobs[: int(limit)]
        return response

    return mutator


_without_lost_jobs = map_jobs(lambda lost, jobs: [job for job in jobs if job["id"] not in lost])


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
    if job["id"] not in shown:
        shown.add(job["id"])
        return response
    shown.discard(job["id"])
    kept = {name: value for name, value in job.items() if name not in _JOB_DETAILS}
    response.body = kept | {"status": "pending", "completed_at": None}
    return response
