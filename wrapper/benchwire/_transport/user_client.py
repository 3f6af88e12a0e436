"""Sends requests over an httpx client of the user's, sync or async."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import aclosing, asynccontextmanager, closing, contextmanager
from typing import Generic, TypeVar, cast

import httpx

from benchwire._transport.base_url import parse_base_url
from benchwire._transport.endpoint import Endpoint
from benchwire._transport.http import RawHeaders, request_headers
from benchwire._transport.options import Options
from benchwire._transport.port import NO_CACHE
from benchwire._transport.proxies import ProxyTrace
from benchwire.errors import BenchwireError
from benchwire_api.processes import PerProcess
from benchwire_api.types import Request

Client = TypeVar("Client", httpx.Client, httpx.AsyncClient)


class _UserClient(Generic[Client]):
    """What both kinds have in common."""

    def __init__(self, client: object, kind: type[Client], verify: object) -> None:
        if not isinstance(client, kind):
            raise TypeError(
                f"http_client must be an httpx.{kind.__name__}, not {type(client).__name__}"
            )
        if verify is not None:
            raise ValueError("verify is for connections of our own: http_client has its own")
        self.client: Client = client
        self._uses = PerProcess(object)

    @property
    def is_closed(self) -> bool:
        """Whether the user has closed it."""
        return bool(self.client.is_closed)

    def check_process(self) -> None:
        """Refuse a client that a process before this one has used.

        Its connections are those of the other process, and each would get the other's responses.
        """
        self._uses.get()
        if self._uses.was_made_before():
            raise BenchwireError(
                "http_client was used before this process was forked, and its connections are those"
                " of the other process: make one in each process"
            )

    def build(
        self, endpoint: Endpoint, request: Request, options: Options, seconds: float, trace: object
    ) -> httpx.Request:
        """Build a request of httpx, without the key."""
        url = httpx.URL(endpoint.base_url + request.target)
        built = self.client.build_request(
            request.method,
            url,
            headers=request_headers(request, options),
            content=request.body,
            timeout=httpx.Timeout(**options.timeouts.capped(seconds)),
            extensions={"trace": trace},
        )
        if added := self.client.params:  # httpx puts them in the place of the request's query
            for name in url.params:
                added = added.remove(name)
            query = b"&".join(filter(None, (url.query, str(added).encode())))
            built.url = url.copy_with(query=query)
        return built


class UserClient(_UserClient[httpx.Client]):
    """A sync client of the user's."""

    def __init__(self, client: object, verify: object) -> None:
        super().__init__(client, httpx.Client, verify)

    @contextmanager
    def open(
        self, proxy: ProxyTrace, request: Request, options: Options, seconds: float
    ) -> Iterator[tuple[int, RawHeaders, Iterator[bytes]]]:
        """Send a request; yield the status, the headers and the body, still to be read."""
        built = self.build(proxy.endpoint, request, options, seconds, proxy)
        auth = _KeyAuth(proxy.endpoint) if request.needs_key else None
        with closing(
            self.client.send(built, stream=True, auth=auth, follow_redirects=False)
        ) as response:
            _check_is_current(request, response)
            headers, body = _read_already(response)
            chunks = response.iter_raw() if body is None else iter((body,))
            yield response.status_code, headers, chunks


class AsyncUserClient(_UserClient[httpx.AsyncClient]):
    """An async client of the user's."""

    def __init__(self, client: object, verify: object) -> None:
        super().__init__(client, httpx.AsyncClient, verify)

    @asynccontextmanager
    async def open(
        self, proxy: ProxyTrace, request: Request, options: Options, seconds: float
    ) -> AsyncIterator[tuple[int, RawHeaders, AsyncGenerator[bytes]]]:
        """Send a request; yield the status, the headers and the body, still to be read."""
        built = self.build(proxy.endpoint, request, options, seconds, proxy.awaited)
        auth = _KeyAuth(proxy.endpoint) if request.needs_key else None
        async with aclosing(
            await self.client.send(built, stream=True, auth=auth, follow_redirects=False)
        ) as response:
            _check_is_current(request, response)
            headers, body = _read_already(response)
            chunks = cast("AsyncGenerator[bytes]", response.aiter_raw())
            yield response.status_code, headers, chunks if body is None else _whole(body)


async def _whole(body: bytes) -> AsyncGenerator[bytes]:
    yield body


class _KeyAuth(httpx.Auth):
    """Adds the key to a request for the time it is being sent.

    So the request held by httpx's exceptions and responses has no key. The client's own event hooks
    do see it: they are called meanwhile.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Add the key, for the API's own origin alone, and remove it again."""
        base, url = parse_base_url(self._endpoint.base_url), request.url
        host = url.raw_host.decode("ascii")
        if (url.scheme, host, url.port) != (base.scheme, base.host, base.port):
            raise BenchwireError(
                f"a request to {base.host} was redirected to {host}, which must not get the key"
            )
        name, key = self._endpoint.key_header
        request.headers[name] = str(key)
        try:
            yield request
        finally:
            del request.headers[name]


def _check_is_current(request: Request, response: httpx.Response) -> None:
    """Refuse a stored response of a cache that ignores what the request says (hishel's default)."""
    status = response.extensions.get("caching")
    if (
        NO_CACHE.items() <= request.headers.items()
        and isinstance(status, dict)
        and status.get("from_cache")
        and not status.get("revalidated")
    ):
        raise BenchwireError(
            f"{request.method} {request.path}: http_client answered from its cache, and the present"
            " state is needed: make its cache follow RFC 9111 (rfc=True), or leave it out here"
        )


def _read_already(response: httpx.Response) -> tuple[RawHeaders, bytes | None]:
    """Return the headers, and the body if a transport or a hook of httpx has read it.

    Mocks and caches give such responses. The body is decoded, so the headers of its coding are not
    returned. ``None`` if the body is still to be read, or was read by parts and is lost.
    """
    try:
        body = response.content
    except httpx.ResponseNotRead:
        return response.headers.raw, None
    of_coding = {b"content-encoding", b"content-length", b"transfer-encoding"}
    return [pair for pair in response.headers.raw if pair[0].lower() not in of_coding], body
