"""Jobs at the embedded server: submission, a run against a model endpoint, waiting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import benchwire
from benchwire.models import BatchJobItem, JobStatus
from benchwire_local.demo_model import DemoModel
from support.both import Flavour

MODEL_KEY = "key-of-the-model"
PROVIDERS = ["openai", "openai_responses", "gemini", "raw"]
FAST = {"poll_interval": 0.01, "timeout": 30}


@pytest.fixture(scope="module")
def model() -> Iterator[DemoModel]:
    with DemoModel(api_key=MODEL_KEY) as running:
        yield running


@pytest.fixture(scope="module")
def server() -> Iterator[benchwire.local.Server]:
    with benchwire.local.serve(credits=1000) as running:
        yield running


@pytest.fixture
def client(flavour: Flavour, server: benchwire.local.Server) -> Any:
    return flavour.make("V0Client", server.api_key, server.v0_base_url)


@pytest.fixture
def benchmark_id(client: Any, flavour: Flavour) -> Any:
    return flavour.result(client.benchmarks.list())[0].id


def credits_of(client: Any, flavour: Flavour) -> float:
    return float(flavour.result(client.me()).available_credits)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_run_completes_a_job(
    provider: str, client: Any, flavour: Flavour, model: DemoModel, benchmark_id: int
) -> None:
    before = credits_of(client, flavour)
    seen: list[Any] = []
    job = flavour.result(
        client.jobs.run(
            benchmark_id,
            model.url(provider),
            MODEL_KEY,
            provider=provider,
            model="benchwire-demo",
            benchmark_count=2,
            seed=7,
            on_progress=seen.append,
            **FAST,
        )
    )
    assert (job.status, job.benchmark_id, job.credits_used) == (
        JobStatus.COMPLETED,
        benchmark_id,
        2,
    )
    assert job.passed_count + job.failed_count == job.total_count > 0
    assert job.score == pytest.approx(100 * job.passed_count / job.total_count, abs=0.01)
    assert seen[-1] == job
    assert {state.id for state in seen} == {job.id}
    assert credits_of(client, flavour) == before - 2


def test_jobs_with_the_same_seed_have_the_same_score(
    client: Any, flavour: Flavour, model: DemoModel, benchmark_id: int
) -> None:
    jobs = [
        flavour.result(client.jobs.run(benchmark_id, model.url("raw"), MODEL_KEY, provider="raw", seed=11, **FAST))
        for _ in range(2)
    ]  # fmt: skip
    assert jobs[0].id != jobs[1].id
    assert (jobs[0].score, jobs[0].total_prompts) == (jobs[1].score, jobs[1].total_prompts)


def test_a_submitted_job_is_found_by_get_list_and_wait(
    client: Any, flavour: Flavour, model: DemoModel, benchmark_id: int
) -> None:
    submitted = flavour.result(client.jobs.submit(benchmark_id, model.url("openai"), MODEL_KEY))
    assert submitted.status == JobStatus.PENDING
    assert submitted.job_id in submitted.message
    assert flavour.result(client.jobs.get(submitted.job_id)).id == submitted.job_id
    job = flavour.result(client.jobs.wait(submitted.job_id, **FAST))
    assert (job.id, job.status) == (submitted.job_id, JobStatus.COMPLETED)
    newest = flavour.result(client.jobs.list(limit=1))
    assert [listed.id for listed in newest] == [job.id]
    completed = flavour.result(client.jobs.list(status=JobStatus.COMPLETED))
    assert job.id in {listed.id for listed in completed}
    assert {listed.status for listed in completed} == {JobStatus.COMPLETED}


def test_the_jobs_of_a_batch_are_charged_and_completed(
    client: Any, flavour: Flavour, model: DemoModel, benchmark_id: int
) -> None:
    ids = [benchmark.id for benchmark in flavour.result(client.benchmarks.list())]
    before = credits_of(client, flavour)
    batch = flavour.result(
        client.jobs.submit_batch(
            [
                ids[0],
                BatchJobItem(benchmark_id=ids[1], benchmark_count=2),
                {"benchmark_id": ids[0]},
            ],
            model.url("gemini"),
            MODEL_KEY,
            provider="gemini",
            seed=3,
        )
    )
    assert credits_of(client, flavour) == before - 4
    backwards = batch.job_ids[::-1]
    jobs = flavour.result(client.jobs.wait_all(backwards, **FAST))
    assert [job.id for job in jobs] == backwards
    assert [job.benchmark_id for job in jobs] == [ids[0], ids[1], ids[0]]
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}
    assert [job.credits_used for job in jobs] == [1, 2, 1]


def test_an_endpoint_that_refuses_the_key_fails_the_job(
    client: Any, flavour: Flavour, model: DemoModel, benchmark_id: int
) -> None:
    with pytest.raises(benchwire.JobFailedError) as caught:
        flavour.result(
            client.jobs.run(benchmark_id, model.url("raw"), "wrong", provider="raw", **FAST)
        )
    job = caught.value.job
    assert (job.status, job.benchmark_id) == (JobStatus.FAILED, benchmark_id)
    assert job.error_message
    assert job.error_message in str(caught.value)
    assert "401" in job.error_message
    # The job can still be polled, and failed jobs are results of wait_all.
    (again,) = flavour.result(client.jobs.wait_all([job.id]))
    assert again == job


def test_invalid_submissions_and_unknown_jobs_are_refused(
    client: Any, flavour: Flavour, model: DemoModel, benchmark_id: int
) -> None:
    jobs, url = client.jobs, model.url("openai")
    with pytest.raises(benchwire.NotFoundError):
        flavour.result(jobs.submit("unknown", url, MODEL_KEY))
    with pytest.raises(benchwire.NotFoundError):
        flavour.result(jobs.wait("unknown", **FAST))
    with pytest.raises(benchwire.NotFoundError):
        flavour.result(jobs.wait_all(["unknown"], **FAST))
    with pytest.raises(benchwire.APIStatusError, match=r"loopback|allow|other machines"):
        flavour.result(jobs.submit(benchmark_id, "http://192.0.2.1/v1", MODEL_KEY))


def test_a_submission_beyond_the_credits_is_refused(flavour: Flavour, model: DemoModel) -> None:
    with benchwire.local.serve(credits=1) as server:
        client = flavour.make("V0Client", server.api_key, server.v0_base_url)
        benchmark_id = flavour.result(client.benchmarks.list())[0].id
        url = model.url("openai")
        with pytest.raises(benchwire.PaymentRequiredError):
            flavour.result(client.jobs.submit(benchmark_id, url, MODEL_KEY, benchmark_count=2))
        assert credits_of(client, flavour) == 1
        assert flavour.result(client.jobs.list()) == []
        flavour.result(client.jobs.run(benchmark_id, url, MODEL_KEY, **FAST))
        assert credits_of(client, flavour) == 0
        flavour.close(client)
