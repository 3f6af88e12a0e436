"""Tells which answers to a submission are an acceptance, which a refusal, and which leave a doubt."""

from __future__ import annotations

from attrs import evolve, frozen

from benchwire._jobs.payload import A, Payload, Submitted
from benchwire._jobs.records import State
from benchwire.errors import APIError, APIResponseValidationError, APIStatusError
from benchwire_api.types import Response
from benchwire_api.v0.models import JobStatus, SubmitJobBatchResponse, SubmitJobResponse

REFUSALS = frozenset({400, 401, 402, 403, 404, 405, 413, 414, 415, 422, 429, 431})
"""Statuses that say that nothing was executed. 408, 409 and 425 don't, and neither does any 5xx."""

_ACCEPTANCES = frozenset({200, 201, 202})


@frozen
class Accepted:
    """The service named the jobs."""

    answer: Submitted


@frozen
class NoEffect:
    """Nothing was executed.

    Attributes:
        state: Whether the service refused it or it was never sent.
        error: What went wrong.
    """

    state: State
    error: APIError


@frozen
class Doubt:
    """The submission may have been executed."""

    reason: str


def outcome(payload: Payload[A], response: Response) -> Accepted | NoEffect | Doubt:
    """Tell what an answer to a submission means."""
    status = response.status_code
    # What a gateway calls 200 or 201 has the body of the documented 202.
    read_as = 202 if status in _ACCEPTANCES else status
    try:
        answer = payload.read(evolve(response, status_code=read_as))
    except APIStatusError as problem:
        return NoEffect("refused", problem) if status in REFUSALS else Doubt(problem.message)
    except APIResponseValidationError as problem:
        return Doubt(problem.message)
    named = job_ids(answer)
    if not all(named) or len(set(named)) != len(payload.items):
        return Doubt(
            f"the service accepted it and named {len(named)} jobs for the {len(payload.items)}"
            " submitted"
        )
    return Accepted(answer)


def job_ids(answer: Submitted) -> list[str]:
    """Give the jobs that an answer names."""
    return [answer.job_id] if isinstance(answer, SubmitJobResponse) else list(answer.job_ids)


def batch_id(answer: Submitted) -> str | None:
    """Give the batch that an answer names."""
    return None if isinstance(answer, SubmitJobResponse) else answer.batch_id


def answer_of(kind: str, named: tuple[str, ...], batch: str | None) -> Submitted:
    """Make the answer that the service would have given for these jobs."""
    if kind == "job":
        return SubmitJobResponse(job_id=named[0], status=JobStatus.PENDING)
    return SubmitJobBatchResponse(batch_id=batch, job_ids=list(named), status=JobStatus.PENDING)
