"""Mutators that belong to one operation each."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from .messages import CallNext, MutableRequest, MutableResponse, Mutator, MutatorFactory
from .mutators import objects, rename

if TYPE_CHECKING:
    from collections.abc import Callable

# Fields that only a completed or a running job has.
_JOB_DETAILS = (
    *("passed_count", "failed_count", "score", "total_count", "error_message"),
    *("processed_prompts", "prompts_to_process", "progress_message"),
)


# ---- public ----------------------------------------------------------------------------------


def snake_case_names(request: MutableRequest) -> MutableRequest:
    """Translate camelCase parameter names to the app's, and drop the app's own names."""
    pairs = (
        (re.sub(r"([A-Z]|[0-9]+)", r"_\1", name).lower(), value)
        for name, value in request.query
        if "_" not in name
    )
    return replace(request, query=tuple(pairs))


def clamp_page_size(request: MutableRequest) -> MutableRequest:
    """Lower a page size above the maximum to the maximum."""
    size = request.parameter("page_size") or ""
    too_large = size.isdecimal() and int(size) > 500
    return request.with_parameter("page_size", 500) if too_large else request


def reverse_order(request: MutableRequest) -> MutableRequest:
    """Reverse the order of evaluations, the default one included."""
    order = request.parameter("order") or ("asc" if request.parameter("sort_by") else "desc")
    return request.with_parameter("order", {"asc": "desc", "desc": "asc"}.get(order, order))


def rename_dataset(response: MutableResponse) -> MutableResponse:
    """Rename ``dataset_id`` in one evaluation and in the list."""
    for path in ("", "evaluations"):
        for item in objects(response.body, path):
            rename("dataset_id", "benchmark_id")(item)
    return response


def swap_scores(row: dict[str, Any]) -> None:
    """Swap the scores of a row."""
    row["score1"], row["score2"] = row["score2"], row["score1"]


def swap_outcomes(request: MutableRequest) -> MutableRequest:
    """Replace one value of the outcome filter by another."""
    if request.parameter("outcome_filter") == "comparison_fails":
        return request.with_parameter("outcome_filter", "reference_fails")
    return request


def drop_both_fail() -> Mutator:
    """Return no row for one value of the outcome filter."""

    async def mutator(request: MutableRequest, call_next: CallNext) -> MutableResponse:
        response = await call_next(request)
        if response.status == 200 and request.parameter("outcome_filter") == "both_fail":
            response.body.update(results=None, total_count=0)
        return response

    return mutator


def redirect() -> Mutator:
    """Redirect to a path that does not exist."""

    async def mutator(request: MutableRequest, call_next: CallNext) -> MutableResponse:
        response = await call_next(request)
        if response.status == 200:
            response.headers["location"] = request.path.replace("/evaluations/", "/evals/")
            response.status, response.body = 308, {"error": "Moved."}
        return response

    return mutator


# ---- v2 --------------------------------------------------------------------------------------


def list_runs_of_all_types() -> Mutator:
    """List the runs of every benchmark type."""

    async def mutator(request: MutableRequest, call_next: CallNext) -> MutableResponse:
        response = await call_next(request)
        if response.status != 200:
            return response
        root = request.path.partition("/models/")[0]
        types = (await call_next(request.get(f"{root}/types"))).body
        pages = [
            await call_next(request.with_parameter("benchmarkTypeId", item["id"])) for item in types
        ]
        response.body = [run for page in pages for run in page.body]
        return response

    return mutator


def rename_type_parameter() -> Mutator:
    """Require ``typeId`` in place of ``benchmarkTypeId``."""

    async def mutator(request: MutableRequest, call_next: CallNext) -> MutableResponse:
        if (value := request.parameter("typeId")) is None:
            return MutableResponse(400, {"message": "typeId: required, and missing"})
        others = request.without("typeId", "benchmarkTypeId").query
        return await call_next(replace(request, query=(("benchmarkTypeId", value), *others)))

    return mutator


# ---- v0 --------------------------------------------------------------------------------------


async def _list_all_jobs(
    request: MutableRequest, call_next: CallNext
) -> tuple[MutableResponse, int | None]:
    """Return the response with all jobs, and the limit to apply afterwards."""
    response = await call_next(request)
    limit = request.parameter("limit")
    if response.status != 200 or limit is None:
        return response, None
    return await call_next(request.without("limit")), int(limit)


def map_jobs(change: Callable[[list[Any]], list[Any]]) -> MutatorFactory:
    """Change the whole list of jobs; the limit is applied to the changed list."""

    async def mutator(request: MutableRequest, call_next: CallNext) -> MutableResponse:
        response, limit = await _list_all_jobs(request, call_next)
        if response.status == 200:
            response.body["jobs"] = change(response.body["jobs"])[:limit]
        return response

    return lambda: mutator


def lose_submissions() -> Mutator:
    """Accept a job, and never show it again."""
    lost: set[str] = set()

    async def mutator(request: MutableRequest, call_next: CallNext) -> MutableResponse:
        if request.operation == "v0.getJob":
            job_id = unquote(request.path.rpartition("/")[2])
            if job_id in lost:
                return MutableResponse(404, {"error": f"There is no job with the id {job_id!r}."})
            return await call_next(request)
        if request.operation == "v0.listJobs":
            response, limit = await _list_all_jobs(request, call_next)
            if response.status == 200:
                jobs = [job for job in response.body["jobs"] if job["id"] not in lost]
                response.body["jobs"] = jobs[:limit]
            return response
        response = await call_next(request)
        if response.status == 202:
            lost.add(response.body["job_id"])
        return response

    return mutator


def revert_status() -> Mutator:
    """Return ``pending`` in every second response about a job that has started."""
    shown: set[str] = set()

    async def mutator(request: MutableRequest, call_next: CallNext) -> MutableResponse:
        response = await call_next(request)
        job = response.body
        if response.status != 200 or job["status"] == "pending":
            return response
        if job["id"] not in shown:
            shown.add(job["id"])
            return response
        shown.discard(job["id"])
        kept = {name: value for name, value in job.items() if name not in _JOB_DETAILS}
        response.body = kept | {"status": "pending", "completed_at": None}
        return response

    return mutator
