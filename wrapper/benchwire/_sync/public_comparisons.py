# Generated from wrapper/benchwire/_async/public_comparisons.py by `make generate`; changes made here are lost.
"""The public API's comparisons of two evaluations."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import aclosing
from typing import TYPE_CHECKING, Unpack

from benchwire._core import public_calls as calls
from benchwire._core import public_pages as pages
from benchwire._core.comparing import compare_models, find_evaluations
from benchwire._core.filters import ComparisonFilters, settled
from benchwire._core.paging import DEFAULT_CONCURRENCY, PageLimits, limits
from benchwire._core.plan import Plan
from benchwire._sync.base import Resource
from benchwire.models import (
    ComparisonResponse,
    ComparisonResult,
)
from benchwire.options import CallOptions

if TYPE_CHECKING:
    import httpx

    from benchwire._shell.sync import Shell


class Comparisons(Resource):
    """Two evaluations of one benchmark, prompt by prompt."""

    def compare(
        self,
        evaluation_id_1: str,
        evaluation_id_2: str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        outcome_filter: str | None = None,
        search: str | None = None,
        **options: Unpack[CallOptions],
    ) -> ComparisonResponse:
        """Compare two evaluations.

        Args:
            evaluation_id_1: The first evaluation, the reference.
            evaluation_id_2: The second evaluation, the comparison.
            page: The page's number, from 1.
            page_size: Rows on a page, 1 to 500; by default 100.
            outcome_filter: ``all`` (the default), ``both_succeed``, ``both_fail``,
                ``reference_fails`` (the first fails, the second succeeds) or ``comparison_fails``
                (the second fails, the first succeeds).
            search: Text to look for in the rows.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            The page's ``results``, ``total_count`` of the rows that match, and of each evaluation
            ``correct_count_…`` and ``total_results_…``, whatever the filter. One request.

        Raises:
            ValueError: If an argument is out of range; nothing is sent.
            NotFoundError: If there is no such evaluation.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/public.yaml, compareEvaluations
        """
        filters: ComparisonFilters = {"outcome_filter": outcome_filter, "search": search}
        plan = calls.compare(
            evaluation_id_1, evaluation_id_2, filters, page=page, page_size=page_size
        )
        return self._result(plan, options)

    def compare_models(
        self,
        benchmark_id: str,
        model_id_1: str,
        model_id_2: str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        outcome_filter: str | None = None,
        search: str | None = None,
        **options: Unpack[CallOptions],
    ) -> ComparisonResponse:
        """Compare two models on a benchmark by their latest successful evaluations.

        Args:
            benchmark_id: The benchmark.
            model_id_1: The first model, the reference.
            model_id_2: The second model, the comparison.
            page: The page's number, from 1.
            page_size: Rows on a page, 1 to 500; by default 100.
            outcome_filter: As in `compare`.
            search: Text to look for in the rows.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            As `compare`. Two requests: one finds both evaluations, one compares them.

        Raises:
            ValueError: If a model has no successful evaluation on the benchmark, whatever
                ``on_error`` says; or if an argument is out of range.
            APIError: If a request gives no usable answer.

        Spec:
            openapi/public.yaml, listEvaluations and compareEvaluations
        """
        filters: ComparisonFilters = {"outcome_filter": outcome_filter, "search": search}
        plan = compare_models(
            benchmark_id, model_id_1, model_id_2, filters, page=page, page_size=page_size
        )
        return self._result(plan, options)

    def iter_results(
        self,
        evaluation_id_1: str,
        evaluation_id_2: str,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        timeout: float | httpx.Timeout | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        **filters: Unpack[ComparisonFilters],
    ) -> Generator[ComparisonResult]:
        """Iterate over all rows of a comparison that match, lazily and in order.

        Args:
            evaluation_id_1: The first evaluation, the reference.
            evaluation_id_2: The second evaluation, the comparison.
            page_size: Rows to ask for at a time, 1 to 500; by default 100.
            max_items: Rows to stop after; by default none.
            concurrency: Pages under way or waiting at a time, 1 to 64.
            timeout: Seconds each attempt at a page may take; by default the client's.
            deadline: Seconds the whole iteration may take, your own work on it included.
            max_retries: How often the request of a page may be repeated.
            **filters: What `compare` filters by.

        Raises:
            ValueError: If an argument is out of range; raised by the call itself.
            APIError: If a page gives no usable answer; the pages before it were delivered.
            PaginationError: If not everything arrived.

        Spec:
            openapi/public.yaml, compareEvaluations
        """
        walk = limits(page_size, max_items, concurrency)
        options = {"timeout": timeout, "deadline": deadline, "max_retries": max_retries}
        source = pages.comparison_pages(evaluation_id_1, evaluation_id_2, filters)
        return self._shell.with_options(options).items(source, walk)

    def iter_pages(
        self,
        evaluation_id_1: str,
        evaluation_id_2: str,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        timeout: float | httpx.Timeout | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        **filters: Unpack[ComparisonFilters],
    ) -> Generator[ComparisonResponse]:
        """Iterate over the pages of a comparison; otherwise as `iter_results`."""
        walk = limits(page_size, max_items, concurrency)
        options = {"timeout": timeout, "deadline": deadline, "max_retries": max_retries}
        source = pages.comparison_pages(evaluation_id_1, evaluation_id_2, filters)
        return self._shell.with_options(options).bodies(source, walk)

    def iter_model_results(
        self,
        benchmark_id: str,
        model_id_1: str,
        model_id_2: str,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        timeout: float | httpx.Timeout | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        **filters: Unpack[ComparisonFilters],
    ) -> Generator[ComparisonResult]:
        """Iterate over all rows of a comparison of two models, lazily and in order.

        The evaluations are found as `compare_models` finds them, when the first row is asked for;
        otherwise as `iter_results`.

        Args:
            benchmark_id: The benchmark.
            model_id_1: The first model, the reference.
            model_id_2: The second model, the comparison.
            page_size: Rows to ask for at a time, 1 to 500; by default 100.
            max_items: Rows to stop after; by default none.
            concurrency: Pages under way or waiting at a time, 1 to 64.
            timeout: Seconds each attempt at a request may take; by default the client's.
            deadline: Seconds the whole iteration may take, your own work on it included.
            max_retries: How often a request may be repeated.
            **filters: What `compare` filters by.

        Raises:
            ValueError: If a model has no successful evaluation on the benchmark, at the first row;
                or if an argument is out of range, from the call itself.
            APIError: If a page gives no usable answer; the pages before it were delivered.
            PaginationError: If not everything arrived.

        Spec:
            openapi/public.yaml, listEvaluations and compareEvaluations
        """
        bodies = self.iter_model_pages(
            benchmark_id,
            model_id_1,
            model_id_2,
            page_size=page_size,
            max_items=max_items,
            concurrency=concurrency,
            timeout=timeout,
            deadline=deadline,
            max_retries=max_retries,
            **filters,
        )
        return _rows(bodies)

    def iter_model_pages(
        self,
        benchmark_id: str,
        model_id_1: str,
        model_id_2: str,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        timeout: float | httpx.Timeout | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        **filters: Unpack[ComparisonFilters],
    ) -> Generator[ComparisonResponse]:
        """Iterate over the pages of a comparison of two models; otherwise as `iter_model_results`."""
        walk = limits(page_size, max_items, concurrency)
        options = {"timeout": timeout, "deadline": deadline, "max_retries": max_retries}
        filters = settled(filters, ComparisonFilters)
        calls.comparison_arguments(filters)
        found = find_evaluations(benchmark_id, model_id_1, model_id_2)
        return _bodies(self._shell.with_options(options), found, walk, filters)


def _bodies(
    shell: Shell,
    found: Plan[tuple[str, str]],
    walk: PageLimits,
    filters: ComparisonFilters,
) -> Generator[ComparisonResponse]:
    until = shell.until()  # one deadline for both parts
    first, second = shell.run(found, until)
    source = pages.comparison_pages(first, second, filters)
    with aclosing(shell.bodies(source, walk, until)) as bodies:
        for body in bodies:
            yield body


def _rows(bodies: Generator[ComparisonResponse]) -> Generator[ComparisonResult]:
    with aclosing(bodies):
        for body in bodies:
            for row in body.results:
                yield row
