"""HTTP requests to a model endpoint, with limits on attempts, time and size."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

    from benchwire_local.jobs.endpoint_config import ModelEndpoint

# Transient statuses: the request is retried. Any other failure is final.
_RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on jobs and on their requests to an endpoint.

    Attributes:
        running_jobs: Maximum of jobs that run at once; the others wait as ``pending``.
        prompts_per_job: Maximum of concurrent requests of one job.
        request_timeout: Seconds for one request, from connecting to the body's last byte.
        tries: Maximum of attempts for a prompt if the failures are transient.
        retry_delay: Seconds before the first retry; doubled for each further one.
        longest_delay: Maximum of a ``Retry-After`` in seconds; above it, the request fails.
        body_bytes: Maximum size of a response body.
    """

    running_jobs: int = 4
    prompts_per_job: int = 4
    request_timeout: float = 60.0
    tries: int = 3
    retry_delay: float = 0.25
    longest_delay: float = 30.0
    body_bytes: int = 1_000_000


class EndpointFailedError(Exception):
    """The endpoint failed; the message has the reason and contains no secret."""


@dataclass(frozen=True, slots=True)
class _Failure:
    reason: str
    transient: bool
    retry_after: float = 0.0


def open_transport() -> httpx.AsyncHTTPTransport:
    """Return a connection pool that uses no proxies and follows no redirects.

    A transport rather than a client: a client logs every URL with its query, where some endpoints
    expect a key, and stores cookies, which would be shared between jobs.
    """
    import httpx  # noqa: PLC0415  most servers run no job

    return httpx.AsyncHTTPTransport(
        trust_env=False,
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
    )


async def send_prompt(
    transport: httpx.AsyncHTTPTransport, endpoint: ModelEndpoint, body: bytes, limits: Limits
) -> bytes:
    """Send one prompt and return the response body.

    Args:
        transport: From :func:`open_transport`.
        endpoint: The URL and the headers.
        body: The JSON to send.
        limits: Limits on attempts, time and size.

    Raises:
        EndpointFailedError: No attempt got a 2xx response.
    """
    attempt = 1
    while True:
        result = await _attempt(transport, endpoint, body, limits)
        if isinstance(result, bytes):
            return result
        if not result.transient or attempt == limits.tries or result.retry_after < 0:
            attempts = f" ({attempt} attempts)" if attempt > 1 else ""
            raise EndpointFailedError(f"The endpoint {result.reason}{attempts}")
        await asyncio.sleep(max(limits.retry_delay * 2 ** (attempt - 1), result.retry_after))
        attempt += 1


async def _attempt(
    transport: httpx.AsyncHTTPTransport, endpoint: ModelEndpoint, body: bytes, limits: Limits
) -> bytes | _Failure:
    import httpx  # noqa: PLC0415

    request = httpx.Request("POST", endpoint.url, content=body, headers=endpoint.request_headers())
    try:
        # One limit for the whole request: httpx's read timeout restarts with each byte received.
        async with asyncio.timeout(limits.request_timeout):
            response = await transport.handle_async_request(request)
            try:
                content = await _bounded_body(response, limits.body_bytes)
            finally:
                await response.aclose()
    except TimeoutError:
        return _Failure(
            f"did not respond within {limits.request_timeout:g} seconds", transient=True
        )
    except httpx.TransportError as error:
        # httpx's message may quote a header, hence the redaction.
        message = f"{type(error).__name__}: {error}".rstrip(": ")
        detail = await asyncio.to_thread(endpoint.excerpt, message)
        verb = (
            "closed the connection early"
            if isinstance(error, httpx.RemoteProtocolError)
            else "can't be reached"
        )
        return _Failure(f"{verb}: {detail}", transient=True)
    if content is None:
        return _Failure(f"sent more than {limits.body_bytes} bytes", transient=False)
    if response.headers.get("content-encoding", "identity") != "identity":
        # Not requested, and a small compressed body can expand to any size.
        return _Failure("sent a compressed body", transient=False)
    if response.is_success:
        return content
    text = content.decode("utf-8", "replace")
    excerpt = await asyncio.to_thread(endpoint.excerpt, text) or "no text"
    return _Failure(
        f"returned HTTP {response.status_code}: {excerpt}",
        transient=response.status_code in _RETRYABLE,
        retry_after=_retry_after(response.headers.get("retry-after"), limits.longest_delay),
    )


async def _bounded_body(response: httpx.Response, most: int) -> bytes | None:
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > most:
            return None
    return bytes(content)


def _retry_after(value: str | None, longest: float) -> float:
    """Return the seconds of a ``Retry-After``; 0 if it has none, -1 if they exceed the limit."""
    if value is None or not (value.isascii() and value.isdigit()):
        return 0.0
    seconds = float(value)
    return seconds if seconds <= longest else -1.0
