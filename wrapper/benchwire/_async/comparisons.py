"""The comparisons of the public API, and what they offer beyond single requests."""

from __future__ import annotations

from functools import partial
from typing import Any, Unpack

from benchwire._async.operations.public import COMPARE_EVALUATIONS, AsyncComparisonsOperations
from benchwire._lists.limits import DEFAULT_CONCURRENCY, page_limits
from benchwire._lists.pager import AsyncPager
from benchwire._lists.source import comparison_source
from benchwire._requests.comparison import Comparison
from benchwire._requests.statistics import StatisticsOptions, count, find_matrix, find_subject
from benchwire._transport.deadline import Deadline
from benchwire.analysis import decision, joint, pairs
from benchwire.analysis.comparison import ComparisonStatistics
from benchwire.analysis.matrix import Adjustment, MatrixStatistics
from benchwire.options import CallOptions
from benchwire_api.public.models import ComparisonResponse, ComparisonResult
from benchwire_api.public.models.outcome_filter import OutcomeFilterValue
from benchwire_api.types import ListLike


class AsyncComparisons(AsyncComparisonsOperations):
    """Comparisons of two evaluations of one benchmark, prompt by prompt."""

    async def compare_models(
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
        return await self._result(
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
    ) -> AsyncPager[ComparisonResult, ComparisonResponse]:
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

    async def statistics(
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
        settings, call = pairs.DecisionSettings.take(options)
        models = (benchmark_id, model_id_1, model_id_2, benchmark_key, model_key_1, model_key_2)
        comparison = Comparison(*models, evaluation_ids=evaluation_ids)
        transport = self._transport.with_options(call, pairs.DecisionOptions.__annotations__)
        comparison.check(None, None)
        deadline = transport.deadline()
        subject = await transport.run(partial(find_subject, comparison=comparison), deadline)
        counts = await transport.run(partial(count, of=subject, settings=settings), deadline)
        if counts is not None:
            decide = partial(decision.from_counts, subject, counts, settings)
        else:
            scores = pairs.PairedScores(settings.clusters)
            ids = (subject.evaluation_id_1, subject.evaluation_id_2)
            async for page in self._rows(*ids, deadline, call).pages():
                scores.add(page)
            decide = partial(decision.from_scores, subject, scores, settings)
        # Resampling takes seconds.
        return await transport.run(lambda port: port.call(decide), deadline)

    async def matrix(
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
        decision, call = pairs.DecisionSettings.take(options)
        transport = self._transport.with_options(call, pairs.DecisionOptions.__annotations__)
        settings = joint.MatrixSettings(benchmarks, models, baseline, decision, adjust)
        deadline = transport.deadline()
        find = partial(find_matrix, benchmarks=settings.benchmarks, models=settings.names)
        comparisons = [
            joint.ReferenceComparisons(evaluations, decision)
            for evaluations in await transport.run(find, deadline)
        ]
        for comparison in comparisons:
            for first, second, add in comparison.wanted():
                async for page in self._rows(first, second, deadline, call).pages():
                    add(page)
        decide = partial(joint.decide_matrix, comparisons, settings)
        return await transport.run(lambda port: port.call(decide), deadline)

    def _rows(
        self, first: str, second: str, deadline: Deadline, call: dict[str, Any]
    ) -> AsyncPager[ComparisonResult, ComparisonResponse]:
        """Return the pager of all rows of two evaluations, until a deadline that runs already."""
        left = None if deadline.is_unlimited else max(deadline.left, 0.001)
        return self.iter_results(first, second, **{**call, "deadline": left})
