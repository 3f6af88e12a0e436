# Generated from wrapper/benchwire/_async/combined.py by `make generate`; changes made here are lost.
"""One client that holds a client of each API."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self, TypeVar, Unpack

from attrs import evolve

from benchwire._core.exchange import Hooks, Listeners, Tap, checked_hooks
from benchwire._core.options import options
from benchwire._core.settings import (
    PUBLIC,
    V0,
    V2,
    OnError,
    Service,
    check_on_error,
    has_key,
    resolve,
)
from benchwire._sync.base import ClientOptions, Connected, ServiceClient
from benchwire._sync.public import PublicClient
from benchwire._sync.v0 import V0Client
from benchwire._sync.v2 import V2Client
from benchwire.errors import ConfigurationError
from benchwire.secret import Secret

if TYPE_CHECKING:
    import httpx

    from benchwire._shell.sync import Shell

Client = TypeVar("Client", bound=ServiceClient)


class Benchwire(Connected):
    """Clients of all three APIs behind one door, with shared connections.

    ``public``, ``v2`` and ``v0`` are made when they are first used; only then does a missing key of
    that API matter.

    Args:
        public_api_key: The public API's key; by default the environment's
            ``LAYERLENS_STRATIX_API_KEY``.
        public_base_url: Where the public API is.
        v2_api_key: The v2 API's key; by default the environment's ``BENCHWIRE_V2_API_KEY``.
        v2_base_url: Where the v2 API is.
        v0_api_key: The v0 API's key; by default the environment's ``BENCHWIRE_V0_API_KEY``.
        v0_base_url: Where the v0 API is.
        timeout: Seconds each attempt at a request may take; by default 600, and 5 of them to
            connect. An ``httpx.Timeout`` bounds its parts instead.
        deadline: Seconds a whole operation may take; by default there is no bound.
        max_retries: How often a request that reads may be repeated; by default 2.
        max_body: The most bytes the body of an answer may have; by default 16 MiB.
        allow_http: Whether keys may be sent over plain http to other machines.
        hooks: Functions to be told of requests, responses and repetitions.
        journal: Where submissions of jobs are recorded, as in `V0Client`.
        on_error: ``"raise"`` or ``"none"``, for all three.
        http_client: Connections of your own; they stay open when this client is closed.

    Raises:
        ConfigurationError: If there is a key for none of the three, or a setting can't be used.
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
    ) -> None:
        # Only here, so that importing benchwire does not import httpx.
        from benchwire._jobs.sqlite_journal import open_journal  # noqa: PLC0415
        from benchwire._shell.sync import Shell, Wire  # noqa: PLC0415

        given = {PUBLIC: public_api_key, V2: v2_api_key, V0: v0_api_key}
        keys = {service: None if key is None else Secret(key) for service, key in given.items()}
        if not any(has_key(service, key, os.environ) for service, key in keys.items()):
            variables = ", ".join(service.key_variable for service in keys)
            raise ConfigurationError(
                f"there is no key for any API: pass one or set one of the environment variables"
                f" {variables}"
            )
        wire = Wire(http_client)
        listeners = Listeners(checked_hooks(hooks))
        settings = options(timeout, deadline, max_retries, max_body)
        urls = {PUBLIC: public_base_url, V2: v2_base_url, V0: v0_base_url}

        def make(service: Service) -> Shell:
            access = resolve(
                service, keys[service], urls[service], os.environ, allow_http=allow_http
            )
            shell = Shell(access=access, options=settings, listeners=listeners, wire=wire)
            if service is not V0:
                return shell
            return evolve(shell, journal=open_journal(journal, os.environ))

        self._make = make
        self._shells: dict[Service, Shell] = {}
        self._taps = listeners.taps
        self._changes: list[Callable[[Shell], Shell]] = []
        self._on_error = check_on_error(on_error)
        self._wire, self._owned = wire, True

    @cached_property
    def public(self) -> PublicClient:
        """The public API."""
        return self._client(PublicClient, PUBLIC)

    @cached_property
    def v2(self) -> V2Client:
        """The v2 API."""
        return self._client(V2Client, V2)

    @cached_property
    def v0(self) -> V0Client:
        """The v0 API."""
        return self._client(V0Client, V0)

    def with_options(
        self,
        *,
        timeout: float | httpx.Timeout | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        hooks: Hooks | None = None,
        on_error: OnError | None = None,
    ) -> Self:
        """Return a copy with other settings and the same connections; this client stays as it is.

        What is not given is as in this client. Closing the copy leaves the connections open;
        closing this client ends them for both.

        Args:
            timeout: Seconds each attempt at a request may take.
            deadline: Seconds a whole operation may take.
            max_retries: How often a request may be repeated.
            hooks: Functions to be told of requests, responses and repetitions.
            on_error: How failures are shown.
        """
        given = {"timeout": timeout, "deadline": deadline, "max_retries": max_retries}
        new_hooks = None if hooks is None else checked_hooks(hooks)
        options(None, None, None, None).changed(given)  # told now, not at the first use

        def change(shell: Shell) -> Shell:
            shell = shell.with_options(given)
            return shell if new_hooks is None else shell.with_hooks(new_hooks)

        copy = object.__new__(type(self))
        # The copies of each API's shell are made from one, so that they share its retry budget.
        copy._make, copy._shells, copy._taps = self._make, self._shells, self._taps
        copy._changes = [*self._changes, change]
        copy._on_error = self._on_error if on_error is None else check_on_error(on_error)
        copy._wire, copy._owned = self._wire, False
        return copy

    def _client(self, kind: type[Client], service: Service) -> Client:
        shell = self._shells.get(service) or self._shells.setdefault(service, self._make(service))
        for change in self._changes:
            shell = change(shell)
        client = object.__new__(kind)
        client._open(shell, self._on_error, owned=False)
        return client

    def _tap(self, tap: Tap) -> Callable[[], None]:
        """Let something see all that this client and its copies receive; gives what ends it."""
        self._taps.append(tap)
        return lambda: self._taps.remove(tap)

    def __repr__(self) -> str:
        """Name the class; never a key."""
        return f"{type(self).__name__}()"


class Stratix(Benchwire):
    """`Benchwire` under the name and with the arguments of the public API's SDK reference.

    Args:
        api_key: The public API's key; by default the environment's ``LAYERLENS_STRATIX_API_KEY``.
        base_url: Where the public API is.
        timeout: Seconds each attempt at a request may take; by default 600, and 5 of them to
            connect.
        **options: What else `Benchwire` takes.

    Raises:
        ConfigurationError: If there is no key for the public API, or a setting can't be used.
    """

    def __init__(
        self,
        api_key: str | Secret | None = None,
        base_url: str | httpx.URL | None = None,
        timeout: float | httpx.Timeout | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        # A missing key is told at construction.
        allow_http = options.get("allow_http", False)
        resolve(PUBLIC, api_key, base_url, os.environ, allow_http=allow_http)
        super().__init__(
            public_api_key=api_key, public_base_url=base_url, timeout=timeout, **options
        )
