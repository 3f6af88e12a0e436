"""The pagination of a page, which the service leaves to its clients."""

from __future__ import annotations

from typing import overload

from benchwire._own_models import EvaluationsResponse, Pagination, ResultsResponse
from benchwire_api.public.api.evaluations import list_evaluations, list_results
from benchwire_api.public.models import EvaluationsListResponse, ResultsListResponse


@overload
def with_pagination(
    response: EvaluationsListResponse, page: int | None, page_size: int | None
) -> EvaluationsResponse: ...
@overload
def with_pagination(
    response: ResultsListResponse, page: int | None, page_size: int | None
) -> ResultsResponse: ...
def with_pagination(
    response: EvaluationsListResponse | ResultsListResponse, page: int | None, page_size: int | None
) -> EvaluationsResponse | ResultsResponse:
    """Return a page with its place in the list."""
    result: EvaluationsResponse | ResultsResponse
    if isinstance(response, ResultsListResponse):
        total = response.metrics.total_count
        result = ResultsResponse(
            evaluation_id=response.evaluation_id,
            results=response.results,
            metrics=response.metrics,
            pagination=_place(total, page, page_size or list_results.DEFAULT_PAGE_SIZE),
        )
    else:
        total = response.total_count
        result = EvaluationsResponse(
            evaluations=response.evaluations,
            pagination=_place(total, page, page_size or list_evaluations.DEFAULT_PAGE_SIZE),
            count=response.count,
        )
    result.additional_properties = dict(response.additional_properties)
    return result


def _place(total: int, page: int | None, size: int) -> Pagination:
    return Pagination(
        page=page or list_evaluations.DEFAULT_PAGE,
        page_size=size,
        total_pages=-(-total // size),
        total_count=total,
    )
