"""The transport of the sync clients."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

import httpcore
from attrs import field, frozen

from benchwire._transport.connections import Pool
from benchwire._transport.deadline import Deadline
from benchwire._transport.endpoint import Endpoint
from benchwire._transport.http import (
    RawHeaders,
    body_reader,
    closed_error,
    http_errors,
    is_of_network,
    pool_request,
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
from benchwire.options import Verify
from benchwire_api.processes import PerProcess, fork_waits
from benchwire_api.types import Request

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

_Response = tuple[int, RawHeaders, Iterator[bytes]]
"""The status, the headers and the body, still to be read."""


class Connections:
    """The connections of a client and its copies: our own, or those of a user's httpx client."""

    def __init__(self, client: httpx.Client | None, verify: Verify = None) -> None:
        self._user_client = None
        if client is not None:
            # Imported here, because httpx takes longer to import than all of benchwire.
            with fork_waits():
                from benchwire._transport.user_client import UserClient  # noqa: PLC0415

            self._user_client = UserClient(client, verify)
        # Made here, since it would take its time from the first attempt.
        context = self._context = ssl_context(verify)
        # A request that must be executed once gets a connection of its own.
        self._pools = PerProcess(lambda: [Pool(context, keeps=keeps) for keeps in (True, False)])
        self._is_closed = False

    def again(self) -> Connections:
        """Return connections that are opened and closed apart from these."""
        if self._user_client is not None:
            return Connections(self._user_client.client)
        return Connections(None, self._context)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._is_closed or (self._user_client is not None and self._user_client.is_closed)

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
        if self._user_client is not None:
            self._user_client.check_process()
        until, proxy = time.monotonic() + seconds, ProxyTrace(endpoint)
        try:
            with (
                deadline(seconds),
                self._open(proxy, request, options, seconds, fresh=fresh) as response,
            ):
                return _read(response, options, until)
        except http_errors() as problem:
            error = translated(endpoint, request, problem, is_closed=self.is_closed, proxy=proxy)
        raise error

    def _open(
        self, proxy: ProxyTrace, request: Request, options: Options, seconds: float, *, fresh: bool
    ) -> AbstractContextManager[_Response]:
        if self._user_client is not None:
            return self._user_client.open(proxy, request, options, seconds)
        pool = self._pools.get()[fresh]
        if self._is_closed:  # while the pool was made, which `close` could not find
            raise closed_error(request)
        return pool.send(pool_request(proxy.endpoint, request, options, seconds))


def _read(response: _Response, options: Options, until: float) -> Received:
    status, headers, chunks = response
    body = body_reader(status, headers, options)
    try:
        for chunk in chunks:
            body.feed(chunk)
            if body.fault is not None:
                break
            if time.monotonic() >= until:
                raise httpcore.ReadTimeout("the deadline has passed")
    except http_errors() as error:
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
