# Generated from wrapper/benchwire/_async/operations/v0.py by `make generate`; changes made here are lost.
"""The operations of the Harmstack jobs API, as methods."""

from __future__ import annotations

from typing import Literal, Unpack

from benchwire._sync.resource import Resource
from benchwire._transport.own_frames import HiddenFrames
from benchwire.options import CallOptions
from benchwire_api.models import ResultList
from benchwire_api.v0.api.benchmarks import list_benchmarks
from benchwire_api.v0.api.jobs import get_job, list_jobs
from benchwire_api.v0.models import (
    Benchmark,
    Job,
    JobStatus,
)


class V0BenchmarksOperations(Resource):
    """What a job can run."""

    def list(
        self,
        **options: Unpack[CallOptions],
    ) -> ResultList[Benchmark]:
        """List the benchmarks a job can run.

        Each has the credits that one unit of it costs.

        Args:
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The benchmarks, in the service's order. One request.

        Raises:
            APIError: If the request fails.

        Spec:
            openapi/v0.yaml, listBenchmarks
        """
        with HiddenFrames():
            return self._fetch(
                list_benchmarks.build_request(),
                lambda response: ResultList(list_benchmarks.parse_response(response).benchmarks),
                options,
            )


class V0JobsOperations(Resource):
    """Runs of a benchmark against a model endpoint."""

    def list(
        self,
        *,
        status: JobStatus | Literal["pending", "running", "completed", "failed"] | None = None,
        limit: int | None = None,
        **options: Unpack[CallOptions],
    ) -> ResultList[Job]:
        """List jobs, newest first.

        Without a status, jobs of every status are listed.

        Args:
            status: Keep jobs with this status: ``pending``, ``running``, ``completed`` or
                ``failed``.
            limit: The most jobs to return; by default as many as the service chooses. The reference
                gives no default and no maximum. At least 1.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The jobs; the service has no pages beyond ``limit``. One request.

        Raises:
            ValueError: If an argument is not allowed; nothing is sent.
            APIError: If the request fails.

        Spec:
            openapi/v0.yaml, listJobs
        """
        with HiddenFrames():
            return self._fetch(
                list_jobs.build_request(
                    status=status,
                    limit=limit,
                ),
                lambda response: ResultList(list_jobs.parse_response(response).jobs),
                options,
            )

    def get(
        self,
        job_id: str,
        **options: Unpack[CallOptions],
    ) -> Job:
        """Get one job.

        While the job runs, it has its progress; once completed, its counts and its score.

        Args:
            job_id: The UUID of the job, from a submission or the list.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The job, with progress while it runs and results once it is completed. One request.

        Raises:
            ValueError: If an argument is not allowed; nothing is sent.
            NotFoundError: If there is nothing with this ``job_id``.
            APIError: If the request fails.

        Spec:
            openapi/v0.yaml, getJob
        """
        with HiddenFrames():
            return self._fetch(
                get_job.build_request(
                    job_id,
                ),
                get_job.parse_response,
                options,
            )
