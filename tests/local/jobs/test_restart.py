"""What a stop and a crash do to jobs that run, and where the endpoint's secrets are never found."""

from __future__ import annotations

import gc
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchwire_local.server import LocalServer
from benchwire_local.settings import Settings
from local.jobs.conftest import KEY, Api
from local.jobs.endpoints import always, endpoint
from local.jobs.test_progress import gated
from support import forks

ENDPOINT_KEY = "canary-key-5d1f"
HEADER_VALUE = "canary-header-77aa"
SECRETS = {"api_key": ENDPOINT_KEY, "headers": {"x-team": HEADER_VALUE}}


@contextmanager
def in_process(db: Path) -> Iterator[tuple[LocalServer, Api]]:
    with LocalServer(Settings(db=db, api_key=KEY)) as server:
        client = Api(server.url)
        with client.http:
            yield server, client


@contextmanager
def in_another_process(db: Path, log: Path) -> Iterator[tuple[subprocess.Popen[str], Api]]:
    with log.open("w", encoding="utf-8") as errors:
        process = forks.Popen(
            [sys.executable, str(Path(__file__).with_name("serve.py")), str(db), KEY],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    with process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, log.read_text(encoding="utf-8")
            client = Api(url)
            with client.http:
                yield process, client
        finally:
            process.kill()


def _failed_and_refunded(job: dict[str, Any], reason: str) -> None:
    assert job["status"] == "failed"
    assert reason in job["error_message"]
    assert "credits were returned" in job["error_message"]
    assert job["credits_used"] == 0
    assert job["completed_at"] is not None


def _no_secret_in(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.stat().st_size > 100_000 for path in files)  # the database is among them
    for path in files:
        content = path.read_bytes()
        assert ENDPOINT_KEY.encode() not in content, path
        assert HEADER_VALUE.encode() not in content, path


def test_a_killed_server_loses_no_job(tmp_path: Path) -> None:
    db, log = tmp_path / "data.sqlite", tmp_path / "log.txt"
    with endpoint(always("SAFE")) as quick, gated() as (slow, gate):
        with in_another_process(db, log) as (process, api):
            done = api.submitted(quick.url(), **SECRETS)
            completed = api.ended(done)
            cut_off = [api.submitted(slow.url(), **SECRETS) for _ in range(5)]
            gate.wait_until_waiting(16)
            gate.let_out(3)
            api.until(
                cut_off[0],
                lambda _: sum(api.job(each).get("processed_prompts", 0) for each in cut_off) == 3,
            )
            assert api.job(cut_off[4])["status"] == "pending"
            assert api.credits() == 1000 - 6
            process.kill()
            process.wait()
        sent = len(slow.received)
        _no_secret_in(tmp_path)  # the write-ahead log too: nobody has tidied up

        with in_process(db) as (_, api):
            for job_id in cut_off:
                _failed_and_refunded(api.job(job_id), "ended unexpectedly")
            assert api.job(done) == completed
            assert api.credits() == 1000 - 1
            # The server works on, and what was cut off stays so.
            assert api.ended(api.submitted(quick.url()))["status"] == "completed"
        assert len(slow.received) == sent
    _no_secret_in(tmp_path)


def test_a_stopped_server_fails_what_runs_and_says_so(tmp_path: Path) -> None:
    db = tmp_path / "data.sqlite"
    with gated() as (slow, gate):
        with in_process(db) as (_, api):
            job_ids = [api.submitted(slow.url(), benchmark_count=2, **SECRETS) for _ in range(5)]
            gate.wait_until_waiting(16)
        with in_process(db) as (_, api):
            for job_id in job_ids:
                _failed_and_refunded(api.job(job_id), "was stopped")
            assert api.credits() == 1000
    _no_secret_in(tmp_path)


def test_secrets_are_in_no_log_and_no_answer(tmp_path: Path) -> None:
    db, log = tmp_path / "data.sqlite", tmp_path / "log.txt"
    with endpoint(always("SAFE")) as running, in_another_process(db, log) as (process, api):
        job_id = api.submitted(running.url(), **SECRETS)
        job = api.ended(job_id)
        answers = [api.http.get(path).text for path in ("/v0/jobs", f"/v0/jobs/{job_id}", "/v0/me")]
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        failed = api.ended(api.submitted(f"http://127.0.0.1:{port}/", **SECRETS))
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert running.received[0].headers["authorization"] == f"Bearer {ENDPOINT_KEY}"
    assert running.received[0].headers["x-team"] == HEADER_VALUE
    assert "DEBUG" in log.read_text()
    _no_secret_in(tmp_path)
    for text in (*answers, str(job), str(failed)):
        assert "canary" not in text


def test_completed_jobs_survive_a_restart(tmp_path: Path) -> None:
    db = tmp_path / "data.sqlite"
    with endpoint(always("SAFE")) as running:
        with in_process(db) as (_, api):
            first = api.ended(api.submitted(running.url()))
        with in_process(db) as (_, api):
            assert api.job(first["id"]) == first
            assert api.credits() == 999


@pytest.mark.parametrize("rounds", [4, pytest.param(100, marks=pytest.mark.long)])
def test_a_stop_closes_the_connections_of_jobs(rounds: int) -> None:
    """A race: their endpoint is that of the server, so that both sides close them."""
    for _ in range(rounds):
        with LocalServer(Settings(api_key=KEY)) as server:
            client = Api(server.url)
            with client.http:
                for _ in range(2):
                    client.submitted(f"{server.url}/demo/raw", provider="raw")
                time.sleep(0.05)
    gc.collect()  # reports each that is open
