"""Every type the SDK takes and gives.

The classes of the three APIs are generated from ``openapi/*.yaml``; two are made here, because the
wire leaves their content to the client: `EvaluationsResponse` and `Pagination`. Two names stand in
more than one API; they are told apart by what they are part of: `V0Benchmark` is a benchmark a job
can run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from attrs import asdict, define, field, frozen

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
from benchwire_api.types import RateLimit, ResponseInfo
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

if TYPE_CHECKING:
    from benchwire import Secret
    from benchwire.errors import BenchwireError

T = TypeVar("T")


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
        response_info: The request id, rate limit and headers of the answer; no part of comparisons.
    """

    evaluations: list[Evaluation]
    pagination: Pagination
    additional_properties: dict[str, Any] = field(factory=dict, repr=False)
    response_info: ResponseInfo | None = field(default=None, repr=False, eq=False)

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-like values, with the names of the wire."""
        return {
            **self.additional_properties,
            "evaluations": [evaluation.to_dict() for evaluation in self.evaluations],
            "pagination": asdict(self.pagination),
        }


@frozen(kw_only=True)
class JobSpec:
    """One job of a run, with the arguments of ``jobs.submit``; its repr shows no key.

    Attributes:
        benchmark_id: The benchmark to run.
        endpoint_url: The URL of the model's completions endpoint.
        api_key: The key the endpoint asks for.
        provider: The endpoint's API shape; by default ``openai``.
        model: The model's name.
        headers: More headers for every request to the endpoint.
        benchmark_count: Benchmark units to run, 1 to 10; by default 1.
        seed: Makes the sampling of units reproducible.
    """

    benchmark_id: str
    endpoint_url: str = field(repr=lambda url: repr(url.partition("?")[0]))
    api_key: str | Secret = field(repr=False)
    provider: Provider | str | None = None
    model: str | None = None
    headers: Mapping[str, str | Secret] | None = field(default=None, repr=False)
    benchmark_count: int | None = None
    seed: int | None = None


@frozen(kw_only=True)
class JobOutcome:
    """What became of one job of a run.

    Attributes:
        index: Its position among the specs.
        benchmark_id: The benchmark.
        job: The job as it was last seen; ``None`` where there is none, or it is not known.
        error: Why it did not complete: a `JobFailedError`, a `SubmissionUnknown`, or what the
            service refused it with; ``None`` if it completed.
        intent_id: Names its submission in the journal, where it may have been executed.
    """

    index: int
    benchmark_id: str
    job: Job | None = None
    error: BenchwireError | None = None
    intent_id: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it completed."""
        return self.error is None and self.job is not None


@frozen(kw_only=True)
class Intent:
    """A submission as the journal has it.

    Attributes:
        id: Names it, for ``jobs.resume``.
        kind: ``job`` or ``batch``.
        state: ``sent`` while it is under way or was interrupted, ``unknown`` once it was looked for
            in vain, ``accepted``, ``refused``, or ``not_sent``.
        base_url: The service it was made to.
        benchmark_ids: The benchmarks, in the order submitted.
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


class Listed(list[T]):
    """A list of results; it is a ``list`` in every way.

    Attributes:
        response_info: The request id, rate limit and headers of the answer it came in.
    """

    def __init__(self, items: Iterable[T] = (), response_info: ResponseInfo | None = None) -> None:
        super().__init__(items)
        self.response_info = response_info


__all__ = [
    # all
    "Listed",
    "RateLimit",
    "ResponseInfo",
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
    "Intent",
    "Job",
    "JobOutcome",
    "JobSpec",
    "JobStatus",
    "Provider",
    "SubmitJobBatchResponse",
    "SubmitJobResponse",
    "V0Benchmark",
]
