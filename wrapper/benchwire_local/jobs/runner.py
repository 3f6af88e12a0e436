"""Runs jobs in the server's event loop: a task each, with bounded work under way.

The endpoint's key and header values are held by the job's task alone. Hence what a stop or a
crash of the server does to jobs that had not ended: their key is gone, nobody could go on with
them, so they end as ``failed``, saying so, at the stop or at the next start.

Credits of failed jobs: where the fault is the server's (it was stopped or crashed, or has a bug),
they are returned and the job's ``credits_used`` becomes 0. Where the endpoint failed, they stay
spent: the work was done as far as the endpoint let it. The API's documents say nothing of this.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from benchwire_local.clock import utc_now
from benchwire_local.data import v0
from benchwire_local.errors import DatabaseBusyError
from benchwire_local.jobs.endpoint import EndpointFailedError, Limits, ask, open_transport
from benchwire_local.jobs.progress import JobProgress
from benchwire_local.jobs.submission import store_jobs

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from typing import Concatenate

    import httpx

    from benchwire_local.data.database import Database
    from benchwire_local.jobs.endpoint_config import ModelEndpoint
    from benchwire_local.jobs.submission import JobRequest
    from benchwire_local.settings import Settings

_log = logging.getLogger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")

_STOPPED = "The server was stopped before the job ended; its credits were returned. Submit it anew."
_LOST = (
    "The server ended unexpectedly before the job did. It does not keep the endpoint's key, so it "
    "can't go on; the job's credits were returned. Submit it anew."
)
_BUG = "The server failed at this job, see its log; the job's credits were returned."


class JobRunner:
    """The jobs of one server. Start it and stop it in the event loop that serves requests.

    Args:
        db: The database; no other running server may use it.
        settings: Of these, the credits of a new account.
        limits: Bounds on time, tries and work under way.
    """

    def __init__(self, db: Database, settings: Settings, limits: Limits | None = None) -> None:
        self._db = db
        self._settings = settings
        self._limits = limits or Limits()
        self._slots = asyncio.Semaphore(self._limits.running_jobs)
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = False
        self._http: httpx.AsyncHTTPTransport | None = None
        # One thread for the jobs' writes: they keep their order, wait for the disk outside the
        # event loop, and are all done once it is shut down.
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="benchwire-jobs")

    async def start(self) -> None:
        """Make the account if there is none, end what a crash left behind, and take jobs."""
        with self._db.write() as connection:
            v0.ensure_account(
                connection,
                organization_id="org-sample",
                account_id="account-sample",
                available_credits=self._settings.initial_credits,
            )
            _fail_unfinished(connection, _LOST)
        self._started = True

    async def stop(self) -> None:
        """End the running jobs as failed, with their credits returned, and take no more."""
        self._started = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writer.shutdown()
        try:
            with self._db.write() as connection:
                _fail_unfinished(connection, _STOPPED)
        except DatabaseBusyError as error:
            _log.warning("the next start will end the jobs that had not ended: %s", error)
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def submit(self, endpoint: ModelEndpoint, request: JobRequest, seed: int | None) -> str:
        """Pay for a job and let it run.

        Returns:
            The job's id.

        Raises:
            ApiError: 404 or 402, see :func:`~benchwire_local.jobs.submission.store_jobs`.
        """
        return (await self._submit(endpoint, [request], seed, None))[0]

    async def submit_batch(
        self, endpoint: ModelEndpoint, requests: Sequence[JobRequest], seed: int | None
    ) -> tuple[str, list[str]]:
        """Pay for several jobs and let them run: all of them or none.

        Returns:
            The batch's id, and the jobs' ids in the order of ``requests``.

        Raises:
            ApiError: 404 or 402, see :func:`~benchwire_local.jobs.submission.store_jobs`.
        """
        batch_id = str(uuid.uuid4())
        return batch_id, await self._submit(endpoint, requests, seed, batch_id)

    async def _submit(
        self,
        endpoint: ModelEndpoint,
        requests: Sequence[JobRequest],
        seed: int | None,
        batch_id: str | None,
    ) -> list[str]:
        if not self._started:
            raise RuntimeError("the job runner takes no jobs: it is not started, or was stopped")
        jobs = await self._write(store_jobs, endpoint, requests, seed, batch_id)
        self._let_run(jobs, endpoint)
        return [job.id for job in jobs]

    def _let_run(self, jobs: Sequence[v0.NewJob], endpoint: ModelEndpoint) -> None:
        if not self._started:
            return  # stopped while they were stored: the stop has ended them
        for job in jobs:
            task = asyncio.create_task(self._run(job, endpoint), name=f"job {job.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, job: v0.NewJob, endpoint: ModelEndpoint) -> None:
        """Take a job from pending to its end, whatever happens on the way."""
        try:
            async with self._slots:
                await self._send_all(job, endpoint)
        except* EndpointFailedError as failures:
            # Workers stop together at the first failure; one reason is enough.
            await self._fail(job.id, str(failures.exceptions[0]), refund=False)
        except* Exception:  # a bug of ours must not leave the job running for ever
            # A library's exception may quote a header.
            _log.error("job %s: %s", job.id, endpoint.redacted(traceback.format_exc()))
            await self._fail(job.id, _BUG, refund=True)

    async def _send_all(self, job: v0.NewJob, endpoint: ModelEndpoint) -> None:
        if self._http is None:
            self._http = open_transport()
        prompts = await self._write(v0.begin_job, job.id)
        progress = JobProgress(job.benchmark, endpoint, prompts)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._limits.prompts_per_job, len(prompts))):
                group.create_task(self._worker(self._http, job.id, endpoint, progress))
        await self._write(v0.complete_job, job.id, utc_now())

    async def _worker(
        self,
        http: httpx.AsyncHTTPTransport,
        job_id: str,
        endpoint: ModelEndpoint,
        progress: JobProgress,
    ) -> None:
        for prompt in progress.prompts:
            content = await ask(http, endpoint, progress.request_body(prompt), self._limits)
            label = progress.label(content)
            await self._write(v0.record_answer, job_id, prompt.position, label)

    async def _fail(self, job_id: str, reason: str, *, refund: bool) -> None:
        await self._write(v0.fail_job, job_id, reason, utc_now(), refund=refund)

    async def _write(
        self,
        function: Callable[Concatenate[sqlite3.Connection, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        def write() -> _T:
            with self._db.write() as connection:
                return function(connection, *args, **kwargs)

        while True:
            try:
                return await asyncio.get_running_loop().run_in_executor(self._writer, write)
            except DatabaseBusyError as error:
                # What is paid for or answered must not be lost to an import that takes long.
                _log.warning("waiting to write: %s", error)


def _fail_unfinished(connection: sqlite3.Connection, reason: str) -> None:
    for job_id in v0.unfinished_jobs(connection):
        v0.fail_job(connection, job_id, reason, utc_now(), refund=True)
