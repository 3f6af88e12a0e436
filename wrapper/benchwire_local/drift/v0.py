"""Changes of the v0 API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from benchwire_local.drift import edits
from benchwire_local.drift.edits import convert, editing, enum_value, ignoring, null, rename
from benchwire_local.drift.messages import Act, Answered, Asked, Change, PassOn

if TYPE_CHECKING:
    from collections.abc import Callable

_ACCOUNT = ("v0.getAccount",)
_BENCHMARKS = ("v0.listBenchmarks",)
_SUBMIT = ("v0.submitJob",)
_BATCH = ("v0.submitJobBatch",)
_JOBS = ("v0.listJobs",)
_JOB = ("v0.getJob",)
_EVERYTHING = (*_ACCOUNT, *_BENCHMARKS, *_SUBMIT, *_BATCH, *_JOBS, *_JOB)

# What only a completed or a running job shows.
_RESULTS = ("passed_count", "failed_count", "score", "total_count", "error_message")
_PROGRESS = ("processed_prompts", "prompts_to_process", "progress_message")


async def _all_jobs(asked: Asked, pass_on: PassOn) -> tuple[Answered, int | None]:
    """Have all jobs listed; and give the limit that was asked for, to be kept afterwards."""
    answered = await pass_on(asked)
    limit = asked.given("limit")
    if answered.status != 200 or limit is None:
        return answered, None
    return await pass_on(asked.without("limit")), int(limit)


def _listing(change: Callable[[list[Any]], list[Any]]) -> Callable[[], Act]:
    """Make the change of the whole list, of which the limit keeps the beginning."""

    async def act(asked: Asked, pass_on: PassOn) -> Answered:
        answered, limit = await _all_jobs(asked, pass_on)
        if answered.status == 200:
            answered.body["jobs"] = change(answered.body["jobs"])[:limit]
        return answered

    return lambda: act


def _lost_write() -> Act:
    lost: set[str] = set()

    async def act(asked: Asked, pass_on: PassOn) -> Answered:
        if asked.operation == _JOB[0]:
            job_id = unquote(asked.path.rpartition("/")[2])
            if job_id in lost:
                return Answered(404, {"error": f"There is no job with the id {job_id!r}."})
            return await pass_on(asked)
        if asked.operation == _JOBS[0]:
            answered, limit = await _all_jobs(asked, pass_on)
            if answered.status == 200:
                jobs = [job for job in answered.body["jobs"] if job["id"] not in lost]
                answered.body["jobs"] = jobs[:limit]
            return answered
        answered = await pass_on(asked)
        if answered.status == 202:
            lost.add(answered.body["job_id"])
        return answered

    return act


def _status_back() -> Act:
    """Every second answer about a job that has begun says that it is pending."""
    shown: set[str] = set()

    async def act(asked: Asked, pass_on: PassOn) -> Answered:
        answered = await pass_on(asked)
        job = answered.body
        if answered.status != 200 or job["status"] == "pending":
            return answered
        if job["id"] not in shown:
            shown.add(job["id"])
            return answered
        shown.discard(job["id"])
        answered.body = {
            name: value for name, value in job.items() if name not in (*_RESULTS, *_PROGRESS)
        } | {"status": "pending", "completed_at": None}
        return answered

    return act


def _served_head() -> Act:
    async def act(asked: Asked, pass_on: PassOn) -> Answered:
        return await pass_on(asked.elsewhere(asked.path))

    return act


def _share(job: dict[str, Any]) -> None:
    if job.get("score") is not None:
        job["score"] = job["score"] / 100


CHANGES = (
    # ---- account ----
    Change(
        "v0.account.field-renamed", "renamed field", _ACCOUNT,
        "`available_credits` is called `credits`.",
        editing("", rename("available_credits", "credits")),
    ),
    Change(
        "v0.account.field-retyped", "retyped field", _ACCOUNT,
        "`available_credits` is a text.",
        editing("", convert("available_credits", str)),
    ),
    Change(
        "v0.account.field-null", "null", _ACCOUNT,
        "`available_credits` is null.",
        editing("", null("available_credits")),
    ),
    Change(
        "v0.account.extra-route", "extra route", _ACCOUNT,
        "HEAD /v0/me is served; the specification has GET only.",
        _served_head,
        route=re.compile("HEAD /v0/me"),
    ),
    # ---- benchmarks ----
    Change(
        "v0.benchmarks.field-null", "null", _BENCHMARKS,
        "A benchmark's `id` is null.",
        editing("benchmarks", null("id")),
    ),
    Change(
        "v0.benchmarks.field-retyped", "retyped field", _BENCHMARKS,
        "A benchmark's `version` is a number.",
        editing("benchmarks", convert("version", float)),
    ),
    Change(
        "v0.benchmarks.date-format", "date format", _BENCHMARKS,
        "A benchmark's `created_at` is written as in mails: Thu, 01 May 2025 08:00:00 GMT.",
        editing("benchmarks", convert("created_at", edits.mail)),
    ),
    Change(
        "v0.benchmarks.content-type", "content type", _BENCHMARKS,
        "The JSON is sent as `text/html`.",
        edits.content_type("text/html"),
    ),
    # ---- submissions ----
    Change(
        "v0.submit.status-code", "status code", _SUBMIT,
        "A job is accepted with 201 instead of 202.",
        edits.status(201),
    ),
    Change(
        "v0.submit.field-renamed", "renamed field", _SUBMIT,
        "`job_id` is called `id`.",
        editing("", rename("job_id", "id")),
    ),
    Change(
        "v0.submit.lost-write", "lost write", (*_SUBMIT, *_JOBS, *_JOB),
        "A job is accepted and paid for, but never listed, and its id is unknown.",
        _lost_write,
    ),
    Change(
        "v0.batch.ids-missing", "lost write", _BATCH,
        "`job_ids` lacks the last job of the batch.",
        editing("", convert("job_ids", lambda ids: ids[:-1])),
    ),
    Change(
        "v0.batch.field-retyped", "retyped field", _BATCH,
        "`job_ids` is one text, joined with commas.",
        editing("", convert("job_ids", ",".join)),
    ),
    # ---- jobs ----
    Change(
        "v0.jobs.limit-ignored", "page size", _JOBS,
        "`limit` is ignored.",
        ignoring("limit"),
    ),
    Change(
        "v0.jobs.capped", "page size", _JOBS,
        "The list has 2 jobs at most.",
        _listing(lambda jobs: jobs[:2]),
    ),
    Change(
        "v0.jobs.status-ignored", "ignored filter", _JOBS,
        "`status` is ignored.",
        ignoring("status"),
    ),
    Change(
        "v0.jobs.sort-reversed", "wrong sort", _JOBS,
        "The oldest jobs come first.",
        _listing(lambda jobs: jobs[::-1]),
    ),
    Change(
        "v0.jobs.enum-value", "enum value", _JOBS,
        "The status `completed` is called `succeeded`.",
        editing("jobs", enum_value("status", "completed", "succeeded")),
    ),
    Change(
        "v0.jobs.list-null", "null", _JOBS,
        "The list `jobs` is null.",
        editing("", null("jobs")),
    ),
    Change(
        "v0.jobs.date-number", "date format", _JOBS,
        "A job's `created_at` is a number of seconds since the epoch.",
        editing("jobs", convert("created_at", edits.epoch)),
    ),
    Change(
        "v0.jobs.error-status", "status code", _JOBS,
        "A wrong parameter is answered with 400 instead of 422.",
        edits.status(400, refusals=True, instead_of=422),
    ),
    # ---- one job ----
    Change(
        "v0.job.field-renamed", "renamed field", _JOB,
        "`credits_used` is called `cost`.",
        editing("", rename("credits_used", "cost")),
    ),
    Change(
        "v0.job.wrong-resource", "wrong resource", _JOB,
        "Another job is answered than the one asked for.",
        edits.another(lambda asked: asked.elsewhere("/v0/jobs"), lambda body: body["jobs"]),
    ),
    Change(
        "v0.job.status-back", "status going back", _JOB,
        "Every second answer about a job that has begun says that it is pending.",
        _status_back,
    ),
    Change(
        "v0.job.counts-lie", "counts", _JOB,
        "`passed_count` is one more than passed.",
        editing("", convert("passed_count", lambda count: count + 1)),
    ),
    Change(
        "v0.job.prompts-lie", "counts", _JOB,
        "`total_prompts` is one more than needles and hay.",
        editing("", convert("total_prompts", lambda count: count + 1)),
    ),
    Change(
        "v0.job.score-fraction", "counts", _JOB,
        "The `score` is a share from 0 to 1 instead of a percentage.",
        editing("", _share),
    ),
    Change(
        "v0.job.date-no-zone", "date format", _JOB,
        "`completed_at` has no time zone.",
        editing("", convert("completed_at", lambda time: time.removesuffix("Z"))),
    ),
    Change(
        "v0.job.route-missing", "missing route", _JOB,
        "GET /v0/jobs/{id} answers 404.",
        edits.missing_route("error"),
    ),
    # ---- all of it ----
    Change(
        "v0.error-shape", "error shape", _EVERYTHING,
        "A refusal's message is in a list, under `errors`.",
        edits.refusal_shape(lambda message: {"errors": [{"detail": message}]}),
    ),
    Change(
        "v0.key-ignored", "ignored key", _EVERYTHING,
        "Requests without the key are served.",
        edits.without_key(),
    ),
)  # fmt: skip
