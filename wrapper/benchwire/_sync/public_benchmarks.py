# Generated from wrapper/benchwire/_async/public_benchmarks.py by `make generate`; changes made here are lost.
"""The public API's benchmarks and their prompts."""

from __future__ import annotations

from collections.abc import Collection, Generator
from typing import TYPE_CHECKING, Unpack

from benchwire._core import public_calls as calls
from benchwire._core import public_pages as pages
from benchwire._core.checks import MAX_PAGE_SIZE
from benchwire._core.filters import (
    BenchmarkFilters,
    PromptFilters,
)
from benchwire._core.paging import DEFAULT_CONCURRENCY, limits
from benchwire._sync.base import Resource
from benchwire.models import (
    BenchmarkPrompt,
    BenchmarkPromptsResponse,
    PublicBenchmarkDetail,
    PublicBenchmarksListResponse,
)
from benchwire.options import CallOptions

if TYPE_CHECKING:
    import httpx


class Benchmarks(Resource):
    """The benchmarks and their prompts."""

    def get(
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
        **options: Unpack[CallOptions],
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
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

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
        return self._result(plan, options)

    def iter_benchmarks(
        self,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        timeout: float | httpx.Timeout | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        **filters: Unpack[BenchmarkFilters],
    ) -> Generator[PublicBenchmarkDetail]:
        """Iterate over all benchmarks that match, lazily and in order.

        Args:
            page_size: Rows to ask for at a time, 1 to 500; by default 100.
            max_items: Benchmarks to stop after; by default none.
            concurrency: Pages under way or waiting at a time, 1 to 64.
            timeout: Seconds each attempt at a page may take; by default the client's.
            deadline: Seconds the whole iteration may take, your own work on it included.
            max_retries: How often the request of a page may be repeated.
            **filters: What `get` filters and sorts by.

        Raises:
            ValueError: If an argument is out of range; raised by the call itself.
            APIError: If a page gives no usable answer; the pages before it were delivered.
            PaginationError: If not everything arrived.

        Spec:
            openapi/public.yaml, listBenchmarks
        """
        walk = limits(page_size, max_items, concurrency)
        options = {"timeout": timeout, "deadline": deadline, "max_retries": max_retries}
        return self._shell.with_options(options).items(pages.benchmark_pages(filters), walk)

    def iter_pages(
        self,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        timeout: float | httpx.Timeout | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        **filters: Unpack[BenchmarkFilters],
    ) -> Generator[PublicBenchmarksListResponse]:
        """Iterate over the pages of all benchmarks that match; otherwise as `iter_benchmarks`."""
        walk = limits(page_size, max_items, concurrency)
        options = {"timeout": timeout, "deadline": deadline, "max_retries": max_retries}
        return self._shell.with_options(options).bodies(pages.benchmark_pages(filters), walk)

    def get_prompts(
        self,
        benchmark_id: str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        search_field: str | None = None,
        search_value: str | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        **options: Unpack[CallOptions],
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
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

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
        return self._result(plan, options)

    def get_all_prompts(
        self, benchmark_id: str, **options: Unpack[CallOptions]
    ) -> list[BenchmarkPrompt]:
        """Get all prompts of a benchmark, in its own order.

        Failures raise, whatever ``on_error`` says: part of a benchmark is not the benchmark.

        Args:
            benchmark_id: The benchmark.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

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
        walk = limits(MAX_PAGE_SIZE, None, DEFAULT_CONCURRENCY)
        source = pages.prompt_pages(benchmark_id, {})
        shell = self._shell.with_options(options)
        return [prompt for prompt in shell.items(source, walk)]

    def iter_prompts(
        self,
        benchmark_id: str,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        timeout: float | httpx.Timeout | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        **filters: Unpack[PromptFilters],
    ) -> Generator[BenchmarkPrompt]:
        """Iterate over all prompts of a benchmark that match, lazily and in order.

        Args:
            benchmark_id: The benchmark.
            page_size: Rows to ask for at a time, 1 to 500; by default 100.
            max_items: Prompts to stop after; by default none.
            concurrency: Pages under way or waiting at a time, 1 to 64.
            timeout: Seconds each attempt at a page may take; by default the client's.
            deadline: Seconds the whole iteration may take, your own work on it included.
            max_retries: How often the request of a page may be repeated.
            **filters: What `get_prompts` filters and sorts by.

        Raises:
            ValueError: If an argument is out of range; raised by the call itself.
            APIError: If a page gives no usable answer; the pages before it were delivered.
            PaginationError: If not everything arrived.

        Spec:
            openapi/public.yaml, listBenchmarkPrompts
        """
        walk = limits(page_size, max_items, concurrency)
        options = {"timeout": timeout, "deadline": deadline, "max_retries": max_retries}
        return self._shell.with_options(options).items(
            pages.prompt_pages(benchmark_id, filters), walk
        )

    def iter_prompt_pages(
        self,
        benchmark_id: str,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        timeout: float | httpx.Timeout | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        **filters: Unpack[PromptFilters],
    ) -> Generator[BenchmarkPromptsResponse]:
        """Iterate over the pages of a benchmark's prompts; otherwise as `iter_prompts`."""
        walk = limits(page_size, max_items, concurrency)
        options = {"timeout": timeout, "deadline": deadline, "max_retries": max_retries}
        return self._shell.with_options(options).bodies(
            pages.prompt_pages(benchmark_id, filters), walk
        )
