"""What a submission sends, writes down and gives, over real sockets and a real journal file."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from time import time
from typing import Any

import pytest

import benchwire
from benchwire._jobs.sqlite_journal import SqliteJournal, file_journal
from benchwire.errors import JournalError, SubmissionUnknown
from support.both import KEY, Flavour
from support.fault_clock import SkippingClock, on_clock
from support.scripted import PATIENCE, Received, Reply, ScriptedService, json_reply

ENDPOINT = "https://models.example.com/v1/chat?key=canary-in-the-query"
SECRETS = {
    "api_key": "canary-of-the-endpoint",
    "headers": {"x-key": "canary-in-a-header"},
}
CANARIES = [b"canary-in-the-query", b"canary-of-the-endpoint", b"canary-in-a-header", KEY.encode()]


class Service:
    """A jobs service: what it makes of a submission is up to the test.

    Attributes:
        answers: What each submission is answered with, in turn; ``None`` hangs up.
        executes: Which submissions are executed, in turn; all of them after that.
        jobs: The rows of the list.
        on_submission: Called when one arrives.
    """

    def __init__(self) -> None:
        self.answers: list[Reply | None] = []
        self.executes: list[bool] = []
        self.jobs: list[dict[str, Any]] = []
        self.posted: list[Received] = []
        self.lists = 0
        self.refuses_lists = 0
        self.on_submission: Callable[[], object] = lambda: None

    def __call__(self, received: Received) -> Reply | None:
        if received.method == "GET":
            return self._list()
        self.posted.append(received)
        self.on_submission()
        executes = self.executes.pop(0) if self.executes else True
        names = self._execute(received.json()) if executes else []
        if self.answers:
            return self.answers.pop(0)
        if received.path.endswith("/batch"):
            return json_reply({"batch_id": "x", "job_ids": names}, 202)
        return json_reply({"job_id": names[0], "status": "pending"}, 202)

    def row(self, body: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """List a job as a service does that echoes the endpoint without its query."""
        row = {
            "id": f"j{len(self.jobs) + 1}",
            "status": "running",
            "benchmark_id": body["benchmark_id"],
            "endpoint_url": ENDPOINT.partition("?")[0],
            "created_at": datetime.now(UTC).isoformat(),
            **fields,
        }
        self.jobs.insert(0, row)
        return row

    def _execute(self, body: dict[str, Any]) -> list[str]:
        if "jobs" in body:
            return [self.row(item, batch_id="x")["id"] for item in body["jobs"]]
        return [self.row(body)["id"]]

    def _list(self) -> Reply:
        self.lists += 1
        if self.refuses_lists:
            self.refuses_lists -= 1
            return json_reply({"error": "busy"}, 503)
        return json_reply({"jobs": self.jobs}, date=formatdate(time(), usegmt=True))


@pytest.fixture
def jobs() -> Service:
    return Service()


@pytest.fixture
def service(scripted: Any, jobs: Service) -> ScriptedService:
    started: ScriptedService = scripted(jobs)
    return started


@pytest.fixture
def client(flavour: Flavour, service: ScriptedService, clock: SkippingClock) -> Any:
    return on_clock(flavour.v0(service.url), clock)


@pytest.fixture
def kept(journal: Path) -> SqliteJournal:
    """The journal as another process finds it."""
    return file_journal(journal)


def submit(client: Any, **options: Any) -> Any:
    return client.jobs.submit("bench", ENDPOINT, **{**SECRETS, **options})


def submit_batch(client: Any, **options: Any) -> Any:
    return client.jobs.submit_batch(["b1", "b2", "b1"], ENDPOINT, **{**SECRETS, **options})


def only(kept: SqliteJournal, url: str) -> Any:
    (record,) = kept.unresolved(url)
    return record


def test_it_is_written_down_before_it_is_sent(
    client: Any, flavour: Flavour, jobs: Service, service: ScriptedService, kept: SqliteJournal
) -> None:
    seen: list[Any] = []
    jobs.row({"benchmark_id": "bench"}, id="old")
    jobs.on_submission = lambda: seen.append(only(kept, service.url))
    submitted = flavour.result(submit(client))
    (record,) = seen
    assert (record.state, record.kind, record.baseline) == ("sent", "job", {"old"})
    assert kept.unresolved(service.url) == []
    settled = kept.find(record.id)
    assert settled is not None
    assert (settled.state, settled.job_ids) == ("accepted", (submitted.job_id,))
    assert [request.method for request in service.requests] == ["GET", "POST"]


def test_no_key_is_in_the_journal(
    client: Any, flavour: Flavour, jobs: Service, journal: Path
) -> None:
    said = json_reply({"error": " ".join(canary.decode() for canary in CANARIES)}, 422)
    jobs.answers = [json_reply({"job_id": "j1"}, 202), said, None]
    jobs.executes = [True, False, False]
    flavour.result(submit(client))
    with pytest.raises(benchwire.UnprocessableEntityError) as refused:
        flavour.result(submit(client))
    with pytest.raises(SubmissionUnknown) as unknown:
        flavour.result(submit_batch(client))
    data = b"".join(path.read_bytes() for path in journal.parent.rglob("*") if path.is_file())
    assert len(data) > 1000
    shown = data + repr(vars(refused.value)).encode() + repr(vars(unknown.value)).encode()
    for canary in CANARIES:
        assert canary not in shown
    assert b"models.example.com" not in data


@pytest.mark.parametrize(
    "status", [300, 302, 408, 409, 418, 425, 500, 502, 503, 504, 520, 202, 200, 204]
)
def test_what_leaves_a_doubt_is_looked_for(
    status: int, client: Any, flavour: Flavour, jobs: Service, kept: SqliteJournal
) -> None:
    """An answer of success that names no job is one of them."""
    jobs.answers = [json_reply({}, status) if status != 204 else Reply(status=204)]
    assert flavour.result(submit(client)).job_id == "j1"
    assert len(jobs.posted) == 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 414, 415, 422, 429, 431])
def test_what_is_refused_is_settled(
    status: int,
    client: Any,
    flavour: Flavour,
    jobs: Service,
    service: ScriptedService,
    kept: SqliteJournal,
) -> None:
    jobs.answers, jobs.executes = [json_reply({"error": "no"}, status)], [False]
    seen: list[Any] = []
    jobs.on_submission = lambda: seen.append(only(kept, service.url).id)
    with pytest.raises(benchwire.APIStatusError, match=f"returned status {status}: no"):
        flavour.result(submit(client))
    assert (len(jobs.posted), jobs.lists) == (1, 1)
    assert kept.unresolved(service.url) == []
    with pytest.raises(benchwire.BenchwireError, match="refused by the service, so nothing was"):
        flavour.result(client.jobs.resume(seen[0]))


@pytest.mark.parametrize("status", [200, 201])
def test_what_a_gateway_calls_otherwise_is_accepted(
    status: int, client: Any, flavour: Flavour, jobs: Service
) -> None:
    jobs.answers = [json_reply({"job_id": "named"}, status)]
    assert flavour.result(submit(client)).job_id == "named"
    assert jobs.lists == 1


def test_a_lost_answer_is_found_in_the_list(
    client: Any, flavour: Flavour, jobs: Service, service: ScriptedService, kept: SqliteJournal
) -> None:
    jobs.answers = [None]
    jobs.row({"benchmark_id": "bench"}, id="old")
    assert flavour.result(submit(client)).job_id == "j2"
    assert len(jobs.posted) == 1
    assert kept.unresolved(service.url) == []


def test_a_list_that_fails_for_a_while_is_asked_again(
    client: Any, flavour: Flavour, jobs: Service
) -> None:
    jobs.answers = [None]
    jobs.on_submission = lambda: setattr(jobs, "refuses_lists", 4)
    assert flavour.result(submit(client)).job_id == "j1"
    assert jobs.lists == 6


def test_a_batch_is_found_as_a_whole(client: Any, flavour: Flavour, jobs: Service) -> None:
    jobs.answers = [None]
    batch = flavour.result(submit_batch(client))
    benchmarks = {row["id"]: row["benchmark_id"] for row in jobs.jobs}
    assert [benchmarks[job_id] for job_id in batch.job_ids] == ["b1", "b2", "b1"]
    assert (len(set(batch.job_ids)), batch.batch_id) == (3, "x")
    assert len(jobs.posted) == 1


def test_what_is_missing_of_a_batch_is_named(client: Any, flavour: Flavour, jobs: Service) -> None:
    jobs.answers = [None]
    jobs.executes = [False]
    jobs.on_submission = lambda: jobs.row({"benchmark_id": "b1"}, batch_id="x")
    with pytest.raises(SubmissionUnknown) as caught:
        flavour.result(submit_batch(client))
    error = caught.value
    assert (error.kind, error.missing, error.candidates) == ("batch", ["b2", "b1"], ["j1"])
    assert "no job is listed for: b2, b1" in str(error)
    assert len(jobs.posted) == 1


@pytest.mark.parametrize("on_error", ["raise", "none"])
def test_what_is_not_found_is_unknown_and_can_be_resumed(
    on_error: str,
    flavour: Flavour,
    jobs: Service,
    service: ScriptedService,
    clock: SkippingClock,
    kept: SqliteJournal,
) -> None:
    client = on_clock(flavour.v0(service.url, on_error=on_error), clock)
    jobs.answers, jobs.executes = [None], [False]
    with pytest.raises(SubmissionUnknown, match="no listed job matches it") as caught:
        flavour.result(submit(client))
    error = caught.value
    assert f"jobs.resume({error.intent_id!r}) looks again" in str(error)
    assert (error.kind, error.candidates, error.missing) == ("job", [], [])
    assert sum(clock.slept) >= 59
    assert len(jobs.posted) == 1
    (intent,) = flavour.result(client.jobs.unresolved())
    assert (intent.id, intent.state, intent.kind) == (error.intent_id, "unknown", "job")
    assert (intent.benchmark_ids, intent.base_url) == (["bench"], service.url)
    with pytest.raises(SubmissionUnknown):
        flavour.result(client.jobs.resume(error.intent_id))
    jobs.row({"benchmark_id": "bench"})
    assert flavour.result(client.jobs.resume(error.intent_id)).job_id == "j1"
    assert flavour.result(client.jobs.unresolved()) == []
    lists = jobs.lists
    assert flavour.result(client.jobs.resume(error.intent_id)).job_id == "j1"
    assert (jobs.lists, len(jobs.posted)) == (lists, 1)


def test_what_may_be_of_two_submissions_is_neithers(
    client: Any, flavour: Flavour, jobs: Service
) -> None:
    """They differ in the model, which the list does not echo."""
    jobs.answers, jobs.executes = [None, None], [False, True]
    seen: list[str] = []
    for model in ("small", "large"):
        with pytest.raises(SubmissionUnknown) as caught:
            flavour.result(submit(client, model=model, deadline=0.5))
        seen.append(caught.value.intent_id)
    assert f"may belong to {seen[0]} instead" in str(caught.value)
    assert caught.value.candidates == ["j1"]


def test_of_two_equal_submissions_either_may_have_a_job(
    client: Any, flavour: Flavour, jobs: Service
) -> None:
    jobs.answers, jobs.executes = [None, None], [False, True]
    with pytest.raises(SubmissionUnknown):
        flavour.result(submit(client, deadline=0.5))
    assert flavour.result(submit(client)).job_id == "j1"


UNCLEAR: dict[str, list[dict[str, Any]]] = {
    "no endpoint": [{"endpoint_url": None}],
    "no benchmark": [{"benchmark_id": None}],
    "one too many": [{}, {}],
    "another endpoint": [{"endpoint_url": "https://models.example.com/v2/chat"}],
    "another benchmark": [{"benchmark_id": "other"}],
    "long ago": [{"created_at": "2025-06-03T09:15:27Z"}],
    "long after": [{"created_at": "2125-06-03T09:15:27Z"}],
    "part of a batch": [{"batch_id": "y"}, {"batch_id": "y", "benchmark_id": "other"}],
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_no_job_is_taken_that_may_be_anothers(
    name: str, client: Any, flavour: Flavour, jobs: Service
) -> None:
    jobs.answers, jobs.executes = [None], [False]

    def arrive() -> None:
        for fields in UNCLEAR[name]:
            jobs.row({"benchmark_id": "bench"}, **fields)

    jobs.on_submission = arrive
    with pytest.raises(SubmissionUnknown):
        flavour.result(submit(client))
    # Nor is it sent again while something new is listed, whatever it is.
    jobs.answers, jobs.executes = [None], [False]
    with pytest.raises(SubmissionUnknown):
        flavour.result(submit(client, resend=True))
    assert len(jobs.posted) == 2


def test_a_list_that_does_not_reach_back_proves_nothing(
    client: Any, flavour: Flavour, jobs: Service
) -> None:
    jobs.row({"benchmark_id": "bench"}, id="old")
    jobs.answers = [None]
    jobs.executes = [False]

    def crowd() -> None:
        jobs.jobs.clear()
        for _ in range(30):
            jobs.row({"benchmark_id": "other"})

    jobs.on_submission = crowd
    with pytest.raises(SubmissionUnknown, match="does not reach back"):
        flavour.result(submit(client, resend=True))
    assert len(jobs.posted) == 1


def test_it_is_sent_once_more_where_that_is_asked_for_and_nothing_is_listed(
    client: Any, flavour: Flavour, jobs: Service, clock: SkippingClock, kept: SqliteJournal
) -> None:
    jobs.answers, jobs.executes = [None], [False]
    assert flavour.result(submit(client, resend=True)).job_id == "j1"
    assert len(jobs.posted) == 2
    assert jobs.posted[0].body == jobs.posted[1].body
    assert sum(clock.slept) >= 59
    jobs.answers, jobs.executes = [None, None], [False, False]
    with pytest.raises(SubmissionUnknown) as caught:
        flavour.result(submit(client, resend=True))
    assert len(jobs.posted) == 4
    record = kept.find(caught.value.intent_id)
    assert record is not None
    assert record.attempts == 2


def test_it_is_not_sent_once_more_on_what_an_early_look_did_not_show(
    client: Any, flavour: Flavour, jobs: Service, clock: SkippingClock
) -> None:
    jobs.answers, jobs.executes = [None], [False]

    def break_down() -> None:
        if len(clock.slept) == 3:
            jobs.refuses_lists = 1_000_000

    clock.on_sleep = break_down
    with pytest.raises(SubmissionUnknown):
        flavour.result(submit(client, resend=True))
    assert len(jobs.posted) == 1


def test_a_refusal_of_the_second_attempt_says_nothing_of_the_first(
    client: Any, flavour: Flavour, jobs: Service
) -> None:
    jobs.answers, jobs.executes = [None, json_reply({"error": "no"}, 402)], [False, False]
    with pytest.raises(SubmissionUnknown, match="returned status 402"):
        flavour.result(submit(client, resend=True))


def test_nothing_is_sent_where_nothing_can_be_written_down(
    flavour: Flavour, service: ScriptedService, jobs: Service, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    client = flavour.v0(service.url, journal=tmp_path / "file" / "j.db")
    with pytest.raises(JournalError, match=r"file.j\.db can't be used"):
        flavour.result(submit(client))
    assert jobs.posted == []


def test_a_job_is_not_lost_where_its_acceptance_can_not_be_written_down(
    client: Any,
    flavour: Flavour,
    jobs: Service,
    service: ScriptedService,
    kept: SqliteJournal,
    journal: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    jobs.on_submission = lambda: journal.write_bytes(b"overwritten by something else" * 200)
    assert flavour.result(submit(client)).job_id == "j1"
    (said,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "was accepted as j1, which could not be recorded" in said.getMessage()


def test_a_journal_of_none_keeps_to_the_protocol(
    flavour: Flavour, service: ScriptedService, jobs: Service, journal: Path, clock: SkippingClock
) -> None:
    client = on_clock(flavour.v0(service.url, journal=False), clock)
    jobs.answers = [None]
    assert flavour.result(submit(client)).job_id == "j1"
    jobs.answers, jobs.executes = [None], [False]
    with pytest.raises(SubmissionUnknown):
        flavour.result(submit(client))
    assert len(flavour.result(client.jobs.unresolved())) == 1
    assert not journal.exists()


def test_what_can_not_be_resumed(client: Any, flavour: Flavour, service: ScriptedService) -> None:
    with pytest.raises(ValueError, match="there is no submission 'x' in the journal"):
        flavour.result(client.jobs.resume("x"))


def test_the_submission_of_another_key_is_not_resumed(
    client: Any, flavour: Flavour, jobs: Service, service: ScriptedService
) -> None:
    jobs.answers, jobs.executes = [None], [False]
    with pytest.raises(SubmissionUnknown) as caught:
        flavour.result(submit(client))
    other = flavour.make("V0Client", "another-key", service.url)
    assert [intent.id for intent in flavour.result(other.jobs.unresolved())] == [
        caught.value.intent_id
    ]
    with pytest.raises(benchwire.BenchwireError, match="with another key"):
        flavour.result(other.jobs.resume(caught.value.intent_id))


def test_a_deadline_ends_the_search(client: Any, flavour: Flavour, jobs: Service) -> None:
    jobs.answers, jobs.executes = [None], [False]
    with pytest.raises(SubmissionUnknown):
        flavour.result(submit(client, deadline=3.0))
    assert sum(client._transport.sleep.__self__.slept) <= 3.0


def test_a_deadline_ends_the_wait_for_a_submission_that_looks_the_same(
    client: Any, flavour: Flavour, jobs: Service, service: ScriptedService, kept: SqliteJournal
) -> None:
    every = kept.try_lock(range(64))
    assert every is not None
    try:
        with pytest.raises(benchwire.errors.DeadlineExceededError, match="nothing was sent"):
            flavour.result(submit(client, deadline=1.0))
    finally:
        every.release()
    assert service.requests == []


def test_submissions_that_look_the_same_wait_for_each_other(
    scripted: Any, jobs: Service, kept: SqliteJournal
) -> None:
    """Or each would be in the other's baseline, or neither."""
    gate, arrived = threading.Event(), threading.Event()
    service = scripted(jobs)

    def hold() -> None:
        arrived.set()
        assert gate.wait(PATIENCE)

    jobs.on_submission = hold
    with benchwire.V0Client(KEY, service.url) as client:
        first = threading.Thread(target=submit, args=(client,))
        second = threading.Thread(target=submit, args=(client,), kwargs={"model": "other"})
        first.start()
        assert arrived.wait(PATIENCE)
        second.start()
        (record,) = kept.unresolved(service.url)
        gate.set()
        first.join(PATIENCE)
        second.join(PATIENCE)
        assert [request.method for request in service.requests] == ["GET", "POST"] * 2
    found = kept.find(record.id)
    assert found is not None
    assert found.state == "accepted"


def test_an_interrupt_names_the_submission(
    scripted: Any, jobs: Service, kept: SqliteJournal, caplog: pytest.LogCaptureFixture
) -> None:
    service = scripted(jobs)
    clock = SkippingClock()

    def interrupt() -> None:
        raise KeyboardInterrupt

    clock.on_sleep = interrupt
    jobs.answers, jobs.executes = [None], [False]
    with benchwire.V0Client(KEY, service.url) as client:
        on_clock(client, clock)
        with pytest.raises(KeyboardInterrupt) as caught:
            submit(client)
    (record,) = kept.unresolved(service.url)
    said = f"submission {record.id} may have been received: jobs.resume('{record.id}') finds out"
    assert caught.value.__notes__ == [said]
    assert said in caplog.messages


@pytest.mark.anyio
async def test_a_task_that_is_cancelled_leaves_its_submission_in_the_journal(
    scripted: Any, jobs: Service, kept: SqliteJournal
) -> None:
    gate, arrived = threading.Event(), threading.Event()
    service = scripted(jobs)

    def hold() -> None:
        arrived.set()
        assert gate.wait(PATIENCE)

    jobs.on_submission = hold
    async with benchwire.AsyncV0Client(KEY, service.url) as client:
        task = asyncio.create_task(submit(client))
        assert await asyncio.to_thread(arrived.wait, PATIENCE)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (record,) = kept.unresolved(service.url)
        gate.set()
        # The locks are free again, and the job is found.
        assert (await client.jobs.resume(record.id)).job_id == "j1"
