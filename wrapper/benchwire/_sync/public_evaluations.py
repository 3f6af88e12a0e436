# Generated from wrapper/benchwire/_async/public_evaluations.py by `make generate`; changes made here are lost.
"""The public API's evaluations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator
from typing import TYPE_CHECKING, Unpack

from benchwire._core import public_calls as calls
from benchwire._core import public_pages as pages
from benchwire._core.filters import (
    EvaluationFilters,
)
from benchwire._core.paging import DEFAULT_CONCURRENCY, limits
from benchwire._polling import DEFAULT_POLL_INTERVAL, DEFAULT_TIMEOUT, wait_for_one
from benchwire._sync.base import Resource
from benchwire.models import (
    Evaluation,
    EvaluationsResponse,
    EvaluationStatus,
)
from benchwire.options import CallOptions

if TYPE_CHECKING:
    import httpx


class Evaluations(Resource):
    """Runs of one model on one benchmark."""

    def get_by_id(
        self,
        id: str,  # noqa: A002  the document's name
        **options: Unpack[CallOptions],
    ) -> Evaluation | None:
        """Get one evaluation with its summary.

        Args:
            id: The evaluation's id.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            The evaluation, or ``None`` if there is none with this id. One request.

        Raises:
            ValueError: If the id is none; nothing is sent.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/public.yaml, getEvaluation
        """
        return self._result(calls.find_evaluation(id), options)

    def get_many(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        sort_by: str | None = None,
        order: str | None = None,
        model_ids: Collection[str] | None = None,
        benchmark_ids: Collection[str] | None = None,
        status: EvaluationStatus | str | None = None,
        unique: bool = False,
        **options: Unpack[CallOptions],
    ) -> EvaluationsResponse:
        """Get one page of evaluations, without their summaries.

        Args:
            page: The page's number, from 1.
            page_size: Rows on a page, 1 to 500; by default 100.
            sort_by: ``submitted_at``, ``accuracy`` or ``average_duration``.
            order: ``asc`` or ``desc``.
            model_ids: Models to keep; an empty list allows none, and nothing is sent.
            benchmark_ids: Benchmarks to keep; an empty list allows none, and nothing is sent.
            status: The status to keep.
            unique: Whether to keep only the latest of each pair of model and benchmark.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            The page's ``evaluations``, and ``pagination`` with ``page``, ``page_size``,
            ``total_pages`` and ``total_count``. One request.

        Raises:
            ValueError: If an argument is out of range; nothing is sent.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/public.yaml, listEvaluations
        """
        filters: EvaluationFilters = {
            "sort_by": sort_by,
            "order": order,
            "model_ids": model_ids,
            "benchmark_ids": benchmark_ids,
            "status": status,
            "unique": unique,
        }
        plan = calls.list_evaluations(filters, page=page, page_size=page_size)
        return self._result(plan, options)

    def iter_evaluations(
        self,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        timeout: float | httpx.Timeout | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        **filters: Unpack[EvaluationFilters],
    ) -> Generator[Evaluation]:
        """Iterate over all evaluations that match, lazily and in order.

        Args:
            page_size: Rows to ask for at a time, 1 to 500; by default 100.
            max_items: Evaluations to stop after; by default none.
            concurrency: Pages under way or waiting at a time, 1 to 64.
            timeout: Seconds each attempt at a page may take; by default the client's.
            deadline: Seconds the whole iteration may take, your own work on it included.
            max_retries: How often the request of a page may be repeated.
            **filters: What `get_many` filters and sorts by.

        Raises:
            ValueError: If an argument is out of range; raised by the call itself.
            APIError: If a page gives no usable answer; the pages before it were delivered.
            PaginationError: If not everything arrived.

        Spec:
            openapi/public.yaml, listEvaluations
        """
        walk = limits(page_size, max_items, concurrency)
        options = {"timeout": timeout, "deadline": deadline, "max_retries": max_retries}
        return self._shell.with_options(options).items(pages.evaluation_pages(filters), walk)

    def iter_pages(
        self,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        timeout: float | httpx.Timeout | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        **filters: Unpack[EvaluationFilters],
    ) -> Generator[EvaluationsResponse]:
        """Iterate over the pages of all evaluations that match; otherwise as `iter_evaluations`."""
        walk = limits(page_size, max_items, concurrency)
        options = {"timeout": timeout, "deadline": deadline, "max_retries": max_retries}
        return self._shell.with_options(options).bodies(pages.evaluation_pages(filters), walk)

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
            timeout: Seconds until the waiting is given up; by default an hour.
            poll_interval: Seconds before the second look; later ones lie further apart, up to 30.
            on_progress: Called with each state seen, the final one included.

        Returns:
            The evaluation as it ended, with success.

        Raises:
            JobFailedError: If it ended without success; the error's ``job`` is the evaluation.
            WaitTimeoutError: If it did not end in time; the error carries the last state.
            NotFoundError: If there is no such evaluation.
            APIError: If a look gives no usable answer.

        Spec:
            openapi/public.yaml, getEvaluation
        """
        watch = self._wait(timeout, poll_interval)
        plan = wait_for_one(id, calls.get_evaluation, watch, on_progress)
        return self._shell.run(plan)
