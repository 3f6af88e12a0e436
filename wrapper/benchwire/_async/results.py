"""The answers of evaluations, under the names of the vendor's own client."""

from __future__ import annotations

from typing import Unpack

from benchwire._async.operations.public import AsyncEvaluationsOperations
from benchwire._async.resource import AsyncResource
from benchwire._own_models import ResultsResponse
from benchwire.options import CallOptions
from benchwire_api.public.models import Evaluation, Result


class AsyncResults(AsyncResource):
    """The answers of evaluations, under the names of the vendor's own client."""

    async def get(
        self,
        *,
        evaluation: Evaluation,
        page: int | None = None,
        page_size: int | None = None,
        **options: Unpack[CallOptions],
    ) -> ResultsResponse:
        """Return one page of the answers of an evaluation.

        Args:
            evaluation: The evaluation.
            page: The number of the page, counted from 1.
            page_size: The number of rows on a page.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            As ``evaluations.get_results``: one page of answers, with its place in the list.

        Raises:
            ValueError: If an argument is invalid; nothing is sent.
            NotFoundError: If there is no such evaluation.
            APIError: If there is no usable response.

        Spec:
            openapi/public.yaml, listResults
        """
        return await self.get_by_id(
            evaluation_id=evaluation.id, page=page, page_size=page_size, **options
        )

    async def get_by_id(
        self,
        *,
        evaluation_id: str,
        page: int | None = None,
        page_size: int | None = None,
        **options: Unpack[CallOptions],
    ) -> ResultsResponse:
        """Return one page of the answers of an evaluation, by its id.

        Args:
            evaluation_id: The evaluation's id.
            page: The number of the page, counted from 1.
            page_size: The number of rows on a page.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            As ``evaluations.get_results``: one page of answers, with its place in the list.

        Raises:
            ValueError: If an argument is invalid; nothing is sent.
            NotFoundError: If there is no such evaluation.
            APIError: If there is no usable response.

        Spec:
            openapi/public.yaml, listResults
        """
        evaluations = AsyncEvaluationsOperations(self._transport, self._on_error)
        return await evaluations.get_results(
            evaluation_id, page=page, page_size=page_size, **options
        )

    async def get_all(
        self, *, evaluation: Evaluation, **options: Unpack[CallOptions]
    ) -> list[Result]:
        """Return all answers of an evaluation.

        Errors raise, whatever ``on_error`` is.

        Args:
            evaluation: The evaluation.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            Every answer, in the benchmark's order; ``evaluations.iter_results`` holds a few pages
            instead. A request for each page of the largest size.

        Raises:
            ValueError: If the id is invalid; nothing is sent.
            NotFoundError: If there is no such evaluation.
            APIError: If a page has no usable response.
            PaginationError: If the list is incomplete.

        Spec:
            openapi/public.yaml, listResults
        """
        return await self.get_all_by_id(evaluation_id=evaluation.id, **options)

    async def get_all_by_id(
        self, *, evaluation_id: str, **options: Unpack[CallOptions]
    ) -> list[Result]:
        """Return all answers of an evaluation, by its id.

        Errors raise, whatever ``on_error`` is.

        Args:
            evaluation_id: The evaluation's id.
            **options: `CallOptions`: timeout, deadline and max_retries of this call.

        Returns:
            Every answer, in the benchmark's order; ``evaluations.iter_results`` holds a few pages
            instead. A request for each page of the largest size.

        Raises:
            ValueError: If the id is invalid; nothing is sent.
            NotFoundError: If there is no such evaluation.
            APIError: If a page has no usable response.
            PaginationError: If the list is incomplete.

        Spec:
            openapi/public.yaml, listResults
        """
        evaluations = AsyncEvaluationsOperations(self._transport, self._on_error)
        return await evaluations.iter_results(evaluation_id, **options).to_list()
