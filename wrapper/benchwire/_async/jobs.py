"""The jobs of the v0 API: submitting them exactly once, looking at them, waiting for them."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from time import time
from typing import TYPE_CHECKING, TypeVar, Unpack, cast

from benchwire._async.base import AsyncResource
from benchwire._core.plan import Plan
from benchwire._jobs import payload as payloads
from benchwire._jobs import requests as calls
from benchwire._jobs.run_many import (
    DEFAULT_MAX_CONCURRENCY,
    DEFAULT_RUN_TIMEOUT,
    payloads_of,
    run_many,
    run_options,
    submit_and_wait,
)
from benchwire._jobs.submit import Left, Submitter
from benchwire._polling import (
    DEFAULT_POLL_INTERVAL,
    DEFAULT_TIMEOUT,
    wait_for_all,
    wait_for_one,
)
from benchwire.models import (
    BatchJobItem,
    Intent,
    Job,
    JobOutcome,
    JobSpec,
    JobStatus,
    Listed,
    Provider,
    SubmitJobBatchResponse,
    SubmitJobResponse,
)
from benchwire.options import CallOptions
from benchwire.secret import Secret

if TYPE_CHECKING:
    from benchwire._jobs.journal import Journal

T = TypeVar("T")


class AsyncJobs(AsyncResource):
    """Runs of a benchmark against a model endpoint.

    Submitting one costs credits at once, and the service knows no idempotency key. So every
    submission is written to a journal before it is sent, is sent once, and where it is in doubt
    what became of it, the job is looked for in the service's list; see `submit`.
    """

    async def submit(
        self,
        benchmark_id: str,
        endpoint_url: str,
        api_key: str | Secret,
        *,
        provider: Provider | str | None = None,
        model: str | None = None,
        headers: Mapping[str, str | Secret] | None = None,
        benchmark_count: int | None = None,
        seed: int | None = None,
        resend: bool = False,
        **options: Unpack[CallOptions],
    ) -> SubmitJobResponse:
        """Submit a job; the credits, one for each benchmark unit, are deducted at once.

        Two requests where all goes well: the list of jobs, to tell later which one is new, and the
        submission. The submission is repeated only where it surely was not executed: if no
        connection was made, or at status 429. Where its outcome is in doubt (the connection broke,
        the answer did not come in time or can't be read, a status of 5xx), the list is looked at
        for up to a minute, and a job that can only be this one is taken for it. A job that is
        neither found nor ruled out raises `SubmissionUnknown`, and is never sent again by itself.

        Submissions of one benchmark to one endpoint wait for each other, in other processes, too,
        since their jobs look alike in the list. Failures raise, whatever ``on_error`` says.

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
            resend: Whether to send it once more where, a minute after it failed, nothing new at all
                is listed. A service that executes it later still than that charges it twice.
            **options: `CallOptions`: timeout, deadline and max_retries of this call. Where the
                deadline ends the search for the job, `SubmissionUnknown` is raised.

        Returns:
            The job's id in ``job_id``, for `get` and `wait`.

        Raises:
            ValueError: If an argument is out of range; nothing is sent.
            PaymentRequiredError: If the credits do not cover it; nothing is deducted.
            SubmissionUnknown: If it can't be known whether it was accepted; `resume` looks again.
            JournalError: If it can't be written down; nothing is sent.
            APIError: If it was refused, or surely not sent; nothing is deducted.

        Spec:
            openapi/v0.yaml, submitJob and listJobs
        """
        payload = payloads.job(
            benchmark_id,
            endpoint_url,
            api_key,
            provider=provider,
            model=model,
            headers=headers,
            benchmark_count=benchmark_count,
            seed=seed,
        )
        submitter = self._submitter
        _, submitted = await self._bounded(
            options, lambda left: submitter.submit(payload, left, resend=resend)
        )
        return submitted

    async def submit_batch(
        self,
        jobs: Sequence[BatchJobItem | Mapping[str, object] | str],
        endpoint_url: str,
        api_key: str | Secret,
        *,
        provider: Provider | str | None = None,
        model: str | None = None,
        headers: Mapping[str, str | Secret] | None = None,
        seed: int | None = None,
        **options: Unpack[CallOptions],
    ) -> SubmitJobBatchResponse:
        """Submit several jobs against one endpoint; the credits are deducted at once.

        As safe as `submit`: where the outcome is in doubt, all the jobs are looked for in the list,
        and only a set of them that is the whole batch is taken for it. A batch is never sent again.

        Args:
            jobs: What to run: benchmark ids, or `BatchJobItem` (or a dict) with ``benchmark_id``
                and ``benchmark_count``.
            endpoint_url: The URL of the model's completions endpoint.
            api_key: The key the endpoint asks for.
            provider: The endpoint's API shape, as in `submit`.
            model: The model's name.
            headers: More headers for every request to the endpoint.
            seed: Makes the sampling of units reproducible, in every job.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            The jobs' ids in ``job_ids``, in the order of ``jobs``, for `wait_all`.

        Raises:
            ValueError: If an argument is out of range; nothing is sent.
            PaymentRequiredError: If the credits do not cover it; nothing is deducted.
            SubmissionUnknown: If it can't be known whether it was accepted; ``missing`` names the
                benchmarks of which no job is listed, and `resume` looks again.
            JournalError: If it can't be written down; nothing is sent.
            APIError: If it was refused, or surely not sent; nothing is deducted.

        Spec:
            openapi/v0.yaml, submitJobBatch and listJobs
        """
        payload = payloads.batch(
            jobs,
            endpoint_url,
            api_key,
            provider=provider,
            model=model,
            headers=headers,
            seed=seed,
        )
        submitter = self._submitter
        _, submitted = await self._bounded(options, lambda left: submitter.submit(payload, left))
        return submitted

    async def resume(
        self, intent_id: str, **options: Unpack[CallOptions]
    ) -> SubmitJobResponse | SubmitJobBatchResponse:
        """Find out what became of a submission that was in doubt or interrupted; nothing is sent.

        Args:
            intent_id: What `SubmissionUnknown` or `unresolved` names it by.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            What the submission would have given. If that is known by now, no request; else the list
            of jobs is asked for until a minute after the submission, and for 10 seconds at least.

        Raises:
            ValueError: If there is no such submission in the journal.
            SubmissionUnknown: If it can still not be known.
            BenchwireError: If it had no effect, so that it can be submitted anew; or if it was made
                with another key than this client's.

        Spec:
            openapi/v0.yaml, listJobs
        """
        submitter = self._submitter
        return await self._bounded(options, lambda left: submitter.resume(intent_id, left))

    async def unresolved(self) -> builtins.list[Intent]:
        """List the submissions of which it is not known what became of them.

        Those that are under way in another thread or process are among them.

        Returns:
            Every one that the journal has of this service, whatever its key; the oldest first. No
            request.

        Raises:
            JournalError: If the journal can't be read.

        Spec:
            openapi/v0.yaml, submitJob
        """
        return await self._shell.run(self._submitter.unresolved())

    async def list(
        self,
        *,
        status: JobStatus | str | None = None,
        limit: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Listed[Job]:
        """List jobs, newest first.

        Args:
            status: The status to keep: ``pending``, ``running``, ``completed`` or ``failed``.
            limit: The most jobs to give; by default what the service chooses.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            The jobs. One request; the service has no pages beyond ``limit``.

        Raises:
            ValueError: If an argument is out of range; nothing is sent.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/v0.yaml, listJobs
        """
        return await self._result(calls.list_jobs(status, limit), options)

    async def get(self, job_id: str, **options: Unpack[CallOptions]) -> Job:
        """Get one job.

        Args:
            job_id: The job's id.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            The job, with progress while it runs and results once it is completed. One request.

        Raises:
            ValueError: If the id is none; nothing is sent.
            NotFoundError: If there is no such job.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/v0.yaml, getJob
        """
        return await self._result(calls.get_job(job_id), options)

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
        watch = self._wait(timeout, poll_interval)
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
        watch = self._wait(timeout, poll_interval)
        plan = wait_for_all(job_ids, calls.list_for_wait(), calls.get_job, watch, on_progress)
        return await self._shell.run(plan)

    async def run(
        self,
        benchmark_id: str,
        endpoint_url: str,
        api_key: str | Secret,
        *,
        provider: Provider | str | None = None,
        model: str | None = None,
        headers: Mapping[str, str | Secret] | None = None,
        benchmark_count: int | None = None,
        seed: int | None = None,
        resend: bool = False,
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
            resend: Whether it may be sent once more, as in `submit`.
            timeout: Seconds until it is given up, the submission included; by default an hour. A job
                that was submitted goes on.
            poll_interval: Seconds before the second look.
            on_progress: Called with each state seen, the final one included.

        Returns:
            The job, completed.

        Raises:
            ValueError: If an argument is out of range; nothing is sent.
            PaymentRequiredError: If the credits do not cover it; nothing is deducted.
            SubmissionUnknown: If it can't be known whether it was accepted; `resume` looks again.
            JobFailedError: If it failed; the error carries the job.
            WaitTimeoutError: If it did not end in time; ``pending`` holds its id.
            JournalError: If it can't be written down; nothing is sent.
            APIError: If a request gives no usable answer; where the job was submitted already, a
                note on the error holds its id.

        Spec:
            openapi/v0.yaml, submitJob and getJob
        """
        watch = self._wait(timeout, poll_interval)
        payload = payloads.job(
            benchmark_id,
            endpoint_url,
            api_key,
            provider=provider,
            model=model,
            headers=headers,
            benchmark_count=benchmark_count,
            seed=seed,
        )
        submission = self._submitter.submit(payload, lambda: watch.left, resend=resend)
        return await self._shell.run(submit_and_wait(submission, watch, on_progress))

    async def run_many(
        self,
        specs: Sequence[JobSpec],
        *,
        max_concurrency: int = DEFAULT_MAX_CONCURRENCY,
        budget_credits: float | None = None,
        run_id: str | None = None,
        resend: bool = False,
        timeout: float = DEFAULT_RUN_TIMEOUT,
        poll_interval: float = DEFAULT_POLL_INTERVAL,
        on_progress: Callable[[Job], object] | None = None,
    ) -> builtins.list[JobOutcome]:
        """Submit many jobs and wait for all of them, as one run that can be gone on with.

        Before anything is spent, the prices and the balance are asked for, and a run that they do
        not cover is refused. Then at most ``max_concurrency`` jobs are under way at a time, and
        each round of waiting is one list request. A failure that may pass (a status of 429 or 5xx,
        a connection that can't be made) does not end the run: what surely had no effect is
        submitted again later.

        The journal keeps what became of each job. The same ``run_id`` with the same specs goes on
        where an earlier call was interrupted, killed or timed out: what was submitted is not
        submitted again, what was in doubt is looked for, and what had no effect is submitted.

        Args:
            specs: What to run, in the order of the results.
            max_concurrency: The most jobs under way at a time, 1 to 1000.
            budget_credits: The most the whole run may cost.
            run_id: Names the run; by default a new one, which is logged at INFO and stands in a
                note on whatever ends the run early.
            resend: Whether a job may be sent once more, as in `submit`.
            timeout: Seconds until it is given up; by default a day. The jobs go on.
            poll_interval: Seconds before the second round; they lie further apart, up to 30, while
                nothing ends.
            on_progress: Called with each state seen of each job that had not ended.

        Returns:
            What became of each job, in the order of ``specs``: failures are among them, with the
            error in place.

        Raises:
            ValueError: If a spec is wrong, or the run was begun with other specs; the message says
                which position differs. Nothing is sent.
            InsufficientCreditsError: If budget or balance do not cover it; nothing is submitted.
            WaitTimeoutError: If not everything ended in time.
            JournalError: If the journal can't be used.
            APIError: If the service refuses to answer at all, such as for a key it does not know.

        Spec:
            openapi/v0.yaml, submitJob and listJobs
        """
        orders = payloads_of(specs)
        how = run_options(run_id, max_concurrency, budget_credits, resend=resend)
        watch = self._wait(timeout, poll_interval)
        plan = run_many(self._submitter, orders, how, watch, on_progress)
        return await self._shell.run(plan)

    async def _bounded(self, options: Mapping[str, object], make: Callable[[Left], Plan[T]]) -> T:
        """Run a plan that is to know how much time there is for it."""
        shell = self._shell.with_options(options)
        until = shell.until()
        return await shell.run(make(lambda: until - shell.clock()), until)

    @property
    def _submitter(self) -> Submitter:
        shell, access = self._shell, self._shell.access
        journal = cast("Journal", shell.journal)  # every client of this API has one
        return Submitter(access.base_url, access.key.reveal(), journal, shell.clock, time)
