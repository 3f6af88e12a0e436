"""The transport of the sync clients."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeVar

from attrs import field, frozen

from benchwire._transport.connections import Pool
from benchwire._transport.deadline import Deadline
from benchwire._transport.endpoint import Endpoint
from benchwire._transport.http import (
    HTTP_ERRORS,
    KeyAuth,
    RawHeaders,
    body_reader,
    check_is_current,
    check_uses,
    client_request,
    closed_error,
    is_of_network,
    pool_request,
    read_already,
    received,
    ssl_context,
    translated,
)
from benchwire._transport.options import Options
from benchwire._transport.own_frames import HiddenFrames
from benchwire._transport.port import Port, run_sync
from benchwire._transport.proxies import ProxyTrace
from benchwire._transport.received import Received
from benchwire._transport.streams import deadline
from benchwire._transport.transport import Transport
from benchwire._transport.without_command import httpx
from benchwire.options import Verify
from benchwire_api.processes import PerProcess
from benchwire_api.types import Request

T = TypeVar("T")

_Response = tuple[int, RawHeaders, Iterator[bytes]]
"""The status, the headers and the body, still to be read."""


class Connections:
    """The connections of a client and its copies: our own, or those of a user's httpx client."""

    def __init__(self, client: httpx.Client | None, verify: Verify = None) -> None:
        if client is not None and not isinstance(client, httpx.Client):
            raise TypeError(f"http_client must be an httpx.Client, not {type(client).__name__}")
        if client is not None and verify is not None:
            raise ValueError("verify is for connections of our own: http_client has its own")
        self._client = client
        self._uses = PerProcess(object)
        # Made here, since it would take its time from the first attempt.
        context = self._context = ssl_context(verify)
        # A request that must be executed once gets a connection of its own.
        self._pools = PerProcess(lambda: [Pool(context, keeps=keeps) for keeps in (True, False)])
        self._is_closed = False

    def again(self) -> Connections:
        """Return connections that are opened and closed apart from these."""
        return Connections(self._client, None if self._client else self._context)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._is_closed or (self._client is not None and self._client.is_closed)

    def close(self) -> None:
        """Close our own connections; those of a user's client stay open."""
        self._is_closed = True
        for pool in self._pools.made() or ():
            pool.close()

    def send(
        self, endpoint: Endpoint, request: Request, options: Options, seconds: float, *, fresh: bool
    ) -> Received:
        """Send a request once and read the response.

        Raises:
            APIConnectionError: If there was no response.
        """
        if self.is_closed:
            raise closed_error(request)
        if self._client is not None:
            check_uses(self._uses)
        until, proxy = time.monotonic() + seconds, ProxyTrace(endpoint)
        try:
            with (
                deadline(seconds),
                self._open(proxy, request, options, seconds, fresh=fresh) as response,
            ):
                return _read(response, options, until)
        except HTTP_ERRORS as problem:
            error = translated(endpoint, request, problem, is_closed=self.is_closed, proxy=proxy)
        finally:
            if self._is_closed:  # by another thread, which could not close what was opened since
                self.close()
        raise error

    @contextmanager
    def _open(
        self, proxy: ProxyTrace, request: Request, options: Options, seconds: float, *, fresh: bool
    ) -> Iterator[_Response]:
        endpoint = proxy.endpoint
        if self._client is None:
            pool = self._pools.get()[fresh]
            with pool.send(pool_request(endpoint, request, options, seconds)) as response:
                yield response
            return
        with closing(
            self._client.send(
                self._client.build_request(
                    **client_request(endpoint, request, options, seconds, proxy)
                ),
                stream=True,
                auth=KeyAuth(endpoint) if request.needs_key else None,
                follow_redirects=False,
            )
        ) as foreign:
            check_is_current(request, foreign)
            headers, body = read_already(foreign) or (foreign.headers.raw, None)
            chunks = foreign.iter_raw() if body is None else iter((body,))
            yield foreign.status_code, headers, chunks


def _read(response: _Response, options: Options, until: float) -> Received:
    status, headers, chunks = response
    body = body_reader(status, headers, options)
    try:
        for chunk in chunks:
            body.feed(chunk)
            if body.fault is not None:
                break
            if time.monotonic() >= until:
                raise httpx.ReadTimeout("the deadline has passed")
    except HTTP_ERRORS as error:
        if status < 400 or not is_of_network(error):  # the status of an error is enough
            raise
        body.break_off(error)
    return received(status, headers, body)


@frozen(kw_only=True)
class SyncTransport(Transport):
    """Runs the operations of the sync clients.

    Attributes:
        connections: Shared by all copies of a client.
        sleep: Sleeps; replaceable, so that tests do not wait.
    """

    connections: Connections = field(repr=False)
    sleep: Callable[[float], None] = time.sleep

    def run(
        self,
        operation: Callable[[Port], Coroutine[Any, Any, T]],
        deadline: Deadline | None = None,
        *,
        retries_429: bool = True,
    ) -> T:
        """Run an operation and return its result.

        Args:
            operation: Makes the coroutine, from its port.
            deadline: The operation's deadline, if it began earlier than now.
            retries_429: Whether a 429 is retried, and not left to the operation.
        """
        until = self.deadline() if deadline is None else deadline
        with HiddenFrames():
            return run_sync(operation(self.sender(_SyncIO(self), until, retries_429=retries_429)))


@frozen
class _SyncIO:
    """Input and output that never suspends."""

    transport: SyncTransport

    async def attempt(self, request: Request, seconds: float, *, fresh: bool) -> Received:
        transport = self.transport
        return transport.connections.send(
            transport.endpoint, request, transport.options, seconds, fresh=fresh
        )

    async def sleep(self, seconds: float) -> None:
        self.transport.sleep(seconds)

    async def call(self, function: Callable[[], T]) -> T:
        return function()
