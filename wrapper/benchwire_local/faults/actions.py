"""What each fault does to one request. "After" means after the real app has executed it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson
from starlette.responses import Response

from benchwire_local.http.request_bodies import MAX_BODY_BYTES

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from benchwire_local.http.connection import Connection

# No status line, no line end, and bytes that are not even text.
GARBAGE = b"\x16\x03\x01\x00\xff not HTTP \x00\xfe\xff"


@dataclass(slots=True)
class Answer:
    """What the real app answered."""

    start: Message
    body: bytes


@dataclass(slots=True)
class FaultyExchange:
    """One request on its way to the app, and the way back."""

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    connection: Connection
    pause: Callable[[float], Awaitable[bool]]
    error_key: str
    said: str
    _read: list[Message] = field(default_factory=list)

    async def read(self) -> None:
        """Take the whole request off the wire, so that it can be executed without its client.

        A body that is too large for the app is left where it is.
        """
        size = 0
        while size <= MAX_BODY_BYTES:
            message = await self.receive()
            self._read.append(message)
            size += len(message.get("body", b""))
            if not message.get("more_body", False):
                return

    async def execute(self) -> Answer | None:
        """Execute the request with the app; return ``None`` if the client disconnected before."""
        messages: list[Message] = []

        async def receive() -> Message:
            return self._read.pop(0) if self._read else await self.receive()

        async def collect(message: Message) -> None:
            messages.append(message)

        await self.app(self.scope, receive, collect)
        if not messages:
            return None
        return Answer(messages[0], b"".join(message.get("body", b"") for message in messages[1:]))

    async def answer(self, answer: Answer) -> None:
        """Send an answer as the app gave it."""
        await self.send(answer.start)
        await self.send({"type": "http.response.body", "body": answer.body})

    async def refuse(self, parameters: Mapping[str, Any]) -> None:
        """Answer with a status of the plan, in the API's error shape."""
        headers = {}
        if parameters["retry_after"] is not None:
            headers["retry-after"] = str(parameters["retry_after"])
        response = Response(
            orjson.dumps({self.error_key: self.said}),
            parameters["status"],
            headers,
            media_type="application/json",
        )
        await response(self.scope, self.receive, self.send)

    async def gone(self) -> None:
        """Wait until the connection is closed: an app that returns earlier is taken for broken."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


Action: TypeAlias = Callable[[FaultyExchange, Mapping[str, Any]], Awaitable[None]]


async def _status_before(exchange: FaultyExchange, parameters: Mapping[str, Any]) -> None:
    await exchange.read()
    await exchange.refuse(parameters)


async def _status_after(exchange: FaultyExchange, parameters: Mapping[str, Any]) -> None:
    if await exchange.execute():
        await exchange.refuse(parameters)


def _cut(cut: Callable[[Connection], None], *, execute: bool) -> Action:
    """Make the fault that ends the connection in some way, without a response."""

    async def action(exchange: FaultyExchange, _parameters: Mapping[str, Any]) -> None:
        await exchange.read()
        if execute:
            await exchange.execute()
        cut(exchange.connection)
        await exchange.gone()

    return action


def _reset(connection: Connection) -> None:
    connection.reset()


def _close(connection: Connection) -> None:
    connection.close()


def _garbage(connection: Connection) -> None:
    connection.write(GARBAGE)
    connection.close()


async def _truncate(exchange: FaultyExchange, parameters: Mapping[str, Any]) -> None:
    if (answer := await exchange.execute()) is None:
        return
    size = len(answer.body)
    # All of it would be no fault.
    wanted = size // 2 if parameters["bytes"] is None else min(parameters["bytes"], size - 1)
    await exchange.send(answer.start)
    await exchange.send(
        {"type": "http.response.body", "body": answer.body[: max(wanted, 0)], "more_body": True}
    )
    exchange.connection.close()
    await exchange.gone()


async def _delay_before(exchange: FaultyExchange, parameters: Mapping[str, Any]) -> None:
    await exchange.read()
    if not await exchange.pause(parameters["seconds"]):
        await _abandon(exchange)
    elif answer := await exchange.execute():
        await exchange.answer(answer)


async def _delay_after(exchange: FaultyExchange, parameters: Mapping[str, Any]) -> None:
    if (answer := await exchange.execute()) is None:
        return
    if await exchange.pause(parameters["seconds"]):
        await exchange.answer(answer)
    else:
        await _abandon(exchange)


async def _drip(exchange: FaultyExchange, parameters: Mapping[str, Any]) -> None:
    if (answer := await exchange.execute()) is None:
        return
    await exchange.send(answer.start)
    size = parameters["bytes"]
    for start in range(0, len(answer.body), size):
        piece = answer.body[start : start + size]
        await exchange.send({"type": "http.response.body", "body": piece, "more_body": True})
        if exchange.connection.closed:
            await exchange.gone()
            return
        if not await exchange.pause(parameters["interval"]):
            await _abandon(exchange)
            return
    await exchange.send({"type": "http.response.body", "body": b""})


async def _abandon(exchange: FaultyExchange) -> None:
    """End what the stop of the server has interrupted."""
    exchange.connection.reset()
    await exchange.gone()


async def _close_after_answer(exchange: FaultyExchange, _parameters: Mapping[str, Any]) -> None:
    if answer := await exchange.execute():
        await exchange.answer(answer)
        exchange.connection.close()


async def _stale(exchange: FaultyExchange, _parameters: Mapping[str, Any]) -> None:
    if answer := await exchange.execute():
        exchange.connection.stale = True
        await exchange.answer(answer)


ACTIONS: Final[dict[str, Action]] = {
    "status_before": _status_before,
    "status_after": _status_after,
    "reset_before": _cut(_reset, execute=False),
    "reset_after": _cut(_reset, execute=True),
    "close_before": _cut(_close, execute=False),
    "close_after": _cut(_close, execute=True),
    "garbage_before": _cut(_garbage, execute=False),
    "garbage_after": _cut(_garbage, execute=True),
    "truncate": _truncate,
    "delay_before": _delay_before,
    "delay_after": _delay_after,
    "drip": _drip,
    "close_after_answer": _close_after_answer,
    "stale": _stale,
}
