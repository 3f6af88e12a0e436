# Generated from wrapper/benchwire/_async/operations/public.py by `make generate`; changes made here are lost.
"""The operations of the LayerLens Stratix public API, as methods."""

from __future__ import annotations

from typing import Literal, Unpack

from benchwire._lists.limits import DEFAULT_CONCURRENCY
from benchwire._lists.pager import Pager
from benchwire._lists.source import ListOperation, PageSource
from benchwire._own_models import EvaluationsResponse, ResultsResponse
from benchwire._requests.pagination import with_pagination
from benchwire._sync.resource import Resource
from benchwire._transport.own_frames import HiddenFrames
from benchwire.options import CallOptions
from benchwire_api.arguments import copied
from benchwire_api.models import replaced
from benchwire_api.public.api.benchmarks import list_benchmark_prompts, list_benchmarks
from benchwire_api.public.api.comparisons import compare_evaluations
from benchwire_api.public.api.evaluations import get_evaluation, list_evaluations, list_results
from benchwire_api.public.api.models import list_models
from benchwire_api.public.models import (
    BenchmarkPrompt,
    BenchmarkPromptsResponse,
    BenchmarkSortBy,
    ComparisonResponse,
    ComparisonResult,
    Evaluation,
    EvaluationSortBy,
    EvaluationStatus,
    ModelSortBy,
    OutcomeFilter,
    PromptField,
    PublicBenchmarkDetail,
    PublicBenchmarksListResponse,
    PublicModelDetail,
    PublicModelsListResponse,
    Result,
    SortOrder,
)
from benchwire_api.types import ListLike

LIST_MODELS = ListOperation[PublicModelDetail, PublicModelsListResponse](
    path="/models",
    parse=lambda response, *_: list_models.parse_response(response),
    items=lambda body: body.models,
    total=lambda body: body.total_count,
    identify=lambda item: item.id,
    replace_items=lambda body, items: replaced(body, models=items, count=len(items)),
    largest_page_size=list_models.MAX_PAGE_SIZE,
    item=PublicModelDetail,
)
LIST_BENCHMARKS = ListOperation[PublicBenchmarkDetail, PublicBenchmarksListResponse](
    path="/datasets",
    parse=lambda response, *_: list_benchmarks.parse_response(response),
    items=lambda body: body.datasets,
    total=lambda body: body.total_count,
    identify=lambda item: item.id,
    replace_items=lambda body, items: replaced(body, datasets=items, count=len(items)),
    largest_page_size=list_benchmarks.MAX_PAGE_SIZE,
    item=PublicBenchmarkDetail,
)
LIST_BENCHMARK_PROMPTS = ListOperation[BenchmarkPrompt, BenchmarkPromptsResponse](
    path="/datasets/{benchmark_id}/prompts",
    parse=lambda response, *_: list_benchmark_prompts.parse_response(response),
    items=lambda body: body.data.prompts,
    total=lambda body: body.data.count,
    identify=lambda item: item.id,
    replace_items=lambda body, items: replaced(body, data=replaced(body.data, prompts=items)),
    largest_page_size=list_benchmark_prompts.MAX_PAGE_SIZE,
    item=BenchmarkPrompt,
)
LIST_EVALUATIONS = ListOperation[Evaluation, EvaluationsResponse](
    path="/evaluations",
    parse=lambda response, page, page_size: with_pagination(
        list_evaluations.parse_response(response), page, page_size
    ),
    items=lambda body: body.evaluations,
    total=lambda body: body.pagination.total_count,
    identify=lambda item: item.id,
    replace_items=lambda body, items: replaced(body, evaluations=items, count=len(items)),
    largest_page_size=list_evaluations.MAX_PAGE_SIZE,
    item=Evaluation,
)
LIST_RESULTS = ListOperation[Result, ResultsResponse](
    path="/results",
    parse=lambda response, page, page_size: with_pagination(
        list_results.parse_response(response), page, page_size
    ),
    items=lambda body: body.results,
    total=lambda body: body.pagination.total_count,
    identify=lambda _: None,
    replace_items=lambda body, items: replaced(body, results=items),
    largest_page_size=list_results.MAX_PAGE_SIZE,
    item=Result,
)
COMPARE_EVALUATIONS = ListOperation[ComparisonResult, ComparisonResponse](
    path="/results/comparison",
    parse=lambda response, *_: compare_evaluations.parse_response(response),
    items=lambda body: body.results,
    total=lambda body: body.total_count,
    identify=lambda item: (
        None
        if item.result_id_1 is None and item.result_id_2 is None
        else (item.result_id_1, item.result_id_2)
    ),
    replace_items=lambda body, items: replaced(body, results=items),
    largest_page_size=compare_evaluations.MAX_PAGE_SIZE,
    item=ComparisonResult,
)


class ModelsOperations(Resource):
    """The catalogue of public models."""

    def get(
        self,
        *,
        query: str | None = None,
        name: str | None = None,
        key: str | None = None,
        ids: ListLike[str] | None = None,
        categories: ListLike[str] | None = None,
        companies: ListLike[str] | None = None,
        regions: ListLike[str] | None = None,
        licenses: ListLike[str] | None = None,
        sizes: ListLike[str] | None = None,
        sort_by: ModelSortBy
        | Literal[
            "name",
            "createdAt",
            "releasedAt",
            "architectureType",
            "contextLength",
            "license",
            "region",
            "created_at",
            "released_at",
            "architecture_type",
            "context_length",
        ]
        | None = None,
        order: SortOrder | Literal["asc", "desc"] | None = None,
        page: int | None = None,
        page_size: int | None = None,
        include_deprecated: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> PublicModelsListResponse:
        """Get one page of models.

        Filters combine with AND, the values of one filter with OR. The facets of the response
        (``categories``, ``companies``, …) list the values to filter by.

        An empty list allows no value: the result is empty, and nothing is sent.

        Args:
            query: The text to search for in the name, in any case.
            name: The name to keep. Whether a part of a name matches is not documented.
            key: The key to keep. Whether a part of a key matches is not documented.
            ids: The ids to keep.
            categories: Keep models in any of these categories, such as ``transformer``, ``moe``,
                ``open-source``, ``closed-source``, ``usa``, ``china``, ``size-sm``, ``size-md``,
                ``size-lg`` or ``size-xl``.
            companies: Keep models of any of these companies, by name.
            regions: Keep models from any of these regions.
            licenses: Keep models under any of these licences.
            sizes: Keep models of any of these sizes: ``Small``, ``Medium``, ``Large``, ``Extra
                Large``.
            sort_by: The column to sort by. The camelCase and the snake_case spelling of a column
                mean the same. ``name``, ``createdAt``, ``releasedAt``, ``architectureType``,
                ``contextLength``, ``license``, ``region``, ``created_at``, ``released_at``,
                ``architecture_type`` or ``context_length``.
            order: The direction to sort in: ``asc`` or ``desc``.
            page: The number of the page, counted from 1; by default 1.
            page_size: The number of rows on a page, 1 to 500; by default 100.
            include_deprecated: Whether to include what is deprecated; by default ``False``.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The ``models`` of the page, the facets (``categories``, ``companies``, …), ``count`` of
            the page and ``total_count`` of all pages. One request.

        Raises:
            ValueError: If an argument is not allowed; nothing is sent.
            APIError: If the request fails.

        Spec:
            openapi/public.yaml, listModels
        """
        with HiddenFrames():
            return self._fetch(
                list_models.build_request(
                    query=query,
                    name=name,
                    key=key,
                    ids=ids,
                    categories=categories,
                    companies=companies,
                    regions=regions,
                    licenses=licenses,
                    sizes=sizes,
                    sort_by=sort_by,
                    order=order,
                    page=page,
                    page_size=page_size,
                    include_deprecated=include_deprecated,
                ),
                list_models.parse_response,
                options,
            )

    def iter_models(
        self,
        *,
        query: str | None = None,
        name: str | None = None,
        key: str | None = None,
        ids: ListLike[str] | None = None,
        categories: ListLike[str] | None = None,
        companies: ListLike[str] | None = None,
        regions: ListLike[str] | None = None,
        licenses: ListLike[str] | None = None,
        sizes: ListLike[str] | None = None,
        sort_by: ModelSortBy
        | Literal[
            "name",
            "createdAt",
            "releasedAt",
            "architectureType",
            "contextLength",
            "license",
            "region",
            "created_at",
            "released_at",
            "architecture_type",
            "context_length",
        ]
        | None = None,
        order: SortOrder | Literal["asc", "desc"] | None = None,
        include_deprecated: bool | None = None,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **options: Unpack[CallOptions],
    ) -> Pager[PublicModelDetail, PublicModelsListResponse]:
        """Iterate over all models that match, lazily and in order.

        Filters combine with AND, the values of one filter with OR. The facets of the response
        (``categories``, ``companies``, …) list the values to filter by.

        An empty list allows no value: the result is empty, and nothing is sent.

        Args:
            query: The text to search for in the name, in any case.
            name: The name to keep. Whether a part of a name matches is not documented.
            key: The key to keep. Whether a part of a key matches is not documented.
            ids: The ids to keep.
            categories: Keep models in any of these categories, such as ``transformer``, ``moe``,
                ``open-source``, ``closed-source``, ``usa``, ``china``, ``size-sm``, ``size-md``,
                ``size-lg`` or ``size-xl``.
            companies: Keep models of any of these companies, by name.
            regions: Keep models from any of these regions.
            licenses: Keep models under any of these licences.
            sizes: Keep models of any of these sizes: ``Small``, ``Medium``, ``Large``, ``Extra
                Large``.
            sort_by: The column to sort by. The camelCase and the snake_case spelling of a column
                mean the same. ``name``, ``createdAt``, ``releasedAt``, ``architectureType``,
                ``contextLength``, ``license``, ``region``, ``created_at``, ``released_at``,
                ``architecture_type`` or ``context_length``.
            order: The direction to sort in: ``asc`` or ``desc``.
            include_deprecated: Whether to include what is deprecated; by default ``False``.
            page_size: The number of rows to request at a time; by default 500.
            max_items: The most items to yield; by default all.
            concurrency: The most pages requested or waiting to be read at a time, 1 to 64.
            **options: `CallOptions`: timeout of each attempt at a page, deadline of the whole
                iteration, the time between its items included, max_retries of a page, and
                extra_headers.

        Returns:
            A pager: iterate over it for the models; its ``pages()`` yields whole responses, its
            ``to_list()`` collects everything. A request for each page.

        Raises:
            ValueError: If an argument is not allowed; raised by the call itself.
            APIError: If the request of a page fails; the pages before it were yielded.
            PaginationError: If items are missing at the end.

        Spec:
            openapi/public.yaml, listModels
        """
        ids = copied(ids)
        categories = copied(categories)
        companies = copied(companies)
        regions = copied(regions)
        licenses = copied(licenses)
        sizes = copied(sizes)
        with HiddenFrames():
            source = PageSource(
                LIST_MODELS,
                lambda page, page_size: list_models.build_request(
                    query=query,
                    name=name,
                    key=key,
                    ids=ids,
                    categories=categories,
                    companies=companies,
                    regions=regions,
                    licenses=licenses,
                    sizes=sizes,
                    sort_by=sort_by,
                    order=order,
                    page=page,
                    page_size=page_size,
                    include_deprecated=include_deprecated,
                ),
            )
            return self._pager(source, page_size, max_items, concurrency, options)


class BenchmarksOperations(Resource):
    """Public benchmarks (the wire calls them datasets) and their prompts."""

    def get(
        self,
        *,
        query: str | None = None,
        name: str | None = None,
        key: str | None = None,
        ids: ListLike[str] | None = None,
        categories: ListLike[str] | None = None,
        languages: ListLike[str] | None = None,
        sort_by: BenchmarkSortBy | Literal["name"] | None = None,
        order: SortOrder | Literal["asc", "desc"] | None = None,
        page: int | None = None,
        page_size: int | None = None,
        include_deprecated: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> PublicBenchmarksListResponse:
        """Get one page of benchmarks.

        Filters combine with AND, the values of one filter with OR.

        An empty list allows no value: the result is empty, and nothing is sent.

        Args:
            query: The text to search for in the name, in any case.
            name: The name to keep. Whether a part of a name matches is not documented.
            key: The key to keep. Whether a part of a key matches is not documented.
            ids: The ids to keep.
            categories: Keep benchmarks in any of these categories.
            languages: Keep benchmarks in any of these languages.
            sort_by: The column to sort by: ``name``.
            order: The direction to sort in: ``asc`` or ``desc``.
            page: The number of the page, counted from 1; by default 1.
            page_size: The number of rows on a page. The reference states no bounds and no default
                here; those of the other lists are assumed. 1 to 500; by default 100.
            include_deprecated: Whether to include what is deprecated; by default ``False``.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The benchmarks of the page (``datasets``), the facets, ``count`` of the page and
            ``total_count`` of all pages. One request.

        Raises:
            ValueError: If an argument is not allowed; nothing is sent.
            APIError: If the request fails.

        Spec:
            openapi/public.yaml, listBenchmarks
        """
        with HiddenFrames():
            return self._fetch(
                list_benchmarks.build_request(
                    query=query,
                    name=name,
                    key=key,
                    ids=ids,
                    categories=categories,
                    languages=languages,
                    sort_by=sort_by,
                    order=order,
                    page=page,
                    page_size=page_size,
                    include_deprecated=include_deprecated,
                ),
                list_benchmarks.parse_response,
                options,
            )

    def iter_benchmarks(
        self,
        *,
        query: str | None = None,
        name: str | None = None,
        key: str | None = None,
        ids: ListLike[str] | None = None,
        categories: ListLike[str] | None = None,
        languages: ListLike[str] | None = None,
        sort_by: BenchmarkSortBy | Literal["name"] | None = None,
        order: SortOrder | Literal["asc", "desc"] | None = None,
        include_deprecated: bool | None = None,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **options: Unpack[CallOptions],
    ) -> Pager[PublicBenchmarkDetail, PublicBenchmarksListResponse]:
        """Iterate over all benchmarks that match, lazily and in order.

        Filters combine with AND, the values of one filter with OR.

        An empty list allows no value: the result is empty, and nothing is sent.

        Args:
            query: The text to search for in the name, in any case.
            name: The name to keep. Whether a part of a name matches is not documented.
            key: The key to keep. Whether a part of a key matches is not documented.
            ids: The ids to keep.
            categories: Keep benchmarks in any of these categories.
            languages: Keep benchmarks in any of these languages.
            sort_by: The column to sort by: ``name``.
            order: The direction to sort in: ``asc`` or ``desc``.
            include_deprecated: Whether to include what is deprecated; by default ``False``.
            page_size: The number of rows to request at a time; by default 500.
            max_items: The most items to yield; by default all.
            concurrency: The most pages requested or waiting to be read at a time, 1 to 64.
            **options: `CallOptions`: timeout of each attempt at a page, deadline of the whole
                iteration, the time between its items included, max_retries of a page, and
                extra_headers.

        Returns:
            A pager: iterate over it for the benchmarks; its ``pages()`` yields whole responses, its
            ``to_list()`` collects everything. A request for each page.

        Raises:
            ValueError: If an argument is not allowed; raised by the call itself.
            APIError: If the request of a page fails; the pages before it were yielded.
            PaginationError: If items are missing at the end.

        Spec:
            openapi/public.yaml, listBenchmarks
        """
        ids = copied(ids)
        categories = copied(categories)
        languages = copied(languages)
        with HiddenFrames():
            source = PageSource(
                LIST_BENCHMARKS,
                lambda page, page_size: list_benchmarks.build_request(
                    query=query,
                    name=name,
                    key=key,
                    ids=ids,
                    categories=categories,
                    languages=languages,
                    sort_by=sort_by,
                    order=order,
                    page=page,
                    page_size=page_size,
                    include_deprecated=include_deprecated,
                ),
            )
            return self._pager(source, page_size, max_items, concurrency, options)

    def get_prompts(
        self,
        benchmark_id: str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        search_field: PromptField | Literal["id", "input", "truth"] | None = None,
        search_value: str | None = None,
        sort_by: PromptField | Literal["id", "input", "truth"] | None = None,
        sort_order: SortOrder | Literal["asc", "desc"] | None = None,
        **options: Unpack[CallOptions],
    ) -> BenchmarkPromptsResponse:
        """Get one page of the prompts of a benchmark.

        A search needs both the field and the text: the service ignores one without the other.
        Without ``sort_by``, prompts come in the benchmark's own order.

        Args:
            benchmark_id: The id of the benchmark.
            page: The number of the page, counted from 1; by default 1.
            page_size: The number of rows on a page. The reference states no default here; that of
                the other lists is assumed. 1 to 500; by default 100.
            search_field: The field to search in; needs ``search_value``: ``id``, ``input`` or
                ``truth``.
            search_value: The text to search for, in any case; needs ``search_field``.
            sort_by: The field to sort by; by default the benchmark's own order: ``id``, ``input``
                or ``truth``.
            sort_order: The direction to sort in: ``asc`` or ``desc``.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The prompts of the page in ``data.prompts``, and the number of prompts on all pages in
            ``data.count``. One request.

        Raises:
            ValueError: If an argument is not allowed; nothing is sent.
            NotFoundError: If there is nothing with this ``benchmark_id``.
            APIError: If the request fails.

        Spec:
            openapi/public.yaml, listBenchmarkPrompts
        """
        with HiddenFrames():
            return self._fetch(
                list_benchmark_prompts.build_request(
                    benchmark_id,
                    page=page,
                    page_size=page_size,
                    search_field=search_field,
                    search_value=search_value,
                    sort_by=sort_by,
                    sort_order=sort_order,
                ),
                list_benchmark_prompts.parse_response,
                options,
            )

    def iter_prompts(
        self,
        benchmark_id: str,
        *,
        search_field: PromptField | Literal["id", "input", "truth"] | None = None,
        search_value: str | None = None,
        sort_by: PromptField | Literal["id", "input", "truth"] | None = None,
        sort_order: SortOrder | Literal["asc", "desc"] | None = None,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **options: Unpack[CallOptions],
    ) -> Pager[BenchmarkPrompt, BenchmarkPromptsResponse]:
        """Iterate over all prompts that match, lazily and in order.

        A search needs both the field and the text: the service ignores one without the other.
        Without ``sort_by``, prompts come in the benchmark's own order.

        Args:
            benchmark_id: The id of the benchmark.
            search_field: The field to search in; needs ``search_value``: ``id``, ``input`` or
                ``truth``.
            search_value: The text to search for, in any case; needs ``search_field``.
            sort_by: The field to sort by; by default the benchmark's own order: ``id``, ``input``
                or ``truth``.
            sort_order: The direction to sort in: ``asc`` or ``desc``.
            page_size: The number of rows to request at a time; by default 500.
            max_items: The most items to yield; by default all.
            concurrency: The most pages requested or waiting to be read at a time, 1 to 64.
            **options: `CallOptions`: timeout of each attempt at a page, deadline of the whole
                iteration, the time between its items included, max_retries of a page, and
                extra_headers.

        Returns:
            A pager: iterate over it for the prompts; its ``pages()`` yields whole responses, its
            ``to_list()`` collects everything. A request for each page.

        Raises:
            ValueError: If an argument is not allowed; raised by the call itself.
            NotFoundError: If there is nothing with this ``benchmark_id``.
            APIError: If the request of a page fails; the pages before it were yielded.
            PaginationError: If items are missing at the end.

        Spec:
            openapi/public.yaml, listBenchmarkPrompts
        """
        with HiddenFrames():
            source = PageSource(
                LIST_BENCHMARK_PROMPTS,
                lambda page, page_size: list_benchmark_prompts.build_request(
                    benchmark_id,
                    page=page,
                    page_size=page_size,
                    search_field=search_field,
                    search_value=search_value,
                    sort_by=sort_by,
                    sort_order=sort_order,
                ),
            )
            return self._pager(source, page_size, max_items, concurrency, options)


class EvaluationsOperations(Resource):
    """Runs of one model on one benchmark."""

    def get_many(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        sort_by: EvaluationSortBy
        | Literal["submitted_at", "accuracy", "average_duration", "submittedAt", "averageDuration"]
        | None = None,
        order: SortOrder | Literal["asc", "desc"] | None = None,
        model_ids: ListLike[str] | None = None,
        benchmark_ids: ListLike[str] | None = None,
        status: EvaluationStatus
        | Literal["pending", "in-progress", "paused", "success", "failure", "timeout", "cancelled"]
        | None = None,
        unique: bool = False,
        **options: Unpack[CallOptions],
    ) -> EvaluationsResponse:
        """Get one page of evaluations, without their summaries.

        Filters combine with AND. ``unique`` keeps the latest evaluation of each pair of model and
        benchmark, counted among those the other filters leave.

        An empty list allows no value: the result is empty, and nothing is sent.

        Args:
            page: The number of the page, counted from 1; by default 1.
            page_size: The number of rows on a page, 1 to 500; by default 100.
            sort_by: The field to sort by. The camelCase and the snake_case spelling of a field mean
                the same. ``submitted_at``, ``accuracy``, ``average_duration``, ``submittedAt`` or
                ``averageDuration``.
            order: The direction to sort in: ``asc`` or ``desc``.
            model_ids: Keep evaluations of any of these models, by id.
            benchmark_ids: Keep evaluations on any of these benchmarks, by id.
            status: Keep evaluations with this status: ``pending``, ``in-progress``, ``paused``,
                ``success``, ``failure``, ``timeout`` or ``cancelled``.
            unique: Whether to keep only the latest evaluation of each pair of model and benchmark;
                by default ``False``.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The ``evaluations`` of the page, and ``pagination`` with ``page``, ``page_size``,
            ``total_pages`` and ``total_count``, which the SDK adds. One request.

        Raises:
            ValueError: If an argument is not allowed; nothing is sent.
            APIError: If the request fails.

        Spec:
            openapi/public.yaml, listEvaluations
        """
        with HiddenFrames():
            return self._fetch(
                list_evaluations.build_request(
                    page=page,
                    page_size=page_size,
                    sort_by=sort_by,
                    order=order,
                    model_ids=model_ids,
                    benchmark_ids=benchmark_ids,
                    status=status,
                    unique=unique,
                ),
                lambda response: with_pagination(
                    list_evaluations.parse_response(response), page, page_size
                ),
                options,
            )

    def iter_evaluations(
        self,
        *,
        sort_by: EvaluationSortBy
        | Literal["submitted_at", "accuracy", "average_duration", "submittedAt", "averageDuration"]
        | None = None,
        order: SortOrder | Literal["asc", "desc"] | None = None,
        model_ids: ListLike[str] | None = None,
        benchmark_ids: ListLike[str] | None = None,
        status: EvaluationStatus
        | Literal["pending", "in-progress", "paused", "success", "failure", "timeout", "cancelled"]
        | None = None,
        unique: bool = False,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **options: Unpack[CallOptions],
    ) -> Pager[Evaluation, EvaluationsResponse]:
        """Iterate over all evaluations that match, lazily and in order.

        Filters combine with AND. ``unique`` keeps the latest evaluation of each pair of model and
        benchmark, counted among those the other filters leave.

        An empty list allows no value: the result is empty, and nothing is sent.

        Args:
            sort_by: The field to sort by. The camelCase and the snake_case spelling of a field mean
                the same. ``submitted_at``, ``accuracy``, ``average_duration``, ``submittedAt`` or
                ``averageDuration``.
            order: The direction to sort in: ``asc`` or ``desc``.
            model_ids: Keep evaluations of any of these models, by id.
            benchmark_ids: Keep evaluations on any of these benchmarks, by id.
            status: Keep evaluations with this status: ``pending``, ``in-progress``, ``paused``,
                ``success``, ``failure``, ``timeout`` or ``cancelled``.
            unique: Whether to keep only the latest evaluation of each pair of model and benchmark;
                by default ``False``.
            page_size: The number of rows to request at a time; by default 500.
            max_items: The most items to yield; by default all.
            concurrency: The most pages requested or waiting to be read at a time, 1 to 64.
            **options: `CallOptions`: timeout of each attempt at a page, deadline of the whole
                iteration, the time between its items included, max_retries of a page, and
                extra_headers.

        Returns:
            A pager: iterate over it for the evaluations; its ``pages()`` yields whole responses,
            its ``to_list()`` collects everything. A request for each page.

        Raises:
            ValueError: If an argument is not allowed; raised by the call itself.
            APIError: If the request of a page fails; the pages before it were yielded.
            PaginationError: If items are missing at the end.

        Spec:
            openapi/public.yaml, listEvaluations
        """
        model_ids = copied(model_ids)
        benchmark_ids = copied(benchmark_ids)
        with HiddenFrames():
            source = PageSource(
                LIST_EVALUATIONS,
                lambda page, page_size: list_evaluations.build_request(
                    page=page,
                    page_size=page_size,
                    sort_by=sort_by,
                    order=order,
                    model_ids=model_ids,
                    benchmark_ids=benchmark_ids,
                    status=status,
                    unique=unique,
                ),
            )
            return self._pager(source, page_size, max_items, concurrency, options)

    def get_by_id(
        self,
        id: str,
        **options: Unpack[CallOptions],
    ) -> Evaluation | None:
        """Get one evaluation with its summary.

        Only here does an evaluation have its summary, where one was written.

        Args:
            id: The id of the evaluation.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The evaluation, or ``None`` if there is none. One request.

        Raises:
            ValueError: If an argument is not allowed; nothing is sent.
            APIError: If the request fails.

        Spec:
            openapi/public.yaml, getEvaluation
        """
        with HiddenFrames():
            return self._fetch_or_none(
                get_evaluation.build_request(
                    id,
                ),
                get_evaluation.parse_response,
                options,
            )

    def get_results(
        self,
        evaluation_id: str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        **options: Unpack[CallOptions],
    ) -> ResultsResponse:
        """Get one page of the answers of an evaluation, prompt by prompt.

        A row is the model's answer to one prompt, with its score. The reference does not have this
        operation; the vendor's own client does, which asks for it without an organization.

        Args:
            evaluation_id: The id of the evaluation.
            page: The number of the page, counted from 1; by default 1.
            page_size: The number of rows on a page, 1 to 500; by default 100.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The rows of the page in ``results``, ``metrics`` of all rows, and ``pagination`` with
            ``page``, ``page_size``, ``total_pages`` and ``total_count``, which the SDK adds. One
            request.

        Raises:
            ValueError: If an argument is not allowed; nothing is sent.
            NotFoundError: If there is nothing with this ``evaluation_id``.
            APIError: If the request fails.

        Spec:
            openapi/public.yaml, listResults
        """
        with HiddenFrames():
            return self._fetch(
                list_results.build_request(
                    evaluation_id=evaluation_id,
                    page=page,
                    page_size=page_size,
                ),
                lambda response: with_pagination(
                    list_results.parse_response(response), page, page_size
                ),
                options,
            )

    def iter_results(
        self,
        evaluation_id: str,
        *,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **options: Unpack[CallOptions],
    ) -> Pager[Result, ResultsResponse]:
        """Iterate over all results that match, lazily and in order.

        A row is the model's answer to one prompt, with its score. The reference does not have this
        operation; the vendor's own client does, which asks for it without an organization.

        Args:
            evaluation_id: The id of the evaluation.
            page_size: The number of rows to request at a time; by default 500.
            max_items: The most items to yield; by default all.
            concurrency: The most pages requested or waiting to be read at a time, 1 to 64.
            **options: `CallOptions`: timeout of each attempt at a page, deadline of the whole
                iteration, the time between its items included, max_retries of a page, and
                extra_headers.

        Returns:
            A pager: iterate over it for the results; its ``pages()`` yields whole responses, its
            ``to_list()`` collects everything. A request for each page.

        Raises:
            ValueError: If an argument is not allowed; raised by the call itself.
            NotFoundError: If there is nothing with this ``evaluation_id``.
            APIError: If the request of a page fails; the pages before it were yielded.
            PaginationError: If items are missing at the end.

        Spec:
            openapi/public.yaml, listResults
        """
        with HiddenFrames():
            source = PageSource(
                LIST_RESULTS,
                lambda page, page_size: list_results.build_request(
                    evaluation_id=evaluation_id,
                    page=page,
                    page_size=page_size,
                ),
            )
            return self._pager(source, page_size, max_items, concurrency, options)


class ComparisonsOperations(Resource):
    """Two evaluations of one benchmark, prompt by prompt."""

    def compare(
        self,
        evaluation_id_1: str,
        evaluation_id_2: str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        outcome_filter: OutcomeFilter
        | Literal["all", "both_succeed", "both_fail", "reference_fails", "comparison_fails"]
        | None = None,
        search: str | None = None,
        **options: Unpack[CallOptions],
    ) -> ComparisonResponse:
        """Compare two evaluations of one benchmark, prompt by prompt.

        A row pairs the two answers to one prompt. ``outcome_filter`` and ``search`` narrow the rows
        and ``total_count``; the four counts per evaluation are of all its results, whatever the
        filter.

        Args:
            evaluation_id_1: The id of the first evaluation, the reference.
            evaluation_id_2: The id of the second evaluation, the comparison.
            page: The number of the page, counted from 1; by default 1.
            page_size: The number of rows on a page. The reference states no bounds and no default
                here; those of the other lists are assumed. 1 to 500; by default 100.
            outcome_filter: The outcome of the rows to keep: by default ``all``; ``both_succeed``;
                ``both_fail``; ``reference_fails`` (the first fails, the second succeeds);
                ``comparison_fails`` (the second fails, the first succeeds).
            search: The text to search for in prompts, truths and answers, in any case.
            **options: `CallOptions`: timeout, deadline, max_retries and extra_headers of this call.

        Returns:
            The rows of the page in ``results``, ``total_count`` of the rows that match, and of each
            evaluation ``correct_count_…`` and ``total_results_…``, whatever the filter. One
            request.

        Raises:
            ValueError: If an argument is not allowed; nothing is sent.
            NotFoundError: If there is nothing with this ``evaluation_id_1`` or ``evaluation_id_2``.
            APIError: If the request fails.

        Spec:
            openapi/public.yaml, compareEvaluations
        """
        with HiddenFrames():
            return self._fetch(
                compare_evaluations.build_request(
                    evaluation_id_1=evaluation_id_1,
                    evaluation_id_2=evaluation_id_2,
                    page=page,
                    page_size=page_size,
                    outcome_filter=outcome_filter,
                    search=search,
                ),
                compare_evaluations.parse_response,
                options,
            )

    def iter_results(
        self,
        evaluation_id_1: str,
        evaluation_id_2: str,
        *,
        outcome_filter: OutcomeFilter
        | Literal["all", "both_succeed", "both_fail", "reference_fails", "comparison_fails"]
        | None = None,
        search: str | None = None,
        page_size: int | None = None,
        max_items: int | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
        **options: Unpack[CallOptions],
    ) -> Pager[ComparisonResult, ComparisonResponse]:
        """Iterate over all results that match, lazily and in order.

        A row pairs the two answers to one prompt. ``outcome_filter`` and ``search`` narrow the rows
        and ``total_count``; the four counts per evaluation are of all its results, whatever the
        filter.

        Args:
            evaluation_id_1: The id of the first evaluation, the reference.
            evaluation_id_2: The id of the second evaluation, the comparison.
            outcome_filter: The outcome of the rows to keep: by default ``all``; ``both_succeed``;
                ``both_fail``; ``reference_fails`` (the first fails, the second succeeds);
                ``comparison_fails`` (the second fails, the first succeeds).
            search: The text to search for in prompts, truths and answers, in any case.
            page_size: The number of rows to request at a time; by default 500.
            max_items: The most items to yield; by default all.
            concurrency: The most pages requested or waiting to be read at a time, 1 to 64.
            **options: `CallOptions`: timeout of each attempt at a page, deadline of the whole
                iteration, the time between its items included, max_retries of a page, and
                extra_headers.

        Returns:
            A pager: iterate over it for the results; its ``pages()`` yields whole responses, its
            ``to_list()`` collects everything. A request for each page.

        Raises:
            ValueError: If an argument is not allowed; raised by the call itself.
            NotFoundError: If there is nothing with this ``evaluation_id_1`` or ``evaluation_id_2``.
            APIError: If the request of a page fails; the pages before it were yielded.
            PaginationError: If items are missing at the end.

        Spec:
            openapi/public.yaml, compareEvaluations
        """
        with HiddenFrames():
            source = PageSource(
                COMPARE_EVALUATIONS,
                lambda page, page_size: compare_evaluations.build_request(
                    evaluation_id_1=evaluation_id_1,
                    evaluation_id_2=evaluation_id_2,
                    page=page,
                    page_size=page_size,
                    outcome_filter=outcome_filter,
                    search=search,
                ),
            )
            return self._pager(source, page_size, max_items, concurrency, options)
