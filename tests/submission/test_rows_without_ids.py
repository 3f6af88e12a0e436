"""Jobs that show no id or no status, since the names of both are inferred: nothing is paid for twice."""

from __future__ import annotations

from typing import Any

import pytest

import benchwire
from benchwire.errors import SubmissionUnknown
from benchwire.models import JobSpec
from support import wire
from support.both import Flavour
from support.fault_clock import SkippingClock
from support.jobs_service import JobsService, submit
from support.scripted import Received, Reply, always, json_reply

SPEC = JobSpec(benchmark_id="b", endpoint_url="https://models.example.com/v1", api_key="k")


def renamed(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {f"x_{key}" if key in names else key: value for key, value in row.items()}


@pytest.fixture
def unnamed(jobs: JobsService) -> JobsService:
    """A service that calls the id of a job otherwise, and has two jobs already."""
    jobs.row({"benchmark_id": "bench"})
    jobs.row({"benchmark_id": "other"}, status="completed")
    jobs.cut = lambda rows: [renamed(row, "id") for row in rows]
    return jobs


def test_a_list_is_read(unnamed: JobsService, client: Any, flavour: Flavour) -> None:
    first, _ = flavour.result(client.jobs.list())
    assert (first.id, first.benchmark_id) == (None, "other")
    assert first.to_dict()["x_id"] == "j2"


def test_a_number_in_place_of_an_id_is_kept(flavour: Flavour, scripted: Any) -> None:
    reply = json_reply({"id": 7, "status": ["running"]})
    job = flavour.result(flavour.v0(scripted(always(reply)).url).jobs.get("j1"))
    assert (job.id, job.status) == (None, None)
    assert job.to_dict() == {"id": 7, "status": ["running"]}


def test_a_confirmed_submission_needs_no_list(
    unnamed: JobsService, client: Any, flavour: Flavour
) -> None:
    assert flavour.result(submit(client)).job_id == "j3"


@pytest.mark.parametrize("executes", [True, False])
@pytest.mark.parametrize("names", [("id",), ("id", "created_at", "benchmark_id")])
def test_an_unknown_outcome_stays_unknown_and_is_not_sent_again(
    names: tuple[str, ...],
    executes: bool,
    unnamed: JobsService,
    client: Any,
    flavour: Flavour,
) -> None:
    unnamed.cut = lambda rows: [renamed(row, *names) for row in rows]
    unnamed.responses, unnamed.executes = [None], [executes]
    with pytest.raises(SubmissionUnknown) as caught:
        flavour.result(submit(client, resend=True))
    assert len(unnamed.posted) == 1
    assert caught.value.candidates == []
    assert flavour.result(client.jobs.unresolved())[0].id == caught.value.intent_id


def test_a_job_without_an_id_beside_others_is_not_skipped(
    unnamed: JobsService, client: Any, flavour: Flavour
) -> None:
    """The new job has an id, but another that has none may be the one submitted."""
    unnamed.cut = lambda rows: [renamed(row, "id") if row["id"] == "j1" else row for row in rows]
    unnamed.responses = [None]
    with pytest.raises(SubmissionUnknown, match="show no id, no benchmark or no endpoint"):
        flavour.result(submit(client))


@pytest.mark.parametrize("status", [None, "succeeded"])
def test_a_job_of_unknown_end_is_not_paid_for_again(
    status: str | None, flavour: Flavour, scripted: Any
) -> None:
    posted = []

    def answer(received: Received) -> Reply:
        row = wire.completed("j1") | {"status": status}
        if received.method == "POST":
            posted.append(received)
            return json_reply({"job_id": "j1"}, 202)
        bodies = {"/v0/me": {"available_credits": 100}, "/v0/benchmarks": {"benchmarks": []},
                  "/v0/jobs": {"jobs": [row] if posted else []}}  # fmt: skip
        return json_reply(bodies.get(received.path, row))

    client = flavour.v0(scripted(answer).url)
    for retry_failed in (False, True):
        (outcome,) = flavour.result(
            client.jobs.run_many([SPEC], run_id="r", retry_failed=retry_failed)
        )
        assert isinstance(outcome.error, benchwire.JobFailedError)
        assert outcome.error.message == f"job j1 ended with status {status!r}"
        assert outcome.job.score == 75.0
    assert len(posted) == 1


def test_a_wait_without_a_status_ends_with_the_job(
    flavour: Flavour, scripted: Any, clock: SkippingClock
) -> None:
    rows = [renamed(wire.job("j1", "running"), "status", "id"),
            renamed(wire.completed("j1"), "status", "id")]  # fmt: skip
    replies = iter(map(json_reply, rows))
    client = flavour.v0(scripted(lambda _: next(replies)).url)
    with pytest.raises(benchwire.JobFailedError) as caught:
        flavour.result(client.jobs.wait("j1", poll_interval=0.001))
    assert str(caught.value) == "job without an id ended with status None"
