"""A port that replies to requests from a list, for operations without a network."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

import orjson

from benchwire._transport.deadline import Deadline
from benchwire._transport.port import Port, run_sync
from benchwire._transport.received import Received
from benchwire.secret import Secret
from benchwire_api.types import Request

T = TypeVar("T")


class Clock:
    """A monotonic clock that only sleeping advances."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class ListPort:
    """Replies to each request with the next of these responses; an exception is raised.

    Attributes:
        sent: The requests, in order.
    """

    def __init__(self, replies: Iterable[Received | Exception | Any], clock: Clock) -> None:
        self._replies = list(replies)
        self._clock = clock
        self.sent: list[Request] = []
        self.slept: list[float] = []

    @property
    def deadline(self) -> Deadline:
        return Deadline.after(None, self._clock)

    async def send(
        self,
        request: Request,
        *,
        deadline: Deadline | None = None,
        secrets: Sequence[Secret] = (),
    ) -> Received:
        self.sent.append(request)
        reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, Received) else json_received(reply)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._clock.now += seconds

    async def call(self, function: Callable[[], T]) -> T:
        return function()

    @property
    def is_exhausted(self) -> bool:
        return not self._replies


def json_received(body: object, status: int = 200, **headers: str) -> Received:
    return Received(status_code=status, headers=headers, content=orjson.dumps(body))


def run(operation: Callable[[Port], Coroutine[Any, Any, T]], *replies: Any) -> tuple[T, list[str]]:
    """Run an operation on these replies, all of which it must use; return result and targets."""
    port = ListPort(replies, Clock())
    result = run_sync(operation(port))
    assert port.is_exhausted, "a reply was not requested"
    return result, [request.target for request in port.sent]
