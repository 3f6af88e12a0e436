"""What every client and every group of operations is made of."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar, cast

from benchwire._core.plan import Plan, none_on_api_error
from benchwire._core.settings import OnError, Service, check_on_error, resolve

if TYPE_CHECKING:
    from types import TracebackType

    import httpx

    from benchwire._shell.aio import AsyncShell

T = TypeVar("T")


class AsyncResource:
    """A group of operations of one API."""

    def __init__(self, shell: AsyncShell, on_error: OnError) -> None:
        self._shell = shell
        self._on_error = on_error

    async def _result(self, plan: Plan[T], timeout: float | httpx.Timeout | None = None) -> T:
        """Run one operation, with failures shown the way the client was told to.

        With ``on_error="none"`` the result may be ``None`` though the type does not say so: the
        annotations describe the default.
        """
        if self._on_error == "none":
            plan = cast("Plan[T]", none_on_api_error(plan))
        return await self._shell.with_timeout(timeout).run(plan)


class AsyncConnected:
    """What holds connections, and closes them at the end if they are its own."""

    _http: httpx.AsyncClient
    _owned: bool

    async def aclose(self) -> None:
        """Close the connections, unless they were handed in or belong to the client copied from."""
        if self._owned:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        """Give the client itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self.aclose()


class AsyncServiceClient(AsyncConnected):
    """A client of one API: its settings, its connections, its end."""

    _service: ClassVar[Service]

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | httpx.URL | None = None,
        timeout: float | httpx.Timeout | None = None,
        *,
        on_error: OnError = "raise",
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        # Only here, so that importing benchwire does not import httpx.
        from benchwire._shell.aio import AsyncShell, connect  # noqa: PLC0415
        from benchwire._shell.http import as_timeout  # noqa: PLC0415

        access = resolve(self._service, api_key, base_url, os.environ)
        on_error = check_on_error(on_error)
        limit = as_timeout(timeout)
        http, owned = connect(http_client)
        self._open(AsyncShell(access, http, limit), on_error, owned=owned)

    def _open(self, shell: AsyncShell, on_error: OnError, *, owned: bool) -> None:
        self._shell = shell
        self._on_error = on_error
        self._http, self._owned = shell.http, owned

    def with_options(
        self, *, timeout: float | httpx.Timeout | None = None, on_error: OnError | None = None
    ) -> Self:
        """Return a copy with other settings and the same connections; this client stays as it is.

        Closing the copy leaves the connections open; closing this client ends them for both.

        Args:
            timeout: Seconds an attempt may wait for data; by default that of this client.
            on_error: How failures are shown; by default that of this client.
        """
        copy = object.__new__(type(self))
        copy._open(
            self._shell.with_timeout(timeout),
            self._on_error if on_error is None else check_on_error(on_error),
            owned=False,
        )
        return copy

    @property
    def base_url(self) -> str:
        """Where the API is."""
        return self._shell.access.base_url

    def __repr__(self) -> str:
        """Name the class and the base URL; never the key."""
        # Tools that show local variables meet clients whose construction failed, too.
        where = repr(self.base_url) if hasattr(self, "_shell") else "…"
        return f"{type(self).__name__}(base_url={where})"
