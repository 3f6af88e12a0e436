"""The submissions of the v0 API: paid jobs, sent at most once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import time
from typing import TYPE_CHECKING, Unpack
from uuid import uuid4

from benchwire._async.operations.v0 import AsyncV0JobsOperations
from benchwire._jobs.lookup import resolved_jobs
from benchwire._jobs.payload import batch_payload, job_payload
from benchwire._jobs.submit import Submitter
from benchwire._transport.base_url import parse_base_url
from benchwire.models import (
    BatchJobItem,
    Intent,
    JobSpec,
    SubmitJobBatchResponse,
    SubmitJobResponse,
)
from benchwire.options import CallOptions, OnError
from benchwire.secret import Secret, concealed
from benchwire_api.v0.models.provider import ProviderValue

if TYPE_CHECKING:
    from benchwire._jobs.sqlite_journal import SqliteJournal as Journal
    from benchwire._transport.aio import AsyncTransport


class AsyncSubmissions(AsyncV0JobsOperations):
    """Submissions of runs of a benchmark against a model endpoint.

    A submission costs credits at once, and the service has no idempotency key. So every submission
    is recorded in a journal before it is sent, and it is sent at most once. If its outcome is unknown, its
    job is looked up in the service's list; see `submit`. Errors of a submission or a wait raise,
    whatever ``on_error`` is.
    """

    def __init__(self, transport: AsyncTransport, on_error: OnError, journal: Journal) -> None:
        super().__init__(transport, on_error)
        endpoint = transport.endpoint
        # Another spelling of the URL is no other service, at which a run would be paid for again.
        url = str(parse_base_url(endpoint.base_url))
        self._submitter = Submitter(
            url, endpoint.key, journal, now=time, new_id=lambda: str(uuid4())
        )

    async def submit(
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
        **options: Unpack[CallOptions],
    ) -> SubmitJobResponse:
        """Submit a job; its credits, one for each benchmark unit, are deducted at once.

        Sends two requests: one for the list of jobs, to recognise the new job later, and the
        submission. The submission is retried only if it was certainly not executed: if no
        connection was made, or after status 429. If its outcome is unknown (the connection broke,
        the response is late or can't be parsed, a status of 5xx), the list is polled for up to a
        minute, and a job that can only be this one is returned. Otherwise `SubmissionUnknown` is
        raised, and the submission is not sent again.

        Submissions of one benchmark to one endpoint wait for each other, across processes, too,
        since their jobs look alike in the list.

        Args:
            benchmark_id: The benchmark to run.
            endpoint_url: The URL of the model's completions endpoint.
            api_key: The key to that endpoint.
            provider: The endpoint's API: ``openai`` (the default), ``openai_responses``, ``gemini``
                or ``raw``.
            model: The model's name.
            headers: More headers for every request to the endpoint.
            benchmark_count: Benchmark units to run; by default 1.
            seed: Makes the sampling of units reproducible.
            resend: Whether to send it once more if, a minute after it failed, it is proved that it
                was not executed: the balance is as it was before, and the lists of each status are
                shorter than the list of all, so that they are whole, and show no new job. Sends a
                request more before, and six after. A service that executes it even later charges
                it twice.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers. If the deadline
                passes while the list is polled, `SubmissionUnknown` is raised.

        Returns:
            The job's id in ``job_id``, for `get` and `wait`.

        Raises:
            ValueError: If an argument is invalid; nothing is sent.
            PaymentRequiredError: If the credits do not cover it; nothing is deducted.
            SubmissionUnknown: If it is not known whether it was accepted, whatever failed after it
                was sent; see `resume` and `resolve`. It is a `DuplicateJobError` if the service
                named a job that another submission has.
            JournalError: If it can't be recorded; nothing is sent.
            APIError: If it was refused, or certainly not sent; nothing is deducted.

        Spec:
            openapi/v0.yaml, submitJob and listJobs
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
        _, submitted = await self._run(
            lambda port: self._submitter.submit(port, payload, port.deadline, resend=resend),
            options,
        )
        return submitted

    async def submit_batch(
        self,
        jobs: Sequence[BatchJobItem | Mapping[str, object] | str | int],
        endpoint_url: str,
        api_key: str | Secret,
        *,
        provider: ProviderValue | None = None,
        model: str | None = None,
        headers: Mapping[str, str | Secret] | None = None,
        seed: int | None = None,
        **options: Unpack[CallOptions],
    ) -> SubmitJobBatchResponse:
        """Submit several jobs against one endpoint; their credits are deducted at once.

        As safe as `submit`. If the outcome is unknown, only listed jobs that together are the whole
        batch are returned. A batch is never sent again.

        Args:
            jobs: What to run: benchmark ids, or `BatchJobItem` (or a dict) with ``benchmark_id``
                and ``benchmark_count``.
            endpoint_url: The URL of the model's completions endpoint.
            api_key: The key to that endpoint.
            provider: The endpoint's API, as in `submit`.
            model: The model's name.
            headers: More headers for every request to the endpoint.
            seed: Makes the sampling of units reproducible, in every job.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The jobs' ids in ``job_ids``, in the order of ``jobs``, for `wait_all`.

        Raises:
            ValueError: If an argument is invalid; nothing is sent.
            PaymentRequiredError: If the credits do not cover it; nothing is deducted.
            SubmissionUnknown: If it is not known whether it was accepted; ``missing`` names the
                benchmarks for which no job is listed. See `resume`.
            JournalError: If it can't be recorded; nothing is sent.
            APIError: If it was refused, or certainly not sent; nothing is deducted.

        Spec:
            openapi/v0.yaml, submitJobBatch and listJobs
        """
        api_key, headers = concealed(api_key), concealed(headers)
        endpoint_url = concealed(endpoint_url)
        payload = batch_payload(
            jobs, endpoint_url, api_key, provider=provider, model=model, headers=headers, seed=seed
        )
        _, submitted = await self._run(
            lambda port: self._submitter.submit(port, payload, port.deadline), options
        )
        return submitted

    async def resume(
        self, intent_id: str, **options: Unpack[CallOptions]
    ) -> SubmitJobResponse | SubmitJobBatchResponse:
        """Find out what became of an unknown or interrupted submission; nothing is submitted.

        Args:
            intent_id: Its id, from `SubmissionUnknown` or `unresolved`.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            What the submission would have returned. No request if the journal has it; otherwise the
            list of jobs is polled until a minute after the submission, for at least 10 seconds.

        Raises:
            ValueError: If the journal has no such submission.
            SubmissionUnknown: If it is still not known.
            BenchwireError: If it was not executed, so that it can be submitted anew; or if it was
                made with another key than this client's.

        Spec:
            openapi/v0.yaml, listJobs
        """
        return await self._run(
            lambda port: self._submitter.resume(port, intent_id, port.deadline), options
        )

    async def resolve(
        self,
        intent_id: str,
        *,
        executed: bool | None = None,
        job_id: str | Sequence[str] | None = None,
    ) -> Intent:
        """Settle by hand a submission that stays unknown; no request.

        Args:
            intent_id: Its id, from `SubmissionUnknown` or `unresolved`.
            executed: ``False`` if it was not executed; its run then submits it, and pays, anew.
            job_id: The job that it became; of a batch, its jobs in the order submitted.

        Returns:
            The submission as it is recorded now.

        Raises:
            ValueError: If there is no such submission, it is settled otherwise, another one has the
                job, or not exactly one of ``executed=False`` and ``job_id`` is given.
            BenchwireError: If it was made with another key than this client's.
            JournalError: If it can't be recorded.

        Spec:
            openapi/v0.yaml, submitJob
        """
        jobs = resolved_jobs(executed, job_id)
        return await self._run(
            lambda port: self._submitter.resolve(port, intent_id, jobs, port.deadline), {}
        )

    async def unresolved(self) -> list[Intent]:
        """Return the submissions whose outcome is not known; no request.

        Those that another thread or process is sending are included.

        Returns:
            All that the journal has for this service, whatever the key; oldest first.

        Raises:
            JournalError: If the journal can't be read.

        Spec:
            openapi/v0.yaml, submitJob
        """
        return await self._run(self._submitter.unresolved, {})
