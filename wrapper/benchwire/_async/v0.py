"""The v0 API: paid jobs that run a benchmark against a model endpoint."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from benchwire._async.base import AsyncResource, AsyncServiceClient
from benchwire._core import v0_calls as calls
from benchwire._core.polling import (
    DEFAULT_POLL_INTERVAL,
    DEFAULT_TIMEOUT,
    Wait,
    wait_for_all,
    wait_for_one,
)
from benchwire._core.settings import V0, OnError
from benchwire.models import (
    Account,
    BatchJobItem,
    Job,
    JobStatus,
    Provider,
    SubmitJobBatchResponse,
    SubmitJobResponse,
    V0Benchmark,
)

if TYPE_CHECKING:
    import httpx

    from benchwire._shell.aio import AsyncShell


class AsyncAccountOperations(AsyncResource):
    """The account a key belongs to."""

    async def get(self, timeout: float | httpx.Timeout | None) -> Account:
        """Get the account; the client's ``me`` is its public name."""
        return await self._result(calls.get_account(), timeout)


class AsyncV0Benchmarks(AsyncResource):
    """What a job can run."""

    async def list(
        self, *, timeout: float | httpx.Timeout | None = None
    ) -> builtins.list[V0Benchmark]:
        """List every benchmark a job can run.

        Args:
            timeout: Seconds to wait for data; by default the client's.

        Returns:
            The benchmarks in the service's order. One request.

        Raises:
            APIError: If the request gives no usable answer.

        Spec:
            openapi/v0.yaml, listBenchmarks
        """
        return await self._result(calls.list_benchmarks(), timeout)


class AsyncJobs(AsyncResource):
    """Runs of a benchmark against a model endpoint."""

    async def submit(
        self,
        benchmark_id: str,
        endpoint_url: str,
        api_key: str,
        *,
        provider: Provider | str | None = None,
        model: str | None = None,
        headers: Mapping[str, str] | None = None,
        benchmark_count: int | None = None,
        seed: int | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> SubmitJobResponse:
        """Submit a job; the credits, one for each benchmark unit, are deducted at once.

        One request, never repeated. Where it fails with `APIConnectionError` or `ServerError`, the
        job may have been accepted all the same: look at `list` before you submit again. Failures
        raise, whatever ``on_error`` says: a job that may be paid for must not get lost.

        Args:
            benchmark_id: The benchmark to run.
            endpoint_url: The URL of the model's completions endpoint.
            api_key: The key the endpoint asks for.
            provider: The endpoint's API shape: ``openai`` (the default), ``openai_responses``,
                ``gemini`` or ``raw``.
            model: The model's name.
            headers: More headers for every request to the endpoint.
            benchmark_count: Benchmark units to run, 1 to 10; by default 1.
            seed: Makes the sampling of units reproducible.
            timeout: Seconds to wait for data; by default the client's.

        Returns:
            The job's id in ``job_id``, for `get` and `wait`.

        Raises:
            ValueError: If an argument is out of range; nothing is sent.
            PaymentRequiredError: If the credits do not cover it; nothing is deducted.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/v0.yaml, submitJob
        """
        plan = calls.submit(
            benchmark_id,
            endpoint_url,
            api_key,
            provider=provider,
            model=model,
            headers=headers,
            benchmark_count=benchmark_count,
            seed=seed,
        )
        return await self._shell.with_timeout(timeout).run(plan)

    async def submit_batch(
        self,
        jobs: Sequence[BatchJobItem | Mapping[str, object] | str],
        endpoint_url: str,
        api_key: str,
        *,
        provider: Provider | str | None = None,
        model: str | None = None,
        headers: Mapping[str, str] | None = None,
        seed: int | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> SubmitJobBatchResponse:
        """Submit several jobs against one endpoint; the credits are deducted at once.

        One request, never repeated, and failures raise; see `submit`.

        Args:
            jobs: What to run: benchmark ids, or `BatchJobItem` (or a dict) with ``benchmark_id``
                and ``benchmark_count``.
            endpoint_url: The URL of the model's completions endpoint.
            api_key: The key the endpoint asks for.
            provider: The endpoint's API shape, as in `submit`.
            model: The model's name.
            headers: More headers for every request to the endpoint.
            seed: Makes the sampling of units reproducible, in every job.
            timeout: Seconds to wait for data; by default the client's.

        Returns:
            The jobs' ids in ``job_ids``, in the order of ``jobs``, for `wait_all`.

        Raises:
            ValueError: If an argument is out of range; nothing is sent.
            PaymentRequiredError: If the credits do not cover it; nothing is deducted.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/v0.yaml, submitJobBatch
        """
        plan = calls.submit_batch(
            jobs,
            endpoint_url,
            api_key,
            provider=provider,
            model=model,
            headers=headers,
            seed=seed,
        )
        return await self._shell.with_timeout(timeout).run(plan)

    async def list(
        self,
        *,
        status: JobStatus | str | None = None,
        limit: int | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> builtins.list[Job]:
        """List jobs, newest first.

        Args:
            status: The status to keep: ``pending``, ``running``, ``completed`` or ``failed``.
            limit: The most jobs to give; by default what the service chooses.
            timeout: Seconds to wait for data; by default the client's.

        Returns:
            The jobs. One request; the service has no pages beyond ``limit``.

        Raises:
            ValueError: If an argument is out of range; nothing is sent.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/v0.yaml, listJobs
        """
        return await self._result(calls.list_jobs(status, limit), timeout)

    async def get(self, job_id: str, *, timeout: float | httpx.Timeout | None = None) -> Job:
        """Get one job.

        Args:
            job_id: The job's id.
            timeout: Seconds to wait for data; by default the client's.

        Returns:
            The job, with progress while it runs and results once it is completed. One request.

        Raises:
            ValueError: If the id is none; nothing is sent.
            NotFoundError: If there is no such job.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/v0.yaml, getJob
        """
        return await self._result(calls.get_job(job_id), timeout)

    async def wait(
        self,
        job_id: str,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        poll_interval: float = DEFAULT_POLL_INTERVAL,
        on_progress: Callable[[Job], object] | None = None,
    ) -> Job:
        """Wait until a job has ended.

        Args:
            job_id: The job's id.
            timeout: Seconds until the waiting is given up; by default an hour. The job goes on.
            poll_interval: Seconds before the second look; later ones lie further apart, up to 30.
            on_progress: Called with each state seen, the final one included.

        Returns:
            The job, completed.

        Raises:
            JobFailedError: If it failed; the error carries the job.
            WaitTimeoutError: If it did not end in time; the error carries the last state.
            NotFoundError: If there is no such job.
            APIError: If a look gives no usable answer.

        Spec:
            openapi/v0.yaml, getJob
        """
        watch = Wait(timeout, poll_interval, self._shell.clock)
        return await self._shell.run(wait_for_one(job_id, calls.get_job, watch, on_progress))

    async def wait_all(
        self,
        job_ids: Sequence[str],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        poll_interval: float = DEFAULT_POLL_INTERVAL,
        on_progress: Callable[[Job], object] | None = None,
    ) -> builtins.list[Job]:
        """Wait until several jobs have ended.

        Each round is one list request; only jobs the list leaves out are asked for one by one.

        Args:
            job_ids: The jobs' ids; an empty list waits for nothing.
            timeout: Seconds until the waiting is given up; by default an hour. The jobs go on.
            poll_interval: Seconds before the second round; later ones lie further apart, up to 30.
            on_progress: Called with each state seen of each job that had not ended.

        Returns:
            The jobs as they ended, in the order of ``job_ids``. Those that failed are among them:
            look at ``status``.

        Raises:
            WaitTimeoutError: If not all ended in time; the error carries the last states.
            NotFoundError: If there is no such job.
            APIError: If a look gives no usable answer.

        Spec:
            openapi/v0.yaml, listJobs and getJob
        """
        watch = Wait(timeout, poll_interval, self._shell.clock)
        plan = wait_for_all(job_ids, calls.list_for_wait(), calls.get_job, watch, on_progress)
        return await self._shell.run(plan)

    async def run(
        self,
        benchmark_id: str,
        endpoint_url: str,
        api_key: str,
        *,
        provider: Provider | str | None = None,
        model: str | None = None,
        headers: Mapping[str, str] | None = None,
        benchmark_count: int | None = None,
        seed: int | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        poll_interval: float = DEFAULT_POLL_INTERVAL,
        on_progress: Callable[[Job], object] | None = None,
    ) -> Job:
        """Submit a job and wait until it has ended: `submit`, then `wait`.

        Failures raise, whatever ``on_error`` says: a job that was paid for must not get lost.

        Args:
            benchmark_id: The benchmark to run.
            endpoint_url: The URL of the model's completions endpoint.
            api_key: The key the endpoint asks for.
            provider: The endpoint's API shape, as in `submit`.
            model: The model's name.
            headers: More headers for every request to the endpoint.
            benchmark_count: Benchmark units to run, 1 to 10; by default 1.
            seed: Makes the sampling of units reproducible.
            timeout: Seconds until it is given up, the submission included; by default an hour. A job
                that was submitted goes on.
            poll_interval: Seconds before the second look.
            on_progress: Called with each state seen, the final one included.

        Returns:
            The job, completed.

        Raises:
            ValueError: If an argument is out of range; nothing is sent.
            PaymentRequiredError: If the credits do not cover it; nothing is deducted.
            JobFailedError: If it failed; the error carries the job.
            WaitTimeoutError: If it did not end in time; ``pending`` holds its id.
            APIError: If a request gives no usable answer; where the job was submitted already, a
                note on the error holds its id.

        Spec:
            openapi/v0.yaml, submitJob and getJob
        """
        watch = Wait(timeout, poll_interval, self._shell.clock)
        submission = calls.submit(
            benchmark_id,
            endpoint_url,
            api_key,
            provider=provider,
            model=model,
            headers=headers,
            benchmark_count=benchmark_count,
            seed=seed,
            within=watch.timeout,
        )
        return await self._shell.run(calls.submit_and_wait(submission, watch, on_progress))


class AsyncV0Client(AsyncServiceClient):
    """A client of the v0 API.

    A context manager; without ``with``, call its close method at the end.

    Args:
        api_key: The key; by default the environment's ``BENCHWIRE_V0_API_KEY``.
        base_url: Where the API is; by default the environment's ``BENCHWIRE_V0_BASE_URL``, or the
            service itself.
        timeout: Seconds an attempt may wait for data; by default 600, and 5 to connect.
        on_error: ``"raise"`` raises typed errors; ``"none"`` gives ``None`` where a request that
            only reads fails.
        http_client: Connections of your own; they stay open when this client is closed.

    Raises:
        ConfigurationError: If there is no key, or a setting can't be used.
    """

    _service = V0

    def _open(self, shell: AsyncShell, on_error: OnError, *, owned: bool) -> None:
        super()._open(shell, on_error, owned=owned)
        self.benchmarks = AsyncV0Benchmarks(shell, on_error)
        self.jobs = AsyncJobs(shell, on_error)
        self._account = AsyncAccountOperations(shell, on_error)

    async def me(self, *, timeout: float | httpx.Timeout | None = None) -> Account:
        """Get the account and the credits it has left.

        Args:
            timeout: Seconds to wait for data; by default the client's.

        Returns:
            The account. One request.

        Raises:
            APIError: If the request gives no usable answer.

        Spec:
            openapi/v0.yaml, getAccount
        """
        return await self._account.get(timeout)
