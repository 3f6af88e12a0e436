"""The base classes of clients."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Self, TypedDict, TypeVar, Unpack

from attrs import evolve

from benchwire._transport.endpoint import Service, resolve_endpoint
from benchwire._transport.observers import Observers, parse_hooks
from benchwire._transport.options import conceal_options, parse_on_error, parse_options
from benchwire.options import CallOptions, CopyOptions, OnError, Verify
from benchwire.secret import KeyHolder, Secret, concealed
from benchwire_api.processes import fork_waits

if TYPE_CHECKING:
    from types import TracebackType

    import httpx

    from benchwire._transport.aio import AsyncConnections, AsyncTransport
    from benchwire.events import Hooks, Observer

Client = TypeVar("Client", bound="AsyncConnected")


class AsyncConnected(KeyHolder):
    """Closes its connections at the end, if they are its own."""

    _connections: AsyncConnections
    _owned: bool

    async def aclose(self) -> None:
        """Close the connections, unless they were passed in or belong to the original client."""
        if self._owned:
            await self._connections.aclose()

    def with_options(self: Client, **options: Unpack[CopyOptions]) -> Client:  # noqa: PYI019  jedi completes it, and knows no Self
        """Return a copy with other settings and the same connections; this client does not change.

        What is not given is as in this client. Closing the copy leaves the connections open;
        closing this client closes them for both. `copy` returns one with connections of its own.

        Args:
            **options: `CopyOptions`: api_key, base_url, timeout, deadline, max_retries,
                extra_headers, hooks and on_error. Key and URL of a client of all APIs are the public API's.

        Raises:
            ConfigurationError: If the key or the URL can't be used.
        """
        conceal_options(options)
        copy = object.__new__(type(self))
        copy._take(self, options, None)
        return copy

    def copy(self: Client, **options: Unpack[CopyOptions]) -> Client:  # noqa: PYI019  jedi completes it, and knows no Self
        """Return a copy with other settings and connections of its own: close both.

        An ``http_client`` that was passed in is used by both.

        Args:
            **options: As in `with_options`.

        Raises:
            ConfigurationError: If the key or the URL can't be used.
        """
        conceal_options(options)
        copy = object.__new__(type(self))
        copy._take(self, options, self._connections.again())
        return copy

    def _take(self, original: Self, options: CopyOptions, own: AsyncConnections | None) -> None:
        raise NotImplementedError

    async def __aenter__(self: Client) -> Client:  # noqa: PYI019  jedi completes it, and knows no Self
        """Return the client itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self.aclose()


class AsyncClientOptions(TypedDict, total=False):
    """What every client takes beside key, URL and timeout; `AsyncServiceClient` describes it."""

    deadline: float | None
    max_retries: int | None
    max_body: int | None
    allow_http: bool
    hooks: Hooks | None
    on_error: OnError
    http_client: httpx.AsyncClient | None
    verify: Verify


class AsyncServiceClient(AsyncConnected):
    """A client of one API; a context manager: without ``with``, close it at the end.

    Args:
        api_key: The key; by default from the environment.
        base_url: The base URL; by default from the environment, or the service's own.
        timeout: Seconds each attempt at a request may take; by default 600, and 5 of them to
            connect. An ``httpx.Timeout`` limits its parts instead.
        deadline: Seconds a whole operation may take: all attempts and pauses, all pages of an
            iteration, all polls of a wait. By default there is no limit.
        max_retries: The maximum number of retries of a request that reads, after a connection error
            or a status of 408, 429, 500, 502, 503 or 504; by default 2.
        max_body: The maximum size of a response body in bytes, decompressed; by default 16 MiB.
        allow_http: Whether the key may be sent over plain http to other machines.
        hooks: Functions to call with each request, response and retry.
        on_error: ``"raise"`` raises typed errors; ``"none"`` returns ``None`` where a request fails.
        http_client: An httpx client to send with; it stays open when this client is closed.
        verify: What verifies certificates: a file or directory of those to trust in place of the
            usual ones, such as a company's, or an ``ssl.SSLContext``; by default the environment's
            ``BENCHWIRE_CA_BUNDLE``, if it is set.

    Raises:
        ConfigurationError: If there is no key, or a setting is invalid.
    """

    _service: ClassVar[Service]

    def __init__(
        self,
        api_key: str | Secret | None = None,
        base_url: str | httpx.URL | None = None,
        timeout: float | httpx.Timeout | None = None,
        *,
        deadline: float | None = None,
        max_retries: int | None = None,
        max_body: int | None = None,
        allow_http: bool = False,
        hooks: Hooks | None = None,
        on_error: OnError = "raise",
        http_client: httpx.AsyncClient | None = None,
        verify: Verify = None,
    ) -> None:
        api_key, base_url = concealed(api_key), concealed(base_url)
        # Imported here, so that importing benchwire does not import httpcore.
        with fork_waits():
            from benchwire._transport.aio import AsyncConnections, AsyncTransport  # noqa: PLC0415

        transport = AsyncTransport(
            endpoint=resolve_endpoint(
                self._service, api_key, base_url, os.getenv, allow_http=allow_http
            ),
            options=parse_options(timeout, deadline, max_retries, max_body),
            observers=Observers(parse_hooks(hooks)),
            connections=AsyncConnections(http_client, verify),
        )
        self._open(transport, parse_on_error(on_error), owned=True)

    def _open(self, transport: AsyncTransport, on_error: OnError, *, owned: bool) -> None:
        self._transport = transport
        self._on_error = on_error
        self._connections, self._owned = transport.connections, owned

    def _inherit(self, original: Self) -> None:
        """Take over what a copy shares with its original beside the transport."""

    def _take(self, original: Self, options: CopyOptions, own: AsyncConnections | None) -> None:
        transport = original._transport.copied(options)
        on_error = options.get("on_error")
        self._open(
            transport if own is None else evolve(transport, connections=own),
            original._on_error if on_error is None else parse_on_error(on_error),
            owned=own is not None,
        )
        self._inherit(original)

    @property
    def base_url(self) -> str:
        """The base URL of the API."""
        return self._transport.endpoint.base_url

    async def get_raw(
        self,
        path: str,
        query: Mapping[str, str | float] | None = None,
        **options: Unpack[CallOptions],
    ) -> bytes:
        """Send a GET, and return the body as it came: of what this version has no method for.

        Args:
            path: The path below the base URL, percent-encoded, with ``/`` in front.
            query: The values of the query by name, not percent-encoded.
            **options: `CallOptions`.

        Raises:
            TypeError: If the path is no text, or the query no mapping.
            ValueError: If the path is not one.
            APIError: If the request fails or the status is no success; whatever ``on_error`` is.
        """
        with fork_waits():
            from benchwire._requests.fetch import fetch  # noqa: PLC0415  when it is used
            from benchwire._requests.raw import raw_content, raw_request  # noqa: PLC0415

        request = raw_request(path, {} if query is None else query)
        run = self._transport.with_options(options).run
        return await run(partial(fetch, request=request, parse=raw_content))

    def _observe(self, observer: Observer) -> Callable[[], None]:
        """Call a function with all that this client and its copies receive; return what ends it."""
        observers = self._transport.observers.observers
        observers.append(observer)
        return lambda: observers.remove(observer)

    def __repr__(self) -> str:
        """Return the class and the base URL; never the key."""
        # Tools that show local variables also show clients whose construction failed.
        url = repr(self.base_url) if hasattr(self, "_transport") else "…"
        return f"{type(self).__name__}(base_url={url})"
