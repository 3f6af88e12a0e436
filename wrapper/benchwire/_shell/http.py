"""What the sync and the async transport share: how a request is put to httpx, how faults are told."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpx

from benchwire._core.checks import seconds
from benchwire._core.plan import Send
from benchwire._core.settings import Access
from benchwire.errors import APIConnectionError, APITimeoutError, BenchwireError
from benchwire_api.types import Request, Response

try:
    _VERSION = version("benchwire")
except PackageNotFoundError:
    _VERSION = "unknown"

USER_AGENT = f"benchwire/{_VERSION}"

DEFAULT_TIMEOUT = 600.0
"""Seconds an attempt may wait for data (the reference says 10 minutes)."""
CONNECT_TIMEOUT = 5.0
"""Seconds an attempt may take to connect."""

CLIENT_OPTIONS: dict[str, Any] = {
    # A proxy from the environment would see the key, and so would the target of a redirect.
    "trust_env": False,
    "follow_redirects": False,
    "limits": httpx.Limits(max_connections=100, max_keepalive_connections=20),
}

Timeout = float | httpx.Timeout


def as_timeout(value: Timeout | None) -> httpx.Timeout:
    """Check a timeout and give it httpx's form; ``None`` is the default of 10 minutes."""
    if isinstance(value, httpx.Timeout):
        return value
    total = DEFAULT_TIMEOUT if value is None else seconds("timeout", value)
    return httpx.Timeout(total, connect=min(CONNECT_TIMEOUT, total))


def within(timeout: httpx.Timeout, limit: float | None) -> httpx.Timeout:
    """Shorten each part of a timeout to a limit."""
    if limit is None:
        return timeout
    return httpx.Timeout(
        **{
            name: limit if part is None else min(part, limit)
            for name, part in timeout.as_dict().items()
        }
    )


def outgoing(access: Access, send: Send, timeout: httpx.Timeout) -> dict[str, Any]:
    """Give the arguments of ``httpx.Client.request`` for a request of a plan."""
    key_name, key_value = access.key_header
    return {
        "method": send.request.method,
        "url": access.base_url + send.request.target,
        "content": send.request.body,
        "headers": {
            "accept": "application/json",
            "user-agent": USER_AGENT,
            **send.request.headers,
            key_name: key_value,
        },
        "timeout": within(timeout, send.within),
        "follow_redirects": False,
    }


def incoming(response: httpx.Response) -> Response:
    """Turn what httpx received into what a plan reads."""
    # A response and its stream hold each other, and with them the whole body, until the garbage
    # collector finds them. It is read by now; letting go of the stream frees it at once.
    response.stream = httpx.ByteStream(b"")
    return Response(
        status_code=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        content=response.content,
    )


def fault(access: Access, request: Request, problem: Exception, *, is_closed: bool) -> Exception:
    """Give the error to raise for what httpx raised.

    It must be raised outside the except block: httpx's exception holds the request, and the request
    holds the key.
    """
    where = f"{request.method} {access.base_url}{request.path}"
    if isinstance(problem, httpx.TimeoutException):
        phase = type(problem).__name__.removesuffix("Timeout").lower()
        return APITimeoutError(
            f"{where} got no answer in time ({phase})", operation=request.operation_id
        )
    if isinstance(problem, RuntimeError):
        # httpx says so that the client is closed. Any other comes from a hook or a transport of the
        # user's own, and says nothing about whether the request went out.
        return BenchwireError(f"{where}: the client is closed") if is_closed else problem
    return APIConnectionError(
        f"{where} got no answer: {type(problem).__name__}: {problem}",
        operation=request.operation_id,
    )


FAULTS = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, RuntimeError)
"""What httpx raises where there is no answer."""
