"""The two submissions of a run: a job of one unit, and a batch of two jobs with one and two units.

Together they cost four credits. Each is sent once in a run, where submitting is allowed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from scripts.contract.http_client import ApiClient

from . import assertions as expect
from .listings import Item

_MAX_WAIT = 300.0
_ENDED = ("completed", "failed")


@dataclass
class Submission:
    """A submission and all states its jobs were seen in."""

    operation: str  # ``submitJob`` or ``submitJobBatch``
    response: Item  # the body of the response
    accounts: tuple[Item, Item]  # the account before and after
    endpoint_url: str  # the endpoint in the request
    benchmark_id: str  # the benchmark in the request
    units: tuple[int, ...]  # the units of each job in the request
    date: str | None  # the time of the response, by the server's clock
    # by job id: its states up to the end, and once more after it
    states: dict[str, list[Item]] = field(default_factory=dict)

    @property
    def jobs(self) -> list[Item]:
        """The last state of each job."""
        return [states[-1] for states in self.states.values()]


@pytest.fixture(scope="session")
def job_submission(api: ApiClient) -> Submission:
    """Submit the job."""
    return _submit(api, "submitJob", (1,))


@pytest.fixture(scope="session")
def batch_submission(api: ApiClient) -> Submission:
    """Submit the batch."""
    return _submit(api, "submitJobBatch", (1, 2))


@pytest.fixture(params=["submitJob", "submitJobBatch"])
def submission(request: pytest.FixtureRequest) -> Submission:
    """Return each submission; skip where submitting is not allowed."""
    name = "job_submission" if request.param == "submitJob" else "batch_submission"
    value: Submission = request.getfixturevalue(name)
    return value


@pytest.fixture(scope="session")
def submissions(api: ApiClient, request: pytest.FixtureRequest) -> list[Submission]:
    """Return both submissions, or none where submitting is not allowed."""
    names = ("job_submission", "batch_submission") if api.endpoint else ()
    return [request.getfixturevalue(name) for name in names]


def _submit(api: ApiClient, operation: str, units: tuple[int, ...]) -> Submission:
    if api.endpoint is None:
        pytest.skip("submitting is not allowed, or no endpoint is given")
    benchmarks = api.get("listBenchmarks")["benchmarks"]
    expect.data(benchmarks, "there is no benchmark to submit")
    benchmark_id = benchmarks[0]["id"]
    api.clear_cache()
    before = api.get("getAccount")
    jobs = [{"benchmark_id": benchmark_id, "benchmark_count": count} for count in units]
    body: Mapping[str, Any] = jobs[0] if operation == "submitJob" else {"jobs": jobs}
    response = api.post(operation, {**api.endpoint, "seed": 7, **body})
    date = api.exchanges[-1].headers.get("date")
    ids = [response["job_id"]] if operation == "submitJob" else response["job_ids"]
    api.clear_cache()
    accounts = before, api.get("getAccount")
    states = {job_id: list(_poll(api, job_id)) for job_id in ids}
    endpoint_url = api.endpoint["endpoint_url"]
    return Submission(
        operation, response, accounts, endpoint_url, benchmark_id, units, date, states
    )


def _poll(api: ApiClient, job_id: str) -> Iterator[Item]:
    """Yield the states of a job up to its end, and once more after it."""
    deadline = time.monotonic() + _MAX_WAIT
    ended = False
    while True:
        api.clear_cache()
        job = api.get("getJob", job_id)
        yield job
        if ended or time.monotonic() > deadline:
            return
        ended = job["status"] in _ENDED or job["status"] not in {"pending", "running"}
        time.sleep(api.poll_interval)
