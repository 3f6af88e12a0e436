"""Sends prompts to a model endpoint over HTTP, with bounded tries, time and size."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from benchwire_local.jobs.endpoint_config import ModelEndpoint

# Statuses that may pass: the endpoint is busy or hiccups. Any other failure is final.
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a job may ask of an endpoint, and the server of itself.

    Attributes:
        running_jobs: Jobs that run at the same time; the others wait as ``pending``.
        prompts_per_job: Requests of one job under way at the same time.
        request_timeout: Seconds for one request, from connecting to the body's last byte.
        tries: How often a prompt is sent to an endpoint that fails in a way that may pass.
        retry_delay: Seconds before the second try; doubled for each further one.
        longest_delay: The most seconds a ``Retry-After`` may ask for.
        body_bytes: The largest response body.
    """

    running_jobs: int = 4
    prompts_per_job: int = 4
    request_timeout: float = 60.0
    tries: int = 3
    retry_delay: float = 0.25
    longest_delay: float = 30.0
    body_bytes: int = 1_000_000


class EndpointFailedError(Exception):
    """The endpoint can't be worked with; the message says why and holds no secret."""


@dataclass(frozen=True, slots=True)
class _Failure:
    reason: str
    may_pass: bool
    retry_after: float = 0.0


def open_transport() -> httpx.AsyncHTTPTransport:
    """A pool of connections that goes where it is told and nowhere else: no proxies, no redirects.

    It is a transport and not a client, because a client logs every URL with its query, where some
    endpoints take a key, and keeps cookies, which one job would then send for another.
    """
    return httpx.AsyncHTTPTransport(
        trust_env=False,
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
    )


async def ask(
    transport: httpx.AsyncHTTPTransport, endpoint: ModelEndpoint, body: bytes, limits: Limits
) -> bytes:
    """Send one prompt and return the body of the answer.

    Args:
        transport: From :func:`open_transport`.
        endpoint: Where to, and with which headers.
        body: The JSON to post.
        limits: Bounds on tries, time and size.

    Raises:
        EndpointFailedError: No 2xx answer could be had.
    """
    attempt = 1
    while True:
        answer = await _ask_once(transport, endpoint, body, limits)
        if isinstance(answer, bytes):
            return answer
        if not answer.may_pass or attempt == limits.tries or answer.retry_after < 0:
            tries = f" ({attempt} tries)" if attempt > 1 else ""
            raise EndpointFailedError(f"The endpoint {answer.reason}{tries}")
        await asyncio.sleep(max(limits.retry_delay * 2 ** (attempt - 1), answer.retry_after))
        attempt += 1


async def _ask_once(
    transport: httpx.AsyncHTTPTransport, endpoint: ModelEndpoint, body: bytes, limits: Limits
) -> bytes | _Failure:
    request = httpx.Request("POST", endpoint.url, content=body, headers=endpoint.request_headers())
    try:
        # One bound on the whole: httpx's read timeout starts anew with each byte that drips in.
        async with asyncio.timeout(limits.request_timeout):
            response = await transport.handle_async_request(request)
            try:
                content = await _bounded_body(response, limits.body_bytes)
            finally:
                await response.aclose()
    except TimeoutError:
        return _Failure(f"did not answer within {limits.request_timeout:g} seconds", may_pass=True)
    except httpx.TransportError as error:
        # httpx's own words may quote a header, hence the redaction.
        detail = endpoint.excerpt(f"{type(error).__name__}: {error}".rstrip(": "))
        verb = "broke off" if isinstance(error, httpx.RemoteProtocolError) else "can't be reached"
        return _Failure(f"{verb}: {detail}", may_pass=True)
    if content is None:
        return _Failure(f"answered with more than {limits.body_bytes} bytes", may_pass=False)
    if response.headers.get("content-encoding", "identity") != "identity":
        # Not asked for, and a small compressed body can unpack to any size.
        return _Failure("answered with a compressed body", may_pass=False)
    if response.is_success:
        return content
    excerpt = endpoint.excerpt(content.decode("utf-8", "replace")) or "no text"
    return _Failure(
        f"answered HTTP {response.status_code}: {excerpt}",
        may_pass=response.status_code in _TRY_AGAIN,
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
    """The seconds a ``Retry-After`` asks for; 0 if it says none, -1 if more than we wait."""
    if value is None or not (value.isascii() and value.isdigit()):
        return 0.0
    seconds = float(value)
    return seconds if seconds <= longest else -1.0
