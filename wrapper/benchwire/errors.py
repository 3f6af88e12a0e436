"""The errors of the SDK, as one tree.

::

    BenchwireError
    ├── ConfigurationError (ValueError)     a key, URL or setting is missing or wrong
    ├── APIError                            a request was made and gave no usable answer
    │   ├── APIConnectionError              no answer came
    │   │   └── APITimeoutError             … in time
    │   │       └── DeadlineExceededError   … before the deadline of the whole operation
    │   ├── APIStatusError                  the service answered with an error status
    │   │   ├── BadRequestError             400
    │   │   ├── AuthenticationError         401
    │   │   ├── PaymentRequiredError        402
    │   │   ├── PermissionDeniedError       403
    │   │   ├── NotFoundError               404
    │   │   ├── ConflictError               409
    │   │   ├── UnprocessableEntityError    422
    │   │   ├── RateLimitError              429
    │   │   └── ServerError                 5xx
    │   └── APIResponseValidationError      the answer is not what the spec says
    ├── PaginationError                     not everything a list promised arrived
    ├── JobFailedError                      what was waited for ended without success
    ├── WaitTimeoutError                    what was waited for did not end in time
    ├── SubmissionUnknown                   a paid job may have been accepted, or not
    ├── InsufficientCreditsError            a run costs more than there is; nothing was spent
    └── JournalError                        the journal of submissions can't be used

A wrong argument is a plain ``ValueError`` (``TypeError`` for a wrong type), raised before anything
is sent. Errors pickle, and none holds a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchwire_api.public.models import Evaluation
    from benchwire_api.v0.models import Job


class BenchwireError(Exception):
    """The root of everything benchwire raises on its own account."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def add_to_message(self, more: str) -> None:
        """Say more, in brackets behind the message."""
        self.message = f"{self.message} ({more})"
        self.args = (self.message,)

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild from the attributes, so that every error survives pickle whatever its arguments."""
        return _rebuild, (type(self), self.args, self.__dict__.copy())


def _rebuild(
    cls: type[BenchwireError], args: tuple[Any, ...], state: dict[str, Any]
) -> BenchwireError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(BenchwireError, ValueError):
    """A key, a URL or another setting of a client is missing or wrong."""


class APIError(BenchwireError):
    """A request was made and gave no usable answer.

    Attributes:
        operation: The operation's id in its spec file, such as ``listModels``.
        request_id: The service's name for the request (``x-request-id``), if it answered with one.
    """

    def __init__(self, message: str, *, operation: str, request_id: str | None = None) -> None:
        super().__init__(message)
        self.operation = operation
        self.request_id = request_id


class APIConnectionError(APIError):
    """No answer came: the connection failed, or broke before the answer was complete.

    Attributes:
        never_sent: Whether the request surely did not reach the service. Where it is false, the
            service may have done what was asked for.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str,
        request_id: str | None = None,
        never_sent: bool = False,
    ) -> None:
        super().__init__(message, operation=operation, request_id=request_id)
        self.never_sent = never_sent


class APITimeoutError(APIConnectionError):
    """No answer came in time."""


class DeadlineExceededError(APITimeoutError):
    """The deadline of the whole operation is over: its attempts, pauses, pages and rounds."""


class APIStatusError(APIError):
    """The service answered with a status that is not a success.

    Attributes:
        status_code: The HTTP status.
        body: The answer's body, decoded if it is JSON, else as text; ``None`` if it is empty.
        headers: The answer's headers, names in lower case.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str,
        status_code: int,
        body: object,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(message, operation=operation, request_id=headers.get("x-request-id"))
        self.status_code = status_code
        self.body = body
        self.headers = dict(headers)


class BadRequestError(APIStatusError):
    """400: the service says that the request is wrong."""


class AuthenticationError(APIStatusError):
    """401: the key is missing or not known."""


class PaymentRequiredError(APIStatusError):
    """402: the credits do not cover it."""


class PermissionDeniedError(APIStatusError):
    """403: the key may not do this."""


class NotFoundError(APIStatusError):
    """404: there is nothing with this id."""


class ConflictError(APIStatusError):
    """409: the request contradicts the state of the service."""


class UnprocessableEntityError(APIStatusError):
    """422: the request is well-formed and still can't be served."""


class RateLimitError(APIStatusError):
    """429: too many requests; ``headers["retry-after"]`` may say when to go on."""


class ServerError(APIStatusError):
    """5xx: the service failed."""


class APIResponseValidationError(APIError):
    """The service answered with success, and the body is not what the spec says.

    Attributes:
        path: Where in the body, as a JSON path such as ``$.models[3].id``.
        expected: What the spec says should stand there.
        got: What stands there, by type and shortened value.
        status_code: The HTTP status.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str,
        request_id: str | None,
        status_code: int,
        path: str,
        expected: str,
        got: str,
    ) -> None:
        super().__init__(message, operation=operation, request_id=request_id)
        self.status_code = status_code
        self.path = path
        self.expected = expected
        self.got = got


class PaginationError(BenchwireError):
    """Not everything a list promised arrived; what did arrive was delivered before this is raised.

    Attributes:
        received: How many different items arrived.
        expected: The largest total the service gave, or ``None`` if it gave none.
        page: The page at which it showed.
    """

    def __init__(self, message: str, *, received: int, expected: int | None, page: int) -> None:
        super().__init__(message)
        self.received = received
        self.expected = expected
        self.page = page


class JobFailedError(BenchwireError):
    """What was waited for ended, and not with success.

    Attributes:
        job: The job (v0) or evaluation (public) as it ended.
    """

    def __init__(self, message: str, *, job: Job | Evaluation) -> None:
        super().__init__(message)
        self.job = job


class WaitTimeoutError(BenchwireError, TimeoutError):
    """What was waited for did not end in time; it goes on at the service and can be waited for again.

    Attributes:
        pending: The ids that have not ended, in the order asked for.
        states: The last state seen of everything waited for, by id; an id that never answered is
            left out.
    """

    def __init__(
        self, message: str, *, pending: list[str], states: Mapping[str, Job | Evaluation]
    ) -> None:
        super().__init__(message)
        self.pending = pending
        self.states = dict(states)

    @property
    def job(self) -> Job | Evaluation | None:
        """The last state of the first that has not ended; ``None`` if it never answered."""
        return self.states.get(self.pending[0]) if self.pending else None


class SubmissionUnknown(BenchwireError):  # noqa: N818  the name says what is wrong: nothing is known
    """A paid job may have been accepted and charged, or not; it was not sent again.

    ``jobs.resume(intent_id)`` looks again. Only when you know that nothing was accepted, submit anew.

    Attributes:
        intent_id: Names the submission in the journal.
        kind: ``job`` or ``batch``.
        reason: Why it is not known.
        candidates: Ids of listed jobs that may be it.
        missing: Of a batch, the benchmarks of which no job is listed.
    """

    def __init__(
        self,
        message: str,
        *,
        intent_id: str,
        kind: str,
        reason: str,
        candidates: list[str],
        missing: list[str],
    ) -> None:
        super().__init__(message)
        self.intent_id = intent_id
        self.kind = kind
        self.reason = reason
        self.candidates = candidates
        self.missing = missing


class InsufficientCreditsError(BenchwireError):
    """A run costs more than the account or the budget has; nothing was submitted.

    Attributes:
        needed: The credits it costs.
        available: The credits of the account.
        budget: The most it may cost in all, if that was said.
    """

    def __init__(
        self, message: str, *, needed: float, available: float, budget: float | None
    ) -> None:
        super().__init__(message)
        self.needed = needed
        self.available = available
        self.budget = budget


class JournalError(BenchwireError):
    """The journal of submissions can't be read or written; what was to be submitted was not sent.

    Attributes:
        path: The journal's file.
    """

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message)
        self.path = path


STATUS_ERRORS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
}
