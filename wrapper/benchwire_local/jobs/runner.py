"""Execution of jobs in the server's event loop: one task per job, with bounded concurrency.

The endpoint's key and header values exist only in the job's task. After a stop or a crash of the
server a job can't be resumed without its key, so it is marked ``failed``, with this reason, at the
stop or at the next start.

Credits of failed jobs: if the server is at fault (stopped, crashed, or a bug), they are returned
and the job's ``credits_used`` becomes 0. If the endpoint failed, they stay spent, because prompts
were processed. The API's documentation does not specify this.
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
from benchwire_local.errors import DatabaseBusyError, DatabaseError
from benchwire_local.jobs.endpoint import EndpointFailedError, Limits, open_transport, send_prompt
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

# The pause before another attempt to store that a job has failed.
_AGAIN_SECONDS = 1.0
_STOPPED = (
    "The server was stopped before the job ended; its credits were returned. Submit it again."
)
_LOST = (
    "The server ended unexpectedly before the job did. The endpoint's key is not stored, so the "
    "job can't be resumed; its credits were returned. Submit it again."
)
_BUG = "Internal error while running this job, see the server log; its credits were returned."


class JobRunner:
    """Runs the jobs of one server; start and stop it in the event loop that serves requests.

    Args:
        db: The database; no other running server may use it.
        settings: Provides the credits of a new account.
        limits: Limits on time, attempts and concurrency.
    """

    def __init__(self, db: Database, settings: Settings, limits: Limits | None = None) -> None:
        self._db = db
        self._settings = settings
        self._limits = limits or Limits()
        self._slots = asyncio.Semaphore(self._limits.running_jobs)
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = False
        self._http: httpx.AsyncHTTPTransport | None = None
        # One thread for the jobs' writes: they stay in order, do not block the event loop on the
        # disk, and are complete once the executor is shut down.
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="benchwire-jobs")

    async def start(self) -> None:
        """Create the account if there is none, fail jobs left by a crash, and accept jobs."""
        with self._db.write() as connection:
            v0.ensure_account(
                connection,
                organization_id="42",
                account_id="7",
                available_credits=self._settings.initial_credits,
            )
            _fail_unfinished(connection, _LOST)
        self._started = True

    async def cancel(self) -> None:
        """Cancel the unfinished jobs, which `stop` will fail; those submitted later run."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Fail the unfinished jobs, return their credits, and accept no more."""
        self._started = False
        await self.cancel()
        self._writer.shutdown()
        try:
            with self._db.write() as connection:
                _fail_unfinished(connection, _STOPPED)
        except DatabaseError as error:
            _log.warning("unfinished jobs will be marked failed at the next start: %s", error)
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def submit(self, endpoint: ModelEndpoint, request: JobRequest, seed: int | None) -> str:
        """Deduct the credits of a job and start it.

        Returns:
            The job's id.

        Raises:
            ApiError: 404 or 402, see :func:`~benchwire_local.jobs.submission.store_jobs`.
        """
        return (await self._submit(endpoint, [request], seed, None))[0]

    async def submit_batch(
        self, endpoint: ModelEndpoint, requests: Sequence[JobRequest], seed: int | None
    ) -> tuple[str, list[str]]:
        """Deduct the credits of several jobs and start them: all or none.

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
            raise RuntimeError("the job runner is not running")
        jobs = await self._write(store_jobs, endpoint, requests, seed, batch_id)
        self._start_tasks(jobs, endpoint)
        return [job.id for job in jobs]

    def _start_tasks(self, jobs: Sequence[v0.NewJob], endpoint: ModelEndpoint) -> None:
        if not self._started:
            return  # stopped while they were stored: stop() has marked them failed
        for job in jobs:
            task = asyncio.create_task(self._run(job, endpoint), name=f"job {job.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, job: v0.NewJob, endpoint: ModelEndpoint) -> None:
        """Run a pending job until it is completed or failed."""
        try:
            async with self._slots:
                await self._send_all(job, endpoint)
        except* EndpointFailedError as failures:
            # The task group cancels all workers at the first failure; one reason is enough.
            await self._fail(job.id, str(failures.exceptions[0]), refund=False)
        except* Exception:  # a bug must not leave the job running for ever
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
            content = await send_prompt(http, endpoint, progress.request_body(prompt), self._limits)
            label = await progress.label(content)
            await self._write(v0.record_answer, job_id, prompt.position, label)

    async def _fail(self, job_id: str, reason: str, *, refund: bool) -> None:
        while True:
            try:
                return await self._write(v0.fail_job, job_id, reason, utc_now(), refund=refund)
            except DatabaseError as error:
                # Such as a full disk: the job has not ended until this is stored.
                _log.warning("job %s: %s", job_id, error)
            await asyncio.sleep(_AGAIN_SECONDS)

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
                # A paid job or a recorded answer must not be lost because an import holds the lock.
                _log.warning("waiting to write: %s", error)


def _fail_unfinished(connection: sqlite3.Connection, reason: str) -> None:
    for job_id in v0.unfinished_jobs(connection):
        v0.fail_job(connection, job_id, reason, utc_now(), refund=True)
