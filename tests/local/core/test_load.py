"""Hundreds of requests at once, reads and submissions mixed: what they paid is what there is."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from benchwire_local import LocalServer, Settings
from benchwire_local import server as server_module

if TYPE_CHECKING:
    from pathlib import Path

CREDITS = 150  # fewer than what is asked for, so that some submissions can't be paid
READS = [
    *["/api/v1/models", "/api/v1/evaluations?unique=true", "/api/v1/datasets?query=a"],
    *["/api/v2/benchmarks/models", "/v0/me", "/v0/jobs?limit=5", "/v0/jobs?status=running"],
]


def client(server: LocalServer) -> httpx.Client:
    headers = {"x-api-key": server.api_key, "authorization": f"Bearer {server.api_key}"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=60, trust_env=False)


def submission(server: LocalServer, benchmark_id: str, number: int) -> tuple[str, dict[str, Any]]:
    body = {"endpoint_url": server.url + "/demo/raw", "provider": "raw", "api_key": "k"}
    units = 1 + number % 3
    if number % 2:
        return "/v0/jobs", body | {"benchmark_id": benchmark_id, "benchmark_count": units}
    job = {"benchmark_id": benchmark_id, "benchmark_count": units}
    return "/v0/jobs/batch", body | {"jobs": [job, job]}


@pytest.mark.usefixtures("short_jobs")
@pytest.mark.parametrize("requests", [25, pytest.param(50, marks=pytest.mark.long)])
def test_credits_and_jobs_agree_under_load_and_after_it(
    requests: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(db=tmp_path / "d.db", initial_credits=CREDITS)
    seen: Counter[tuple[str, int]] = Counter()
    accepted: set[str] = set()
    with LocalServer(settings) as server, client(server) as http:
        benchmark_id = http.get("/v0/benchmarks").json()["benchmarks"][0]["id"]

        def work(seed: int) -> None:
            dice = random.Random(seed)
            with client(server) as own:
                for number in range(requests):
                    if dice.random() < 0.4:
                        path, body = submission(server, benchmark_id, number)
                        response = own.post(path, json=body)
                        if response.status_code == 202:
                            reply = response.json()
                            accepted.update(reply.get("job_ids") or [reply["job_id"]])
                    else:
                        response = own.get(dice.choice(READS))
                    seen[response.request.method, response.status_code] += 1

        workers = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        jobs = http.get("/v0/jobs").json()["jobs"]
        left = http.get("/v0/me").json()["available_credits"]
        assert {job["id"] for job in jobs} == accepted
        assert left + sum(job["credits_used"] for job in jobs) == CREDITS

    assert sum(seen.values()) == 8 * requests
    assert set(seen) == {("GET", 200), ("POST", 202), ("POST", 402)}
    assert not caplog.records
    with LocalServer(settings) as server, client(server) as http:
        jobs = http.get("/v0/jobs").json()["jobs"]
        left = http.get("/v0/me").json()["available_credits"]
    assert {job["id"] for job in jobs} == accepted
    assert {job["status"] for job in jobs} <= {"completed", "failed"}
    assert left + sum(job["credits_used"] for job in jobs) == CREDITS


def test_closing_gives_up_on_requests_that_never_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server_module, "_GRACE_SECONDS", 0.1)
    server = LocalServer(Settings(sample=False)).start()
    address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
    head = b"POST /v0/jobs HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n"
    head += b"content-type: application/json\r\ncontent-length: 99\r\n"
    head += b"authorization: Bearer " + server.api_key.encode() + b"\r\n"
    with contextlib.ExitStack() as stack:
        for sent in (b"", head, head + b"\r\n", head + b"\r\n{"):
            connection = stack.enter_context(socket.create_connection(address, timeout=30))
            connection.sendall(sent)
            if b"\r\n\r\n" in sent:  # it is in the midst of reading the body
                assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        server.close()
    assert not caplog.records
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{address[1]}")
