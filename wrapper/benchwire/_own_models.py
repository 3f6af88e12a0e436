"""The types of ``benchwire.models`` that are not on the wire, and the names of the vendor's client."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from attrs import asdict, define, field, frozen

from benchwire_api.models import ResponseModel
from benchwire_api.notebook import ShortRepr, shown_url
from benchwire_api.public.models import (
    Evaluation,
    PublicBenchmarkDetail,
    PublicBenchmarksListResponse,
    PublicModelDetail,
    PublicModelsListResponse,
    Result,
    ResultMetrics,
    ResultsListResponse,
    SummaryDataset,
    SummaryMetric,
    SummaryModel,
    SummaryTaskType,
)

if TYPE_CHECKING:
    from benchwire import Secret
    from benchwire.errors import BenchwireError
    from benchwire_api.v0.models import Job
    from benchwire_api.v0.models.provider import ProviderValue


@define(repr=False)
class Pagination(ShortRepr):
    """The place of a page in its list.

    Attributes:
        page: The page's number, counted from 1.
        page_size: The rows requested on a page.
        total_pages: The number of pages.
        total_count: The number of rows on all pages.
    """

    page: int
    page_size: int
    total_pages: int
    total_count: int


@define(repr=False)
class EvaluationsResponse(ResponseModel):
    """One page of evaluations.

    Attributes:
        evaluations: The evaluations on this page, in the order requested.
        pagination: The page's place in the list.
        count: The number of evaluations on this page, as the service stated it.
    """

    evaluations: list[Evaluation]
    pagination: Pagination
    count: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-like values, with the names of the wire."""
        return {
            **self.additional_properties,
            "evaluations": [evaluation.to_dict() for evaluation in self.evaluations],
            "pagination": asdict(self.pagination),
            **({} if self.count is None else {"count": self.count}),
        }


@define(repr=False)
class ResultsResponse(ResponseModel):
    """One page of the answers of an evaluation.

    Attributes:
        evaluation_id: The evaluation, as the service stated it.
        results: The answers on this page, in the benchmark's order.
        metrics: The number of all answers, and the ranges of their scores.
        pagination: The page's place in the list.
    """

    evaluation_id: str | None
    results: list[Result]
    metrics: ResultMetrics
    pagination: Pagination

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-like values, with the names of the wire."""
        page = ResultsListResponse(
            evaluation_id=self.evaluation_id, results=self.results, metrics=self.metrics
        )
        page.additional_properties = self.additional_properties
        return {**page.to_dict(), "pagination": asdict(self.pagination)}


@frozen(kw_only=True, repr=False)
class JobSpec(ShortRepr):
    """One job of a run, with the arguments of ``jobs.submit``; its repr shows no key.

    Attributes:
        benchmark_id: The benchmark to run.
        endpoint_url: The URL of the model's completions endpoint.
        api_key: The key the endpoint asks for.
        provider: The endpoint's API shape; by default ``openai``.
        model: The model's name.
        headers: More headers for every request to the endpoint.
        benchmark_count: Benchmark units to run; by default 1.
        seed: Makes the sampling of units reproducible.
    """

    benchmark_id: str | int
    endpoint_url: str = field(repr=shown_url)
    api_key: str | Secret = field(repr=False)
    provider: ProviderValue | None = None
    model: str | None = None
    headers: Mapping[str, str | Secret] | None = field(default=None, repr=False)
    benchmark_count: int | None = None
    seed: int | None = None


@frozen(kw_only=True, repr=False)
class CompletedOutcome(ShortRepr):
    """The outcome of a job of a run that completed.

    Attributes:
        index: Its position among the specs.
        benchmark_id: The benchmark.
        job: The completed job.
        error: ``None``.
        intent_id: The id of its submission in the journal.
        ok: ``True``.
    """

    index: int
    benchmark_id: str | int
    job: Job
    error: None = None
    intent_id: str | None = None
    ok: Literal[True] = field(default=True, init=False, repr=False)


@frozen(kw_only=True, repr=False)
class FailedOutcome(ShortRepr):
    """The outcome of a job of a run that did not complete.

    Attributes:
        index: Its position among the specs.
        benchmark_id: The benchmark.
        error: Why it did not complete: a `JobFailedError`, a `SubmissionUnknown`, what the service
            refused it with, or a `RunStoppedError`.
        job: The last state seen of the job; ``None`` where there is none, or it is not known.
        intent_id: The id of its submission in the journal, where it may have been executed.
        ok: ``False``.
    """

    index: int
    benchmark_id: str | int
    error: BenchwireError
    job: Job | None = None
    intent_id: str | None = None
    ok: Literal[False] = field(default=False, init=False, repr=False)


JobOutcome = CompletedOutcome | FailedOutcome
"""The outcome of one job of a run; ``error is None`` tells type checkers which."""


@frozen(kw_only=True, repr=False)
class Intent(ShortRepr):
    """A submission as recorded in the journal.

    Attributes:
        id: Its id, for ``jobs.resume``.
        kind: ``job`` or ``batch``.
        state: ``sent`` while it is in progress or was interrupted, ``unknown`` once it was
            reconciled without result, ``accepted``, ``refused``, or ``not_sent``.
        base_url: The service it was made to.
        benchmark_ids: The benchmarks, as text, in the order submitted.
        created_at: When it was made, by this machine's clock.
        run_id: The run it is part of.
        job_ids: The jobs it became, in the order submitted.
        batch_id: The batch it became.
        message: Why it was refused, or what is not known.
    """

    id: str
    kind: Literal["job", "batch"]
    state: Literal["sent", "unknown", "accepted", "refused", "not_sent"]
    base_url: str
    benchmark_ids: list[str]
    created_at: datetime
    run_id: str | None
    job_ids: list[str]
    batch_id: str | None
    message: str | None


# Names of the vendor's client. It has `Model` and `Benchmark` for those of an organization, too.
Benchmark = PublicBenchmark = PublicBenchmarkDetail
BenchmarksResponse = PublicBenchmarksListResponse
EvaluationDataset = SummaryDataset
EvaluationMetric = SummaryMetric
EvaluationModelInfo = SummaryModel
EvaluationTaskType = SummaryTaskType
Model = PublicModel = PublicModelDetail
ModelsResponse = PublicModelsListResponse

__all__ = [
    "Benchmark", "BenchmarksResponse", "CompletedOutcome", "EvaluationDataset", "EvaluationMetric",
    "EvaluationModelInfo", "EvaluationTaskType", "EvaluationsResponse", "FailedOutcome", "Intent", "JobOutcome",
    "JobSpec", "Model", "ModelsResponse", "Pagination", "PublicBenchmark", "PublicModel",
    "ResultsResponse",
]  # fmt: skip
