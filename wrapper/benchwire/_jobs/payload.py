"""Validates the arguments of a submission and builds its request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit

import orjson
from attrs import field, frozen

from benchwire._core import checks
from benchwire._jobs.records import Item, Kind
from benchwire._requests.responses import parser
from benchwire.models import JobSpec
from benchwire.secret import Secret
from benchwire_api.types import UNSET, Request, Response, Unset
from benchwire_api.v0.api.jobs import submit_job as submit_job_operation
from benchwire_api.v0.api.jobs import submit_job_batch as submit_batch_operation
from benchwire_api.v0.models import (
    BatchJobItem,
    Provider,
    SubmitJobBatchRequest,
    SubmitJobBatchResponse,
    SubmitJobRequest,
    SubmitJobResponse,
)

MAX_UNITS = 10
"""The maximum of benchmark_count (openapi/v0.yaml)."""

_MIN_KEY_LENGTH = 8

Submitted = SubmitJobResponse | SubmitJobBatchResponse
S_co = TypeVar("S_co", bound=Submitted, covariant=True)


@frozen
class Payload(Generic[S_co]):
    """A submission that is ready to be sent.

    Attributes:
        kind: Whether it is one job or a batch.
        request: The request; its body holds the endpoint's key.
        items: The jobs, in order.
        endpoint_url: The model endpoint.
        secrets: The keys in the body.
        canonical: What is submitted without its keys; equal for equal submissions.
        parse: Parses the response.
    """

    kind: Kind
    request: Request
    items: tuple[Item, ...]
    endpoint_url: str = field(repr=False)
    secrets: tuple[Secret, ...] = field(repr=False)
    canonical: bytes = field(repr=False)
    parse: Callable[[Response], S_co]


def job_payload(spec: JobSpec) -> Payload[SubmitJobResponse]:
    """Validate and build the submission of one job."""
    body = SubmitJobRequest(
        benchmark_id=checks.identifier("benchmark_id", spec.benchmark_id),
        endpoint_url=_endpoint_url(spec.endpoint_url),
        api_key=_key(spec.api_key),
        provider=checks.choice("provider", spec.provider, Provider),
        model=checks.text("model", spec.model),
        headers=_headers(spec.headers),
        benchmark_count=_units("benchmark_count", spec.benchmark_count),
        seed=_seed(spec.seed),
    )
    request = submit_job_operation.build_request(body=body)
    return Payload(
        "job",
        request,
        (Item(body.benchmark_id, body.benchmark_count or 1),),
        body.endpoint_url,
        _secrets(body),
        _canonical("job", body),
        parser(request, submit_job_operation.parse_response),
    )


def job_payloads(specs: Sequence[JobSpec]) -> list[Payload[SubmitJobResponse]]:
    """Validate and build the submissions of a run; errors name the position of the spec."""
    if not isinstance(specs, Sequence):
        raise TypeError(f"specs must be a list of JobSpec, not one {type(specs).__name__}")
    return [_job_payload_at(position, spec) for position, spec in enumerate(specs)]


def _job_payload_at(position: int, spec: JobSpec) -> Payload[SubmitJobResponse]:
    if not isinstance(spec, JobSpec):
        raise TypeError(f"specs[{position}] must be a JobSpec, not {type(spec).__name__}")
    try:
        return job_payload(spec)
    except (TypeError, ValueError) as error:
        kind, message = type(error), str(error)
    raise kind(f"specs[{position}]: {message}")


def batch_payload(
    jobs: Sequence[BatchJobItem | Mapping[str, object] | str],
    endpoint_url: str,
    api_key: str | Secret,
    *,
    provider: Provider | str | None,
    model: str | None,
    headers: Mapping[str, str | Secret] | None,
    seed: int | None,
) -> Payload[SubmitJobBatchResponse]:
    """Validate and build the submission of several jobs."""
    if isinstance(jobs, str) or not isinstance(jobs, Sequence):
        raise TypeError(f"jobs must be a list, not one {type(jobs).__name__}")
    items = [_batch_item(position, job) for position, job in enumerate(jobs)]
    if not items:
        raise ValueError("jobs is empty: a batch needs at least one job")
    body = SubmitJobBatchRequest(
        endpoint_url=_endpoint_url(endpoint_url),
        api_key=_key(api_key),
        jobs=items,
        provider=checks.choice("provider", provider, Provider),
        model=checks.text("model", model),
        headers=_headers(headers),
        seed=_seed(seed),
    )
    request = submit_batch_operation.build_request(body=body)
    return Payload(
        "batch",
        request,
        tuple(Item(item.benchmark_id, item.benchmark_count or 1) for item in items),
        body.endpoint_url,
        _secrets(body),
        _canonical("batch", body),
        parser(request, submit_batch_operation.parse_response),
    )


def _secrets(body: SubmitJobRequest | SubmitJobBatchRequest) -> tuple[Secret, ...]:
    """Return the key, the header values, and the parts of the URL that are long enough for a key."""
    parts = urlsplit(body.endpoint_url)
    in_url = [parts.password or "", *(value for _, value in parse_qsl(parts.query))]
    secrets = [body.api_key, *(body.headers or {}).values()]
    secrets += [value for value in in_url if len(value) >= _MIN_KEY_LENGTH]
    return tuple(map(Secret, secrets))


def _canonical(kind: Kind, body: SubmitJobRequest | SubmitJobBatchRequest) -> bytes:
    """Return what distinguishes submissions, as JSON: no keys, and of the headers the names."""
    content = {**body.to_dict(), "kind": kind, "headers": sorted(body.headers or {})}
    del content["api_key"]
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def _batch_item(position: int, job: BatchJobItem | Mapping[str, object] | str) -> BatchJobItem:
    name = f"jobs[{position}]"
    benchmark_id: object
    count: object = None
    if isinstance(job, str):
        benchmark_id = job
    elif isinstance(job, BatchJobItem):
        benchmark_id = job.benchmark_id
        count = None if isinstance(job.benchmark_count, Unset) else job.benchmark_count
    elif isinstance(job, Mapping):
        unknown = set(job) - {"benchmark_id", "benchmark_count"}
        if unknown or "benchmark_id" not in job:
            raise ValueError(
                f"{name} must have benchmark_id and may have benchmark_count, not"
                f" {', '.join(map(repr, job))}"
            )
        benchmark_id, count = job["benchmark_id"], job.get("benchmark_count")
    else:
        raise TypeError(
            f"{name} must be a benchmark id or a BatchJobItem, not {type(job).__name__}"
        )
    return BatchJobItem(
        benchmark_id=checks.identifier(f"{name}.benchmark_id", benchmark_id),
        benchmark_count=_units(f"{name}.benchmark_count", count),
    )


def _key(api_key: str | Secret) -> str:
    return checks.sendable("api_key", api_key.reveal() if isinstance(api_key, Secret) else api_key)


def _units(name: str, value: object) -> int | Unset:
    return UNSET if value is None else checks.whole(name, value, 1, MAX_UNITS)


def _seed(value: int | None) -> int | Unset:
    return UNSET if value is None else checks.whole("seed", value, -(2**63), 2**63 - 1)


def _endpoint_url(url: str) -> str:
    checks.sendable("endpoint_url", url)
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_valid = False
    if not is_valid:
        # The text after a ? or before an @ may be a key and is not shown.
        shown = "" if "@" in url else f", not {url.partition('?')[0]!r}"
        raise ValueError(f"endpoint_url must be an http or https URL{shown}")
    return url


def _headers(headers: Mapping[str, object] | None) -> dict[str, str] | Unset:
    if headers is None:
        return UNSET
    if not isinstance(headers, Mapping):
        raise TypeError(f"headers must be a mapping of str to str, not {type(headers).__name__}")
    checked: dict[str, str] = {}
    for name, value in headers.items():
        if not isinstance(name, str):
            raise TypeError(f"the names of headers must be str, not {type(name).__name__}")
        plain = value.reveal() if isinstance(value, Secret) else value
        checked[checks.sendable("a name of headers", name)] = checks.sendable(
            f"headers[{name!r}]", plain
        )
    return checked
