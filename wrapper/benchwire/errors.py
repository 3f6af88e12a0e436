"""The errors of the SDK, as one tree.

::

    BenchwireError
    ├── ConfigurationError (ValueError)     a key, URL or setting is missing or wrong
    ├── APIError                            a request has no usable response
    │   ├── APIConnectionError              there is no response
    │   │   └── APITimeoutError             … in time
    │   │       └── DeadlineExceededError   … before the deadline of the whole operation
    │   ├── APIStatusError                  the response has an error status
    │   │   ├── BadRequestError             400
    │   │   ├── AuthenticationError         401
    │   │   ├── PaymentRequiredError        402
    │   │   ├── PermissionDeniedError       403
    │   │   ├── NotFoundError               404
    │   │   ├── ConflictError               409
    │   │   ├── UnprocessableEntityError    422
    │   │   ├── RateLimitError              429
    │   │   └── ServerError                 5xx
    │   └── APIResponseValidationError      the response does not match the spec
    ├── PaginationError                     a list is incomplete
    ├── JobFailedError                      a job or evaluation ended without success
    ├── WaitTimeoutError                    a job or evaluation did not end in time
    ├── SubmissionUnknown                   a paid job may or may not have been accepted
    │   └── DuplicateJobError               … and the service named a job of another submission
    ├── RunStoppedError                     a job of a run was not submitted
    ├── InsufficientCreditsError            a run costs more than is available; nothing was spent
    └── JournalError                        the journal of submissions can't be used

A wrong argument is a plain ``ValueError`` (``TypeError`` for a wrong type), raised before anything
is sent. Errors pickle, and none holds a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchwire_api.processes import fork_waits

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from benchwire_api.public.models import Evaluation
    from benchwire_api.v0.models import Job


class BenchwireError(Exception):
    """The base of every error that benchwire defines."""

    args: tuple[Any, ...]
    message: str

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __repr__(self) -> str:
        """Return the class and the beginning of the message."""
        text = f"{type(self).__name__}({self.message!r})"
        return text if len(text) <= 200 else f"{text[:198]}…)"

    def add_to_message(self, detail: str) -> None:
        """Append a detail in parentheses to the message."""
        self.message = f"{self.message} ({detail})"
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
    """A key, a URL or another setting of a client is missing or wrong.

    Attributes:
        is_key_missing: Whether there is no key, and nothing else is known to be wrong.
    """

    is_key_missing: bool = False


class APIError(BenchwireError):
    """A request has no usable response.

    Attributes:
        operation: The operation's id in its spec file, such as ``listModels``.
        request_id: The service's id of the request (``x-request-id``), if it sent one.
        body: The response's body, if there is one and its status is an error.
        sent: The method and the URL of the request, if one was to be sent.
    """

    body: object = None
    sent: tuple[str, str] | None = None

    def __init__(self, message: str, *, operation: str, request_id: str | None = None) -> None:
        super().__init__(message)
        self.operation = operation
        self.request_id = request_id

    @property
    def request(self) -> httpx.Request | None:
        """The request as one of httpx: its method and URL, without headers or body, which have keys."""
        with fork_waits():
            import httpx  # noqa: PLC0415  importing benchwire must not import it

        # httpx takes no more of a URL.
        return None if self.sent is None else httpx.Request(self.sent[0], self.sent[1][: 2**16])


class APIConnectionError(APIError):
    """There is no response: the connection failed, or broke before the response was complete.

    Attributes:
        never_sent: Whether the request certainly did not reach the service. If false, the service
            may have executed it.
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
    """There was no response in time."""


class DeadlineExceededError(APITimeoutError):
    """The deadline of the whole operation has passed: its attempts, pauses, pages and polls."""


class APIStatusError(APIError):
    """The response has a status that is not a success.

    Attributes:
        status_code: The HTTP status.
        code: The service's own code of the error, if the body has one; the v2 API sends it.
        body: The response's body, decoded if it is JSON, else as text; ``None`` if it is empty.
        headers: The response's headers, names in lower case.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str,
        status_code: int,
        body: object,
        headers: Mapping[str, str],
        code: str | None = None,
    ) -> None:
        super().__init__(message, operation=operation, request_id=headers.get("x-request-id"))
        self.status_code = status_code
        self.code = code
        self.body = body
        self.headers: dict[str, str] = dict(headers)

    @property
    def response(self) -> httpx.Response:
        """The response as one of httpx, made of the status, the headers and the redacted body."""
        with fork_waits():
            import httpx  # noqa: PLC0415  importing benchwire must not import it
            import orjson  # noqa: PLC0415

        body = self.body
        content = b"" if body is None else body if isinstance(body, str) else orjson.dumps(body)
        own = ("content-encoding", "content-length", "transfer-encoding")
        kept = [each for each in self.headers.items() if each[0] not in own]
        # As the bytes that they were decoded from: httpx takes a text of ASCII alone.
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in kept]
        return httpx.Response(self.status_code, headers=headers, content=content)


class BadRequestError(APIStatusError):
    """400: the request is invalid."""


class AuthenticationError(APIStatusError):
    """401: the key is missing or unknown."""


class PaymentRequiredError(APIStatusError):
    """402: the credits do not cover it."""


class PermissionDeniedError(APIStatusError):
    """403: the key does not permit this."""


class NotFoundError(APIStatusError):
    """404: there is nothing with this id."""


class ConflictError(APIStatusError):
    """409: the request contradicts the state of the service."""


class UnprocessableEntityError(APIStatusError):
    """422: the request is well-formed and can't be processed."""


class RateLimitError(APIStatusError):
    """429: too many requests; ``headers["retry-after"]`` may state when to retry."""


class ServerError(APIStatusError):
    """5xx: the service failed."""


class APIResponseValidationError(APIError):
    """The status is a success and the body does not match the spec.

    Attributes:
        path: Where in the body, as a JSON path such as ``$.models[3].id``.
        expected: What the spec states for that place.
        got: What the body has there: its type and truncated value.
        status_code: The HTTP status.
        is_too_large: Whether the body is larger than ``max_body``, and was not read to its end.
    """

    is_too_large = False

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
    """A list is incomplete; what did arrive was delivered before this is raised.

    Attributes:
        received: How many different items arrived.
        expected: The largest total the service stated, or ``None`` if it stated none.
        page: The page at which it was detected.
    """

    def __init__(self, message: str, *, received: int, expected: int | None, page: int) -> None:
        super().__init__(message)
        self.received = received
        self.expected = expected
        self.page = page


class JobFailedError(BenchwireError):
    """A job or evaluation ended without success.

    Attributes:
        job: The job (v0) or evaluation (public) as it ended.
    """

    def __init__(self, message: str, *, job: Job | Evaluation) -> None:
        super().__init__(message)
        self.job = job


class WaitTimeoutError(BenchwireError, TimeoutError):
    """A job or evaluation did not end in time; it continues at the service and can be waited for again.

    Attributes:
        pending: The ids that have not ended, in the order asked for.
        states: The last state seen of each, by id; ids that were never seen are left out.
    """

    def __init__(
        self, message: str, *, pending: list[str], states: Mapping[str, Job | Evaluation]
    ) -> None:
        super().__init__(message)
        self.pending = pending
        self.states: dict[str, Job | Evaluation] = dict(states)

    @property
    def job(self) -> Job | Evaluation | None:
        """The last state of the first that has not ended; ``None`` if it was never seen."""
        return self.states.get(self.pending[0]) if self.pending else None


class SubmissionUnknown(BenchwireError):  # noqa: N818  the state is unknown, which need not be an error
    """A paid job may or may not have been accepted and charged; it was not sent again.

    ``jobs.resume(intent_id)`` searches for it again. Submit it anew only if you know that nothing was
    accepted.

    Attributes:
        intent_id: The id of the submission in the journal.
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
        budget: The maximum cost, if one was given.
    """

    def __init__(
        self, message: str, *, needed: float, available: float, budget: float | None
    ) -> None:
        super().__init__(message)
        self.needed = needed
        self.available = available
        self.budget = budget


class DuplicateJobError(SubmissionUnknown):
    """The service answered with the job of another submission; ``candidates`` has its id."""


class RunStoppedError(BenchwireError):
    """A job of a run was not submitted: submissions before it were not confirmed."""


class JournalError(BenchwireError):
    """The journal of submissions can't be read or written; what was to be submitted was not sent.

    Attributes:
        path: The journal's file.
        is_busy: Whether another process had it locked for as long as the deadline let us wait.
    """

    def __init__(self, message: str, *, path: str, is_busy: bool = False) -> None:
        super().__init__(message)
        self.path = path
        self.is_busy = is_busy


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


# Names of the vendor's client.
InternalServerError = ServerError
StratixError = AtlasError = BenchwireError
