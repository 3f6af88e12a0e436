"""Sends requests with httpx, for use of the packages by themselves."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

from attrs import define, evolve, field

from .processes import PerProcess, fork_waits
from .types import Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    import httpx

__all__ = ["Client"]

CONNECT_TIMEOUT = 5.0
_LONGEST_WAIT = 2e6  # 23 days: a socket waits for at most 2**31 milliseconds


class _Pool:
    """The httpx clients that a client and its copies share, each made when it is first used.

    A forked process makes its own, since two processes on one connection get each other's responses.
    """

    def __init__(self) -> None:
        self._sync = PerProcess(_sync_client)
        self._async = PerProcess(_async_client)

    def sync(self) -> httpx.Client:
        return self._sync.get()

    def asyncio(self) -> httpx.AsyncClient:
        return self._async.get()

    def close(self) -> None:
        client = self._sync.forget()
        if client is not None:
            client.close()

    async def aclose(self) -> None:
        client = self._async.forget()
        if client is not None:
            await client.aclose()


# httpx is imported here because it takes longer to import than all of these packages.
@fork_waits()
def _sync_client() -> httpx.Client:
    import httpx  # noqa: PLC0415

    return httpx.Client()


@fork_waits()
def _async_client() -> httpx.AsyncClient:
    import httpx  # noqa: PLC0415

    return httpx.AsyncClient()


def _finite(_client: object, _attribute: object, value: float) -> None:
    if not 0 < value <= sys.float_info.max:
        raise ValueError(f"timeout must be a positive, finite number of seconds, not {value}")


@define(kw_only=True, eq=False)
class Client:
    """Sends requests to one API.

    A context manager, sync and async; without `with`, call `close` or `aclose`. Copies made by
    `with_timeout` and `with_headers` use the same connections.

    Attributes:
        base_url: The URL that the paths of the spec are relative to.
        token: The key. It stays out of the repr.
        auth_header: The header the key is sent in.
        auth_prefix: The word before the key in that header, such as `Bearer`.
        timeout: Seconds to wait for data, once connected; connecting may take 5 of them.
        headers: More headers for every request. They may hold keys, so they stay out of the repr.
    """

    base_url: str
    token: str = field(repr=False)
    auth_header: str = "Authorization"
    auth_prefix: str = "Bearer"
    timeout: float = field(default=600.0, validator=_finite)
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    _pool: _Pool = field(factory=_Pool, repr=False, alias="pool")

    def with_timeout(self, timeout: float) -> Self:
        """Return a copy with another timeout, in seconds; this client stays as it is."""
        return evolve(self, timeout=timeout)

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """Return a copy that sends these headers too; this client stays as it is."""
        return evolve(self, headers={**self.headers, **headers})

    def send(self, request: Request) -> Response:
        """Send a request and read the whole response.

        Raises:
            httpx.HTTPError: If there is no response: no connection, or none in time.
        """
        if request.empty_response is not None:
            return Response(status_code=200, content=request.empty_response)
        response = self._pool.sync().request(
            request.method,
            self._url(request),
            content=request.body,
            headers=self._headers(request),
            timeout=self._timeout(),
        )
        return _received(response)

    async def send_async(self, request: Request) -> Response:
        """Send a request and read the whole response, without blocking the event loop.

        Raises:
            httpx.HTTPError: If there is no response: no connection, or none in time.
        """
        if request.empty_response is not None:
            return Response(status_code=200, content=request.empty_response)
        response = await self._pool.asyncio().request(
            request.method,
            self._url(request),
            content=request.body,
            headers=self._headers(request),
            timeout=self._timeout(),
        )
        return _received(response)

    def close(self) -> None:
        """Close the connections of `send`, for every copy."""
        self._pool.close()

    async def aclose(self) -> None:
        """Close the connections of `send_async`, for every copy."""
        await self._pool.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _url(self, request: Request) -> str:
        return self.base_url.rstrip("/") + request.target

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {"accept": "application/json", **self.headers, **request.headers}
        if request.needs_key:
            prefix = f"{self.auth_prefix} " if self.auth_prefix else ""
            headers[self.auth_header] = f"{prefix}{self.token}"
        return headers

    @fork_waits()
    def _timeout(self) -> httpx.Timeout:
        import httpx  # noqa: PLC0415

        timeout = min(self.timeout, _LONGEST_WAIT)
        return httpx.Timeout(timeout, connect=min(CONNECT_TIMEOUT, timeout))


def _received(response: httpx.Response) -> Response:
    return Response(
        status_code=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        content=response.content,
    )
