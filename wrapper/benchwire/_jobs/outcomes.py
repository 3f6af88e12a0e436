"""Decides whether the response to a submission accepts it, rejects it, or leaves it unknown."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import asdict, evolve, frozen

from benchwire._jobs.payload import Payload, Submitted
from benchwire._jobs.reconcile import Undecided
from benchwire._jobs.records import NotExecutedState, Record
from benchwire._transport.received import Received
from benchwire.errors import (
    APIError,
    APIResponseValidationError,
    APIStatusError,
    BenchwireError,
    SubmissionUnknown,
)
from benchwire.models import CompletedOutcome, FailedOutcome, JobOutcome
from benchwire_api.v0.models import Job, JobStatus, SubmitJobBatchResponse, SubmitJobResponse

REFUSALS = frozenset({400, 401, 402, 403, 404, 405, 413, 414, 415, 422, 429, 431})
"""Statuses after which nothing was executed. 408, 409, 425 and all of 5xx do not guarantee that."""

_ACCEPTANCES = frozenset({200, 201, 202})


@frozen
class Accepted:
    """The service accepted the submission and named its jobs."""

    submitted: Submitted


@frozen
class NotExecuted:
    """Nothing was executed and nothing charged.

    Attributes:
        state: Whether the service refused the submission or it was not sent.
        error: What went wrong.
    """

    state: NotExecutedState
    error: APIError


@frozen
class OutcomeUnknown:
    """The submission may have been executed."""

    reason: str


def classify(
    payload: Payload[Submitted], response: Received
) -> Accepted | NotExecuted | OutcomeUnknown:
    """Return the outcome of a submission that got a response."""
    status = response.status_code
    # A gateway's 200 or 201 has the body of the documented 202.
    documented = 202 if status in _ACCEPTANCES else status
    try:
        submitted = payload.parse(evolve(response, status_code=documented))
    except APIStatusError as error:
        if status in REFUSALS:
            return NotExecuted("refused", error)
        return OutcomeUnknown(error.message)
    except APIResponseValidationError as error:
        return OutcomeUnknown(error.message)
    ids = job_ids(submitted)
    if not all(ids) or len(set(ids)) != len(payload.items):
        return OutcomeUnknown(
            f"the service accepted it and named {len(ids)} jobs for the {len(payload.items)}"
            " submitted"
        )
    return Accepted(submitted)


def job_ids(submitted: Submitted) -> list[str]:
    """Return the ids of the jobs that a response names."""
    if isinstance(submitted, SubmitJobResponse):
        return [submitted.job_id]
    return list(submitted.job_ids)


def batch_id(submitted: Submitted) -> str | None:
    """Return the id of the batch that a response names."""
    return None if isinstance(submitted, SubmitJobResponse) else submitted.batch_id


def submitted_response(record: Record, ids: Sequence[str], batch: str | None) -> Submitted:
    """Build the response that the service would have sent for these jobs of an intent."""
    if record.kind == "job":
        return SubmitJobResponse(job_id=ids[0], status=JobStatus.PENDING)
    return SubmitJobBatchResponse(batch_id=batch, job_ids=list(ids), status=JobStatus.PENDING)


def submission_unknown(
    record: Record, result: Undecided, kind: type[SubmissionUnknown] = SubmissionUnknown
) -> SubmissionUnknown:
    """Build the error for an intent whose outcome is not known."""
    what = "the batch" if record.kind == "batch" else "the job"
    names = ", ".join(item.benchmark_id for item in record.items[:5])
    missing = list(result.missing) if record.kind == "batch" else []
    details = ""
    if result.possible_jobs:
        details += f"; possible jobs: {', '.join(result.possible_jobs[:5])}"
    if missing:
        details += f"; no job is listed for: {', '.join(missing)}"
    return kind(
        f"it is not known whether {what} of {names} was accepted and charged: {result.reason}"
        f"{details}. It was not sent again; jobs.resume({record.id!r}) looks again, and"
        " jobs.resolve settles it by hand",
        intent_id=record.id,
        kind=record.kind,
        reason=result.reason,
        candidates=list(result.possible_jobs),
        missing=missing,
    )


@frozen
class OpenOutcome:
    """What became of a job of a run so far."""

    index: int
    benchmark_id: str | int
    job: Job | None = None
    error: BenchwireError | None = None
    intent_id: str | None = None

    def final(self) -> JobOutcome:
        """Return the outcome of a job that has completed or has an error."""
        state = asdict(self, recurse=False)
        return CompletedOutcome(**state) if self.error is None else FailedOutcome(**state)
