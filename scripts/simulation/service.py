"""A jobs service as a pure object: it executes, refuses, loses, delays, lists late and leaves out."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import formatdate
from enum import Enum
from typing import Any
from urllib.parse import parse_qs

import orjson
from attrs import define, field, frozen

from benchwire.errors import APIConnectionError, APITimeoutError
from benchwire_api.types import Request, Response

EPOCH = 1_750_000_000.0
"""The virtual time at which everything begins, in seconds since 1970."""


class Fault(Enum):
    """What happens to one submission."""

    NONE = "accepted"
    CALLED_200 = "accepted with status 200"
    NEVER_SENT = "no connection"
    REFUSED = "refused with 402"
    BUSY = "refused with 429"
    LOST_BEFORE = "lost on the way there"
    ERROR_BEFORE = "503 from a gateway"
    LOST_AFTER = "executed, the answer lost"
    TIMEOUT_AFTER = "executed, the answer too late"
    ERROR_AFTER = "executed, 500"
    CONFLICT_AFTER = "executed, 409"
    GARBLED = "executed, the answer garbled"
    NAMELESS = "executed, the answer names no job"
    LATE = "the answer lost, executed later"


EXECUTED = frozenset(
    {
        Fault.NONE,
        Fault.CALLED_200,
        Fault.LOST_AFTER,
        Fault.TIMEOUT_AFTER,
        Fault.ERROR_AFTER,
        Fault.CONFLICT_AFTER,
        Fault.GARBLED,
        Fault.NAMELESS,
        Fault.LATE,
    }
)
HARMLESS = frozenset({Fault.NEVER_SENT, Fault.REFUSED, Fault.BUSY})
"""What surely has no effect, so that one more submission is none too many."""


@frozen
class Fate:
    """What happens to one submission, and when.

    Attributes:
        fault: What happens.
        delay: Seconds after which it is executed, where it is executed late.
        lag: Seconds after which its jobs are listed.
    """

    fault: Fault = Fault.NONE
    delay: float = 0.0
    lag: float = 0.0


@frozen
class Habits:
    """What a service is like.

    Attributes:
        page: The most rows it lists.
        refuses_limit: Whether it answers 422 where a number of rows is asked for.
        says_date: Whether its answers have a ``Date``.
        says_created: Whether its jobs say when they were created.
        says_batch: Whether its jobs say which batch they belong to.
        says_endpoint: Whether its jobs say which endpoint they have.
        ahead: Seconds by which its clock is ahead of the client's.
    """

    page: int = 100
    refuses_limit: bool = False
    says_date: bool = True
    says_created: bool = True
    says_batch: bool = True
    says_endpoint: bool = True
    ahead: float = 0.0


@frozen
class SimulatedJob:
    """A job that was executed and charged."""

    id: str
    benchmark_id: str
    endpoint_url: str
    units: int
    batch_id: str | None
    created_at: float
    listed_at: float
    owner: str | None


@define
class Service:
    """The service. ``owner`` in its methods is who submits: nothing that a real service knows."""

    habits: Habits = field(factory=Habits)
    jobs: list[SimulatedJob] = field(factory=list)
    submissions: list[tuple[str, Fault]] = field(factory=list)
    failing_lists: int = 0
    _named: int = 0

    def answer(self, request: Request, now: float, owner: str, fate: Fate) -> Response:
        """Answer a request, or raise what the transport would."""
        if request.method == "POST":
            return self._submission(request, now, owner, fate)
        if request.operation_id == "listJobs":
            return self._list(request, now)
        if request.operation_id == "getJob":
            return self._one(request.path.rpartition("/")[2], now)
        if request.operation_id == "getAccount":
            return self._reply(200, {"available_credits": 10**9}, now)
        return self._reply(200, {"benchmarks": []}, now)

    def execute(
        self, body: dict[str, Any], now: float, owner: str | None, lag: float
    ) -> tuple[str | None, list[str]]:
        """Execute a submission: make its jobs, and charge for them."""
        items = body.get("jobs")
        orders = items if isinstance(items, list) else [body]
        batch = self._name("batch") if isinstance(items, list) else None
        created = now + self.habits.ahead
        made = [
            SimulatedJob(
                self._name("job"),
                order["benchmark_id"],
                str(body["endpoint_url"]),
                order.get("benchmark_count", 1),
                batch,
                created,
                now + lag,
                owner,
            )
            for order in orders
        ]
        self.jobs += made
        return batch, [job.id for job in made]

    def of(self, owner: str) -> list[SimulatedJob]:
        """Give the jobs that a submission was charged for."""
        return [job for job in self.jobs if job.owner == owner]

    def _submission(self, request: Request, now: float, owner: str, fate: Fate) -> Response:
        fault = fate.fault
        self.submissions.append((owner, fault))
        batch, names = None, [""]
        if fault in EXECUTED:
            later = fate.delay if fault is Fault.LATE else 0.0
            body = orjson.loads(request.body or b"")
            batch, names = self.execute(body, now + later, owner, fate.lag)
        if fault is Fault.NEVER_SENT:
            raise APIConnectionError("no connection", operation="submitJob", never_sent=True)
        if fault is Fault.TIMEOUT_AFTER:
            raise APITimeoutError("no answer in time", operation="submitJob")
        if fault in {Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.LATE}:
            raise APIConnectionError("the connection broke", operation="submitJob")
        statuses = {
            Fault.REFUSED: 402,
            Fault.BUSY: 429,
            Fault.ERROR_BEFORE: 503,
            Fault.ERROR_AFTER: 500,
            Fault.CONFLICT_AFTER: 409,
        }
        if fault in statuses:
            return self._reply(statuses[fault], {"error": fault.value}, now)
        if fault is Fault.GARBLED:
            return Response(status_code=202, content=b'{"job_id": "j')
        if fault is Fault.NAMELESS:
            names = ["" for _ in names]
        named = {"job_id": names[0]} if request.path == "/v0/jobs" else {"job_ids": names}
        status = 200 if fault is Fault.CALLED_200 else 202
        return self._reply(status, {**named, "batch_id": batch, "status": "pending"}, now)

    def _list(self, request: Request, now: float) -> Response:
        if self.failing_lists:
            self.failing_lists -= 1
            if self.failing_lists % 2:
                raise APIConnectionError("the connection broke", operation="listJobs")
            return self._reply(503, {"error": "no"}, now)
        limit = parse_qs(request.query).get("limit")
        if limit and self.habits.refuses_limit:
            return self._reply(422, {"error": "limit is unknown"}, now)
        most = min(self.habits.page, int(limit[0]) if limit else self.habits.page)
        listed = [job for job in self.jobs if job.listed_at <= now]
        listed.sort(key=lambda job: job.created_at, reverse=True)
        return self._reply(200, {"jobs": [self._row(job) for job in listed[:most]]}, now)

    def _one(self, job_id: str, now: float) -> Response:
        for job in self.jobs:
            if job.id == job_id:
                return self._reply(200, self._row(job), now)
        return self._reply(404, {"error": "no such job"}, now)

    def _row(self, job: SimulatedJob) -> dict[str, object]:
        row: dict[str, object] = {
            "id": job.id,
            "status": "completed",
            "benchmark_id": job.benchmark_id,
            "credits_used": job.units,
        }
        if self.habits.says_endpoint:
            row["endpoint_url"] = job.endpoint_url
        if self.habits.says_created:
            row["created_at"] = _iso(job.created_at)
        if self.habits.says_batch and job.batch_id is not None:
            row["batch_id"] = job.batch_id
        return row

    def _reply(self, status: int, body: object, now: float) -> Response:
        date = {"date": formatdate(now + self.habits.ahead, usegmt=True)}
        headers = date if self.habits.says_date else {}
        return Response(status_code=status, headers=headers, content=orjson.dumps(body))

    def _name(self, what: str) -> str:
        self._named += 1
        return f"{what}-{self._named}"


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()
