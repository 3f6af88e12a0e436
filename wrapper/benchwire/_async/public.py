"""The public API: models, benchmarks, evaluations, comparisons."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import aclosing
from typing import TYPE_CHECKING, Unpack

from benchwire._async.base import AsyncResource, AsyncServiceClient
from benchwire._core import public_calls as calls
from benchwire._core.comparing import compare_models, find_evaluations
from benchwire._core.filters import (
    BenchmarkFilters,
    ComparisonFilters,
    EvaluationFilters,
    ModelFilters,
    PromptFilters,
)
from benchwire._core.paging import DEFAULT_CONCURRENCY, PageLimits, limits
from benchwire._core.plan import Plan
from benchwire._core.polling import DEFAULT_POLL_INTERVAL, DEFAULT_TIMEOUT, Wait, wait_for_one
from benchwire._core.settings import PUBLIC, OnError
from benchwire.models import (
    BenchmarkPrompt,
    BenchmarkPromptsResponse,
    ComparisonResponse,
    ComparisonResult,
    Evaluation,
    EvaluationsResponse,
    EvaluationStatus,
    PublicBenchmarkDetail,
    PublicBenchmarksListResponse,
    PublicModelDetail,
    PublicModelsListResponse,
)

if TYPE_CHECKING:
    import httpx

    from benchwire._shell.aio import AsyncShell


class AsyncModels(AsyncResource):
    """The catalogue of models."""

    async def get(
        self,
        *,
        query: str | None = None,
        name: str | None = None,
        key: str | None = None,
        ids: Collection[str] | None = None,
        categories: Collection[str] | None = None,
        companies: Collection[str] | None = None,
        regions: Collection[str] | None = None,
        licenses: Collection[str] | None = None,
        sizes: Collection[str] | None = None,
        sort_by: str | None = None,
        order: str | None = None,
        page: int | None = None,
        page_size: int | None = None,
        include_deprecated: bool | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> PublicModelsListResponse:
        """Get one page of models.

        Filters combine with AND, the values of one filter with OR. An empty list allows nothing:
        the answer is empty, and nothing is sent.

        Args:
            query: Text to look for in the name.
            name: The exact name.
            key: The exact key.
            ids: Ids to keep.
            categories: Categories to keep, such as ``open-source`` or ``size-lg``.
            companies: Companies to keep.
            regions: Regions to keep.
            licenses: Licences to keep.
            sizes: Sizes to keep: ``Small``, ``Medium``, ``Large``, ``Extra Large``.
            sort_by: ``name``, ``createdAt``, ``releasedAt``, ``architectureType``,
                ``contextLength``, ``license`` or ``region``, in camelCase or snake_case.
            order: ``asc`` or ``desc``.
            page: The page's number, from 1.
            page_size: Rows on a page, 1 to 500; by default 100.
            include_deprecated: Whether to give deprecated models too; by default not.
            timeout: Seconds to wait for data; by default the client's.

        Returns:
            The page's ``models``, the facets (``categories``, ``companies``, …), ``count`` on this
            page and ``total_count``. One request.

        Raises:
            ValueError: If an argument is out of range; nothing is sent.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/public.yaml, listModels
        """
        filters: ModelFilters = {
            "query": query,
            "name": name,
            "key": key,
            "ids": ids,
            "categories": categories,
            "companies": companies,
            "regions": regions,
            "licenses": licenses,
            "sizes": sizes,
            "sort_by": sort_by,
            "order": order,
            "include_deprecated": include_deprecated,
        }
        plan = calls.list_models(filters, page=page, page_size=page_size)
        return await self._result(plan, timeout)

    def iter_models(
        self,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **filters: Unpack[ModelFilters],
    ) -> AsyncIterator[PublicModelDetail]:
        """Iterate over all models that match, lazily and in order.

        Args:
            page_size: Rows to ask for at a time, 1 to 500; by default 100.
            max_items: Models to stop after; by default none.
            concurrency: Pages under way or waiting at a time, 1 to 64.
            **filters: What `get` filters and sorts by.

        Raises:
            ValueError: If an argument is out of range; raised by the call itself.
            APIError: If a page gives no usable answer; the pages before it were delivered.
            PaginationError: If not everything arrived.

        Spec:
            openapi/public.yaml, listModels
        """
        walk = limits(page_size, max_items, concurrency)
        return self._shell.items(calls.model_pages(filters), walk)

    def iter_pages(
        self,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **filters: Unpack[ModelFilters],
    ) -> AsyncIterator[PublicModelsListResponse]:
        """Iterate over the pages of all models that match; otherwise as `iter_models`."""
        walk = limits(page_size, max_items, concurrency)
        return self._shell.bodies(calls.model_pages(filters), walk)


class AsyncBenchmarks(AsyncResource):
    """The benchmarks and their prompts."""

    async def get(
        self,
        *,
        query: str | None = None,
        name: str | None = None,
        key: str | None = None,
        ids: Collection[str] | None = None,
        categories: Collection[str] | None = None,
        languages: Collection[str] | None = None,
        sort_by: str | None = None,
        order: str | None = None,
        page: int | None = None,
        page_size: int | None = None,
        include_deprecated: bool | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> PublicBenchmarksListResponse:
        """Get one page of benchmarks.

        Filters combine with AND, the values of one filter with OR. An empty list allows nothing:
        the answer is empty, and nothing is sent.

        Args:
            query: Text to look for in the name.
            name: The exact name.
            key: The exact key.
            ids: Ids to keep.
            categories: Categories to keep.
            languages: Languages to keep.
            sort_by: ``name``.
            order: ``asc`` or ``desc``.
            page: The page's number, from 1.
            page_size: Rows on a page, 1 to 500; by default 100.
            include_deprecated: Whether to give deprecated benchmarks too; by default not.
            timeout: Seconds to wait for data; by default the client's.

        Returns:
            The page's benchmarks (``datasets``), the facets, ``count`` on this page and
            ``total_count``. One request.

        Raises:
            ValueError: If an argument is out of range; nothing is sent.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/public.yaml, listBenchmarks
        """
        filters: BenchmarkFilters = {
            "query": query,
            "name": name,
            "key": key,
            "ids": ids,
            "categories": categories,
            "languages": languages,
            "sort_by": sort_by,
            "order": order,
            "include_deprecated": include_deprecated,
        }
        plan = calls.list_benchmarks(filters, page=page, page_size=page_size)
        return await self._result(plan, timeout)

    def iter_benchmarks(
        self,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **filters: Unpack[BenchmarkFilters],
    ) -> AsyncIterator[PublicBenchmarkDetail]:
        """Iterate over all benchmarks that match, lazily and in order.

        Args:
            page_size: Rows to ask for at a time, 1 to 500; by default 100.
            max_items: Benchmarks to stop after; by default none.
            concurrency: Pages under way or waiting at a time, 1 to 64.
            **filters: What `get` filters and sorts by.

        Raises:
            ValueError: If an argument is out of range; raised by the call itself.
            APIError: If a page gives no usable answer; the pages before it were delivered.
            PaginationError: If not everything arrived.

        Spec:
            openapi/public.yaml, listBenchmarks
        """
        walk = limits(page_size, max_items, concurrency)
        return self._shell.items(calls.benchmark_pages(filters), walk)

    def iter_pages(
        self,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **filters: Unpack[BenchmarkFilters],
    ) -> AsyncIterator[PublicBenchmarksListResponse]:
        """Iterate over the pages of all benchmarks that match; otherwise as `iter_benchmarks`."""
        walk = limits(page_size, max_items, concurrency)
        return self._shell.bodies(calls.benchmark_pages(filters), walk)

    async def get_prompts(
        self,
        benchmark_id: str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        search_field: str | None = None,
        search_value: str | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> BenchmarkPromptsResponse:
        """Get one page of a benchmark's prompts.

        Args:
            benchmark_id: The benchmark.
            page: The page's number, from 1.
            page_size: Rows on a page, 1 to 500; by default 100.
            search_field: The field to search in: ``id``, ``input`` or ``truth``; needs
                ``search_value``.
            search_value: The text to look for; needs ``search_field``.
            sort_by: ``id``, ``input`` or ``truth``; by default the benchmark's own order.
            sort_order: ``asc`` or ``desc``.
            timeout: Seconds to wait for data; by default the client's.

        Returns:
            The page's prompts in ``data.prompts``, and in ``data.count`` the number of prompts on
            all pages. One request.

        Raises:
            ValueError: If an argument is out of range; nothing is sent.
            NotFoundError: If there is no such benchmark.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/public.yaml, listBenchmarkPrompts
        """
        filters: PromptFilters = {
            "search_field": search_field,
            "search_value": search_value,
            "sort_by": sort_by,
            "sort_order": sort_order,
        }
        plan = calls.list_prompts(benchmark_id, filters, page=page, page_size=page_size)
        return await self._result(plan, timeout)

    async def get_all_prompts(
        self, benchmark_id: str, *, timeout: float | httpx.Timeout | None = None
    ) -> list[BenchmarkPrompt]:
        """Get all prompts of a benchmark, in its own order.

        Failures raise, whatever ``on_error`` says: part of a benchmark is not the benchmark.

        Args:
            benchmark_id: The benchmark.
            timeout: Seconds to wait for data on each page; by default the client's.

        Returns:
            Every prompt, in one list; `iter_prompts` holds a few pages instead. A request for every
            500 prompts.

        Raises:
            ValueError: If the id is none; nothing is sent.
            APIError: If a page gives no usable answer.
            PaginationError: If not everything arrived.

        Spec:
            openapi/public.yaml, listBenchmarkPrompts
        """
        walk = limits(_LARGEST_PAGE, None, DEFAULT_CONCURRENCY)
        source = calls.prompt_pages(benchmark_id, {})
        shell = self._shell.with_timeout(timeout)
        return [prompt async for prompt in shell.items(source, walk)]

    def iter_prompts(
        self,
        benchmark_id: str,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **filters: Unpack[PromptFilters],
    ) -> AsyncIterator[BenchmarkPrompt]:
        """Iterate over all prompts of a benchmark that match, lazily and in order.

        Args:
            benchmark_id: The benchmark.
            page_size: Rows to ask for at a time, 1 to 500; by default 100.
            max_items: Prompts to stop after; by default none.
            concurrency: Pages under way or waiting at a time, 1 to 64.
            **filters: What `get_prompts` filters and sorts by.

        Raises:
            ValueError: If an argument is out of range; raised by the call itself.
            APIError: If a page gives no usable answer; the pages before it were delivered.
            PaginationError: If not everything arrived.

        Spec:
            openapi/public.yaml, listBenchmarkPrompts
        """
        walk = limits(page_size, max_items, concurrency)
        return self._shell.items(calls.prompt_pages(benchmark_id, filters), walk)

    def iter_prompt_pages(
        self,
        benchmark_id: str,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **filters: Unpack[PromptFilters],
    ) -> AsyncIterator[BenchmarkPromptsResponse]:
        """Iterate over the pages of a benchmark's prompts; otherwise as `iter_prompts`."""
        walk = limits(page_size, max_items, concurrency)
        return self._shell.bodies(calls.prompt_pages(benchmark_id, filters), walk)


class AsyncEvaluations(AsyncResource):
    """Runs of one model on one benchmark."""

    async def get_by_id(
        self,
        id: str,  # noqa: A002  the document's name
        *,
        timeout: float | httpx.Timeout | None = None,
    ) -> Evaluation | None:
        """Get one evaluation with its summary.

        Args:
            id: The evaluation's id.
            timeout: Seconds to wait for data; by default the client's.

        Returns:
            The evaluation, or ``None`` if there is none with this id. One request.

        Raises:
            ValueError: If the id is none; nothing is sent.
            APIError: If the request gives no usable answer.

        Spec:
            openapi/public.yaml, getEvaluation
        """
        return await self._result(calls.find_evaluation(id), timeout)

    async def get_many(
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
        timeout: float | httpx.Timeout | None = None,
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
            timeout: Seconds to wait for data; by default the client's.

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
        return await self._result(plan, timeout)

    def iter_evaluations(
        self,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **filters: Unpack[EvaluationFilters],
    ) -> AsyncIterator[Evaluation]:
        """Iterate over all evaluations that match, lazily and in order.

        Args:
            page_size: Rows to ask for at a time, 1 to 500; by default 100.
            max_items: Evaluations to stop after; by default none.
            concurrency: Pages under way or waiting at a time, 1 to 64.
            **filters: What `get_many` filters and sorts by.

        Raises:
            ValueError: If an argument is out of range; raised by the call itself.
            APIError: If a page gives no usable answer; the pages before it were delivered.
            PaginationError: If not everything arrived.

        Spec:
            openapi/public.yaml, listEvaluations
        """
        walk = limits(page_size, max_items, concurrency)
        return self._shell.items(calls.evaluation_pages(filters), walk)

    def iter_pages(
        self,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **filters: Unpack[EvaluationFilters],
    ) -> AsyncIterator[EvaluationsResponse]:
        """Iterate over the pages of all evaluations that match; otherwise as `iter_evaluations`."""
        walk = limits(page_size, max_items, concurrency)
        return self._shell.bodies(calls.evaluation_pages(filters), walk)

    async def wait(
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
        watch = Wait(timeout, poll_interval, self._shell.clock)
        plan = wait_for_one(id, calls.get_evaluation, watch, on_progress)
        return await self._shell.run(plan)


class AsyncComparisons(AsyncResource):
    """Two evaluations of one benchmark, prompt by prompt."""

    async def compare(
        self,
        evaluation_id_1: str,
        evaluation_id_2: str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        outcome_filter: str | None = None,
        search: str | None = None,
        timeout: float | httpx.Timeout | None = None,
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
            timeout: Seconds to wait for data; by default the client's.

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
        return await self._result(plan, timeout)

    async def compare_models(
        self,
        benchmark_id: str,
        model_id_1: str,
        model_id_2: str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        outcome_filter: str | None = None,
        search: str | None = None,
        timeout: float | httpx.Timeout | None = None,
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
            timeout: Seconds to wait for data on each request; by default the client's.

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
        return await self._result(plan, timeout)

    def iter_results(
        self,
        evaluation_id_1: str,
        evaluation_id_2: str,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **filters: Unpack[ComparisonFilters],
    ) -> AsyncIterator[ComparisonResult]:
        """Iterate over all rows of a comparison that match, lazily and in order.

        Args:
            evaluation_id_1: The first evaluation, the reference.
            evaluation_id_2: The second evaluation, the comparison.
            page_size: Rows to ask for at a time, 1 to 500; by default 100.
            max_items: Rows to stop after; by default none.
            concurrency: Pages under way or waiting at a time, 1 to 64.
            **filters: What `compare` filters by.

        Raises:
            ValueError: If an argument is out of range; raised by the call itself.
            APIError: If a page gives no usable answer; the pages before it were delivered.
            PaginationError: If not everything arrived.

        Spec:
            openapi/public.yaml, compareEvaluations
        """
        walk = limits(page_size, max_items, concurrency)
        source = calls.comparison_pages(evaluation_id_1, evaluation_id_2, filters)
        return self._shell.items(source, walk)

    def iter_pages(
        self,
        evaluation_id_1: str,
        evaluation_id_2: str,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **filters: Unpack[ComparisonFilters],
    ) -> AsyncIterator[ComparisonResponse]:
        """Iterate over the pages of a comparison; otherwise as `iter_results`."""
        walk = limits(page_size, max_items, concurrency)
        source = calls.comparison_pages(evaluation_id_1, evaluation_id_2, filters)
        return self._shell.bodies(source, walk)

    def iter_model_results(
        self,
        benchmark_id: str,
        model_id_1: str,
        model_id_2: str,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **filters: Unpack[ComparisonFilters],
    ) -> AsyncIterator[ComparisonResult]:
        """Iterate over all rows of a comparison of two models, lazily and in order.

        The evaluations are found as `compare_models` finds them, when the first row is asked for;
        otherwise as `iter_results`.

        Raises:
            ValueError: If a model has no successful evaluation on the benchmark.
        """
        walk = limits(page_size, max_items, concurrency)
        calls.comparison_arguments(filters)
        found = find_evaluations(benchmark_id, model_id_1, model_id_2)
        return self._model_results(found, walk, filters)

    async def _model_results(
        self, found: Plan[tuple[str, str]], walk: PageLimits, filters: ComparisonFilters
    ) -> AsyncIterator[ComparisonResult]:
        first, second = await self._shell.run(found)
        source = calls.comparison_pages(first, second, filters)
        async with aclosing(self._shell.items(source, walk)) as rows:
            async for row in rows:
                yield row


class AsyncPublicClient(AsyncServiceClient):
    """A client of the public API.

    A context manager; without ``with``, call its close method at the end.

    Args:
        api_key: The key; by default the environment's ``LAYERLENS_STRATIX_API_KEY``.
        base_url: Where the API is; by default the environment's ``LAYERLENS_STRATIX_BASE_URL``, or
            the service itself.
        timeout: Seconds an attempt may wait for data; by default 600, and 5 to connect.
        on_error: ``"raise"`` raises typed errors; ``"none"`` gives ``None`` where a request fails,
            as the service's own SDK reference says.
        http_client: Connections of your own; they stay open when this client is closed.

    Raises:
        ConfigurationError: If there is no key, or a setting can't be used.
    """

    _service = PUBLIC

    def _open(self, shell: AsyncShell, on_error: OnError, *, owned: bool) -> None:
        super()._open(shell, on_error, owned=owned)
        self.models = AsyncModels(shell, on_error)
        self.benchmarks = AsyncBenchmarks(shell, on_error)
        self.evaluations = AsyncEvaluations(shell, on_error)
        self.comparisons = AsyncComparisons(shell, on_error)


_LARGEST_PAGE = 500
