"""Errors: the class hierarchy, the attributes, and pickling."""

from __future__ import annotations

import copy
import pickle

import pytest

import benchwire
from benchwire import errors
from benchwire.models import Evaluation, Job
from support import wire

_RESPONSE = {
    "operation": "getJob",
    "body": {"error": "no"},
    "headers": {"x-request-id": "r1", "retry-after": "5"},
}
JOB = Job.from_dict(wire.failed("j1", "no"))
EVALUATION = Evaluation.from_dict(wire.evaluation(1, extra={"kept": [1]}))

EXAMPLES: list[errors.BenchwireError] = [
    errors.BenchwireError("a"),
    errors.ConfigurationError("a"),
    errors.APIError("a", operation="getJob", request_id="r1"),
    errors.APIConnectionError("a", operation="getJob"),
    errors.APITimeoutError("a", operation="getJob", never_sent=True),
    errors.DeadlineExceededError("a", operation="getJob"),
    errors.APIStatusError("a", status_code=418, **_RESPONSE),  # type: ignore[arg-type]
    *(
        kind("a", status_code=status, **_RESPONSE)  # type: ignore[arg-type]
        for status, kind in [*errors.STATUS_ERRORS.items(), (503, errors.ServerError)]
    ),
    errors.APIResponseValidationError(
        "a",
        operation="getJob",
        request_id="r1",
        status_code=200,
        path="$.id",
        expected="a string",
        got="int 5",
    ),
    errors.PaginationError("a", received=3, expected=5, page=2),
    errors.PaginationError("a", received=3, expected=None, page=2),
    errors.JobFailedError("a", job=JOB),
    errors.JobFailedError("a", job=EVALUATION),
    errors.WaitTimeoutError("a", pending=["j1"], states={"j1": JOB}),
    errors.SubmissionUnknown(
        "a", intent_id="i1", kind="batch", reason="b", candidates=["j1"], missing=["b1"]
    ),
    errors.DuplicateJobError(
        "a", intent_id="i1", kind="job", reason="b", candidates=["j1"], missing=[]
    ),
    errors.RunStoppedError("a"),
    errors.InsufficientCreditsError("a", needed=3, available=2, budget=None),
    errors.JournalError("a", path="p"),
]


def test_every_class_has_an_example() -> None:
    classes = {
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.BenchwireError)
    }
    assert {type(example) for example in EXAMPLES} == classes
    exported = {getattr(benchwire, name) for name in benchwire.__all__ if name in vars(errors)}
    assert exported == classes


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_errors_can_be_pickled(error: errors.BenchwireError, protocol: int) -> None:
    error = copy.copy(error)
    error.add_note("a note of the caller")
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is type(error)
    assert (str(again), again.args, repr(again)) == (str(error), error.args, repr(error))
    assert vars(again) == vars(error)
    assert again.__notes__ == ["a note of the caller"]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_the_string_of_an_error_is_its_message(error: errors.BenchwireError) -> None:
    assert (error.message, str(error)) == ("a", "a")


def test_the_class_hierarchy() -> None:
    for kind in errors.STATUS_ERRORS.values():
        assert kind.__mro__[1:4] == (
            errors.APIStatusError,
            errors.APIError,
            errors.BenchwireError,
        )
    assert issubclass(errors.APITimeoutError, errors.APIConnectionError)
    assert issubclass(errors.APIConnectionError, errors.APIError)
    assert issubclass(errors.APIResponseValidationError, errors.APIError)
    for kind in (errors.PaginationError, errors.JobFailedError, errors.WaitTimeoutError):
        assert not issubclass(kind, errors.APIError)
    # So that whoever catches the builtin ones catches these.
    assert issubclass(errors.ConfigurationError, ValueError)
    assert issubclass(errors.WaitTimeoutError, TimeoutError)


def test_the_request_id_comes_from_the_headers() -> None:
    error = errors.NotFoundError("a", status_code=404, **_RESPONSE)  # type: ignore[arg-type]
    assert (error.request_id, error.headers["retry-after"]) == ("r1", "5")
    without = errors.NotFoundError("a", operation="x", status_code=404, body=None, headers={})
    assert without.request_id is None


def test_the_job_of_a_wait_timeout_is_the_last_state_if_any() -> None:
    assert errors.WaitTimeoutError("a", pending=["j1"], states={}).job is None
    assert errors.WaitTimeoutError("a", pending=["j2"], states={"j1": JOB}).job is None
    assert errors.WaitTimeoutError("a", pending=["j1"], states={"j1": JOB}).job is JOB
