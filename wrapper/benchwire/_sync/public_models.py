# Generated from wrapper/benchwire/_async/public_models.py by `make generate`; changes made here are lost.
"""The public API's catalogue of models."""

from __future__ import annotations

from collections.abc import Collection, Generator
from typing import TYPE_CHECKING, Unpack

from benchwire._core import public_calls as calls
from benchwire._core import public_pages as pages
from benchwire._core.filters import (
    ModelFilters,
)
from benchwire._core.paging import DEFAULT_CONCURRENCY, limits
from benchwire._sync.base import Resource
from benchwire.models import (
    PublicModelDetail,
    PublicModelsListResponse,
)
from benchwire.options import CallOptions

if TYPE_CHECKING:
    import httpx


class Models(Resource):
    """The catalogue of models."""

    def get(
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
        **options: Unpack[CallOptions],
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
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

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
        return self._result(plan, options)

    def iter_models(
        self,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        timeout: float | httpx.Timeout | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        **filters: Unpack[ModelFilters],
    ) -> Generator[PublicModelDetail]:
        """Iterate over all models that match, lazily and in order.

        Args:
            page_size: Rows to ask for at a time, 1 to 500; by default 100.
            max_items: Models to stop after; by default none.
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
            openapi/public.yaml, listModels
        """
        walk = limits(page_size, max_items, concurrency)
        options = {"timeout": timeout, "deadline": deadline, "max_retries": max_retries}
        return self._shell.with_options(options).items(pages.model_pages(filters), walk)

    def iter_pages(
        self,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        timeout: float | httpx.Timeout | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        **filters: Unpack[ModelFilters],
    ) -> Generator[PublicModelsListResponse]:
        """Iterate over the pages of all models that match; otherwise as `iter_models`."""
        walk = limits(page_size, max_items, concurrency)
        options = {"timeout": timeout, "deadline": deadline, "max_retries": max_retries}
        return self._shell.with_options(options).bodies(pages.model_pages(filters), walk)
