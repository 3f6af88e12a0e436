"""Progress while a job runs, and the bounds on work under way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from local.jobs.conftest import Api
from local.jobs.endpoints import Answer, Endpoint, Received, endpoint, in_shape, says


class Gate:
    """Lets a stated number of answers out, and holds the others back until it is opened."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._allowed = 0
        self._open = False
        self.waiting = 0
        self.most_waiting = 0

    def respond(self, request: Received) -> Answer:
        with self._changed:
            self.waiting += 1
            self.most_waiting = max(self.waiting, self.most_waiting)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._open or self._allowed > 0, timeout=20)
            self._allowed -= 1
            self.waiting -= 1
        return in_shape("openai", says("SAFE"))

    def let_out(self, count: int) -> None:
        with self._changed:
            self._allowed += count
            self._changed.notify_all()

    def wait_until_waiting(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.waiting >= count, timeout=20)

    def open(self) -> None:
        with self._changed:
            self._open = True
            self._changed.notify_all()


@contextmanager
def gated() -> Iterator[tuple[Endpoint, Gate]]:
    gate = Gate()
    with endpoint(gate.respond) as running:
        try:
            yield running, gate
        finally:
            gate.open()


def test_progress_is_visible_while_a_job_runs(api: Api) -> None:
    with gated() as (running, gate):
        job_id = api.submitted(running.url())
        gate.wait_until_waiting(4)
        job = api.job(job_id)
        assert job["status"] == "running"
        assert (job["processed_prompts"], job["prompts_to_process"]) == (0, 40)
        assert job["completed_at"] is None
        assert "score" not in job

        gate.let_out(7)
        job = api.until(job_id, lambda job: job["processed_prompts"] == 7)
        assert job["progress_message"] == "7 of 40 prompts answered"
        listed = api.http.get("/v0/jobs", params={"status": "running"}).json()["jobs"]
        assert listed == [job]

        gate.open()
        job = api.ended(job_id)
    assert job["status"] == "completed"
    assert job["completed_at"] is not None
    assert gate.most_waiting == 4  # of one job, no more than this at once


def test_jobs_beyond_the_bound_wait_as_pending(api: Api) -> None:
    with gated() as (running, gate):
        ids = [api.submitted(running.url()) for _ in range(6)]
        gate.wait_until_waiting(16)
        statuses = [api.job(job_id)["status"] for job_id in ids]
        assert statuses == ["running"] * 4 + ["pending"] * 2
        assert "processed_prompts" not in api.job(ids[5])
        gate.open()
        assert {api.ended(job_id)["status"] for job_id in ids} == {"completed"}
    assert gate.most_waiting == 16
