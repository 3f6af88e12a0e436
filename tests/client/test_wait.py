"""Waiting for jobs and evaluations at a scripted service."""

from __future__ import annotations

import asyncio
import itertools
import threading
from typing import Any

import pytest
from attrs import evolve

import benchwire
from support import wire
from support.both import Flavour
from support.fault_clock import SkippingClock, on_clock
from support.limits import with_growing_limit
from support.scripted import PATIENCE, Received, Reply, always, in_turn, json_reply

URL = "http://127.0.0.1:9/v1"
NONE_LISTED = json_reply({"jobs": []})
SUBMITTED = json_reply({"job_id": "j1", "status": "pending"}, 202)
SUBMISSION = [NONE_LISTED, SUBMITTED]


def test_wait_polls_until_the_job_ends(flavour: Flavour, scripted: Any) -> None:
    states = [
        wire.job("j1", "pending"),
        wire.job("j1", "running", processed_prompts=3, prompts_to_process=9),
        wire.completed("j1"),
    ]
    service = scripted(in_turn(map(json_reply, states)))
    seen: list[Any] = []
    job = flavour.result(
        flavour.v0(service.url).jobs.wait("j1", poll_interval=0.001, on_progress=seen.append)
    )
    assert (job.status, job.score, job.passed_count) == ("completed", 75.0, 3)
    assert [state.status for state in seen] == ["pending", "running", "completed"]
    assert seen[1].processed_prompts == 3
    assert service.targets() == [b"/v0/jobs/j1"] * 3


def test_the_error_of_a_failed_job_has_its_state(flavour: Flavour, scripted: Any) -> None:
    service = scripted(always(json_reply(wire.failed("j1", "The endpoint returned 401."))))
    with pytest.raises(benchwire.JobFailedError) as caught:
        flavour.result(flavour.v0(service.url).jobs.wait("j1"))
    assert str(caught.value) == "job j1 ended with status 'failed': The endpoint returned 401."
    assert (caught.value.job.id, caught.value.job.error_message) == (
        "j1",
        "The endpoint returned 401.",
    )


@pytest.mark.parametrize("status", ["running", "asleep"])
def test_the_error_of_a_timeout_has_the_last_state(
    status: str, flavour: Flavour, scripted: Any, clock: SkippingClock
) -> None:
    service = scripted(always(json_reply(wire.job("j1", status, processed_prompts=3))))
    client = on_clock(flavour.v0(service.url), clock)
    with pytest.raises(benchwire.WaitTimeoutError) as caught:
        flavour.result(client.jobs.wait("j1", timeout=60, poll_interval=20))
    assert caught.value.pending == ["j1"]
    assert (caught.value.job.status, caught.value.job.processed_prompts) == (status, 3)
    assert str(caught.value) == f"not ended after 60 seconds: j1 ({status})"


def test_a_poll_without_a_response_ends_with_the_timeout_of_the_wait(
    flavour: Flavour, scripted: Any
) -> None:
    """The read timeout of the client is ten minutes."""
    gate = threading.Event()

    def is_polled(limit: float) -> bool:
        states = iter([wire.job("j1", "running")])

        def handler(received: Received) -> Reply:
            for state in states:
                return json_reply(state)
            assert gate.wait(PATIENCE)
            return json_reply(wire.completed("j1"))

        client = flavour.v0(scripted(handler).url)
        with pytest.raises(benchwire.WaitTimeoutError) as caught:
            flavour.result(client.jobs.wait("j1", timeout=limit, poll_interval=0.01))
        return caught.value.job is not None and caught.value.job.status == "running"

    try:
        with_growing_limit(is_polled)
    finally:
        gate.set()


def test_transient_errors_of_later_polls_do_not_end_a_wait(flavour: Flavour, scripted: Any) -> None:
    polls = [
        json_reply(wire.job("j1", "running")),
        json_reply({"error": "busy"}, 503),
        json_reply({"error": "a status of proxies"}, 520),
        None,
        json_reply(wire.completed("j1")),
    ]
    service = scripted(in_turn(polls))
    job = flavour.result(flavour.v0(service.url).jobs.wait("j1", poll_interval=0.001))
    assert job.status == "completed"


class Jobs:
    """A service whose jobs end after a number of lists; the lists omit the hidden ones."""

    def __init__(self, rounds: dict[str, int], *, hidden: frozenset[str] = frozenset()) -> None:
        self.rounds = rounds
        self.hidden = hidden
        self.listed = 0

    def __call__(self, received: Received) -> Reply:
        if received.path != "/v0/jobs":
            return json_reply(self.state(received.path.rpartition("/")[2]))
        self.listed += 1
        shown = [self.state(name) for name in self.rounds if name not in self.hidden]
        return json_reply({"jobs": [wire.job("of another", "running"), *shown]})

    def state(self, name: str) -> dict[str, Any]:
        if self.listed <= self.rounds[name]:
            return wire.job(name, "running")
        return wire.failed(name, "no") if name == "bad" else wire.completed(name)


def test_wait_all_lists_once_a_round(flavour: Flavour, scripted: Any) -> None:
    jobs = Jobs({"a": 2, "b": 0, "bad": 1})
    service = scripted(jobs)
    seen: list[str] = []
    states = flavour.result(
        flavour.v0(service.url).jobs.wait_all(
            ["b", "a", "bad", "b"],
            poll_interval=0.001,
            on_progress=lambda job: seen.append(f"{job.id} {job.status}"),
        )
    )
    assert [(job.id, job.status) for job in states] == [
        ("b", "completed"),
        ("a", "completed"),
        ("bad", "failed"),
        ("b", "completed"),
    ]
    assert service.targets() == [b"/v0/jobs?limit=100"] * 3
    assert seen == [
        "b completed",
        "a running",
        "bad running",
        "a running",
        "bad failed",
        "a completed",
    ]


def test_wait_all_polls_jobs_that_the_list_omits(flavour: Flavour, scripted: Any) -> None:
    service = scripted(Jobs({"a": 1, "b": 1, "c": 0}, hidden=frozenset({"b", "c"})))
    client = flavour.v0(service.url)
    states = flavour.result(client.jobs.wait_all(["a", "b", "c"], poll_interval=0.001))
    assert [job.status for job in states] == ["completed"] * 3
    assert [request.path for request in service.requests] == [
        "/v0/jobs",
        "/v0/jobs/b",
        "/v0/jobs/c",
        "/v0/jobs",
        "/v0/jobs/b",
    ]


def test_wait_all_requests_as_many_rows_as_jobs(flavour: Flavour, scripted: Any) -> None:
    names = [f"x{number}" for number in range(150)]
    service = scripted(Jobs(dict.fromkeys(names, 0)))
    states = flavour.result(flavour.v0(service.url).jobs.wait_all(names))
    assert [job.id for job in states] == names
    assert service.targets() == [b"/v0/jobs?limit=150"]


def test_run_submits_once_and_waits(flavour: Flavour, scripted: Any) -> None:
    service = scripted(
        in_turn([*SUBMISSION, *map(json_reply, [wire.job("j1", "running"), wire.completed("j1")])])
    )
    job = flavour.result(
        flavour.v0(service.url).jobs.run("b", URL, "k", seed=3, poll_interval=0.001)
    )
    assert (job.id, job.status) == ("j1", "completed")
    assert [request.method for request in service.requests] == ["GET", "POST", "GET", "GET"]
    assert service.requests[1].json() == {
        "benchmark_id": "b",
        "endpoint_url": URL,
        "api_key": "k",
        "seed": 3,
    }


POLLS: dict[str, Reply | None] = {
    "an error": json_reply({"error": "busy"}, 503),
    "a closed connection": None,
    "an invalid body": Reply(b"<html>"),
}


@pytest.mark.parametrize("name", POLLS)
def test_an_error_of_a_poll_names_the_submitted_job(
    name: str, flavour: Flavour, scripted: Any
) -> None:
    service = scripted(in_turn([*SUBMISSION, POLLS[name]]))
    with pytest.raises(benchwire.APIError) as caught:
        flavour.result(flavour.v0(service.url, max_retries=0).jobs.run("b", URL, "k"))
    assert caught.value.__notes__ == ["job j1 was submitted and goes on; wait for it again"]
    assert len(service.requests) == 3


def test_an_error_of_on_progress_names_the_submitted_job(flavour: Flavour, scripted: Any) -> None:
    def stop(job: Any) -> None:
        raise KeyError("enough")

    service = scripted(in_turn([*SUBMISSION, json_reply(wire.job("j1", "running"))]))
    with pytest.raises(KeyError) as caught:
        flavour.result(flavour.v0(service.url).jobs.run("b", URL, "k", on_progress=stop))
    assert caught.value.__notes__ == ["job j1 was submitted and goes on; wait for it again"]


def test_an_interrupt_names_the_submitted_job(
    scripted: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    service = scripted(in_turn([*SUBMISSION, json_reply(wire.job("j1", "running"))]))
    with benchwire.V0Client("k", service.url) as client, caplog.at_level("INFO", "benchwire"):
        client.jobs._transport = evolve(client.jobs._transport, sleep=interrupt)
        with pytest.raises(KeyboardInterrupt) as caught:
            client.jobs.run("b", URL, "k")
    assert caught.value.__notes__ == ["job j1 was submitted and goes on; wait for it again"]
    assert "job j1 was submitted" in caplog.messages


@pytest.mark.anyio
async def test_a_cancelled_run_logs_the_submitted_job(
    scripted: Any, caplog: pytest.LogCaptureFixture
) -> None:
    service = scripted(in_turn([*SUBMISSION, json_reply(wire.job("j1", "running"))]))
    async with benchwire.AsyncV0Client("k", service.url) as client:
        polled = asyncio.Event()
        run = client.jobs.run(
            "b", URL, "k", poll_interval=PATIENCE, on_progress=lambda job: polled.set()
        )
        with caplog.at_level("INFO", "benchwire"):
            task = asyncio.create_task(run)
            await polled.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    assert "job j1 was submitted" in caplog.messages


def test_a_status_of_the_other_api_is_unknown(
    flavour: Flavour, scripted: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """`paused` is a status of evaluations, not of jobs."""
    states = [wire.job("j1", "paused"), wire.completed("j1")]
    service = scripted(in_turn(map(json_reply, states)))
    job = flavour.result(flavour.v0(service.url).jobs.wait("j1", poll_interval=0.001))
    assert job.status == "completed"
    assert "job j1 has the unknown status 'paused'" in caplog.messages


def test_run_raises_for_a_failed_job_and_for_a_timeout(
    flavour: Flavour, scripted: Any, clock: SkippingClock
) -> None:
    service = scripted(in_turn([*SUBMISSION, json_reply(wire.failed("j1", "no"))]))
    client = on_clock(flavour.v0(service.url), clock)
    with pytest.raises(benchwire.JobFailedError) as failed:
        flavour.result(client.jobs.run("b", URL, "k"))
    assert failed.value.job.id == "j1"
    submitted = json_reply({"job_id": "j2", "status": "pending"}, 202)
    running = itertools.repeat(json_reply(wire.job("j2", "running")), 50)
    service.handler = in_turn([NONE_LISTED, submitted, *running])
    with pytest.raises(benchwire.WaitTimeoutError) as late:
        flavour.result(client.jobs.run("b", URL, "k", timeout=60, poll_interval=20))
    assert late.value.pending == ["j2"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (json_reply({"error": "no"}, 402), benchwire.PaymentRequiredError),
        (None, benchwire.errors.SubmissionUnknown),
        (Reply(b"", 202), benchwire.errors.SubmissionUnknown),
    ],
)
def test_a_failed_submission_is_not_sent_again(
    reply: Reply | None,
    error: type[Exception],
    flavour: Flavour,
    scripted: Any,
    clock: SkippingClock,
) -> None:
    service = scripted(
        lambda received: reply if received.method == "POST" else json_reply({"jobs": []})
    )
    client = on_clock(flavour.v0(service.url, on_error="none"), clock)
    with pytest.raises(error) as caught:
        flavour.result(client.jobs.run("b", URL, "k", timeout=60))
    assert not hasattr(caught.value, "__notes__")
    assert [request.method for request in service.requests].count("POST") == 1


@pytest.mark.parametrize("status", ["failure", "timeout", "cancelled"])
def test_wait_for_an_evaluation(status: str, flavour: Flavour, scripted: Any) -> None:
    states = [
        wire.evaluation(1, status="pending"),
        wire.evaluation(1, status="in-progress"),
        wire.evaluation(1, status="paused"),
        wire.evaluation(1, accuracy=50.5),
    ]
    service = scripted(in_turn(map(json_reply, states)))
    evaluations = flavour.public(service.url).evaluations
    seen: list[str] = []
    done = flavour.result(
        evaluations.wait("e1", poll_interval=0.001, on_progress=lambda e: seen.append(e.status))
    )
    assert (done.accuracy, seen) == (50.5, ["pending", "in-progress", "paused", "success"])
    assert service.targets() == [b"/evaluations/e1"] * 4
    ended = wire.evaluation(1, status=status, status_description="no quota")
    service.handler = always(json_reply(ended))
    with pytest.raises(benchwire.JobFailedError, match="no quota") as caught:
        flavour.result(evaluations.wait("e1"))
    assert caught.value.job.status == status
    service.handler = always(json_reply({"error": "no"}, 404))
    with pytest.raises(benchwire.NotFoundError):
        flavour.result(evaluations.wait("e1"))


def test_a_refused_limit_is_omitted_from_then_on(flavour: Flavour, scripted: Any) -> None:
    rounds = iter(["running", "completed"])

    def handler(received: Received) -> Reply:
        if "limit" in received.query:
            return json_reply({"error": "limit: 100 is more than the maximum of 50"}, 422)
        job = wire.completed("j1") if next(rounds) == "completed" else wire.job("j1", "running")
        return json_reply({"jobs": [job]})

    service = scripted(handler)
    (job,) = flavour.result(flavour.v0(service.url).jobs.wait_all(["j1"], poll_interval=0.001))
    assert job.status == "completed"
    assert service.targets() == [b"/v0/jobs?limit=100", b"/v0/jobs", b"/v0/jobs"]
