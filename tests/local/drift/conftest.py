"""An unchanged server and one whose drift each test sets, on copies of one database."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchwire_local import LocalServer, Settings, load_drift_plan
from local.drift.corpus import PRIVATE_DETAILS, Ask, Got, corpus, send


@dataclass
class Drifting:
    """A server with drift; requests to it; and what the unchanged server answered to each."""

    server: LocalServer
    http: httpx.Client
    corpus: list[Ask]
    unchanged: dict[str, Got]


def client(server: LocalServer) -> httpx.Client:
    return httpx.Client(
        base_url=server.url,
        headers={"x-api-key": server.api_key, "authorization": f"Bearer {server.api_key}"},
        trust_env=False,
        timeout=30,
    )


def job_order(server: LocalServer, path: str = "/demo/raw") -> dict[str, Any]:
    return {
        "benchmark_id": PRIVATE_DETAILS,
        "endpoint_url": server.url + path,
        "api_key": "k",
        "provider": "raw",
        "seed": 1,
    }


def ended(http: httpx.Client, job_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while True:
        job: dict[str, Any] = http.get(f"/v0/jobs/{job_id}").json()
        if job["status"] in ("completed", "failed"):
            return job
        assert time.monotonic() < deadline, job
        time.sleep(0.01)


@pytest.fixture(scope="session")
def drifting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drifting]:
    folder = tmp_path_factory.mktemp("drift")
    jobs = _make_database(folder / "data.db")
    shutil.copy(folder / "data.db", folder / "copy.db")
    asks = corpus(*jobs)
    with LocalServer(Settings(db=folder / "data.db")) as server, client(server) as http:
        unchanged = {ask.name: send(http, ask) for ask in asks}
    settings = Settings(db=folder / "copy.db", drift=load_drift_plan([]))
    with LocalServer(settings) as server, client(server) as http:
        yield Drifting(server, http, asks, unchanged)


def _make_database(path: Path) -> tuple[str, str, str]:
    """A database with the sample data and four jobs that have ended; three ids."""
    with LocalServer(Settings(db=path)) as server, client(server) as http:
        ids = []
        for endpoint in ("/demo/raw", "/demo/nothing", "/demo/raw", "/demo/raw"):
            answer = http.post("/v0/jobs", json=job_order(server, endpoint))
            ids.append(answer.json()["job_id"])
            ended(http, ids[-1])
    return ids[0], ids[2], ids[1]
