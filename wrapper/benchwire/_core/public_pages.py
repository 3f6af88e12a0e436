"""The public API's lists as sources of pages."""

from __future__ import annotations

from copy import copy
from typing import TypeVar

from benchwire._core import public_calls as calls
from benchwire._core.filters import (
    BenchmarkFilters,
    ComparisonFilters,
    EvaluationFilters,
    ModelFilters,
    PromptFilters,
    settled,
)
from benchwire._core.paging import Page, PageSource
from benchwire._core.plan import then
from benchwire.models import (
    BenchmarkPrompt,
    BenchmarkPromptsResponse,
    ComparisonResponse,
    ComparisonResult,
    Evaluation,
    EvaluationsResponse,
    PublicBenchmarkDetail,
    PublicBenchmarksListResponse,
    PublicModelDetail,
    PublicModelsListResponse,
)
from benchwire_api.models import Answer

Body = TypeVar("Body")


def model_pages(
    filters: ModelFilters,
) -> PageSource[PublicModelDetail, PublicModelsListResponse]:
    """The pages of `list_models`."""
    filters = settled(filters, ModelFilters)
    calls.list_models(filters, page=None, page_size=None)  # checks the arguments now
    return PageSource(
        page=lambda number, size: then(
            calls.list_models(filters, page=number, page_size=size),
            lambda body: Page(body.models, body.total_count, body),
        ),
        identify=lambda model: model.id,
        rebuild=lambda body, items: _with(body, models=items, count=len(items)),
    )


def benchmark_pages(
    filters: BenchmarkFilters,
) -> PageSource[PublicBenchmarkDetail, PublicBenchmarksListResponse]:
    """The pages of `list_benchmarks`."""
    filters = settled(filters, BenchmarkFilters)
    calls.list_benchmarks(filters, page=None, page_size=None)  # checks the arguments now
    return PageSource(
        page=lambda number, size: then(
            calls.list_benchmarks(filters, page=number, page_size=size),
            lambda body: Page(body.datasets, body.total_count, body),
        ),
        identify=lambda benchmark: benchmark.id,
        rebuild=lambda body, items: _with(body, datasets=items, count=len(items)),
    )


def prompt_pages(
    benchmark_id: str, filters: PromptFilters
) -> PageSource[BenchmarkPrompt, BenchmarkPromptsResponse]:
    """The pages of `list_prompts`."""
    filters = settled(filters, PromptFilters)
    calls.list_prompts(benchmark_id, filters, page=None, page_size=None)  # checks the arguments now
    return PageSource(
        page=lambda number, size: then(
            calls.list_prompts(benchmark_id, filters, page=number, page_size=size),
            lambda body: Page(body.data.prompts, body.data.count, body),
        ),
        identify=lambda prompt: prompt.id,
        rebuild=lambda body, items: _with(body, data=_with(body.data, prompts=items)),
    )


def evaluation_pages(filters: EvaluationFilters) -> PageSource[Evaluation, EvaluationsResponse]:
    """The pages of `list_evaluations`."""
    filters = settled(filters, EvaluationFilters)
    calls.list_evaluations(filters, page=None, page_size=None)  # checks the arguments now
    return PageSource(
        page=lambda number, size: then(
            calls.list_evaluations(filters, page=number, page_size=size),
            lambda body: Page(body.evaluations, body.pagination.total_count, body),
        ),
        identify=lambda evaluation: evaluation.id,
        rebuild=lambda body, items: _with(body, evaluations=items),
    )


def comparison_pages(
    evaluation_id_1: str, evaluation_id_2: str, filters: ComparisonFilters
) -> PageSource[ComparisonResult, ComparisonResponse]:
    """The pages of `compare`."""
    filters = settled(filters, ComparisonFilters)
    calls.compare(
        evaluation_id_1, evaluation_id_2, filters, page=None, page_size=None
    )  # checks the arguments now
    return PageSource(
        page=lambda number, size: then(
            calls.compare(evaluation_id_1, evaluation_id_2, filters, page=number, page_size=size),
            lambda body: Page(body.results, body.total_count, body),
        ),
        identify=_comparison_row,
        rebuild=lambda body, items: _with(body, results=items),
    )


def _with(body: Body, **changes: object) -> Body:
    """A copy with other attributes; unlike ``attrs.evolve`` it keeps the unknown fields."""
    changed = copy(body)
    if isinstance(body, Answer) and isinstance(changed, Answer):
        changed.response_info = body.response_info
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def _comparison_row(row: ComparisonResult) -> tuple[int | None, int | None] | None:
    ids = (row.result_id_1, row.result_id_2)
    return None if ids == (None, None) else ids
