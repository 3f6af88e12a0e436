"""What the service of the fault tests has done: its jobs and the credits it took for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

BEFORE: dict[str, Any] = {
    "id": "job-before",
    "status": "completed",
    "benchmark_id": "b1",
    "endpoint_url": "https://models.example.com/v1/chat/completions",
    "credits_used": 1,
    "created_at": "2025-06-03T09:15:27Z",
    "completed_at": "2025-06-03T09:16:02Z",
}
"""A job that is there from the start, much like those that the tests submit."""


@dataclass
class Ledger:
    """The jobs, newest first, and the credits.

    Attributes:
        accepts: How many jobs of a batch are made; ``None`` is all.
    """

    credits: int = 1000
    charged: int = 0
    jobs: list[dict[str, Any]] = field(default_factory=lambda: [dict(BEFORE)])
    accepts: int | None = None

    def made(self) -> list[dict[str, Any]]:
        """The jobs made since the service was started, newest first."""
        return self.jobs[:-1]

    def listed(self, limit: int) -> list[dict[str, Any]]:
        """The newest jobs."""
        return [dict(job) for job in self.jobs[:limit]]

    def accept(self, path: str, body: dict[str, Any], *, real: bool) -> dict[str, Any]:
        """Give the answer to a submission, after executing it if it is to be real."""
        is_batch = path.endswith("/batch")
        items = (body["jobs"] if is_batch else [body])[: self.accepts]
        batch = f"batch-{len(self.jobs)}" if is_batch else None
        made = [self._make(item, body["endpoint_url"], batch, real=real) for item in items]
        if is_batch:
            return {"batch_id": batch, "job_ids": made, "status": "pending"}
        return {"job_id": made[0], "status": "pending", "message": "Accepted."}

    def _make(
        self, item: dict[str, Any], endpoint_url: str, batch: str | None, *, real: bool
    ) -> str:
        if not real:
            return f"no-job-{item['benchmark_id']}"
        units = item.get("benchmark_count", 1)
        identity = f"job-{len(self.jobs)}"
        self.charged += units
        self.credits -= units
        self.jobs.insert(
            0,
            {
                "id": identity,
                "status": "pending",
                "benchmark_id": item["benchmark_id"],
                "endpoint_url": endpoint_url,
                "credits_used": units,
                "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
                "completed_at": None,
                "batch_id": batch,
            },
        )
        return identity
