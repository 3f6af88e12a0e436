"""The pagination of evaluations, which the service leaves to its clients."""

from __future__ import annotations

from benchwire.models import EvaluationsResponse, Pagination
from benchwire_api.public.api.evaluations import list_evaluations
from benchwire_api.public.models import EvaluationsListResponse


def with_pagination(
    response: EvaluationsListResponse, page: int | None, page_size: int | None
) -> EvaluationsResponse:
    """Return a page of evaluations with its place in the list."""
    size = page_size or list_evaluations.DEFAULT_PAGE_SIZE
    result = EvaluationsResponse(
        evaluations=response.evaluations,
        pagination=Pagination(
            page=page or list_evaluations.DEFAULT_PAGE,
            page_size=size,
            total_pages=-(-response.total_count // size),
            total_count=response.total_count,
        ),
        count=response.count,
    )
    result.additional_properties = dict(response.additional_properties)
    return result
