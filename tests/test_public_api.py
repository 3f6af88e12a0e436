"""The public surface: pinned names, one shape for sync and async, documented, and as in the document."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from types import UnionType
from typing import Any

import pytest

import benchwire
from benchwire import models
from support.offered import CLIENTS as CLIENTS_OF_SPECS
from support.offered import methods, resources
from support.shared import require_shared

CLIENTS = {"PublicClient", "V2Client", "V0Client", "Benchwire", "Stratix"}
NAMES = {
    *CLIENTS,
    *(f"Async{name}" for name in CLIENTS),
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "BenchwireError",
    "ConfigurationError",
    "ConflictError",
    "DeadlineExceededError",
    "DuplicateJobError",
    "InsufficientCreditsError",
    "JobFailedError",
    "JournalError",
    "NotFoundError",
    "PaginationError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "RateLimitError",
    "RunStoppedError",
    "ServerError",
    "SubmissionUnknown",
    "UnprocessableEntityError",
    "WaitTimeoutError",
    "CallOptions",
    "FailureEvent",
    "Hooks",
    "RequestEvent",
    "ResponseEvent",
    "RetryEvent",
    "Secret",
    "errors",
    "export",
    "models",
    # of the vendor's client
    "AsyncAtlas",
    "AsyncClient",
    "Atlas",
    "AtlasError",
    "BenchmarkPrompt",
    "BenchmarkPromptsResponse",
    "Client",
    "ComparisonResponse",
    "ComparisonResult",
    "InternalServerError",
    "PublicBenchmarkDetail",
    "PublicBenchmarksListResponse",
    "PublicModelDetail",
    "PublicModelsListResponse",
    "StratixError",
}
# What `benchwire.models` has beside the classes of the specs, which tests/test_offered.py compares.
MODELS = {
    # of the vendor's client
    "Benchmark",
    "BenchmarksResponse",
    "EvaluationDataset",
    "EvaluationMetric",
    "EvaluationModelInfo",
    "EvaluationTaskType",
    "Model",
    "ModelsResponse",
    "PublicBenchmark",
    "PublicModel",
    # our own
    "EvaluationsResponse",
    "ResultsResponse",
    "CompletedOutcome",
    "FailedOutcome",
    "Intent",
    "JobOutcome",
    "JobSpec",
    "Pagination",
    "RateLimit",
    "ResponseInfo",
    "ResultList",
}


def test_all_names_are_pinned_and_there() -> None:
    assert set(benchwire.__all__) == NAMES
    assert len(benchwire.__all__) == len(NAMES)
    for name in NAMES:
        assert getattr(benchwire, name) is not None
    of_specs = {
        name
        for name in set(models.__all__) - MODELS
        if re.fullmatch(r"benchwire_api\.\w+\.models\.\w+", getattr(models, name).__module__)
    }
    assert set(models.__all__) - of_specs == MODELS
    assert len(models.__all__) == len(set(models.__all__))
    assert all(isinstance(getattr(models, name), type | UnionType) for name in models.__all__)


def public_members(thing: Any) -> Iterator[str]:
    return (name for name in dir(thing) if not name.startswith("_"))


@pytest.fixture
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Any]]:
    import asyncio

    sync_client = getattr(benchwire, request.param)("k")
    async_client = getattr(benchwire, f"Async{request.param}")("k")
    yield sync_client, async_client
    sync_client.close()
    asyncio.run(async_client.aclose())


each_client = pytest.mark.parametrize("pair", CLIENTS_OF_SPECS.values(), indirect=True, ids=str)


def plain(annotation: Any) -> str:
    """An annotation without what tells async from sync."""
    return str(annotation).replace("Async", "")


def check_same_signature(of_sync: Any, of_async: Any) -> None:
    first, second = inspect.signature(of_sync), inspect.signature(of_async)
    shapes = [
        [(p.name, p.kind, p.default, plain(p.annotation)) for p in signature.parameters.values()]
        for signature in (first, second)
    ]
    assert shapes[0] == shapes[1]
    assert plain(first.return_annotation) == plain(second.return_annotation)
    assert not inspect.iscoroutinefunction(of_sync)


@each_client
def test_sync_and_async_are_the_same(pair: tuple[Any, Any]) -> None:
    sync_groups, async_groups = resources(pair[0]), resources(pair[1])
    assert sync_groups.keys() == async_groups.keys()
    for group, of_sync in sync_groups.items():
        of_async = async_groups[group]
        names = set(public_members(of_sync)) - {"close"}
        assert names == set(public_members(of_async)) - {"aclose"}
        assert plain(type(of_async).__name__) == type(of_sync).__name__
        for name in names:
            one, other = getattr(of_sync, name), getattr(of_async, name)
            if not inspect.ismethod(one):
                continue
            check_same_signature(one, other)
            assert inspect.getdoc(one) == inspect.getdoc(other)
            waits = not name.startswith("iter_") and name not in {"copy", "with_options"}
            assert inspect.iscoroutinefunction(other) is waits, name


@pytest.mark.parametrize("name", sorted(CLIENTS))
def test_sync_and_async_are_made_alike(name: str) -> None:
    of_sync, of_async = getattr(benchwire, name), getattr(benchwire, f"Async{name}")
    check_same_signature(of_sync.__init__, of_async.__init__)
    assert inspect.getdoc(of_async).replace("Async", "") == inspect.getdoc(of_sync)


def sections(docstring: str) -> dict[str, str]:
    """A Google-style docstring by its sections; the summary has the empty name."""
    parts = re.split(r"^(Args|Returns|Raises|Spec|Attributes):$", docstring, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


@each_client
def test_every_operation_is_documented(pair: tuple[Any, Any]) -> None:
    for operation, method in methods(pair[0]).items():
        found = sections(inspect.getdoc(method) or "")
        summary = found[""].splitlines()[0]
        assert summary.rstrip().endswith("."), operation
        parameters = inspect.signature(method).parameters
        described = re.findall(r"^    \**(\w+):", found.get("Args", ""), flags=re.MULTILINE)
        assert described == list(parameters), operation
        assert "Raises" in found, operation
        assert "Returns" in found, operation
        assert re.fullmatch(r"\s*openapi/(public|v2|v0)\.yaml, \w+( and \w+)?\s*", found["Spec"])


@pytest.mark.parametrize("name", sorted({*CLIENTS, *(f"Async{name}" for name in CLIENTS)}))
def test_every_client_is_documented(name: str) -> None:
    client = getattr(benchwire, name)
    found = sections(inspect.getdoc(client) or "")
    described = re.findall(r"^    \**(\w+):", found["Args"], flags=re.MULTILINE)
    assert described == list(inspect.signature(client).parameters)
    assert "ConfigurationError" in found["Raises"]


# The document's calls, in its order.
DOCUMENTED = [
    "models.get",
    "benchmarks.get",
    "benchmarks.get_prompts",
    "benchmarks.get_all_prompts",
    "evaluations.get_by_id",
    "evaluations.get_many",
    "comparisons.compare",
    "comparisons.compare_models",
]


def tables() -> list[list[tuple[str, bool | None]]]:
    """The document's tables of parameters and properties: names, and whether each is required.

    A row takes three lines: the name, the type, and the rest, which says first whether a parameter
    is required. What is required of a property is not said.
    """
    lines = require_shared("seeds", "public-api.txt").read_text(encoding="utf-8").splitlines()
    found: list[list[tuple[str, bool | None]]] = []
    for start in [number for number, line in enumerate(lines) if line.startswith("|---|---|---|")]:
        rows: list[tuple[str, bool | None]] = []
        for number in range(start + 1, len(lines) - 2, 3):
            name = re.fullmatch(r"(\w+) \|", lines[number])
            if name is None:
                break
            required = re.match(r"(Yes|No) \|", lines[number + 2])
            rows.append((name[1], None if required is None else required[1] == "Yes"))
        found.append(rows)
    return found[1:]  # the first is that of the client, whose rows take four lines


def test_the_document_has_the_tables_these_tests_read() -> None:
    assert [len(rows) for rows in tables()] == [15, 17, 12, 10, 8, 3, 2, 2, 9, 7, 8, 8]


def test_every_documented_parameter_is_there() -> None:
    found = [rows for rows in tables() if rows[0][1] is not None]
    client = benchwire.PublicClient("k")
    for operation, rows in zip(DOCUMENTED, found, strict=True):
        group, name = operation.split(".")
        parameters = inspect.signature(getattr(getattr(client, group), name)).parameters
        documented = [parameter for parameter, _ in rows]
        # The last is the timeout, one of the options that every call takes by name.
        assert documented.pop() == "timeout" in benchwire.CallOptions.__annotations__
        taken = list(parameters)
        assert documented == [name for name in taken if name in documented], operation
        # What may be given by position is documented in this order.
        by_position = [
            name
            for name, parameter in parameters.items()
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD and name in documented
        ]
        assert by_position == documented[: len(by_position)], operation
        assert taken[-1] == "options", operation
        for parameter, required in rows[:-1]:
            default = parameters[parameter].default
            without = False if parameter == "unique" else None
            # A benchmark or a model may be given by its key instead.
            by_key = parameter.replace("_id", "_key") in {*taken} - {*documented}
            assert default is (inspect.Parameter.empty if required and not by_key else without), (
                parameter
            )
    client.close()


def test_the_client_takes_what_the_document_says() -> None:
    for name in ("PublicClient", "AsyncPublicClient", "Stratix", "AsyncStratix"):
        parameters = list(inspect.signature(getattr(benchwire, name)).parameters.values())[:3]
        assert [parameter.name for parameter in parameters] == ["api_key", "base_url", "timeout"]
        for parameter in parameters:
            assert parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
            assert parameter.default is None


def test_every_documented_property_is_there() -> None:
    found = [{name for name, _ in rows} for rows in tables() if rows[0][1] is None]
    kinds = [
        models.PublicModelDetail,
        models.PublicBenchmarkDetail,
        models.BenchmarkPrompt,
        models.ComparisonResult,
    ]
    for kind, properties in zip(kinds, found, strict=True):
        assert properties <= set(kind.__annotations__), kind
