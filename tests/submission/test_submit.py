"""A submission over real sockets with a real journal file: what is sent, recorded and returned."""

from __future__ import annotations

import asyncio
import logging
import threading
from pathlib import Path
from typing import Any

import pytest

import benchwire
from benchwire._jobs.sqlite_journal import SqliteJournal
from benchwire.errors import JournalError, SubmissionUnknown
from support.both import KEY, Flavour
from support.fault_clock import SkippingClock, on_clock
from support.jobs_service import CANARIES, JobsService, only, submit, submit_batch
from support.scripted import PATIENCE, ScriptedService, json_reply


def test_a_submission_is_recorded_before_it_is_sent(
    client: Any, flavour: Flavour, jobs: JobsService, service: ScriptedService, kept: SqliteJournal
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
    client: Any, flavour: Flavour, jobs: JobsService, journal: Path
) -> None:
    refusal = json_reply({"error": " ".join(canary.decode() for canary in CANARIES)}, 422)
    jobs.responses = [json_reply({"job_id": "j1"}, 202), refusal, None]
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


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 414, 415, 422, 429, 431])
def test_a_refusal_settles_the_intent(
    status: int,
    client: Any,
    flavour: Flavour,
    jobs: JobsService,
    service: ScriptedService,
    kept: SqliteJournal,
) -> None:
    jobs.responses, jobs.executes = [json_reply({"error": "no"}, status)], [False]
    seen: list[Any] = []
    jobs.on_submission = lambda: seen.append(only(kept, service.url).id)
    with pytest.raises(benchwire.APIStatusError, match=f"returned status {status}: no"):
        flavour.result(submit(client))
    assert (len(jobs.posted), jobs.lists) == (1, 1)
    assert kept.unresolved(service.url) == []
    with pytest.raises(benchwire.BenchwireError, match="refused by the service, so nothing was"):
        flavour.result(client.jobs.resume(seen[0]))


@pytest.mark.parametrize("status", [200, 201])
def test_an_acceptance_with_the_status_of_a_gateway_is_accepted(
    status: int, client: Any, flavour: Flavour, jobs: JobsService
) -> None:
    jobs.responses = [json_reply({"job_id": "named"}, status)]
    assert flavour.result(submit(client)).job_id == "named"
    assert jobs.lists == 1


def test_nothing_is_sent_if_it_can_not_be_recorded(
    flavour: Flavour, service: ScriptedService, jobs: JobsService, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    client = flavour.v0(service.url, journal=tmp_path / "file" / "j.db")
    with pytest.raises(JournalError, match=r"file.j\.db can't be used"):
        flavour.result(submit(client))
    assert jobs.posted == []


def test_an_acceptance_that_can_not_be_recorded_is_returned(
    client: Any,
    flavour: Flavour,
    jobs: JobsService,
    service: ScriptedService,
    kept: SqliteJournal,
    journal: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    jobs.on_submission = lambda: journal.write_bytes(b"overwritten by something else" * 200)
    assert flavour.result(submit(client)).job_id == "j1"
    (warning,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "was accepted as j1, which could not be recorded" in warning.getMessage()


def test_a_journal_in_memory_supports_the_protocol(
    flavour: Flavour,
    service: ScriptedService,
    jobs: JobsService,
    journal: Path,
    clock: SkippingClock,
) -> None:
    client = on_clock(flavour.v0(service.url, journal=False), clock)
    jobs.responses = [None]
    assert flavour.result(submit(client)).job_id == "j1"
    jobs.responses, jobs.executes = [None], [False]
    with pytest.raises(SubmissionUnknown):
        flavour.result(submit(client))
    assert len(flavour.result(client.jobs.unresolved())) == 1
    assert not journal.exists()


def test_a_deadline_ends_the_wait_for_a_lock(
    client: Any, flavour: Flavour, jobs: JobsService, service: ScriptedService, kept: SqliteJournal
) -> None:
    every = kept.try_lock(range(64))
    assert every is not None
    try:
        with pytest.raises(benchwire.errors.DeadlineExceededError, match="nothing was sent"):
            flavour.result(submit(client, deadline=20))
    finally:
        every.release()
    assert service.requests == []


def test_submissions_that_look_alike_wait_for_each_other(
    scripted: Any, jobs: JobsService, kept: SqliteJournal
) -> None:
    """Otherwise each job could be in the other's baseline, or neither."""
    gate, arrived = threading.Event(), threading.Event()
    service = scripted(jobs)

    def block() -> None:
        arrived.set()
        assert gate.wait(PATIENCE)

    jobs.on_submission = block
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
    scripted: Any, jobs: JobsService, kept: SqliteJournal, caplog: pytest.LogCaptureFixture
) -> None:
    service = scripted(jobs)
    clock = SkippingClock()

    def interrupt() -> None:
        raise KeyboardInterrupt

    clock.on_sleep = interrupt
    jobs.responses, jobs.executes = [None], [False]
    with benchwire.V0Client(KEY, service.url) as client:
        on_clock(client, clock)
        with pytest.raises(KeyboardInterrupt) as caught:
            submit(client)
    (record,) = kept.unresolved(service.url)
    note = f"submission {record.id} may have been received: jobs.resume('{record.id}') finds out"
    assert caught.value.__notes__ == [note]
    assert note in caplog.messages


@pytest.mark.anyio
async def test_a_task_that_is_cancelled_leaves_its_submission_in_the_journal(
    scripted: Any, jobs: JobsService, kept: SqliteJournal
) -> None:
    gate, arrived = threading.Event(), threading.Event()
    service = scripted(jobs)

    def block() -> None:
        arrived.set()
        assert gate.wait(PATIENCE)

    jobs.on_submission = block
    async with benchwire.AsyncV0Client(KEY, service.url) as client:
        task = asyncio.create_task(submit(client))
        assert await asyncio.to_thread(arrived.wait, PATIENCE)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (record,) = kept.unresolved(service.url)
        gate.set()
        # The locks are released, and the job is found.
        assert (await client.jobs.resume(record.id)).job_id == "j1"
