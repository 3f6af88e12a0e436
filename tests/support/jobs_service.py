"""A jobs service whose responses a test chooses, and submissions to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate
from time import time
from typing import Any

from benchwire._jobs.sqlite_journal import SqliteJournal
from support.both import KEY
from support.scripted import Received, Reply, json_reply

ENDPOINT = "https://models.example.com/v1/chat?key=canary-in-the-query"
SECRETS = {
    "api_key": "canary-of-the-endpoint",
    "headers": {"x-key": "canary-in-a-header"},
}
CANARIES = [b"canary-in-the-query", b"canary-of-the-endpoint", b"canary-in-a-header", KEY.encode()]


class JobsService:
    """A jobs service whose responses a test chooses.

    Attributes:
        responses: The responses to submissions, in turn; ``None`` closes the connection. After
            them, the documented ones.
        executes: Whether each submission is executed, in turn; after them, all are.
        jobs: The rows of the list.
        posted: The submissions.
        lists: The number of list requests.
        failing_lists: The number of list requests that fail next.
        on_submission: Called with each submission.
        cut: Orders the rows of a list, newest first, and cuts them off.
    """

    def __init__(self) -> None:
        self.responses: list[Reply | None] = []
        self.executes: list[bool] = []
        self.jobs: list[dict[str, Any]] = []
        self.posted: list[Received] = []
        self.lists = 0
        self.failing_lists = 0
        self.on_submission: Callable[[], object] = lambda: None
        self.cut: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = lambda rows: rows

    def __call__(self, received: Received) -> Reply | None:
        if received.method == "GET":
            return self._list(received.query.get("status"))
        self.posted.append(received)
        self.on_submission()
        executes = self.executes.pop(0) if self.executes else True
        names = self._execute(received.json()) if executes else []
        if self.responses:
            return self.responses.pop(0)
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

    def _list(self, status: str | None) -> Reply:
        self.lists += 1
        if self.failing_lists:
            self.failing_lists -= 1
            return json_reply({"error": "busy"}, 503)
        jobs = [row for row in self.jobs if status in {None, row["status"]}]
        return json_reply({"jobs": self.cut(jobs)}, date=formatdate(time(), usegmt=True))


def submit(client: Any, **options: Any) -> Any:
    return client.jobs.submit("bench", ENDPOINT, **{**SECRETS, **options})


def submit_batch(client: Any, **options: Any) -> Any:
    return client.jobs.submit_batch(["b1", "b2", "b1"], ENDPOINT, **{**SECRETS, **options})


def only(kept: SqliteJournal, url: str) -> Any:
    (record,) = kept.unresolved(url)
    return record
