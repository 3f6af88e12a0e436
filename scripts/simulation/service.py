"""A simulated jobs service, with the faults and the behaviours that real services have."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import formatdate
from enum import Enum
from functools import partial
from random import Random
from typing import Any
from urllib.parse import parse_qs

import orjson
from attrs import define, field, frozen

from benchwire._transport.received import Received
from benchwire.errors import APIConnectionError, APITimeoutError
from benchwire_api.types import Request

EPOCH = 1_750_000_000.0  # the virtual time at the start, in seconds since 1970


class FaultKind(Enum):
    """The kind of a fault."""

    NONE = "accepted"
    CALLED_200 = "accepted with status 200"
    NEVER_SENT = "no connection"
    REFUSED = "refused with 402"
    BUSY = "refused with 429"
    LOST_BEFORE = "lost on the way there"
    ERROR_BEFORE = "503 from a gateway"
    LOST_AFTER = "executed, the response lost"
    TIMEOUT_AFTER = "executed, the response too late"
    ERROR_AFTER = "executed, 500"
    CONFLICT_AFTER = "executed, 409"
    GARBLED = "executed, the response garbled"
    NAMELESS = "executed, the response names no job"
    LATE = "the response lost, executed later"


# Faults after which nothing was executed, so that another submission is allowed
HARMLESS = frozenset({FaultKind.NEVER_SENT, FaultKind.REFUSED, FaultKind.BUSY})
EXECUTED = frozenset(FaultKind) - HARMLESS - {FaultKind.LOST_BEFORE, FaultKind.ERROR_BEFORE}

_STATUSES = {
    FaultKind.REFUSED: 402, FaultKind.BUSY: 429, FaultKind.ERROR_BEFORE: 503,
    FaultKind.ERROR_AFTER: 500, FaultKind.CONFLICT_AFTER: 409,
}  # fmt: skip


@frozen
class Fault:
    """A fault of one submission."""

    kind: FaultKind = FaultKind.NONE
    delay: float = 0.0  # seconds until the submission is executed, if it is executed late
    lag: float = 0.0  # seconds until its jobs are listed


@frozen
class ServiceBehaviour:
    """How a service behaves."""

    page: int = 100  # the maximum number of rows it lists
    order: str = "newest"  # which rows it lists first: "newest", "oldest", or "any"
    refuses_limit: bool = False  # whether it responds with 422 to a request with a ``limit``
    sends_date: bool = True  # whether its responses have a ``Date``
    shows_created: bool = True  # whether listed jobs show when they were created
    shows_batch: bool = True  # whether listed jobs show their batch
    shows_endpoint: bool = True  # whether listed jobs show their endpoint
    ahead: float = 0.0  # seconds by which its clock is ahead of the client's


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
    status: str


@define
class Service:
    """The service.

    The ``owner`` of a submission is for the checks of a scenario; no real service knows it.
    """

    behaviour: ServiceBehaviour = field(factory=ServiceBehaviour)
    jobs: list[SimulatedJob] = field(factory=list)
    submissions: list[tuple[str, FaultKind]] = field(factory=list)
    failing_lists: int = 0
    _last_id: int = 0

    def respond(self, request: Request, now: float, owner: str, fault: Fault) -> Received:
        """Return the response to a request, or raise the error of the transport."""
        if request.method == "POST":
            return self._submission(request, now, owner, fault)
        if request.operation_id == "listJobs":
            return self._list(request, now)
        if request.operation_id == "getJob":
            return self._get(request.path.rpartition("/")[2], now)
        if request.operation_id == "getAccount":
            charged = [
                job.units for job in self.jobs if job.created_at <= now + self.behaviour.ahead
            ]
            return self._response(200, {"available_credits": 10**9 - sum(charged)}, now)
        return self._response(200, {"benchmarks": []}, now)

    def execute(
        self, body: dict[str, Any], now: float, owner: str | None, lag: float
    ) -> tuple[str | None, list[str]]:
        """Execute a submission: create its jobs, and charge for them."""
        items = body.get("jobs")
        batch = self._new_id("batch") if isinstance(items, list) else None
        new_job = partial(
            SimulatedJob, endpoint_url=str(body["endpoint_url"]), batch_id=batch, owner=owner,
            created_at=now + self.behaviour.ahead, listed_at=now + lag,
            status=["completed", "failed"][len(self.jobs) % 2],
        )  # fmt: skip
        created = [
            new_job(self._new_id("job"), item["benchmark_id"], units=item.get("benchmark_count", 1))
            for item in (items if isinstance(items, list) else [body])
        ]
        self.jobs += created
        return batch, [job.id for job in created]

    def charged_to(self, owner: str) -> list[SimulatedJob]:
        """Return the jobs that a submission was charged for."""
        return [job for job in self.jobs if job.owner == owner]

    def _submission(self, request: Request, now: float, owner: str, fault: Fault) -> Received:
        kind = fault.kind
        self.submissions.append((owner, kind))
        batch, ids = None, [""]
        if kind in EXECUTED:
            delay = fault.delay if kind is FaultKind.LATE else 0.0
            body = orjson.loads(bytes(request.body or b""))
            batch, ids = self.execute(body, now + delay, owner, fault.lag)
        if kind is FaultKind.NEVER_SENT:
            raise APIConnectionError("no connection", operation="submitJob", never_sent=True)
        if kind is FaultKind.TIMEOUT_AFTER:
            raise APITimeoutError("no response in time", operation="submitJob")
        if kind in {FaultKind.LOST_BEFORE, FaultKind.LOST_AFTER, FaultKind.LATE}:
            raise APIConnectionError("the connection broke", operation="submitJob")
        if kind in _STATUSES:
            return self._response(_STATUSES[kind], {"error": kind.value}, now)
        if kind is FaultKind.GARBLED:
            return Received(status_code=202, content=b'{"job_id": "j')
        if kind is FaultKind.NAMELESS:
            ids = ["" for _ in ids]
        body = {"job_id": ids[0]} if request.path == "/v0/jobs" else {"job_ids": ids}
        status = 200 if kind is FaultKind.CALLED_200 else 202
        return self._response(status, {**body, "batch_id": batch, "status": "pending"}, now)

    def _list(self, request: Request, now: float) -> Received:
        if self.failing_lists:
            self.failing_lists -= 1
            if self.failing_lists % 2:
                raise APIConnectionError("the connection broke", operation="listJobs")
            return self._response(503, {"error": "no"}, now)
        query = parse_qs(request.query)
        limit, statuses = query.get("limit"), query.get("status", ["completed", "failed"])
        if limit and self.behaviour.refuses_limit:
            return self._response(422, {"error": "limit is unknown"}, now)
        rows = min(self.behaviour.page, int(limit[0]) if limit else self.behaviour.page)
        listed = [job for job in self.jobs if job.listed_at <= now and job.status in statuses]
        listed.sort(key=lambda job: job.created_at, reverse=self.behaviour.order == "newest")
        if self.behaviour.order == "any":
            Random(now).shuffle(listed)  # noqa: S311
        return self._response(200, {"jobs": [self._row(job) for job in listed[:rows]]}, now)

    def _get(self, job_id: str, now: float) -> Received:
        rows = [self._row(job) for job in self.jobs if job.id == job_id]
        return self._response(200 if rows else 404, rows[0] if rows else {"error": "none"}, now)

    def _row(self, job: SimulatedJob) -> dict[str, object]:
        row: dict[str, object] = {"id": job.id, "status": job.status}
        row |= {"benchmark_id": job.benchmark_id, "credits_used": job.units}
        if self.behaviour.shows_endpoint:
            row["endpoint_url"] = job.endpoint_url
        if self.behaviour.shows_created:
            row["created_at"] = datetime.fromtimestamp(job.created_at, UTC).isoformat()
        if self.behaviour.shows_batch and job.batch_id is not None:
            row["batch_id"] = job.batch_id
        return row

    def _response(self, status: int, body: object, now: float) -> Received:
        date = {"date": formatdate(now + self.behaviour.ahead, usegmt=True)}
        headers = date if self.behaviour.sends_date else {}
        return Received(status_code=status, headers=headers, content=orjson.dumps(body))

    def _new_id(self, kind: str) -> str:
        self._last_id += 1
        return f"{kind}-{self._last_id}"
