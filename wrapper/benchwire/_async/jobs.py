"""The jobs of the v0 API: submitting them, waiting for them, and runs of many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from benchwire._async.submissions import AsyncSubmissions
from benchwire._jobs.payload import job_payload, job_payloads
from benchwire._jobs.requests import JobLister, get_job
from benchwire._jobs.run_many import (
    DEFAULT_MAX_CONCURRENCY,
    DEFAULT_RUN_TIMEOUT,
    RunOptions,
    run_many,
    submit_and_wait,
)
from benchwire._polling import (
    DEFAULT_POLL_INTERVAL,
    DEFAULT_TIMEOUT,
    Wait,
    wait_for_all,
    wait_for_one,
)
from benchwire._transport.port import Port
from benchwire.models import Job, JobOutcome, JobSpec
from benchwire.secret import Secret, concealed
from benchwire_api.types import ListLike
from benchwire_api.v0.models.provider import ProviderValue


class AsyncJobs(AsyncSubmissions):
    """Runs of a benchmark against a model endpoint: submitting them, waiting, and runs of many."""

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
            timeout: Seconds to wait at most; by default an hour. The job itself goes on.
            poll_interval: Seconds before the second poll; later intervals grow, up to 30.
            on_progress: Called with each state received, the final one included.

        Returns:
            The completed job.

        Raises:
            JobFailedError: If it failed; the error carries the job.
            WaitTimeoutError: If it did not end in time; the error carries the last state.
            NotFoundError: If there is no such job.
            APIError: If a poll has no usable response.

        Spec:
            openapi/v0.yaml, getJob
        """
        return await self._run(
            lambda port: wait_for_one(
                port,
                job_id,
                get_job,
                self._wait(port, timeout, poll_interval),
                on_progress=on_progress,
            ),
            {},
        )

    async def wait_all(
        self,
        job_ids: ListLike[str],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        poll_interval: float = DEFAULT_POLL_INTERVAL,
        on_progress: Callable[[Job], object] | None = None,
    ) -> list[Job]:
        """Wait until several jobs have ended.

        Each round is one list request; jobs that the list leaves out are polled one by one.

        Args:
            job_ids: The jobs' ids; an empty list waits for nothing.
            timeout: Seconds to wait at most; by default an hour. The jobs themselves go on.
            poll_interval: Seconds before the second round; later intervals grow, up to 30.
            on_progress: Called with each state received of each job that had not ended.

        Returns:
            The jobs as they ended, in the order of ``job_ids``. Check ``status``: failed jobs are
            included.

        Raises:
            WaitTimeoutError: If not all ended in time; the error carries the last states.
            NotFoundError: If there is no such job.
            APIError: If a poll has no usable response.

        Spec:
            openapi/v0.yaml, listJobs and getJob
        """
        return await self._run(
            lambda port: wait_for_all(
                port,
                job_ids,
                JobLister().poll_pending,
                get_job,
                self._wait(port, timeout, poll_interval),
                on_progress=on_progress,
            ),
            {},
        )

    async def run(
        self,
        benchmark_id: str | int,
        endpoint_url: str,
        api_key: str | Secret,
        *,
        provider: ProviderValue | None = None,
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

        Args:
            benchmark_id: The benchmark to run.
            endpoint_url: The URL of the model's completions endpoint.
            api_key: The key to that endpoint.
            provider: The endpoint's API, as in `submit`.
            model: The model's name.
            headers: More headers for every request to the endpoint.
            benchmark_count: Benchmark units to run; by default 1.
            seed: Makes the sampling of units reproducible.
            resend: Whether it may be sent once more, as in `submit`.
            timeout: Seconds for submission and wait; by default an hour. A submitted job goes on.
            poll_interval: Seconds before the second poll.
            on_progress: Called with each state received, the final one included.

        Returns:
            The completed job.

        Raises:
            ValueError: If an argument is invalid; nothing is sent.
            PaymentRequiredError: If the credits do not cover it; nothing is deducted.
            SubmissionUnknown: If it is not known whether it was accepted; see `resume`.
            JobFailedError: If it failed; the error carries the job.
            WaitTimeoutError: If it did not end in time; ``pending`` holds its id.
            JournalError: If it can't be recorded; nothing is sent.
            APIError: If a request has no usable response; if the job was already submitted, a note
                on the error holds its id.

        Spec:
            openapi/v0.yaml, submitJob and getJob
        """
        api_key, headers = concealed(api_key), concealed(headers)
        endpoint_url = concealed(endpoint_url)
        payload = job_payload(
            JobSpec(
                benchmark_id=benchmark_id,
                endpoint_url=endpoint_url,
                api_key=api_key,
                provider=provider,
                model=model,
                headers=headers,
                benchmark_count=benchmark_count,
                seed=seed,
            )
        )
        return await self._run(
            lambda port: submit_and_wait(
                port,
                self._submitter,
                payload,
                self._wait(port, timeout, poll_interval),
                on_progress=on_progress,
                resend=resend,
            ),
            {},
        )

    async def run_many(
        self,
        specs: Sequence[JobSpec],
        *,
        max_concurrency: int = DEFAULT_MAX_CONCURRENCY,
        budget_credits: float | None = None,
        run_id: str | None = None,
        resend: bool = False,
        retry_failed: bool = False,
        timeout: float = DEFAULT_RUN_TIMEOUT,
        poll_interval: float = DEFAULT_POLL_INTERVAL,
        on_progress: Callable[[Job], object] | None = None,
    ) -> list[JobOutcome]:
        """Submit many jobs and wait for all of them, as one run that can be continued.

        Before anything is spent, prices and balance are requested, and a run that the credits do not
        cover is refused. Then at most ``max_concurrency`` jobs run at a time, and each round of
        polling is one list request. A transient error (status 408, 429 or 5xx, a lost connection)
        does not end the run: a submission that was certainly not executed is submitted again later.

        The journal records what became of each job. The same ``run_id`` with the same specs
        continues a run that was interrupted, killed or timed out: what was submitted is not
        submitted again, what is unknown is looked up, and what was not
        executed is submitted. After three submissions in a row that are not confirmed, or if the
        journal fails, nothing more is submitted: the errors of the rest are `RunStoppedError`.

        Args:
            specs: What to run, in the order of the results.
            max_concurrency: The maximum number of jobs that run at a time, 1 to 1000.
            budget_credits: The maximum cost of the whole run.
            run_id: The id of the run; by default a new one, which is logged at INFO and named in a
                note on any error that ends the run.
            resend: Whether a job may be sent once more, as in `submit`.
            retry_failed: Whether jobs of earlier calls that have failed are submitted anew, and paid
                for again. Those that fail in this call are returned.
            timeout: Seconds for the whole call; by default a day. The jobs themselves go on.
            poll_interval: Seconds before the second round; intervals grow, up to 30, while no job
                ends.
            on_progress: Called with each state received of each job that had not ended.

        Returns:
            What became of each job, in the order of ``specs``; failures are included, with their
            error.

        Raises:
            ValueError: If a spec is invalid, or the run was begun with other specs; the message
                names the position. Nothing is sent.
            InsufficientCreditsError: If budget or balance do not cover it; nothing is submitted.
            WaitTimeoutError: If not all jobs ended in time.
            JournalError: If the journal can't be used; nothing was submitted.
            APIError: If a request fails for a reason that is not transient, such as an unknown key.

        Spec:
            openapi/v0.yaml, submitJob and listJobs
        """
        payloads = job_payloads(specs)
        new_id = self._submitter.new_id
        options = RunOptions(
            new_id() if run_id is None else run_id,
            max_concurrency,
            budget_credits,
            resend,
            retry_failed,
        )
        return await self._run(
            lambda port: run_many(
                port,
                self._submitter,
                payloads,
                options,
                self._wait(port, timeout, poll_interval),
                on_progress=on_progress,
            ),
            {},
        )

    def _wait(self, port: Port, timeout: float, poll_interval: float) -> Wait:
        return Wait(timeout, poll_interval, port.deadline, self._transport.random)
