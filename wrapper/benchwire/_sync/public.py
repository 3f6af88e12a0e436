# Generated from wrapper/benchwire/_async/public.py by `make generate`; changes made here are lost.
"""The client of the public API, and what it offers beyond single requests."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

from benchwire._lists.limits import DEFAULT_CONCURRENCY, page_limits
from benchwire._lists.pager import Pager
from benchwire._lists.source import comparison_source
from benchwire._polling import DEFAULT_POLL_INTERVAL, DEFAULT_TIMEOUT, Wait, wait_for_one
from benchwire._requests.comparison import Comparison
from benchwire._requests.evaluation import get_evaluation
from benchwire._sync.base import ServiceClient
from benchwire._sync.operations.public import (
    COMPARE_EVALUATIONS,
    BenchmarksOperations,
    ComparisonsOperations,
    EvaluationsOperations,
    PublicResources,
)
from benchwire._sync.results import Results
from benchwire._transport.deadline import Deadline
from benchwire._transport.endpoint import PUBLIC
from benchwire.options import CallOptions
from benchwire_api.processes import cached_property

if TYPE_CHECKING:  # statistics, and models of other APIs, are imported when they are used
    from benchwire._requests.statistics import StatisticsOptions
    from benchwire.analysis.comparison import ComparisonStatistics
    from benchwire.analysis.matrix import Adjustment, MatrixStatistics
    from benchwire.models import BenchmarkPrompt, ComparisonResponse, ComparisonResult, Evaluation
    from benchwire_api.public.models.outcome_filter import OutcomeFilterValue
    from benchwire_api.types import ListLike


class Benchmarks(BenchmarksOperations):
    """The catalogue of benchmarks, with their prompts."""

    def get_all_prompts(
        self, benchmark_id: str, **options: Unpack[CallOptions]
    ) -> list[BenchmarkPrompt]:
        """Return all prompts of a benchmark, in the benchmark's order.

        Errors raise, whatever ``on_error`` is: part of a benchmark is not the benchmark.

        Args:
            benchmark_id: The benchmark.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            Every prompt, in one list; `iter_prompts` holds a few pages instead. A request for each
            page of the largest size.

        Raises:
            ValueError: If the id is invalid; nothing is sent.
            APIError: If a page has no usable response.
            PaginationError: If the list is incomplete.

        Spec:
            openapi/public.yaml, listBenchmarkPrompts
        """
        return self.iter_prompts(benchmark_id, **options).to_list()


class Evaluations(EvaluationsOperations):
    """Runs of one model on one benchmark."""

    def wait(
        self,
        id: str,  # noqa: A002  the document's name
        *,
        timeout: float = DEFAULT_TIMEOUT,
        poll_interval: float = DEFAULT_POLL_INTERVAL,
        on_progress: Callable[[Evaluation], object] | None = None,
    ) -> Evaluation:
        """Wait until an evaluation has ended.

        Args:
            id: The evaluation's id.
            timeout: Seconds to wait at most; by default an hour.
            poll_interval: Seconds before the second poll; the interval grows, to 30 at most.
            on_progress: Called with each state seen, the final one included.

        Returns:
            The evaluation, ended with success.

        Raises:
            JobFailedError: If it ended without success; the error's ``job`` is the evaluation.
            WaitTimeoutError: If it did not end in time; the error carries the last state.
            NotFoundError: If there is no such evaluation.
            APIError: If a poll has no usable response.

        Spec:
            openapi/public.yaml, getEvaluation
        """
        return self._run(
            lambda port: wait_for_one(
                port,
                id,
                get_evaluation,
                Wait(timeout, poll_interval, port.deadline, self._transport.random),
                on_progress=on_progress,
            ),
            {},
        )


class Comparisons(ComparisonsOperations):
    """Comparisons of two evaluations of one benchmark, prompt by prompt."""

    def compare_models(
        self,
        benchmark_id: str | None = None,
        model_id_1: str | None = None,
        model_id_2: str | None = None,
        *,
        page: int | None = None,
        page_size: int | None = None,
        outcome_filter: OutcomeFilterValue | None = None,
        search: str | None = None,
        benchmark_key: str | None = None,
        model_key_1: str | None = None,
        model_key_2: str | None = None,
        **options: Unpack[CallOptions],
    ) -> ComparisonResponse:
        """Compare two models on a benchmark by their latest successful evaluations.

        Args:
            benchmark_id: The benchmark; like the models, by its id, or its key or exact name.
            model_id_1: The first model, the reference.
            model_id_2: The second model, the comparison.
            page: As in `compare`.
            page_size: As in `compare`.
            outcome_filter: As in `compare`.
            search: As in `compare`.
            benchmark_key: The benchmark by its key, in place of its id.
            model_key_1: The first model by its key, in place of its id.
            model_key_2: The second model by its key, in place of its id.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            As `compare`. Two requests: one finds both evaluations, one compares them. One more for
            each key; where ids have no evaluation, more, which look for the keys and names.

        Raises:
            ValueError: If a model has no successful evaluation on the benchmark, nothing has a key,
                or several have a key or name, whatever ``on_error`` is; or if an argument is out of range.
            APIError: If a request has no usable response.

        Spec:
            openapi/public.yaml, listEvaluations and compareEvaluations
        """
        models = (benchmark_id, model_id_1, model_id_2, benchmark_key, model_key_1, model_key_2)
        comparison = Comparison(*models, outcome_filter=outcome_filter, search=search)
        self._transport.with_options(options)  # names a misspelt argument before one is missed
        comparison.check(page, page_size)
        return self._result(
            lambda port: comparison.fetch(port, page=page, page_size=page_size), options
        )

    def iter_model_results(
        self,
        benchmark_id: str | None = None,
        model_id_1: str | None = None,
        model_id_2: str | None = None,
        *,
        outcome_filter: OutcomeFilterValue | None = None,
        search: str | None = None,
        benchmark_key: str | None = None,
        model_key_1: str | None = None,
        model_key_2: str | None = None,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **options: Unpack[CallOptions],
    ) -> Pager[ComparisonResult, ComparisonResponse]:
        """Iterate over all rows of a comparison of two models, lazily and in order.

        The evaluations are found as by `compare_models`, when the first row is read; otherwise as
        `iter_results`.

        Args:
            benchmark_id: The benchmark; like the models, by its id, or its key or exact name.
            model_id_1: The first model, the reference.
            model_id_2: The second model, the comparison.
            outcome_filter: As in `compare`.
            search: As in `compare`.
            benchmark_key: The benchmark by its key, in place of its id.
            model_key_1: The first model by its key, in place of its id.
            model_key_2: The second model by its key, in place of its id.
            page_size: Rows to request at a time; by default as in `iter_results`.
            max_items: Rows to stop after; by default none.
            concurrency: Pages being fetched or waiting to be read at a time, 1 to 64.
            **options: `CallOptions`: timeout of each attempt, deadline of the whole iteration, your own
                work between rows included, max_retries and extra_headers.

        Returns:
            A pager: iterate it, or use ``pages()`` or ``to_list()``.

        Raises:
            ValueError: If a model has no successful evaluation on the benchmark, at the first row;
                or if an argument is out of range, by the call itself.
            APIError: If a page has no usable response; the pages before it were delivered.
            PaginationError: If the list is incomplete.

        Spec:
            openapi/public.yaml, listEvaluations and compareEvaluations
        """
        models = (benchmark_id, model_id_1, model_id_2, benchmark_key, model_key_1, model_key_2)
        comparison = Comparison(*models, outcome_filter=outcome_filter, search=search)
        self._transport.with_options(options)
        size = comparison.check(None, page_size)
        source = partial(comparison_source, COMPARE_EVALUATIONS, comparison)
        limits = page_limits(size, max_items, concurrency)
        return self._lazy_pager(source, COMPARE_EVALUATIONS.item, limits, options)

    def statistics(
        self,
        benchmark_id: str | None = None,
        model_id_1: str | None = None,
        model_id_2: str | None = None,
        *,
        benchmark_key: str | None = None,
        model_key_1: str | None = None,
        model_key_2: str | None = None,
        evaluation_ids: ListLike[str] | None = None,
        **options: Unpack[StatisticsOptions],
    ) -> ComparisonStatistics:
        """Return which of two models is better on a benchmark, and how sure that is.

        Errors raise, whatever ``on_error`` is. docs/analysis.md has all of it.

        Args:
            benchmark_id: As in `compare_models`, like the other ids and keys.
            model_id_1: The first model; differences are first minus second.
            model_id_2: The second model.
            benchmark_key: The benchmark by its key, in place of its id.
            model_key_1: The first model by its key, in place of its id.
            model_key_2: The second model by its key, in place of its id.
            evaluation_ids: Two evaluations, in place of benchmark and models.
            **options: `DecisionOptions`: level, test, clusters, seed, resamples; and `CallOptions`.

        Returns:
            The statistics. Four requests of a count and at most 25 rows each, and one more where not
            every answer is paired and scored. Every row is read with test ``t`` or clusters, where a row
            seen has a graded score or none, and where the counts contradict each other.

        Raises:
            ValueError: If a model has no successful evaluation on the benchmark, too few items have two
                scores, or an argument is not allowed.
            APIError: If a request has no usable response.
            PaginationError: If rows are missing.

        Spec:
            openapi/public.yaml, listEvaluations and compareEvaluations
        """
        from benchwire._requests.statistics import count, find_subject  # noqa: PLC0415
        from benchwire.analysis import decision, pairs  # noqa: PLC0415

        settings, call = pairs.DecisionSettings.take(options)
        models = (benchmark_id, model_id_1, model_id_2, benchmark_key, model_key_1, model_key_2)
        comparison = Comparison(*models, evaluation_ids=evaluation_ids)
        transport = self._transport.with_options(call)
        comparison.check(None, None)
        deadline = transport.deadline()
        subject = transport.run(partial(find_subject, comparison=comparison), deadline)
        counts = transport.run(partial(count, of=subject, settings=settings), deadline)
        if counts is not None:
            decide = partial(decision.from_counts, subject, counts, settings)
        else:
            scores = pairs.PairedScores(settings.clusters)
            ids = (subject.evaluation_id_1, subject.evaluation_id_2)
            for page in self._rows(*ids, deadline, call).pages():
                scores.add(page)
            decide = partial(decision.from_scores, subject, scores, settings)
        # Resampling takes seconds.
        return transport.run(lambda port: port.call(decide), deadline)

    def matrix(
        self,
        benchmarks: ListLike[str],
        models: ListLike[str],
        *,
        baseline: str | None = None,
        adjust: Adjustment = "holm",
        **options: Unpack[StatisticsOptions],
    ) -> MatrixStatistics:
        """Return how several models rank on the same items: every pair, ranks and tiers.

        Errors raise, whatever ``on_error`` is. docs/analysis.md has all of it.

        Args:
            benchmarks: The benchmarks, by ids, keys or names; each counts equally (macro-average).
            models: 2 to 100 models, by ids, keys or names.
            baseline: The one of ``models`` to compare the others with. The others' answers are paired
                with its, or with the first model's: only items that it answered count.
            adjust: How p-values are adjusted for all pairs: ``holm``, so that any false claim is rare;
                ``bh`` (Benjamini-Hochberg), for exploring; or ``none``.
            **options: `DecisionOptions`: level, test, clusters, seed, resamples; and `CallOptions`.

        Returns:
            The statistics. For each benchmark, the rows of one comparison fewer than there are models.

        Raises:
            ValueError: If a model has no successful evaluation on a benchmark, two models have too few
                items in common, or an argument is not allowed.
            APIError: If a request has no usable response.
            PaginationError: If rows are missing.

        Spec:
            openapi/public.yaml, listEvaluations and compareEvaluations
        """
        from benchwire._requests.statistics import find_matrix  # noqa: PLC0415
        from benchwire.analysis import joint, pairs  # noqa: PLC0415

        decision, call = pairs.DecisionSettings.take(options)
        transport = self._transport.with_options(call)
        settings = joint.MatrixSettings(benchmarks, models, baseline, decision, adjust)
        deadline = transport.deadline()
        find = partial(find_matrix, benchmarks=benchmarks, models=settings.names)
        comparisons = [
            joint.ReferenceComparisons(evaluations, decision)
            for evaluations in transport.run(find, deadline)
        ]
        for comparison in comparisons:
            for first, second, add in comparison.wanted():
                for page in self._rows(first, second, deadline, call).pages():
                    add(page)
        decide = partial(joint.decide_matrix, comparisons, settings)
        return transport.run(lambda port: port.call(decide), deadline)

    def _rows(
        self, first: str, second: str, deadline: Deadline, call: dict[str, Any]
    ) -> Pager[ComparisonResult, ComparisonResponse]:
        """Return the pager of all rows of two evaluations, until a deadline that runs already."""
        left = None if deadline.is_unlimited else max(deadline.left, 0.001)
        return self.iter_results(first, second, **{**call, "deadline": left})


class PublicClient(ServiceClient, PublicResources):
    """A client of the public API; a context manager: without ``with``, close it at the end.

    Args:
        api_key: The key; by default the environment's ``LAYERLENS_STRATIX_API_KEY``.
        base_url: The base URL; by default the environment's ``LAYERLENS_STRATIX_BASE_URL``, or the
            service's own.
        timeout: Seconds each attempt at a request may take; by default 600, and 5 of them to
            connect. An ``httpx.Timeout`` limits its parts instead.
        deadline: Seconds a whole operation may take: all attempts and pauses, all pages of an
            iteration, all polls of a wait. By default there is no limit.
        max_retries: The maximum number of retries of a request after a connection error or a status
            of 408, 429, 500, 502, 503 or 504; by default 2.
        max_body: The maximum size of a response body in bytes, decompressed; by default 16 MiB.
        allow_http: Whether the key may be sent over plain http to other machines.
        hooks: Functions to call with each request, response and retry.
        on_error: ``"raise"`` raises typed errors; ``"none"`` returns ``None`` where a request fails,
            as the service's own SDK reference says.
        http_client: An httpx client to send with; it stays open when this client is closed.
        verify: What verifies certificates, as in `ServiceClient`.

    Raises:
        ConfigurationError: If there is no key, or a setting is invalid.
    """

    _service = PUBLIC

    @cached_property
    def benchmarks(self) -> Benchmarks:
        """The catalogue of benchmarks, with their prompts."""
        return Benchmarks(self._transport, self._on_error)

    @cached_property
    def evaluations(self) -> Evaluations:
        """Runs of one model on one benchmark."""
        return Evaluations(self._transport, self._on_error)

    @cached_property
    def results(self) -> Results:
        """The answers of evaluations, under the names of the vendor's own client."""
        return Results(self._transport, self._on_error)

    @cached_property
    def comparisons(self) -> Comparisons:
        """Comparisons of two evaluations of one benchmark, prompt by prompt."""
        return Comparisons(self._transport, self._on_error)
