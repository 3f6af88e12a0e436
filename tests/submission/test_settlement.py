"""Settling by hand a submission that stays unknown."""

from __future__ import annotations

from typing import Any

import pytest

import benchwire
from benchwire._jobs.sqlite_journal import SqliteJournal
from benchwire.errors import (
    DuplicateJobError,
    InsufficientCreditsError,
    JobFailedError,
    SubmissionUnknown,
)
from submission.test_confirmation import RunService, run
from support.both import Flavour
from support.jobs_service import JobsService, submit, submit_batch
from support.scripted import ScriptedService, json_reply


@pytest.fixture
def jobs() -> RunService:
    return RunService()


def unknown(client: Any, flavour: Flavour, jobs: JobsService, **options: Any) -> str:
    """Return the id of a submission that was not executed and stays unknown."""
    jobs.responses, jobs.executes = [None], [False]
    with pytest.raises(SubmissionUnknown, match=r"jobs\.resolve settles it by hand") as caught:
        flavour.result(options.pop("call", submit)(client, **options))
    return caught.value.intent_id


def test_a_submission_that_was_not_executed_is_settled_by_hand(
    client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    intent_id = unknown(client, flavour, jobs)
    requests = jobs.lists
    for _ in range(2):  # settling it once more the same way changes nothing
        settled = flavour.result(client.jobs.resolve(intent_id, executed=False))
        assert (settled.id, settled.state, settled.job_ids) == (intent_id, "not_sent", [])
    assert flavour.result(client.jobs.unresolved()) == []
    with pytest.raises(benchwire.BenchwireError, match="resolved by hand as not executed"):
        flavour.result(client.jobs.resume(intent_id))
    with pytest.raises(ValueError, match="is settled already: not_sent"):
        flavour.result(client.jobs.resolve(intent_id, job_id="j1"))
    assert jobs.lists == requests


def test_a_submission_is_settled_with_its_job(
    client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    intent_id = unknown(client, flavour, jobs)
    settled = flavour.result(client.jobs.resolve(intent_id, job_id="mine"))
    assert (settled.state, settled.job_ids) == ("accepted", ["mine"])
    assert flavour.result(client.jobs.resume(intent_id)).job_id == "mine"
    with pytest.raises(ValueError, match="is settled already: accepted mine"):
        flavour.result(client.jobs.resolve(intent_id, executed=False))
    other = unknown(client, flavour, jobs)
    with pytest.raises(ValueError, match=f"mine: a job of submission {intent_id} already"):
        flavour.result(client.jobs.resolve(other, job_id="mine"))
    assert [intent.id for intent in flavour.result(client.jobs.unresolved())] == [other]


def test_a_batch_is_settled_with_its_jobs(client: Any, flavour: Flavour, jobs: JobsService) -> None:
    intent_id = unknown(client, flavour, jobs, call=submit_batch)
    with pytest.raises(ValueError, match="has 3 jobs and job_id names 1"):
        flavour.result(client.jobs.resolve(intent_id, job_id="a"))
    flavour.result(client.jobs.resolve(intent_id, job_id=["a", "b", "c"]))
    assert flavour.result(client.jobs.resume(intent_id)).job_ids == ["a", "b", "c"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "resolve takes executed=False or the job_id"),
    ({"executed": True}, "resolve takes executed=False or the job_id"),
    ({"executed": False, "job_id": "j"}, "resolve takes executed=False or the job_id"),
    ({"job_id": []}, "resolve takes executed=False or the job_id"),
    ({"job_id": ["a", "a"]}, "different ids"),
    ({"job_id": ""}, "job_id must be an id"),
    ({"job_id": [5]}, "job_id must be"),
    ({"executed": False}, "there is no submission 'x'"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_wrong_arguments(
    arguments: dict[str, Any], message: str, client: Any, flavour: Flavour
) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        flavour.result(client.jobs.resolve("x", **arguments))


def test_a_submission_with_another_key_is_not_settled(
    client: Any, flavour: Flavour, jobs: JobsService, service: ScriptedService
) -> None:
    intent_id = unknown(client, flavour, jobs)
    other = flavour.make("V0Client", "another-key", service.url)
    with pytest.raises(benchwire.BenchwireError, match="with another key"):
        flavour.result(other.jobs.resolve(intent_id, executed=False))


def test_a_run_continues_with_what_was_settled(
    client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    jobs.responses, jobs.executes = [None, None], [False, False]
    first = run(client, flavour, 3)
    assert [type(outcome.error).__name__ for outcome in first] == [
        "SubmissionUnknown", "SubmissionUnknown", "NoneType",
    ]  # fmt: skip
    flavour.result(client.jobs.resolve(first[0].intent_id, executed=False))
    jobs.row({"benchmark_id": "bench"}, id="mine")
    flavour.result(client.jobs.resolve(first[1].intent_id, job_id="mine"))
    again = run(client, flavour, 3)
    assert all(outcome.ok for outcome in again)
    assert again[1].job.id == "mine"
    assert len(jobs.posted) == 4


def test_what_failed_is_run_anew_if_asked_for(
    client: Any, flavour: Flavour, jobs: RunService
) -> None:
    jobs.failing = {"j2", "j4"}
    assert [outcome.ok for outcome in run(client, flavour, 3)] == [True, False, True]
    assert [outcome.ok for outcome in run(client, flavour, 3)] == [True, False, True]
    assert len(jobs.posted) == 3
    again = run(client, flavour, 3, retry_failed=True)  # j4 fails, too, and is returned
    assert [outcome.job.id for outcome in again] == ["j1", "j4", "j3"]
    assert isinstance(again[1].error, JobFailedError)
    with pytest.raises(
        InsufficientCreditsError, match="the run costs 5 credits and the budget is 4"
    ):
        run(client, flavour, 3, retry_failed=True, budget_credits=4)
    jobs.credits = 0
    with pytest.raises(InsufficientCreditsError, match="1 credits are needed"):
        run(client, flavour, 3, retry_failed=True)
    jobs.credits = 1
    last = run(client, flavour, 3, retry_failed=True, budget_credits=5)
    assert [outcome.job.id for outcome in last] == ["j1", "j5", "j3"]
    assert all(outcome.ok for outcome in last)
    assert run(client, flavour, 3, retry_failed=True) == last
    assert len(jobs.posted) == 5


@pytest.mark.parametrize("is_recorded", [True, False])
def test_a_run_in_which_one_job_is_named_twice(
    is_recorded: bool,
    client: Any,
    flavour: Flavour,
    jobs: RunService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    jobs.executes = [False, False, True]
    jobs.responses = [json_reply({"job_id": "same"}, 202)] * 2
    # It is not listed before the second is sent.
    jobs.on_submission = lambda: (
        len(jobs.posted) == 2 and jobs.row({"benchmark_id": "bench"}, id="same")
    )
    if not is_recorded:
        monkeypatch.setattr(SqliteJournal, "settle_accepted", lambda *_: None)
    outcomes = run(client, flavour, 3)
    assert [outcome.ok for outcome in outcomes] == [True, False, True]
    assert isinstance(outcomes[1].error, DuplicateJobError)
