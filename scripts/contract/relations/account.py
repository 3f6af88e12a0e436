"""Relations of the v0 API: the account, the benchmarks, and the jobs that the run submits."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from scripts.contract.http_client import ApiClient

from . import assertions as expect

if TYPE_CHECKING:
    from .conftest import Submission

_ORDER = {"pending": 0, "running": 1, "completed": 2, "failed": 2}


def test_the_service_is_up_without_a_key(api: ApiClient) -> None:
    expect.status(api.without_key("getHealth"), 200)


def test_ids_of_benchmarks_are_unique(api: ApiClient) -> None:
    ids = [item["id"] for item in api.get("listBenchmarks")["benchmarks"]]
    expect.data(ids, "there is no benchmark")
    expect.unique(ids)


# ---- the jobs that the run itself submits ----------------------------------------------------


def test_a_submission_costs_one_credit_per_unit(api: ApiClient, submission: Submission) -> None:
    before, after = (account["available_credits"] for account in submission.accounts)
    cost, units = before - after, sum(submission.units)
    assert cost == units, f"{cost} credits for {units} units"
    for item in api.get("listBenchmarks")["benchmarks"]:
        price = item.get("price_per_benchmark_unit", 1)
        assert price == 1 or item.get("currency") != "credits", f"its price is {price} credits"


def test_every_submitted_job_has_an_id_of_its_own(submission: Submission) -> None:
    ids, jobs = len(submission.states), len(submission.units)
    assert ids == jobs, f"{ids} ids for {jobs} jobs"


def test_a_submitted_job_is_listed(api: ApiClient, submission: Submission) -> None:
    listed = {job["id"] for job in api.get("listJobs")["jobs"]}
    missing = submission.states.keys() - listed
    assert not missing, f"{len(missing)} are missing, such as {min(missing)}"


def test_a_submitted_job_has_the_fields_of_its_request(submission: Submission) -> None:
    for job, units in zip(submission.jobs, submission.units, strict=False):
        expected = {
            "benchmark_id": submission.benchmark_id,
            "endpoint_url": submission.endpoint_url,
            "credits_used": units,
        }
        names = [name for name, value in expected.items() if job.get(name) not in {None, value}]
        assert not names, f"job {job['id']} has another {', '.join(names)}"


def test_a_submitted_job_was_created_when_it_was_submitted(submission: Submission) -> None:
    names = ("created_at", "completed_at")
    times = [job[name] for job in submission.jobs for name in names if job.get(name)]
    expect.data(times and submission.date, "no job has created_at, or the response no date")
    submitted = parsedate_to_datetime(submission.date or "")
    for time in times:
        minutes = (datetime.fromisoformat(time) - submitted).total_seconds() / 60
        assert abs(minutes) < 10, f"created or ended {minutes:.0f} minutes after the submission"


def test_a_submission_has_the_status_pending(submission: Submission) -> None:
    status = submission.response.get("status")
    assert status in {"pending", None}, f"status {status}"


def test_status_and_progress_never_go_back(submission: Submission) -> None:
    for job_id, states in submission.states.items():
        statuses = [state["status"] for state in states]
        positions = [_ORDER.get(status, -1) for status in statuses]
        message = f"job {job_id}: {' -> '.join(dict.fromkeys(statuses))}"
        assert positions == sorted(positions), message
        assert statuses[-1] == statuses[-2], message
        processed = [
            state["processed_prompts"] for state in states
            if state["status"] == "running" and state.get("processed_prompts") is not None
        ]  # fmt: skip
        assert processed == sorted(processed), f"job {job_id}: fewer prompts processed than before"


def test_a_job_with_a_working_endpoint_completes(submission: Submission) -> None:
    for job in submission.jobs:
        assert job["status"] == "completed", f"job {job['id']} has the status {job['status']}"


def test_the_jobs_of_a_batch_have_its_batch_id(batch_submission: Submission) -> None:
    expected = batch_submission.response.get("batch_id")
    actual = {job.get("batch_id") for job in batch_submission.jobs}
    expect.data(expected is not None and actual != {None}, "there is no batch_id")
    assert actual == {expected}, f"{len(actual)} batch ids"
