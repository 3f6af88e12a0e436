"""Validates the arguments of a submission and builds its request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Generic, TypeVar, cast
from urllib.parse import parse_qsl, urlsplit

import orjson
from attrs import evolve, field, frozen

from benchwire._jobs.records import Item, Kind, benchmark_key
from benchwire._requests.fetch import parse_received
from benchwire._transport.received import Received
from benchwire.models import JobSpec
from benchwire.secret import Secret, concealed
from benchwire_api.arguments import enum, string
from benchwire_api.types import UNSET, Request, Response, Unset
from benchwire_api.v0.api.jobs import submit_job, submit_job_batch
from benchwire_api.v0.models import (
    BatchJobItem,
    Provider,
    SubmitJobBatchRequest,
    SubmitJobBatchResponse,
    SubmitJobRequest,
    SubmitJobResponse,
)
from benchwire_api.v0.models.provider import ProviderValue

_MIN_KEY_LENGTH = 8
"""A shorter value in the query of a URL is not treated as a key."""

T = TypeVar("T")
Submitted = SubmitJobResponse | SubmitJobBatchResponse
_Body = SubmitJobRequest | SubmitJobBatchRequest
S_co = TypeVar("S_co", bound=Submitted, covariant=True)


@frozen
class Payload(Generic[S_co]):
    """A submission that is ready to be sent.

    Attributes:
        kind: Whether it is one job or a batch.
        request: The request; its body holds the endpoint's key.
        items: The jobs, in order.
        benchmark_ids: Their benchmarks, as they are sent.
        endpoint_url: The model endpoint.
        secrets: The keys in the body.
        canonical: What is submitted without its keys; equal for equal submissions.
        parse: Parses the response.
    """

    kind: Kind
    request: Request
    items: tuple[Item, ...]
    benchmark_ids: tuple[str | int, ...]
    endpoint_url: str = field(repr=False)
    secrets: tuple[Secret, ...] = field(repr=False)
    canonical: bytes = field(repr=False)
    parse: Callable[[Received], S_co]


def job_payload(spec: JobSpec) -> Payload[SubmitJobResponse]:
    """Validate and build the submission of one job."""
    body = SubmitJobRequest(
        benchmark_id=spec.benchmark_id,
        endpoint_url=_endpoint_url(concealed(spec.endpoint_url)),
        api_key=_revealed("api_key", concealed(spec.api_key)),
        provider=_provider(spec.provider),
        model=_optional(spec.model),
        headers=_headers(concealed(spec.headers)),
        benchmark_count=_optional(spec.benchmark_count),
        seed=_optional(spec.seed),
    )
    request = submit_job.build_request(body=body)
    return _payload("job", request, body, [body], submit_job.parse_response)


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
    jobs: Sequence[BatchJobItem | Mapping[str, object] | str | int],
    endpoint_url: str,
    api_key: str | Secret,
    *,
    provider: ProviderValue | None,
    model: str | None,
    headers: Mapping[str, str | Secret] | None,
    seed: int | None,
) -> Payload[SubmitJobBatchResponse]:
    """Validate and build the submission of several jobs."""
    if isinstance(jobs, str) or not isinstance(jobs, Sequence):
        raise TypeError(f"jobs must be a list, not one {type(jobs).__name__}")
    body = SubmitJobBatchRequest(
        endpoint_url=_endpoint_url(endpoint_url),
        api_key=_revealed("api_key", api_key),
        jobs=[_batch_item(position, job) for position, job in enumerate(jobs)],
        provider=_provider(provider),
        model=_optional(model),
        headers=_headers(headers),
        seed=_optional(seed),
    )
    request = submit_job_batch.build_request(body=body)
    return _payload("batch", request, body, body.jobs, submit_job_batch.parse_response)


def _payload(
    kind: Kind,
    request: Request,
    body: _Body,
    jobs: Sequence[SubmitJobRequest | BatchJobItem],
    parse: Callable[[Response], S_co],
) -> Payload[S_co]:
    return Payload(
        kind,
        evolve(request, body=concealed(request.body)),
        tuple(Item(benchmark_key(job.benchmark_id), _units(job)) for job in jobs),
        tuple(job.benchmark_id for job in jobs),
        body.endpoint_url,
        _secrets(body),
        _canonical(kind, body),
        partial(parse_received, request, parse=parse),
    )


def _units(job: SubmitJobRequest | BatchJobItem) -> int:
    return job.benchmark_count or job.DEFAULT_BENCHMARK_COUNT


def _secrets(body: _Body) -> tuple[Secret, ...]:
    """Return the key, the header values, and the parts of the URL that are long enough for a key."""
    parts = urlsplit(body.endpoint_url)
    in_url = [parts.password or "", *(value for _, value in parse_qsl(parts.query))]
    secrets = [body.api_key, *(body.headers or {}).values()]
    secrets += [value for value in in_url if len(value) >= _MIN_KEY_LENGTH]
    return tuple(map(Secret, secrets))


def _canonical(kind: Kind, body: _Body) -> bytes:
    """Return what distinguishes submissions, as JSON: no keys, and of the headers the names."""
    content = {**body.to_dict(), "kind": kind, "headers": sorted(body.headers or {})}
    del content["api_key"]
    for job in [content] if kind == "job" else content["jobs"]:
        job["benchmark_id"] = benchmark_key(job["benchmark_id"])
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def _batch_item(
    position: int, job: BatchJobItem | Mapping[str, object] | str | int
) -> BatchJobItem:
    name = f"jobs[{position}]"
    if isinstance(job, str | int):
        return BatchJobItem(benchmark_id=job)
    if isinstance(job, BatchJobItem):
        return job
    if not isinstance(job, Mapping):
        raise TypeError(
            f"{name} must be a benchmark id or a BatchJobItem, not {type(job).__name__}"
        )
    if set(job) - {"benchmark_id", "benchmark_count"} or "benchmark_id" not in job:
        given = ", ".join(map(repr, job))
        raise ValueError(f"{name} must have benchmark_id and may have benchmark_count, not {given}")
    # The request validates the types.
    return BatchJobItem(
        benchmark_id=cast("str | int", job["benchmark_id"]),
        benchmark_count=_optional(cast("int | None", job.get("benchmark_count"))),
    )


def _optional(value: T | None) -> T | Unset:
    return UNSET if value is None else value


def _provider(value: ProviderValue | None) -> Provider | Unset:
    return UNSET if value is None else enum("provider", value, Provider)


def _revealed(name: str, value: str | Secret) -> str:
    """Return a key; with the line break or byte order mark of its file, a paid job would fail."""
    key = concealed(value.reveal()) if isinstance(value, Secret) else value
    string(name, key)
    if key != key.strip() or not (key[:1] + key[-1:]).isprintable():
        raise ValueError(f"{name} has white space or an invisible character around it")
    return key


def _headers(headers: Mapping[str, str | Secret] | None) -> dict[str, str] | Unset:
    if headers is None:
        return UNSET
    if not isinstance(headers, Mapping):
        raise TypeError(f"headers must be a mapping of str to str, not {type(headers).__name__}")
    return {name: _revealed(f"headers[{name!r}]", value) for name, value in headers.items()}


def _endpoint_url(url: str) -> str:
    string("endpoint_url", url)
    if not _is_http(url):
        # The text after a ? or a #, or before an @, may be a key and is not shown.
        shown = "" if "@" in url else f", not {re.split('[?#]', url)[0]!r}"
        raise ValueError(f"endpoint_url must be an http or https URL{shown}")
    return url


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_clean = url.isprintable() and " " not in url  # urlsplit takes off what is around it
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and is_clean
