"""Jobs while another process, such as an import, keeps the database file to itself."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchwire_local.data import database
from benchwire_local.server import LocalServer
from benchwire_local.settings import Settings
from local.jobs.conftest import KEY, Api


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(database, "_PATIENCE_SECONDS", 0)
    return Settings(api_key=KEY, db=tmp_path / "d.db")


@pytest.fixture
def other(settings: Settings) -> Iterator[sqlite3.Connection]:
    """Another connection to the file; it writes from ``BEGIN IMMEDIATE`` to ``ROLLBACK``."""
    assert settings.db
    connection = sqlite3.connect(settings.db, isolation_level=None)
    yield connection
    connection.close()


def until_waiting(caplog: pytest.LogCaptureFixture, writers: int) -> None:
    deadline = time.monotonic() + 20
    while sum("waiting to write" in line for line in caplog.messages) < writers:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_jobs_wait_and_reads_go_on(
    settings: Settings, other: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with LocalServer(settings) as server:
        api, second = Api(server.url), Api(server.url)
        slow = server.url + "/demo/v1/chat/completions?latency_ms=20"
        first_id = api.submitted(slow)
        api.until(first_id, lambda job: job.get("processed_prompts"))
        other.execute("BEGIN IMMEDIATE")
        until_waiting(caplog, 1)  # an answer of the running job
        ids: list[str] = []
        submitting = threading.Thread(target=lambda: ids.append(second.submitted(slow)))
        submitting.start()
        until_waiting(caplog, 10)
        assert api.job(first_id)["status"] == "running"
        assert api.credits() == 999
        assert not ids
        other.execute("ROLLBACK")
        submitting.join()
        assert api.credits() == 998
        assert [api.ended(job_id)["status"] for job_id in (first_id, *ids)] == ["completed"] * 2
        api.http.close()
        second.http.close()
    assert all(record.levelname == "WARNING" for record in caplog.records)


def test_a_stop_leaves_unfinished_jobs_to_the_next_start(
    settings: Settings, other: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with LocalServer(settings) as server:
        api = Api(server.url)
        job_id = api.submitted(server.url + "/demo/v1/chat/completions?latency_ms=10000")
        api.http.close()
        other.execute("BEGIN IMMEDIATE")
    assert "will be marked failed at the next start" in caplog.messages[-1]
    other.execute("ROLLBACK")
    with LocalServer(settings) as server:
        api = Api(server.url)
        assert api.job(job_id)["status"] == "failed"
        assert api.credits() == 1000
        api.http.close()
