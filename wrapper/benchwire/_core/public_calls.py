"""The public API's operations as plans: arguments checked, request built, answer read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from benchwire._core import checks
from benchwire._core.filters import (
    BenchmarkFilters,
    ComparisonFilters,
    EvaluationFilters,
    ModelFilters,
    PromptFilters,
)
from benchwire._core.paging import DEFAULT_PAGE_SIZE
from benchwire._core.plan import Plan, answer, send, then
from benchwire._core.replies import reader
from benchwire.errors import NotFoundError
from benchwire.models import EvaluationsResponse, Pagination
from benchwire_api.public.api.benchmarks import list_benchmark_prompts
from benchwire_api.public.api.benchmarks import list_benchmarks as list_benchmarks_operation
from benchwire_api.public.api.comparisons import compare_evaluations
from benchwire_api.public.api.evaluations import get_evaluation as get_evaluation_operation
from benchwire_api.public.api.evaluations import list_evaluations as list_evaluations_operation
from benchwire_api.public.api.models import list_models as list_models_operation
from benchwire_api.public.models import (
    BenchmarkPromptsResponse,
    BenchmarkSortBy,
    ComparisonResponse,
    Evaluation,
    EvaluationsListResponse,
    EvaluationSortBy,
    EvaluationStatus,
    ModelSortBy,
    OutcomeFilter,
    PromptField,
    PublicBenchmarksListResponse,
    PublicModelsListResponse,
    SortOrder,
)
from benchwire_api.types import UNSET, Unset


def list_models(
    filters: ModelFilters, *, page: int | None, page_size: int | None
) -> Plan[PublicModelsListResponse]:
    """One page of models."""
    lists = _lists(filters, "ids", "categories", "companies", "regions", "licenses", "sizes")
    request = list_models_operation.build_request(
        query=checks.text("query", filters.get("query")),
        name=checks.text("name", filters.get("name")),
        key=checks.text("key", filters.get("key")),
        ids=_given(lists["ids"]),
        categories=_given(lists["categories"]),
        companies=_given(lists["companies"]),
        regions=_given(lists["regions"]),
        licenses=_given(lists["licenses"]),
        sizes=_given(lists["sizes"]),
        sort_by=checks.choice("sort_by", filters.get("sort_by"), ModelSortBy),
        order=checks.choice("order", filters.get("order"), SortOrder),
        page=checks.page(page),
        page_size=checks.page_size(page_size),
        include_deprecated=checks.flag(
            "include_deprecated", value=filters.get("include_deprecated")
        ),
    )
    if _asks_for_nothing(lists):
        return answer(PublicModelsListResponse(models=[], count=0, total_count=0))
    return send(request, reader(request, list_models_operation.parse_response))


def list_benchmarks(
    filters: BenchmarkFilters, *, page: int | None, page_size: int | None
) -> Plan[PublicBenchmarksListResponse]:
    """One page of benchmarks."""
    lists = _lists(filters, "ids", "categories", "languages")
    request = list_benchmarks_operation.build_request(
        query=checks.text("query", filters.get("query")),
        name=checks.text("name", filters.get("name")),
        key=checks.text("key", filters.get("key")),
        ids=_given(lists["ids"]),
        categories=_given(lists["categories"]),
        languages=_given(lists["languages"]),
        sort_by=checks.choice("sort_by", filters.get("sort_by"), BenchmarkSortBy),
        order=checks.choice("order", filters.get("order"), SortOrder),
        page=checks.page(page),
        page_size=checks.page_size(page_size),
        include_deprecated=checks.flag(
            "include_deprecated", value=filters.get("include_deprecated")
        ),
    )
    if _asks_for_nothing(lists):
        return answer(PublicBenchmarksListResponse(datasets=[], count=0, total_count=0))
    return send(request, reader(request, list_benchmarks_operation.parse_response))


def list_prompts(
    benchmark_id: str, filters: PromptFilters, *, page: int | None, page_size: int | None
) -> Plan[BenchmarkPromptsResponse]:
    """One page of a benchmark's prompts."""
    field = checks.choice("search_field", filters.get("search_field"), PromptField)
    value = checks.text("search_value", filters.get("search_value"))
    if isinstance(field, Unset) is not isinstance(value, Unset):
        # One without the other filters nothing, in silence.
        given, absent = "search_field", "search_value"
        if isinstance(field, Unset):
            given, absent = absent, given
        raise ValueError(f"{given} needs {absent} beside it")
    request = list_benchmark_prompts.build_request(
        checks.identifier("benchmark_id", benchmark_id),
        page=checks.page(page),
        page_size=checks.page_size(page_size),
        search_field=field,
        search_value=value,
        sort_by=checks.choice("sort_by", filters.get("sort_by"), PromptField),
        sort_order=checks.choice("sort_order", filters.get("sort_order"), SortOrder),
    )
    return send(request, reader(request, list_benchmark_prompts.parse_response))


def list_evaluations(
    filters: EvaluationFilters, *, page: int | None, page_size: int | None
) -> Plan[EvaluationsResponse]:
    """One page of evaluations, with the pagination the wire leaves to the client."""
    lists = _lists(filters, "model_ids", "benchmark_ids")
    request = list_evaluations_operation.build_request(
        page=checks.page(page),
        page_size=checks.page_size(page_size),
        sort_by=checks.choice("sort_by", filters.get("sort_by"), EvaluationSortBy),
        order=checks.choice("order", filters.get("order"), SortOrder),
        model_ids=_given(lists["model_ids"]),
        benchmark_ids=_given(lists["benchmark_ids"]),
        status=checks.choice("status", filters.get("status"), EvaluationStatus),
        # False is what the service does without it; only true is known to be sent.
        unique=checks.flag("unique", value=filters.get("unique") or None),
    )

    def with_pagination(listed: EvaluationsListResponse) -> EvaluationsResponse:
        size = page_size or DEFAULT_PAGE_SIZE
        return EvaluationsResponse(
            evaluations=listed.evaluations,
            pagination=Pagination(
                page=page or 1,
                page_size=size,
                total_pages=-(-listed.total_count // size),
                total_count=listed.total_count,
            ),
            additional_properties=dict(listed.additional_properties),
            response_info=listed.response_info,
        )

    if _asks_for_nothing(lists):
        return answer(with_pagination(EvaluationsListResponse(evaluations=[], total_count=0)))
    read = reader(request, list_evaluations_operation.parse_response)
    return then(send(request, read), with_pagination)


def get_evaluation(evaluation_id: str, within: float | None = None) -> Plan[Evaluation]:
    """One evaluation with its summary."""
    request = get_evaluation_operation.build_request(checks.identifier("id", evaluation_id))
    return send(request, reader(request, get_evaluation_operation.parse_response), within)


def find_evaluation(evaluation_id: str) -> Plan[Evaluation | None]:
    """One evaluation with its summary, or ``None`` if there is none with this id."""
    return _none_if_not_found(get_evaluation(evaluation_id))


def _none_if_not_found(plan: Plan[Evaluation]) -> Plan[Evaluation | None]:
    try:
        return (yield from plan)
    except NotFoundError:
        return None


def compare(
    evaluation_id_1: str,
    evaluation_id_2: str,
    filters: ComparisonFilters,
    *,
    page: int | None,
    page_size: int | None,
) -> Plan[ComparisonResponse]:
    """One page of a comparison."""
    request = compare_evaluations.build_request(
        evaluation_id_1=checks.identifier("evaluation_id_1", evaluation_id_1),
        evaluation_id_2=checks.identifier("evaluation_id_2", evaluation_id_2),
        **comparison_arguments(filters, page=page, page_size=page_size),
    )
    return send(request, reader(request, compare_evaluations.parse_response))


class ComparisonArguments(TypedDict):
    """What a comparison takes beside the evaluations, checked."""

    page: int | Unset
    page_size: int | Unset
    outcome_filter: OutcomeFilter | Unset
    search: str | Unset


def comparison_arguments(
    filters: ComparisonFilters, *, page: int | None = None, page_size: int | None = None
) -> ComparisonArguments:
    """Check what a comparison takes beside the evaluations."""
    return {
        "page": checks.page(page),
        "page_size": checks.page_size(page_size),
        "outcome_filter": checks.choice(
            "outcome_filter", filters.get("outcome_filter"), OutcomeFilter
        ),
        "search": checks.text("search", filters.get("search")),
    }


def _lists(filters: Mapping[str, Any], *names: str) -> dict[str, list[str] | Unset]:
    return {name: checks.values(name, filters.get(name)) for name in names}


def _asks_for_nothing(lists: Mapping[str, list[str] | Unset]) -> bool:
    """Whether a filter allows no value at all: nothing can match, and there is nothing to send."""
    return any(values == [] for values in lists.values())


def _given(values: list[str] | Unset) -> list[str] | Unset:
    """The values of a filter, or nothing to send: see `_asks_for_nothing` for an empty list."""
    return values or UNSET
