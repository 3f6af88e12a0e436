"""benchwire: one typed SDK for three LLM-evaluation APIs.

`PublicClient` browses models, benchmarks, evaluations and comparisons; `V2Client` reads red-team
benchmarks; `V0Client` runs paid jobs; `Benchwire` holds all three. Each has an ``Async…`` twin with
the same methods. ``benchwire.models`` has the types, ``benchwire.errors`` the errors, and
``benchwire.local`` a server that does the services' work on this machine.

Everything is imported when it is first used: importing benchwire itself costs next to nothing.
"""

# `typing` would take its time, and type checkers know the name. jedi skips what is below a plain False.
TYPE_CHECKING = bool()  # noqa: UP018

if TYPE_CHECKING:
    from benchwire import drift as drift
    from benchwire import errors, export, models
    from benchwire import local as local
    from benchwire import otel as otel
    from benchwire._async.combined import AsyncBenchwire, AsyncStratix
    from benchwire._async.public import AsyncPublicClient
    from benchwire._async.v0 import AsyncV0Client
    from benchwire._async.v2 import AsyncV2Client
    from benchwire._sync.combined import Benchwire, Stratix
    from benchwire._sync.public import PublicClient
    from benchwire._sync.v0 import V0Client
    from benchwire._sync.v2 import V2Client
    from benchwire.errors import (
        APIConnectionError,
        APIError,
        APIResponseValidationError,
        APIStatusError,
        APITimeoutError,
        AtlasError,
        AuthenticationError,
        BadRequestError,
        BenchwireError,
        ConfigurationError,
        ConflictError,
        DeadlineExceededError,
        DuplicateJobError,
        InsufficientCreditsError,
        InternalServerError,
        JobFailedError,
        JournalError,
        NotFoundError,
        PaginationError,
        PaymentRequiredError,
        PermissionDeniedError,
        RateLimitError,
        RunStoppedError,
        ServerError,
        StratixError,
        SubmissionUnknown,
        UnprocessableEntityError,
        WaitTimeoutError,
    )
    from benchwire.events import FailureEvent, Hooks, RequestEvent, ResponseEvent, RetryEvent
    from benchwire.models import (
        BenchmarkPrompt,
        BenchmarkPromptsResponse,
        ComparisonResponse,
        ComparisonResult,
        PublicBenchmarkDetail,
        PublicBenchmarksListResponse,
        PublicModelDetail,
        PublicModelsListResponse,
    )
    from benchwire.options import CallOptions
    from benchwire.secret import Secret

    Atlas = Client = Stratix
    AsyncAtlas = AsyncClient = AsyncStratix

# `drift` and `local` are left out: they need extras, and `import *` must not.
__all__ = [
    # clients
    "AsyncAtlas", "AsyncBenchwire", "AsyncClient", "AsyncPublicClient", "AsyncStratix",
    "AsyncV0Client", "AsyncV2Client", "Atlas", "Benchwire", "Client", "PublicClient", "Stratix",
    "V0Client", "V2Client",
    # settings
    "CallOptions", "FailureEvent", "Hooks", "RequestEvent", "ResponseEvent", "RetryEvent", "Secret",
    # errors
    "APIConnectionError", "APIError", "APIResponseValidationError", "APIStatusError",
    "APITimeoutError", "AtlasError", "AuthenticationError", "BadRequestError", "BenchwireError",
    "ConfigurationError", "ConflictError", "DeadlineExceededError", "DuplicateJobError",
    "InsufficientCreditsError", "InternalServerError", "JobFailedError", "JournalError",
    "NotFoundError", "PaginationError", "PaymentRequiredError", "PermissionDeniedError",
    "RateLimitError", "RunStoppedError", "ServerError", "StratixError", "SubmissionUnknown",
    "UnprocessableEntityError", "WaitTimeoutError",
    # models that the vendor's client has at its top level
    "BenchmarkPrompt", "BenchmarkPromptsResponse", "ComparisonResponse", "ComparisonResult",
    "PublicBenchmarkDetail", "PublicBenchmarksListResponse", "PublicModelDetail",
    "PublicModelsListResponse",
    # modules
    "errors", "export", "models",
]  # fmt: skip

_HOMES = {
    "AsyncBenchwire": "_async.combined",
    "AsyncPublicClient": "_async.public",
    "AsyncStratix": "_async.combined",
    "AsyncV0Client": "_async.v0",
    "AsyncV2Client": "_async.v2",
    "Benchwire": "_sync.combined",
    "CallOptions": "options",
    "FailureEvent": "events",
    "Hooks": "events",
    "PublicClient": "_sync.public",
    "RequestEvent": "events",
    "ResponseEvent": "events",
    "RetryEvent": "events",
    "Secret": "secret",
    "Stratix": "_sync.combined",
    "V0Client": "_sync.v0",
    "V2Client": "_sync.v2",
}
# Names of the vendor's client.
_ALIASES = {
    "AsyncAtlas": "AsyncStratix",
    "AsyncClient": "AsyncStratix",
    "Atlas": "Stratix",
    "Client": "Stratix",
}


def __getattr__(name: str) -> object:
    from importlib import import_module  # noqa: PLC0415

    from benchwire_api.processes import fork_waits  # noqa: PLC0415

    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415

        return version("benchwire")
    if name not in {*__all__, "drift", "local", "otel"}:
        raise AttributeError(f"module 'benchwire' has no attribute {name!r}")
    is_module = name in {"drift", "errors", "export", "local", "models", "otel"}
    target = _ALIASES.get(name, name)
    other = "errors" if target.endswith(("Error", "Unknown")) else "models"
    with fork_waits():
        module = import_module(f"benchwire.{name if is_module else _HOMES.get(target, other)}")
    if is_module:
        return module
    value = getattr(module, target)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    from importlib.util import find_spec  # noqa: PLC0415

    extras = {"drift": "yaml", "local": "starlette"}
    there = {name for name, needed in extras.items() if find_spec(needed)}
    return sorted({*__all__, "__version__"} | there)
