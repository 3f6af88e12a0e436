"""What an operation may ask of the outside world.

An operation is a coroutine over a `Port`. The async client awaits it. The sync client runs the same
coroutine over a port whose methods never suspend (`run_sync`). The simulation has a port of its own
that stops at every step.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

from benchwire._transport.deadline import Deadline
from benchwire._transport.received import Received
from benchwire.secret import Secret
from benchwire_api.types import Request

T = TypeVar("T")

NO_CACHE = {"cache-control": "no-cache"}
"""The header of a request for the present state, which no cache knows."""


class Port(Protocol):
    """Sends requests, sleeps and makes blocking calls on behalf of one operation."""

    @property
    def deadline(self) -> Deadline:
        """When the operation must have ended; its clock is the operation's clock."""

    async def send(
        self,
        request: Request,
        *,
        deadline: Deadline | None = None,
        secrets: Sequence[Secret] = (),
    ) -> Received:
        """Send a request, retrying where that is safe, and return the response, whatever its status.

        A request that must not be executed twice (`Request.once`: no GET, and not marked idempotent in
        the spec) is retried only where it surely was not executed, and sent on a connection of its own.

        Args:
            request: What to send.
            deadline: When this request must have ended, retries included, if that is earlier than
                the operation's deadline.
            secrets: What the request holds and errors must not repeat after the service.

        Raises:
            APIConnectionError: If there was no response; ``never_sent`` tells whether the request
                surely did not reach the service.
        """

    async def sleep(self, seconds: float) -> None:
        """Sleep, until the operation's deadline at most."""

    async def call(self, function: Callable[[], T]) -> T:
        """Call a function that may block on a file or a lock; async, in a thread."""


def run_sync(operation: Coroutine[Any, Any, T]) -> T:
    """Run an operation over a port whose methods never suspend, and return its result."""
    try:
        operation.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        operation.close()
    raise RuntimeError("an operation of a sync client has suspended")
