"""The connection pool of the async clients, as that of the sync clients."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, cast

import httpcore

from benchwire._transport import connections
from benchwire._transport.aio_streams import AsyncBackend, time_limit
from benchwire._transport.connections import Headers, Link, Links, check_was_read


class AsyncPool:
    """Pooled connections that apply a `deadline`."""

    def __init__(self, context: ssl.SSLContext, *, keeps: bool) -> None:
        def connect(origin: httpcore.Origin) -> Link[httpcore.AsyncHTTPConnection]:
            options: dict[str, Any] = {"keepalive_expiry": connections.KEEPALIVE}
            options["network_backend"] = AsyncBackend()
            connection = httpcore.AsyncHTTPConnection(origin, context, **options)
            return Link(connection, options["network_backend"])

        self._links = Links(connect, keeps=keeps)
        self._free = asyncio.Semaphore(connections.MAX_CONNECTIONS)

    @property
    def connections(self) -> list[httpcore.AsyncHTTPConnection]:
        """The open connections."""
        return [link.connection for link in self._links.open()]

    @asynccontextmanager
    async def send(
        self, request: httpcore.Request
    ) -> AsyncIterator[tuple[int, Headers, AsyncGenerator[bytes]]]:
        """Send a request; yield the status, the headers and the body, still to be read."""
        async with time_limit(request.extensions["timeout"]["pool"], httpcore.PoolTimeout):
            await self._free.acquire()
        link = None
        try:
            link = self._links.take(request.url.origin)
            if link is None:
                raise httpcore.PoolTimeout("all connections are in use")
            response = await link.connection.handle_async_request(request)
            check_was_read(response)
            body = cast("AsyncGenerator[bytes]", aiter(cast("Any", response.stream)))
            async with aclosing(response):
                yield response.status, response.headers, body
            self._links.give_back(link)
        except BaseException:
            if link is not None:
                link.abort()
            raise
        finally:
            self._free.release()

    async def aclose(self) -> None:
        """Close the connections."""
        self._links.close()
        await asyncio.sleep(0)  # until the event loop has closed them
