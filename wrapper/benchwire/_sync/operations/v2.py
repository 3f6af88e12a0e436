# Generated from wrapper/benchwire/_async/operations/v2.py by `make generate`; changes made here are lost.
"""The operations of the SPLX Probe benchmarks API, as methods."""

from __future__ import annotations

from typing import Unpack

from benchwire._sync.resource import Resource
from benchwire._transport.own_frames import HiddenFrames
from benchwire.options import CallOptions
from benchwire_api.models import ResultList
from benchwire_api.v2.api.benchmarks import (
    get_benchmark_model,
    get_probe_run,
    list_benchmark_models,
    list_benchmark_types,
    list_probe_runs,
)
from benchwire_api.v2.models import (
    BenchmarkModel,
    BenchmarkModelWithDetails,
    BenchmarkProbeRun,
    BenchmarkProbeRunWithTestCases,
    BenchmarkType,
)


class V2BenchmarksOperations(Resource):
    """Benchmark types, models with their scores, and probe runs."""

    def list_types(
        self,
        **options: Unpack[CallOptions],
    ) -> ResultList[BenchmarkType]:
        """List the benchmark types.

        A type groups probes. Its id selects the scores of models, and the runs to list.

        Args:
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The types, in the service's order. One request.

        Raises:
            APIError: If the request fails.

        Spec:
            openapi/v2.yaml, listBenchmarkTypes
        """
        with HiddenFrames():
            return self._fetch(
                list_benchmark_types.build_request(),
                list_benchmark_types.parse_response,
                options,
            )

    def list_models(
        self,
        benchmark_type_id: int | None = None,
        **options: Unpack[CallOptions],
    ) -> ResultList[BenchmarkModel]:
        """List the models with their scores.

        With a benchmark type, the scores are those of that type; without one, they are aggregated
        over all types.

        Args:
            benchmark_type_id: The id of the benchmark type whose scores are wanted; by default all
                types, aggregated.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The models, in the service's order. One request.

        Raises:
            ValueError: If an argument is not allowed; nothing is sent.
            NotFoundError: If the service finds nothing.
            APIError: If the request fails.

        Spec:
            openapi/v2.yaml, listBenchmarkModels
        """
        with HiddenFrames():
            return self._fetch(
                list_benchmark_models.build_request(
                    benchmark_type_id=benchmark_type_id,
                ),
                list_benchmark_models.parse_response,
                options,
            )

    def get_model(
        self,
        model_id: int,
        benchmark_type_id: int | None = None,
        **options: Unpack[CallOptions],
    ) -> BenchmarkModelWithDetails:
        """Get one model with its scores, counts and ranks.

        With a benchmark type, scores, counts and ranks are those of that type; without one, they
        are aggregated over all types.

        Args:
            model_id: The id of the model.
            benchmark_type_id: The id of the benchmark type whose scores are wanted; by default all
                types, aggregated.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The model. One request.

        Raises:
            ValueError: If an argument is not allowed; nothing is sent.
            NotFoundError: If there is nothing with this ``model_id``.
            APIError: If the request fails.

        Spec:
            openapi/v2.yaml, getBenchmarkModel
        """
        with HiddenFrames():
            return self._fetch(
                get_benchmark_model.build_request(
                    model_id,
                    benchmark_type_id=benchmark_type_id,
                ),
                get_benchmark_model.parse_response,
                options,
            )

    def list_runs(
        self,
        model_id: int,
        benchmark_type_id: int,
        **options: Unpack[CallOptions],
    ) -> ResultList[BenchmarkProbeRun]:
        """List the probe runs of one model on one benchmark type.

        A run is one probe against the model. The test cases are in the run itself, asked for by its
        id.

        Args:
            model_id: The id of the model.
            benchmark_type_id: The id of the benchmark type.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The runs, in the service's order, without their test cases. One request.

        Raises:
            ValueError: If an argument is not allowed; nothing is sent.
            NotFoundError: If there is nothing with this ``model_id``.
            APIError: If the request fails.

        Spec:
            openapi/v2.yaml, listProbeRuns
        """
        with HiddenFrames():
            return self._fetch(
                list_probe_runs.build_request(
                    model_id,
                    benchmark_type_id=benchmark_type_id,
                ),
                list_probe_runs.parse_response,
                options,
            )

    def get_run(
        self,
        model_id: int,
        probe_run_id: int,
        **options: Unpack[CallOptions],
    ) -> BenchmarkProbeRunWithTestCases:
        """Get one probe run with its results and conversations.

        The vendor's reference does not name the parts of a test case, so their names are inferred,
        and the list of them is read under several.

        Args:
            model_id: The id of the model.
            probe_run_id: The id of the probe run.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The run; its test cases are in ``test_cases``. They are read from ``testCaseResults``,
            too, and from an array in place of the run; then the other fields are ``None``. One
            request.

        Raises:
            ValueError: If an argument is not allowed; nothing is sent.
            NotFoundError: If there is nothing with this ``model_id`` or ``probe_run_id``.
            APIError: If the request fails.

        Spec:
            openapi/v2.yaml, getProbeRun
        """
        with HiddenFrames():
            return self._fetch(
                get_probe_run.build_request(
                    model_id,
                    probe_run_id,
                ),
                get_probe_run.parse_response,
                options,
            )
