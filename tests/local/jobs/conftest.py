"""A real server on a real socket, and what its sample data says is right."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from benchwire_local.data import SCHEMAS
from benchwire_local.data.database import Database
from benchwire_local.jobs.prompts import judge_prompt
from benchwire_local.sample import load_sample
from benchwire_local.server import LocalServer
from benchwire_local.settings import Settings

KEY = "key-of-the-server"
PRIVATE_DETAILS = 1
REFUNDS = 3
ENDED = {"completed", "failed"}


class Api:
    """The v0 API of a running server, over HTTP."""

    def __init__(self, base_url: str) -> None:
        self.http = httpx.Client(
            base_url=base_url,
            headers={"authorization": f"Bearer {KEY}"},
            trust_env=False,
            timeout=20,
        )

    def credits(self) -> int:
        return int(self.http.get("/v0/me").json()["available_credits"])

    def submit(self, endpoint_url: str, **fields: Any) -> httpx.Response:
        body = {
            "benchmark_id": PRIVATE_DETAILS,
            "endpoint_url": endpoint_url,
            "api_key": "key-of-the-endpoint",
            **fields,
        }
        return self.http.post("/v0/jobs", json=body)

    def submitted(self, endpoint_url: str, **fields: Any) -> str:
        response = self.submit(endpoint_url, **fields)
        assert response.status_code == 202, response.text
        assert response.json()["status"] == "pending"
        return str(response.json()["job_id"])

    def job(self, job_id: str) -> dict[str, Any]:
        response = self.http.get(f"/v0/jobs/{job_id}")
        assert response.status_code == 200, response.text
        job: dict[str, Any] = response.json()
        return job

    def until(self, job_id: str, reached: Any) -> dict[str, Any]:
        """Poll a job until it is as wanted; a job that never is fails the test."""
        deadline = time.monotonic() + 20
        while not reached(job := self.job(job_id)):
            assert time.monotonic() < deadline, f"not reached: {job}"
            time.sleep(0.01)
        return job

    def ended(self, job_id: str) -> dict[str, Any]:
        return self.until(job_id, lambda job: job["status"] in ENDED)


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with LocalServer(Settings(api_key=KEY)) as running:
        yield running


@pytest.fixture
def api(server: LocalServer) -> Iterator[Api]:
    client = Api(server.url)
    with client.http:
        yield client


@pytest.fixture(scope="session")
def labels() -> dict[str, str | None]:
    """The consensus label of each conversation of the sample, as it is put to a model."""
    db = Database(None, SCHEMAS)
    load_sample(db)
    with db.read() as connection:
        rows = connection.execute("SELECT messages, label FROM v0_conversations").fetchall()
    db.close()
    return {
        judge_prompt("", [], json.loads(row["messages"])).conversation: row["label"] for row in rows
    }
