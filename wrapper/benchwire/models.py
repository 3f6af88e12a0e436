"""Every type the SDK takes and gives.

The classes of the three APIs are generated from ``openapi/*.yaml``; two are made here, because the
wire leaves their content to the client: `EvaluationsResponse` and `Pagination`. Two names stand in
more than one API; they are told apart by what they are part of: `V0Benchmark` is a benchmark a job
can run.
"""

from __future__ import annotations

from typing import Any

from attrs import asdict, define, field

from benchwire_api.public.models import (
    AnalysisSummary,
    BenchmarkPrompt,
    BenchmarkPromptsData,
    BenchmarkPromptsResponse,
    BenchmarkSortBy,
    ComparisonResponse,
    ComparisonResult,
    ErrorAnalysis,
    Evaluation,
    EvaluationSortBy,
    EvaluationStatus,
    EvaluationSummary,
    ModelSortBy,
    OutcomeFilter,
    PerformanceDetails,
    PromptField,
    PublicBenchmarkDetail,
    PublicBenchmarksListResponse,
    PublicModelDetail,
    PublicModelsListResponse,
    SortOrder,
    SummaryDataset,
    SummaryMetric,
    SummaryModel,
    SummaryTaskType,
)
from benchwire_api.v0.models import (
    Account,
    BatchJobItem,
    Job,
    JobStatus,
    Provider,
    SubmitJobBatchResponse,
    SubmitJobResponse,
)
from benchwire_api.v0.models import Benchmark as V0Benchmark
from benchwire_api.v2.models import (
    BenchmarkModel,
    BenchmarkModelWithDetails,
    BenchmarkProbeRun,
    BenchmarkTestCase,
    BenchmarkType,
    ConversationMessage,
)


@define
class Pagination:
    """Where a page stands in its list.

    Attributes:
        page: The page's number, counted from 1.
        page_size: The rows asked for on a page.
        total_pages: The pages there are.
        total_count: The rows there are on all pages.
    """

    page: int
    page_size: int
    total_pages: int
    total_count: int


@define
class EvaluationsResponse:
    """One page of evaluations.

    Attributes:
        evaluations: The evaluations on this page, in the order asked for.
        pagination: Where the page stands.
        additional_properties: What else the service sent, by its name.
    """

    evaluations: list[Evaluation]
    pagination: Pagination
    additional_properties: dict[str, Any] = field(factory=dict, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-like values, with the names of the wire."""
        return {
            **self.additional_properties,
            "evaluations": [evaluation.to_dict() for evaluation in self.evaluations],
            "pagination": asdict(self.pagination),
        }


__all__ = [
    # public
    "AnalysisSummary",
    "BenchmarkPrompt",
    "BenchmarkPromptsData",
    "BenchmarkPromptsResponse",
    "BenchmarkSortBy",
    "ComparisonResponse",
    "ComparisonResult",
    "ErrorAnalysis",
    "Evaluation",
    "EvaluationSortBy",
    "EvaluationStatus",
    "EvaluationSummary",
    "EvaluationsResponse",
    "ModelSortBy",
    "OutcomeFilter",
    "Pagination",
    "PerformanceDetails",
    "PromptField",
    "PublicBenchmarkDetail",
    "PublicBenchmarksListResponse",
    "PublicModelDetail",
    "PublicModelsListResponse",
    "SortOrder",
    "SummaryDataset",
    "SummaryMetric",
    "SummaryModel",
    "SummaryTaskType",
    # v2
    "BenchmarkModel",
    "BenchmarkModelWithDetails",
    "BenchmarkProbeRun",
    "BenchmarkTestCase",
    "BenchmarkType",
    "ConversationMessage",
    # v0
    "Account",
    "BatchJobItem",
    "Job",
    "JobStatus",
    "Provider",
    "SubmitJobBatchResponse",
    "SubmitJobResponse",
    "V0Benchmark",
]
