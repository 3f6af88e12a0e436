"""One client that holds a client of each API."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Self, TypedDict

from benchwire._async.base import AsyncConnected
from benchwire._async.public import AsyncPublicClient
from benchwire._async.v0 import AsyncV0Client
from benchwire._async.v2 import AsyncV2Client
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
from benchwire.errors import ConfigurationError

if TYPE_CHECKING:
    import httpx


class _Options(TypedDict):
    timeout: httpx.Timeout
    on_error: OnError
    http_client: httpx.AsyncClient


class AsyncBenchwire(AsyncConnected):
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
        timeout: Seconds an attempt may wait for data; by default 600, and 5 to connect.
        on_error: ``"raise"`` or ``"none"``, for all three.
        http_client: Connections of your own; they stay open when this client is closed.

    Raises:
        ConfigurationError: If there is a key for none of the three, or a setting can't be used.
    """

    def __init__(
        self,
        *,
        public_api_key: str | None = None,
        public_base_url: str | httpx.URL | None = None,
        v2_api_key: str | None = None,
        v2_base_url: str | httpx.URL | None = None,
        v0_api_key: str | None = None,
        v0_base_url: str | httpx.URL | None = None,
        timeout: float | httpx.Timeout | None = None,
        on_error: OnError = "raise",
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        # Only here, so that importing benchwire does not import httpx.
        from benchwire._shell.aio import connect  # noqa: PLC0415
        from benchwire._shell.http import as_timeout  # noqa: PLC0415

        keys = {PUBLIC: public_api_key, V2: v2_api_key, V0: v0_api_key}
        if not any(has_key(service, key, os.environ) for service, key in keys.items()):
            variables = ", ".join(service.key_variable for service in keys)
            raise ConfigurationError(
                f"there is no key for any API: pass one or set one of the environment variables"
                f" {variables}"
            )
        self._keys = keys
        self._urls = {PUBLIC: public_base_url, V2: v2_base_url, V0: v0_base_url}
        self._on_error = check_on_error(on_error)
        self._timeout = as_timeout(timeout)
        self._http, self._owned = connect(http_client)

    @cached_property
    def public(self) -> AsyncPublicClient:
        """The public API."""
        return AsyncPublicClient(*self._place(PUBLIC), **self._options())

    @cached_property
    def v2(self) -> AsyncV2Client:
        """The v2 API."""
        return AsyncV2Client(*self._place(V2), **self._options())

    @cached_property
    def v0(self) -> AsyncV0Client:
        """The v0 API."""
        return AsyncV0Client(*self._place(V0), **self._options())

    def with_options(
        self, *, timeout: float | httpx.Timeout | None = None, on_error: OnError | None = None
    ) -> Self:
        """Return a copy with other settings and the same connections; this client stays as it is.

        Closing the copy leaves the connections open; closing this client ends them for both.

        Args:
            timeout: Seconds an attempt may wait for data; by default that of this client.
            on_error: How failures are shown; by default that of this client.
        """
        from benchwire._shell.http import as_timeout  # noqa: PLC0415  as in __init__

        copy = object.__new__(type(self))
        copy._keys, copy._urls = self._keys, self._urls
        copy._timeout = self._timeout if timeout is None else as_timeout(timeout)
        copy._on_error = self._on_error if on_error is None else check_on_error(on_error)
        copy._http, copy._owned = self._http, False
        return copy

    def _place(self, service: Service) -> tuple[str | None, str | httpx.URL | None]:
        return self._keys[service], self._urls[service]

    def _options(self) -> _Options:
        return {
            "timeout": self._timeout,
            "on_error": self._on_error,
            "http_client": self._http,
        }

    def __repr__(self) -> str:
        """Name the class; never a key."""
        return f"{type(self).__name__}()"


class AsyncStratix(AsyncBenchwire):
    """`AsyncBenchwire` under the name and with the arguments of the public API's SDK reference.

    Args:
        api_key: The public API's key; by default the environment's ``LAYERLENS_STRATIX_API_KEY``.
        base_url: Where the public API is.
        timeout: Seconds an attempt may wait for data; by default 600, and 5 to connect.
        on_error: ``"raise"`` or ``"none"``.
        http_client: Connections of your own; they stay open when this client is closed.

    Raises:
        ConfigurationError: If there is no key for the public API, or a setting can't be used.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | httpx.URL | None = None,
        timeout: float | httpx.Timeout | None = None,
        *,
        on_error: OnError = "raise",
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        resolve(PUBLIC, api_key, base_url, os.environ)  # a missing key is told at construction
        super().__init__(
            public_api_key=api_key,
            public_base_url=base_url,
            timeout=timeout,
            on_error=on_error,
            http_client=http_client,
        )
