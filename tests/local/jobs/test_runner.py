"""The runner by itself, with limits small enough to be reached."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from benchwire_local.data import SCHEMAS, v0
from benchwire_local.data.database import Database
from benchwire_local.jobs import JobRunner, Limits
from benchwire_local.jobs.endpoint_config import ModelEndpoint, check_endpoint
from benchwire_local.jobs.submission import JobRequest
from benchwire_local.sample import load_sample
from benchwire_local.settings import Settings
from local.jobs.conftest import PRIVATE_DETAILS
from local.jobs.endpoints import Answer, Received, always, endpoint

ORDER = JobRequest(PRIVATE_DETAILS, 1)


@pytest.fixture
def db() -> Iterator[Database]:
    database = Database(None, SCHEMAS)
    load_sample(database)
    yield database
    database.close()


@asynccontextmanager
async def started(db: Database, limits: Limits) -> AsyncIterator[JobRunner]:
    runner = JobRunner(db, Settings(), limits)
    await runner.start()
    try:
        yield runner
    finally:
        await runner.stop()


def _target(url: str) -> ModelEndpoint:
    return check_endpoint(url, "openai", None, "canary-key", {}, allow_remote=False)


async def _ended(db: Database, job_id: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            with db.read() as connection:
                job = v0.get_job(connection, job_id)
            assert job is not None
            if job["status"] in {"completed", "failed"}:
                return job
            await asyncio.sleep(0.005)


@pytest.mark.anyio
async def test_an_endpoint_that_does_not_answer_in_time(db: Database) -> None:
    asked_to_stop = threading.Event()

    def respond(request: Received) -> Answer:
        asked_to_stop.wait(20)
        return Answer(b"")

    limits = Limits(request_timeout=0.1, retry_delay=0, tries=2)
    with endpoint(respond) as running:
        async with started(db, limits) as runner:
            job = await _ended(db, await runner.submit(_target(running.url()), ORDER, 1))
        asked_to_stop.set()
    assert job["status"] == "failed"
    assert job["error_message"] == "The endpoint did not respond within 0.1 seconds (2 attempts)"


@pytest.mark.anyio
async def test_a_body_that_drips_is_cut_off_too(db: Database) -> None:
    # Each byte comes well within any timeout between bytes; only a bound on the whole ends it.
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server, started(db, Limits(request_timeout=0.2, tries=1)) as runner:
        job = await _ended(db, await runner.submit(_target(url), ORDER, 1))
    assert job["error_message"] == "The endpoint did not respond within 0.2 seconds"


@pytest.mark.anyio
async def test_a_fault_of_the_server_ends_the_job_with_a_refund_and_a_redacted_log(
    db: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A fault nobody foresaw, in the middle of sending, whose message quotes the key.
    def broken(*args: object, **kwargs: object) -> object:
        raise KeyError("header canary-key")

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", broken)
    async with started(db, Limits()) as runner:
        job = await _ended(db, await runner.submit(_target("http://127.0.0.1:9/"), ORDER, 1))
        assert job["status"] == "failed"
        assert "Internal error while running this job" in job["error_message"]
        assert job["credits_used"] == 0
        with db.read() as connection:
            assert v0.get_account(connection)["available_credits"] == 1000
    logged = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(logged) == 1
    assert "KeyError" in logged[0]
    assert "[redacted]" in logged[0]
    assert "canary-key" not in caplog.text


@pytest.mark.anyio
@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
async def test_an_endpoints_query_is_sent_and_not_logged(
    db: Database, caplog: pytest.LogCaptureFixture, level: int
) -> None:
    caplog.set_level(level)
    with endpoint(always("SAFE")) as running:
        target = _target(running.url("/v1/chat?key=canary-query&alt=json"))
        async with started(db, Limits()) as runner:
            job = await _ended(db, await runner.submit(target, ORDER, 1))
        assert job["status"] == "completed"
        assert {each.path for each in running.received} == {"/v1/chat?key=canary-query&alt=json"}
        assert {each.headers["user-agent"] for each in running.received} == {"benchwire-local"}
    assert "canary-query" not in caplog.text


@pytest.mark.anyio
async def test_a_cookie_of_one_request_is_not_sent_with_the_next(db: Database) -> None:
    def respond(request: Received) -> Answer:
        answer = always("SAFE")(request)
        answer.headers["set-cookie"] = "session=of-another-job"
        return answer

    with endpoint(respond) as running:
        async with started(db, Limits(prompts_per_job=1)) as runner:
            await _ended(db, await runner.submit(_target(running.url()), ORDER, 1))
        assert len(running.received) > 1
        assert not [each for each in running.received if "cookie" in each.headers]


@pytest.mark.anyio
async def test_a_runner_that_does_not_run_takes_no_jobs(db: Database) -> None:
    runner = JobRunner(db, Settings())
    with pytest.raises(RuntimeError, match="is not running"):
        await runner.submit(_target("http://127.0.0.1:9/"), ORDER, 1)
    async with started(db, Limits()) as runner:
        pass
    with pytest.raises(RuntimeError, match="is not running"):
        await runner.submit(_target("http://127.0.0.1:9/"), ORDER, 1)
    with db.read() as connection:
        assert v0.list_jobs(connection, None, None) == []
        assert v0.get_account(connection)["available_credits"] == 1000


@pytest.mark.anyio
async def test_credits_outlive_the_settings_they_began_with(db: Database) -> None:
    with endpoint(always("SAFE")) as running:
        async with started(db, Limits()) as runner:
            await _ended(db, await runner.submit(_target(running.url()), ORDER, 1))
    again = JobRunner(db, Settings(initial_credits=5))
    await again.start()
    await again.stop()
    with db.read() as connection:
        assert v0.get_account(connection)["available_credits"] == 999


@pytest.mark.anyio
async def test_credits_can_not_become_negative_in_the_database(db: Database) -> None:
    async with started(db, Limits()):
        with pytest.raises(sqlite3.IntegrityError), db.write() as connection:
            connection.execute("UPDATE v0_accounts SET available_credits = -1")
