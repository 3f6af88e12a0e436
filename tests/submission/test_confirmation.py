"""Runs that stop, and jobs that two submissions are answered with."""

from __future__ import annotations

from typing import Any

import pytest

from benchwire._jobs.sqlite_journal import SqliteJournal
from benchwire.errors import (
    DuplicateJobError,
    JournalError,
    RunStoppedError,
    SubmissionUnknown,
)
from benchwire.models import JobSpec
from support.both import Flavour
from support.fault_clock import SkippingClock
from support.jobs_service import ENDPOINT, JobsService, submit, submit_batch
from support.scripted import Received, Reply, ScriptedService, json_reply


class RunService(JobsService):
    """A jobs service with prices and a balance, whose jobs end at once.

    Attributes:
        failing: The ids of jobs that fail.
        credits: The balance.
    """

    def __init__(self) -> None:
        super().__init__()
        self.failing: set[str] = set()
        self.credits = 1000

    def __call__(self, received: Received) -> Reply | None:
        if received.path == "/v0/me":
            return json_reply({"available_credits": self.credits})
        if received.path == "/v0/benchmarks":
            return json_reply({"benchmarks": []})
        for row in self.jobs:
            row["status"] = "failed" if row["id"] in self.failing else "completed"
        return super().__call__(received)


@pytest.fixture
def jobs() -> RunService:
    return RunService()


def specs(count: int) -> list[JobSpec]:
    return [
        JobSpec(benchmark_id="bench", endpoint_url=ENDPOINT, api_key="k", seed=seed)
        for seed in range(count)
    ]


def run(client: Any, flavour: Flavour, count: int, **options: Any) -> Any:
    call = client.jobs.run_many(specs(count), run_id="r", poll_interval=0.01, **options)
    return flavour.result(call)


def test_a_run_stops_if_nothing_is_confirmed(
    client: Any, flavour: Flavour, jobs: RunService, caplog: pytest.LogCaptureFixture
) -> None:
    jobs.responses, jobs.executes = [None] * 40, [False] * 40
    outcomes = run(client, flavour, 40)
    assert len(jobs.posted) == 3
    assert [type(outcome.error) for outcome in outcomes] == [SubmissionUnknown] * 3 + [
        RunStoppedError
    ] * 37
    assert "3 submissions in a row were not confirmed; run_many(…, run_id='r')" in str(
        outcomes[-1].error
    )
    assert "run r: 37 jobs not submitted" in caplog.text
    # Continued, it tries one more, and goes on once one is confirmed.
    jobs.executes = [False]
    assert sum(outcome.ok for outcome in run(client, flavour, 40)) == 0
    assert len(jobs.posted) == 4
    jobs.responses, jobs.executes = [], []
    assert sum(outcome.ok for outcome in run(client, flavour, 40)) == 36


def test_confirmed_submissions_in_between_let_a_run_go_on(
    client: Any, flavour: Flavour, jobs: RunService
) -> None:
    lost = json_reply({"error": "no"}, 500)
    jobs.executes = [False, False, True] * 3
    for number in (1, 2, 3):
        jobs.responses += [lost, lost, json_reply({"job_id": f"j{number}"}, 202)]
    outcomes = run(client, flavour, 9)
    assert len(jobs.posted) == 9
    assert sum(outcome.ok for outcome in outcomes) == 3


def test_a_journal_that_fails_in_the_middle_of_a_run_loses_no_result(
    client: Any, flavour: Flavour, jobs: RunService, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = SqliteJournal.begin

    def failing(journal: SqliteJournal, *arguments: Any) -> Any:
        if len(jobs.posted) == 2:
            raise OSError("the disk is full")
        return begin(journal, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(SqliteJournal, "begin", failing)
        outcomes = run(client, flavour, 5)
    assert [type(outcome.error).__name__ for outcome in outcomes] == [
        "NoneType", "NoneType", "JournalError", "RunStoppedError", "RunStoppedError",
    ]  # fmt: skip
    assert all(outcome.ok for outcome in run(client, flavour, 5))
    assert len(jobs.posted) == 5
    monkeypatch.setattr(SqliteJournal, "begin", failing)
    jobs.posted = jobs.posted[:2]
    with pytest.raises(JournalError):
        flavour.result(client.jobs.run_many(specs(1), run_id="another"))


def test_two_submissions_that_are_answered_with_one_job(
    client: Any, flavour: Flavour, jobs: JobsService, kept: SqliteJournal, service: ScriptedService
) -> None:
    jobs.responses = [json_reply({"job_id": "same"}, 202)] * 2
    assert flavour.result(submit(client)).job_id == "same"
    with pytest.raises(DuplicateJobError, match=r"names same, and submission .* has it") as caught:
        flavour.result(submit(client, model="other"))
    assert isinstance(caught.value, SubmissionUnknown)
    assert caught.value.candidates == ["same"]
    (intent,) = flavour.result(client.jobs.unresolved())
    assert (intent.id, intent.state) == (caught.value.intent_id, "unknown")
    assert "names same" in intent.message
    # A batch with a job of another, and a job that was listed before it was sent.
    jobs.responses = [json_reply({"batch_id": "x", "job_ids": ["a", "b", "same"]}, 202)]
    with pytest.raises(DuplicateJobError):
        flavour.result(submit_batch(client))
    jobs.row({"benchmark_id": "another"}, id="old")
    jobs.responses = [json_reply({"job_id": "old"}, 202)]
    with pytest.raises(DuplicateJobError, match="names old, listed before it was sent"):
        flavour.result(submit(client))


@pytest.mark.parametrize("created", ["2025-06-03T09:15:27Z", "2125-06-03T09:15:27Z"])
def test_a_job_whose_time_alone_is_off_is_named(
    created: str, client: Any, flavour: Flavour, jobs: JobsService, clock: SkippingClock
) -> None:
    jobs.responses, jobs.executes = [None, None], [False, False]
    jobs.on_submission = lambda: jobs.row({"benchmark_id": "bench"}, created_at=created)
    with pytest.raises(SubmissionUnknown, match="match it in all but their time") as caught:
        flavour.result(submit(client, resend=True))
    assert caught.value.candidates == ["j1"]
    assert len(jobs.posted) == 1
    jobs.on_submission = lambda: [
        jobs.row({"benchmark_id": name}, created_at=created, batch_id="x")
        for name in ("b1", "b2", "b1")
    ]
    with pytest.raises(SubmissionUnknown) as caught:
        flavour.result(submit_batch(client))
    assert caught.value.missing == []
    assert len(caught.value.candidates) == 3
