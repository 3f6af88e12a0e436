"""What every client and every group of operations is made of."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar, Self, TypedDict, TypeVar, cast

from benchwire._core.exchange import Hooks, Listeners, Tap, checked_hooks
from benchwire._core.options import options
from benchwire._core.plan import Plan, none_on_api_error
from benchwire._core.settings import OnError, Service, check_on_error, resolve
from benchwire._polling import Wait
from benchwire.secret import Secret

if TYPE_CHECKING:
    from types import TracebackType

    import httpx

    from benchwire._shell.aio import AsyncShell, AsyncWire

T = TypeVar("T")


class AsyncResource:
    """A group of operations of one API."""

    def __init__(self, shell: AsyncShell, on_error: OnError) -> None:
        self._shell = shell
        self._on_error = on_error

    async def _result(self, plan: Plan[T], options: Mapping[str, object]) -> T:
        """Run one operation, with failures shown the way the client was told to.

        With ``on_error="none"`` the result may be ``None`` though the type does not say so: the
        annotations describe the default.
        """
        if self._on_error == "none":
            plan = cast("Plan[T]", none_on_api_error(plan))
        return await self._shell.with_options(options).run(plan)

    def _wait(self, timeout: float, poll_interval: float) -> Wait:
        """Begin a wait; a deadline of the client that is shorter than the timeout bounds it."""
        deadline = self._shell.options.deadline
        return Wait(timeout, poll_interval, self._shell.clock, deadline=deadline)


class AsyncConnected:
    """What holds connections, and closes them at the end if they are its own."""

    _wire: AsyncWire
    _owned: bool

    async def aclose(self) -> None:
        """Close the connections, unless they were handed in or belong to the client copied from."""
        if self._owned:
            await self._wire.aclose()

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


class AsyncClientOptions(TypedDict, total=False):
    """What every client takes beside key, place and timeout; `AsyncServiceClient` describes it."""

    deadline: float | None
    max_retries: int | None
    max_body: int | None
    allow_http: bool
    hooks: Hooks | None
    on_error: OnError
    http_client: httpx.AsyncClient | None


class AsyncServiceClient(AsyncConnected):
    """A client of one API: its settings, its connections, its end.

    Args:
        api_key: The key; by default that of the environment.
        base_url: Where the API is; by default that of the environment, or the service itself.
        timeout: Seconds each attempt at a request may take; by default 600, and 5 of them to
            connect. An ``httpx.Timeout`` bounds its parts instead.
        deadline: Seconds a whole operation may take: all attempts and pauses, all pages of an
            iteration, all rounds of a wait. By default there is none.
        max_retries: How often a request that reads may be repeated after a connection error or a
            status of 408, 429, 500, 502, 503 or 504; by default 2.
        max_body: The most bytes the body of an answer may have, decompressed; by default 16 MiB.
        allow_http: Whether the key may be sent over plain http to other machines.
        hooks: Functions to be told of requests, responses and repetitions.
        on_error: ``"raise"`` raises typed errors; ``"none"`` gives ``None`` where a request fails.
        http_client: Connections of your own; they stay open when this client is closed.

    Raises:
        ConfigurationError: If there is no key, or a setting can't be used.
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
    ) -> None:
        # Only here, so that importing benchwire does not import httpx.
        from benchwire._shell.aio import AsyncShell, AsyncWire  # noqa: PLC0415

        shell = AsyncShell(
            access=resolve(self._service, api_key, base_url, os.environ, allow_http=allow_http),
            options=options(timeout, deadline, max_retries, max_body),
            listeners=Listeners(checked_hooks(hooks)),
            wire=AsyncWire(http_client),
        )
        self._open(shell, check_on_error(on_error), owned=True)

    def _open(self, shell: AsyncShell, on_error: OnError, *, owned: bool) -> None:
        self._shell = shell
        self._on_error = on_error
        self._wire, self._owned = shell.wire, owned

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
        shell = self._shell.with_options(
            {"timeout": timeout, "deadline": deadline, "max_retries": max_retries}
        )
        copy = object.__new__(type(self))
        copy._open(
            shell if hooks is None else shell.with_hooks(checked_hooks(hooks)),
            self._on_error if on_error is None else check_on_error(on_error),
            owned=False,
        )
        return copy

    @property
    def base_url(self) -> str:
        """Where the API is."""
        return self._shell.access.base_url

    def _tap(self, tap: Tap) -> Callable[[], None]:
        """Let something see all that this client and its copies receive; gives what ends it."""
        taps = self._shell.listeners.taps
        taps.append(tap)
        return lambda: taps.remove(tap)

    def __repr__(self) -> str:
        """Name the class and the base URL; never the key."""
        # Tools that show local variables meet clients whose construction failed, too.
        where = repr(self.base_url) if hasattr(self, "_shell") else "…"
        return f"{type(self).__name__}(base_url={where})"
