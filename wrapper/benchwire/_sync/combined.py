# Generated from wrapper/benchwire/_async/combined.py by `make generate`; changes made here are lost.
"""One client that holds a client of each API."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Self, TypeVar, Unpack

from attrs import evolve, field, frozen

from benchwire._jobs.client_journal import ClientJournal
from benchwire._sync.base import ClientOptions, Connected, ServiceClient
from benchwire._transport.endpoint import PUBLIC, V0, V2, Service, has_key, resolve_endpoint
from benchwire._transport.observers import Observers, parse_hooks
from benchwire._transport.options import call_options, parse_on_error, parse_options
from benchwire.errors import ConfigurationError
from benchwire.options import CopyOptions, OnError, Verify
from benchwire.secret import Secret, concealed
from benchwire_api.processes import cached_property, fork_waits

if TYPE_CHECKING:
    import httpx

    from benchwire._sync.evaluations import Evaluations
    from benchwire._sync.public import PublicClient
    from benchwire._sync.results import Results
    from benchwire._sync.v0 import V0Client
    from benchwire._sync.v2 import V2Client
    from benchwire._transport.options import Options
    from benchwire._transport.sync import Connections, SyncTransport
    from benchwire.events import Hooks, Observer

Client = TypeVar("Client", bound=ServiceClient)


@frozen(kw_only=True)
class _Settings:
    """The settings of a combined client, from which the clients of the APIs are built.

    Attributes:
        keys: The key of each API that was passed in.
        base_urls: The base URL of each API that was passed in.
        allow_http: Whether keys may be sent over plain http to other machines.
        options: The options of every call.
        observers: Called with all that is sent and received.
        on_error: ``"raise"`` or ``"none"``.
    """

    keys: dict[Service, Secret | None] = field(repr=False)
    base_urls: dict[Service, str | httpx.URL | None]
    allow_http: bool
    options: Options
    observers: Observers = field(repr=False)
    on_error: OnError


class Benchwire(Connected):
    """Clients of all three APIs, with shared connections.

    ``public``, ``v2`` and ``v0`` are built when they are first used; only then is a missing key of
    that API an error.

    Args:
        public_api_key: The public API's key; by default the environment's
            ``LAYERLENS_STRATIX_API_KEY``.
        public_base_url: The public API's base URL.
        v2_api_key: The v2 API's key; by default the environment's ``BENCHWIRE_V2_API_KEY``.
        v2_base_url: The v2 API's base URL.
        v0_api_key: The v0 API's key; by default the environment's ``BENCHWIRE_V0_API_KEY``.
        v0_base_url: The v0 API's base URL.
        timeout: Seconds each attempt at a request may take; by default 600, and 5 of them to
            connect. An ``httpx.Timeout`` limits its parts instead.
        deadline: Seconds a whole operation may take; by default there is no limit.
        max_retries: The maximum number of retries of a request that reads; by default 2.
        max_body: The maximum size of a response body in bytes; by default 16 MiB.
        allow_http: Whether keys may be sent over plain http to other machines.
        hooks: Functions to call with each request, response and retry.
        journal: The file that records submissions of jobs, as in `V0Client`.
        on_error: ``"raise"`` or ``"none"``, for all three.
        http_client: An httpx client to send with; it stays open when this client is closed.
        verify: What verifies certificates, as in `ServiceClient`.

    Raises:
        ConfigurationError: If there is a key for none of the three, or a setting is invalid.
    """

    def __init__(
        self,
        *,
        public_api_key: str | Secret | None = None,
        public_base_url: str | httpx.URL | None = None,
        v2_api_key: str | Secret | None = None,
        v2_base_url: str | httpx.URL | None = None,
        v0_api_key: str | Secret | None = None,
        v0_base_url: str | httpx.URL | None = None,
        timeout: float | httpx.Timeout | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        max_body: int | None = None,
        allow_http: bool = False,
        hooks: Hooks | None = None,
        journal: str | os.PathLike[str] | Literal[False] | None = None,
        on_error: OnError = "raise",
        http_client: httpx.Client | None = None,
        verify: Verify = None,
    ) -> None:
        public_api_key, public_base_url = concealed(public_api_key), concealed(public_base_url)
        v2_api_key, v2_base_url = concealed(v2_api_key), concealed(v2_base_url)
        v0_api_key, v0_base_url = concealed(v0_api_key), concealed(v0_base_url)
        # Imported here, so that importing benchwire does not import httpcore.
        with fork_waits():
            from benchwire._transport.sync import Connections  # noqa: PLC0415

        passed = {PUBLIC: public_api_key, V2: v2_api_key, V0: v0_api_key}
        keys = {service: None if key is None else Secret(key) for service, key in passed.items()}
        if not any(has_key(service, key, os.getenv) for service, key in keys.items()):
            variables = ", ".join(service.key_variables[0] for service in keys)
            missing = ConfigurationError(
                f"there is no key for any API: pass one or set one of the environment variables"
                f" {variables}"
            )
            missing.is_key_missing = True
            raise missing
        self._settings = _Settings(
            keys=keys,
            base_urls={PUBLIC: public_base_url, V2: v2_base_url, V0: v0_base_url},
            allow_http=allow_http,
            options=parse_options(timeout, deadline, max_retries, max_body),
            observers=Observers(parse_hooks(hooks)),
            on_error=parse_on_error(on_error),
        )
        self._journal = ClientJournal(journal, os.getenv)
        # Shared by all copies, so that they share each API's retry budget.
        self._transports: dict[Service, SyncTransport] = {}
        self._connections, self._owned = Connections(http_client, verify), True

    @cached_property
    def public(self) -> PublicClient:
        """The public API."""
        from benchwire._sync.public import PublicClient  # noqa: PLC0415  when it is used

        return self._client(PublicClient, PUBLIC)

    @cached_property
    def v2(self) -> V2Client:
        """The v2 API."""
        from benchwire._sync.v2 import V2Client  # noqa: PLC0415  when it is used

        return self._client(V2Client, V2)

    @cached_property
    def v0(self) -> V0Client:
        """The v0 API."""
        from benchwire._sync.v0 import V0Client  # noqa: PLC0415  when it is used

        client = self._client(V0Client, V0)
        client._use_journal(self._journal)  # noqa: SLF001  not a public setting
        return client

    def _take(self, original: Self, options: CopyOptions, own: Connections | None) -> None:
        settings, key, url = original._settings, options.get("api_key"), options.get("base_url")
        hooks, on_error = options.get("hooks"), options.get("on_error")
        self._settings = evolve(
            settings,
            keys=dict(settings.keys),
            base_urls=dict(settings.base_urls),
            options=settings.options.changed(call_options(options)),
            observers=settings.observers.with_hooks(hooks),
            on_error=settings.on_error if on_error is None else parse_on_error(on_error),
        )
        self._journal, self._transports = original._journal, {} if own else original._transports
        self._connections, self._owned = own or original._connections, own is not None
        if key is not None or url is not None:
            endpoint = original.public._transport.endpoint.changed(key, url)  # noqa: SLF001
            self._settings.keys[PUBLIC] = endpoint.key
            self._settings.base_urls[PUBLIC] = endpoint.base_url
            self._transports = {s: t for s, t in self._transports.items() if s != PUBLIC}

    def _client(self, kind: type[Client], service: Service) -> Client:
        """Build the client of one API."""
        with fork_waits():
            from benchwire._transport.sync import SyncTransport  # noqa: PLC0415  imports httpcore

        settings = self._settings
        if service not in self._transports:
            transport = SyncTransport(
                endpoint=resolve_endpoint(
                    service,
                    settings.keys[service],
                    settings.base_urls[service],
                    os.getenv,
                    allow_http=settings.allow_http,
                ),
                options=settings.options,
                connections=self._connections,
            )
            self._transports.setdefault(service, transport)
        transport = evolve(
            self._transports[service], options=settings.options, observers=settings.observers
        )
        client = object.__new__(kind)
        client._open(transport, settings.on_error, owned=False)
        return client

    def _observe(self, observer: Observer) -> Callable[[], None]:
        """Call a function with all that this client and its copies receive; return what ends it."""
        observers = self._settings.observers.observers
        observers.append(observer)
        return lambda: observers.remove(observer)

    def __repr__(self) -> str:
        """Return the class; never a key."""
        return f"{type(self).__name__}()"


class Stratix(Benchwire):
    """`Benchwire` under the name and with the arguments of the public API's SDK reference.

    Args:
        api_key: The public API's key; by default the environment's ``LAYERLENS_STRATIX_API_KEY``.
        base_url: The public API's base URL.
        timeout: Seconds each attempt at a request may take; by default 600, and 5 of them to
            connect.
        **options: What else `Benchwire` takes.

    Raises:
        ConfigurationError: If there is no key for the public API, or a setting is invalid.
    """

    def __init__(
        self,
        api_key: str | Secret | None = None,
        base_url: str | httpx.URL | None = None,
        timeout: float | httpx.Timeout | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        api_key, base_url = concealed(api_key), concealed(base_url)
        # A missing key is an error now, not at the first use.
        allow_http = options.get("allow_http", False)
        resolve_endpoint(PUBLIC, api_key, base_url, os.getenv, allow_http=allow_http)
        super().__init__(
            public_api_key=api_key, public_base_url=base_url, timeout=timeout, **options
        )

    @property
    def evaluations(self) -> Evaluations:
        """The ``evaluations`` of `public`."""
        return self.public.evaluations

    @property
    def results(self) -> Results:
        """The ``results`` of `public`."""
        return self.public.results
