"""The v2 API: red-team benchmarks of models, and the probe runs behind their scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from benchwire._async.base import AsyncResource, AsyncServiceClient
from benchwire._core import v2_calls as calls
from benchwire._core.settings import V2, OnError
from benchwire.models import (
    BenchmarkModel,
    BenchmarkModelWithDetails,
    BenchmarkProbeRun,
    BenchmarkType,
    Listed,
)
from benchwire.options import CallOptions

if TYPE_CHECKING:
    from benchwire._shell.aio import AsyncShell


class AsyncV2Benchmarks(AsyncResource):
    """Benchmark types, models with their scores, and probe runs."""

    async def list_types(self, **options: Unpack[CallOptions]) -> Listed[BenchmarkType]:
        """List every benchmark type.

        Args:
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            The types in the service's order. One request.

        Raises:
            APIError: If the request gives no usable answer.

        Spec:
            openapi/v2.yaml, listBenchmarkTypes
        """
        return await self._result(calls.list_types(), options)

    async def list_models(
        self,
        benchmark_type_id: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Listed[BenchmarkModel]:
        """List every model with its scores.

        Args:
            benchmark_type_id: The type whose scores are wanted; by default all, aggregated.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            The models in the service's order. One request.

        Raises:
            ValueError: If the id is no 32-bit integer; nothing is sent.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/v2.yaml, listBenchmarkModels
        """
        return await self._result(calls.list_models(benchmark_type_id), options)

    async def get_model(
        self,
        model_id: int,
        benchmark_type_id: int | None = None,
        **options: Unpack[CallOptions],
    ) -> BenchmarkModelWithDetails:
        """Get one model with its scores, counts and ranks.

        Args:
            model_id: The model's id.
            benchmark_type_id: The type whose scores are wanted; by default all, aggregated.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            The model. One request.

        Raises:
            ValueError: If an id is out of range; nothing is sent.
            NotFoundError: If there is no such model.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/v2.yaml, getBenchmarkModel
        """
        return await self._result(calls.get_model(model_id, benchmark_type_id), options)

    async def list_runs(
        self,
        model_id: int,
        benchmark_type_id: int,
        **options: Unpack[CallOptions],
    ) -> Listed[BenchmarkProbeRun]:
        """List the probe runs of a model on a benchmark type.

        Args:
            model_id: The model's id.
            benchmark_type_id: The type's id.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            The runs in the service's order, without their test cases. One request.

        Raises:
            ValueError: If an id is out of range; nothing is sent.
            NotFoundError: If there is no such model.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/v2.yaml, listProbeRuns
        """
        return await self._result(calls.list_runs(model_id, benchmark_type_id), options)

    async def get_run(
        self,
        model_id: int,
        probe_run_id: int,
        **options: Unpack[CallOptions],
    ) -> BenchmarkProbeRun:
        """Get one probe run with its results and conversations.

        Args:
            model_id: The model's id.
            probe_run_id: The run's id.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            The run; its test cases are in ``test_cases``, where the service sends them. One request.

        Raises:
            ValueError: If an id is out of range; nothing is sent.
            NotFoundError: If there is no such model or run.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/v2.yaml, getProbeRun
        """
        return await self._result(calls.get_run(model_id, probe_run_id), options)


class AsyncV2Client(AsyncServiceClient):
    """A client of the v2 API.

    A context manager; without ``with``, call its close method at the end.

    Args:
        api_key: The key; by default the environment's ``BENCHWIRE_V2_API_KEY``.
        base_url: Where the API is; by default the environment's ``BENCHWIRE_V2_BASE_URL``, or the
            service in Europe. The one in the United States is ``https://us.api.probe.splx.ai``.
        timeout: Seconds each attempt at a request may take; by default 600, and 5 of them to
            connect. An ``httpx.Timeout`` bounds its parts instead.
        deadline: Seconds a whole operation may take: all attempts and pauses, all pages of an
            iteration, all rounds of a wait. By default there is no bound.
        max_retries: How often a request may be repeated after a connection error or a status of
            408, 429, 500, 502, 503 or 504; by default 2.
        max_body: The most bytes the body of an answer may have, decompressed; by default 16 MiB.
        allow_http: Whether the key may be sent over plain http to other machines.
        hooks: Functions to be told of requests, responses and repetitions.
        on_error: ``"raise"`` raises typed errors; ``"none"`` gives ``None`` where a request fails.
        http_client: Connections of your own; they stay open when this client is closed.

    Raises:
        ConfigurationError: If there is no key, or a setting can't be used.
    """

    _service = V2

    def _open(self, shell: AsyncShell, on_error: OnError, *, owned: bool) -> None:
        super()._open(shell, on_error, owned=owned)
        self.benchmarks = AsyncV2Benchmarks(shell, on_error)
