"""The list of all rows of a comparison of two models."""

from __future__ import annotations

from benchwire._lists.source import PageSource
from benchwire._requests.comparison import Comparison
from benchwire._transport.port import Port
from benchwire_api.models import replaced
from benchwire_api.public.api.comparisons import compare_evaluations
from benchwire_api.public.models import ComparisonResponse, ComparisonResult


async def comparison_pages(
    comparison: Comparison, port: Port
) -> PageSource[ComparisonResult, ComparisonResponse]:
    """Find both evaluations and return the source of all pages of their comparison."""
    first, second = await comparison.find(port)
    return PageSource(
        request=lambda page, page_size: comparison.request(first, second, page, page_size),
        parse=lambda response, *_: compare_evaluations.parse_response(response),
        items=lambda body: body.results,
        total=lambda body: body.total_count,
        identify=row_identity,
        replace_items=lambda body, items: replaced(body, results=items),
        default_page_size=compare_evaluations.DEFAULT_PAGE_SIZE,
    )


def row_identity(row: ComparisonResult) -> tuple[int | None, int | None] | None:
    """Return what distinguishes a row: the ids of its results, if it has any."""
    identity = (row.result_id_1, row.result_id_2)
    return None if identity == (None, None) else identity
