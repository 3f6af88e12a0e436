"""An unmutated server and one whose mutations each test sets, on copies of one database."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from scripts.contract.mutations.middleware import MutatingMiddleware
from scripts.contract.mutations.table import MUTATIONS

from benchwire_local import LocalServer, Settings
from contract.mutations.corpus import PRIVATE_DETAILS, CorpusRequest, CorpusResponse, corpus, send
from support.workers import made_once


@dataclass
class Mutated:
    """A server behind the mutating middleware; a corpus of requests; the unmutated responses."""

    server: LocalServer
    middleware: MutatingMiddleware
    http: httpx.Client
    corpus: list[CorpusRequest]
    unmutated: dict[str, CorpusResponse]

    def activate(self, *ids: str) -> None:
        self.middleware.activate(*(MUTATIONS[name] for name in ids))

    def responses(
        self, *ids: str, operations: Collection[str | None] | None = None
    ) -> dict[str, CorpusResponse]:
        """Activate mutations and send the corpus, or what of it has one of these operations."""
        self.activate(*ids)
        return {
            request.name: send(self.http, request)
            for request in self.corpus
            if operations is None or request.operation in operations
        }


@contextlib.contextmanager
def mutable_server(db: Path | None = None) -> Iterator[Mutated]:
    """A server of its own, without any active mutation."""
    settings = Settings(db=db)
    middleware = MutatingMiddleware(settings.api_key)
    with LocalServer(settings, middleware) as server, client(server) as http:
        yield Mutated(server, middleware, http, [], {})


def client(server: LocalServer) -> httpx.Client:
    return httpx.Client(
        base_url=server.url,
        headers={"x-api-key": server.api_key, "authorization": f"Bearer {server.api_key}"},
        trust_env=False,
        timeout=30,
    )


def job_request(server: LocalServer, path: str = "/demo/raw") -> dict[str, Any]:
    return {
        "benchmark_id": PRIVATE_DETAILS,
        "endpoint_url": server.url + path,
        "api_key": "k",
        "provider": "raw",
        "seed": 1,
    }


def wait_until_ended(http: httpx.Client, job_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while True:
        job: dict[str, Any] = http.get(f"/v0/jobs/{job_id}").json()
        if job["status"] in ("completed", "failed"):
            return job
        assert time.monotonic() < deadline, job
        time.sleep(0.01)


@pytest.fixture(scope="session")
def mutated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mutated]:
    made = made_once(tmp_path_factory, "mutations", _make_database)
    requests = corpus(*json.loads((made / "ids.json").read_bytes()))
    folder = tmp_path_factory.mktemp("mutated")
    for name in ("data.db", "copy.db"):
        shutil.copy(made / "data.db", folder / name)
    with LocalServer(Settings(db=folder / "data.db")) as server, client(server) as http:
        unmutated = {request.name: send(http, request) for request in requests}
    with mutable_server(folder / "copy.db") as mutated:
        mutated.corpus, mutated.unmutated = requests, unmutated
        yield mutated


def _make_database(folder: Path) -> None:
    """Create a database with the sample data and four ended jobs, and write three of their ids."""
    folder.mkdir()
    with LocalServer(Settings(db=folder / "data.db")) as server, client(server) as http:
        ids = []
        for endpoint in ("/demo/raw", "/demo/nothing", "/demo/raw", "/demo/raw"):
            response = http.post("/v0/jobs", json=job_request(server, endpoint))
            ids.append(response.json()["job_id"])
            wait_until_ended(http, ids[-1])
    (folder / "ids.json").write_text(json.dumps([ids[0], ids[2], ids[1]]), encoding="ascii")
