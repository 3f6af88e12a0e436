"""Reports requests and responses to the log, the user's hooks and the drift watch."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from attrs import evolve, field, frozen

from benchwire_api.processes import fork_waits

if TYPE_CHECKING:  # imported with the first request, which makes the first event
    from benchwire.events import (
        Exchange,
        FailureEvent,
        Hooks,
        Observer,
        RequestEvent,
        ResponseEvent,
        RetryEvent,
    )

Event = TypeVar("Event")

log: logging.Logger = logging.getLogger("benchwire")


def parse_hooks(hooks: Hooks | None) -> Hooks | None:
    """Validate hooks."""
    if hooks is None:
        return None
    with fork_waits():
        from benchwire.events import Hooks  # noqa: PLC0415  a program that passes none needs none

    if not isinstance(hooks, Hooks):
        raise TypeError(f"hooks must be benchwire.Hooks, not {type(hooks).__name__}")
    return hooks


@frozen
class Observers:
    """Observers of requests and responses. Everything is logged at DEBUG.

    Attributes:
        hooks: The user's functions, if there are any.
        observers: Called with all that a client and its copies receive; shared, changed in place.
    """

    hooks: Hooks | None = None
    observers: list[Observer] = field(factory=list)

    def with_hooks(self, hooks: Hooks | None) -> Observers:
        """Return them with other hooks; ``None`` keeps the hooks."""
        return self if hooks is None else evolve(self, hooks=parse_hooks(hooks))

    def request(self, event: RequestEvent) -> None:
        """Report that a request is about to be sent."""
        log.debug(
            "%s %s: %s %s, attempt %d",
            event.service,
            event.operation,
            event.method,
            event.path,
            event.attempt,
        )
        if self.hooks is not None:
            _call(self.hooks.on_request, event)

    def response(self, event: ResponseEvent) -> None:
        """Report a response."""
        log.debug(
            "%s %s: status %d, %d bytes in %.3f s, request id %s",
            event.request.service,
            event.request.operation,
            event.status_code,
            event.size,
            event.elapsed,
            event.request_id,
        )
        if self.hooks is not None:
            _call(self.hooks.on_response, event)

    def retry(self, event: RetryEvent) -> None:
        """Report that a request will be retried."""
        log.debug(
            "%s %s: retry in %.3f s: %s",
            event.request.service,
            event.request.operation,
            event.delay,
            event.reason,
        )
        if self.hooks is not None:
            _call(self.hooks.on_retry, event)

    def failure(self, event: FailureEvent) -> None:
        """Report that an attempt ended without a usable response."""
        log.debug(
            "%s %s: %s after %.3f s: %s",
            event.request.service,
            event.request.operation,
            event.kind,
            event.elapsed,
            event.reason,
        )
        if self.hooks is not None:
            _call(self.hooks.on_failure, event)

    def exchange(self, exchange: Exchange) -> None:
        """Report a request with its response."""
        for observer in tuple(self.observers):
            _call(observer, exchange)


def _call(observer: Callable[[Event], object] | None, event: Event) -> None:
    if observer is None:
        return
    try:
        observer(event)
    except Exception as error:
        if _was_raised_by_signal(error):
            raise
        log.exception("a hook failed on a %s", type(event).__name__)


def _was_raised_by_signal(error: BaseException) -> bool:
    """Return whether a signal handler raised an exception, wherever it was called."""
    handlers = {
        getattr(signal.getsignal(number), "__code__", None) for number in signal.valid_signals()
    }
    place = error.__traceback__
    while place is not None:
        if place.tb_frame.f_code in handlers:
            return True
        place = place.tb_next
    return False
