"""Relations of the v0 API: the list of jobs, and one job."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from scripts.contract.http_client import ApiClient

from . import assertions as expect
from .listings import UNKNOWN, Item

if TYPE_CHECKING:
    from .conftest import Submission

# Where submitting is allowed, the submitted jobs are judged with all others.
pytestmark = pytest.mark.usefixtures("submissions")
_STATUSES = ("pending", "running", "completed", "failed")
_ENDED = ("completed", "failed")


def list_jobs(api: ApiClient, *statuses: str) -> list[Item]:
    """Return the jobs with one of these statuses; skip if there is none."""
    jobs: list[Item] = api.get("listJobs")["jobs"]
    expect.data(jobs, "there is no job")
    selected = [job for job in jobs if not statuses or job["status"] in statuses]
    expect.data(selected, f"no job is {' or '.join(statuses)}")
    return selected


# ---- the list --------------------------------------------------------------------------------


def test_limit_returns_the_first_jobs_of_the_list(api: ApiClient) -> None:
    whole = [job["id"] for job in list_jobs(api)]
    expect.data(len(whole) > 1, "there is only one job")
    for limit in (1, 2, len(whole)):
        ids = [job["id"] for job in api.get("listJobs", limit=limit)["jobs"]]
        assert len(ids) <= limit, f"{len(ids)} jobs"
        assert ids == whole[:limit], f"{len(ids)} jobs that are not the first {limit} of the list"


def test_jobs_are_listed_once_and_newest_first(api: ApiClient) -> None:
    jobs = list_jobs(api)
    times = [datetime.fromisoformat(job["created_at"]) for job in jobs if job.get("created_at")]
    expect.data(len(times) > 1, "fewer than two jobs have created_at")
    assert times == sorted(times, reverse=True), f"{len(times)} jobs, not newest first"
    expect.unique([job["id"] for job in jobs])


def test_statuses_partition_the_list(api: ApiClient) -> None:
    whole = list_jobs(api)
    ids = []
    for status in _STATUSES:
        jobs = api.get("listJobs", status=status)["jobs"]
        others = [job["id"] for job in jobs if job["status"] != status]
        assert not others, f"{len(others)} of {len(jobs)} have another, such as {others[0]}"
        ids += [job["id"] for job in jobs]
    expect.same_ids([job["id"] for job in whole if job["status"] in _STATUSES], ids)


def test_limit_returns_the_first_jobs_with_a_status(api: ApiClient) -> None:
    by_status: dict[str, list[str]] = {}
    for job in list_jobs(api, *_STATUSES):
        by_status.setdefault(job["status"], []).append(job["id"])
    for status, expected in by_status.items():
        for limit in (1, 2):
            ids = [job["id"] for job in api.get("listJobs", status=status, limit=limit)["jobs"]]
            message = f"{len(ids)} {status} jobs that are not the first {limit} of {len(expected)}"
            assert ids == expected[:limit], message
    expect.data(len(by_status) > 1, "all jobs have one status")


def test_an_unknown_job_and_a_limit_of_0_are_rejected(api: ApiClient) -> None:
    expect.status(api.response("getJob", UNKNOWN), 404)
    expect.status(api.response("listJobs", limit=0), 400, 422)


# ---- one job ---------------------------------------------------------------------------------


def test_a_job_is_the_same_as_in_the_list(api: ApiClient) -> None:
    for job in list_jobs(api, *_ENDED)[:3]:
        listed = {name: value for name, value in job.items() if value is not None}
        expect.same_as_listed(listed, api.get("getJob", job["id"]))


@pytest.mark.parametrize(
    ("first", "second", "total"),
    [
        ("needle_count", "hay_count", "total_prompts"),
        ("passed_count", "failed_count", "total_count"),
    ],
)
def test_counts_of_a_job_add_up(api: ApiClient, first: str, second: str, total: str) -> None:
    judged = False
    for listed in list_jobs(api):
        job = api.get("getJob", listed["id"])
        values = [job.get(name) for name in (first, second, total)]
        if None not in values:
            judged = True
            message = f"{first} {values[0]}, {second} {values[1]}, {total} {values[2]}"
            assert values[0] + values[1] == values[2], message
    expect.data(judged, f"no job has {first}, {second} and {total}")


def test_the_score_of_a_completed_job_is_the_percentage_passed(api: ApiClient) -> None:
    for listed in list_jobs(api, "completed")[:5]:
        job = api.get("getJob", listed["id"])
        names = ("passed_count", "failed_count", "total_count", "score")
        missing = [name for name in names if job.get(name) is None]
        assert not missing, f"no {', '.join(missing)}"
        if job["total_count"]:
            percentage = 100 * job["passed_count"] / job["total_count"]
            message = f"score {job['score']}, and {percentage:.2f} percent passed"
            assert abs(percentage - job["score"]) <= 0.51, message


@pytest.mark.assumed
def test_the_total_count_of_a_completed_job_is_its_needles(api: ApiClient) -> None:
    completed = list_jobs(api, "completed")[:5]
    counted = [job for job in completed if job.get("needle_count") is not None]
    expect.data(counted, "no completed job has a needle_count")
    for listed in counted:
        job = api.get("getJob", listed["id"])
        scored, needles = job.get("total_count"), job["needle_count"]
        assert scored == needles, f"{scored} scored of {needles} needles"


def test_completed_at_is_null_until_the_end(api: ApiClient) -> None:
    for job in list_jobs(api, *_STATUSES)[:10]:
        ended, completed_at = job["status"] in _ENDED, job.get("completed_at")
        message = f"{job['id']} is {job['status']}, and completed_at contradicts it"
        assert (completed_at is not None) == ended, message


def test_no_more_prompts_are_processed_than_there_are(
    api: ApiClient, submissions: list[Submission]
) -> None:
    states = [job for item in submissions for states in item.states.values() for job in states]
    judged = False
    for job in (*list_jobs(api), *states):
        done, total = job.get("processed_prompts"), job.get("prompts_to_process")
        if done is not None and total is not None:
            judged = True
            assert 0 <= done <= total, f"job {job['id']}: {done} of {total} prompts"
    expect.data(judged, "no job was seen running")
