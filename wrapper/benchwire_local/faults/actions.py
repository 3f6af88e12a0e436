"""The effect of each fault on a request. "After" means after the app has executed it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson
from starlette.responses import Response

from benchwire_local.http.connection import Connection
from benchwire_local.http.request_bodies import MAX_BODY_BYTES

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# No status line, no line end, no valid UTF-8.
GARBAGE = b"\x16\x03\x01\x00\xff not HTTP \x00\xfe\xff"


@dataclass(slots=True)
class AppResponse:
    """The response of the app."""

    start: Message
    body: bytes


@dataclass(slots=True)
class FaultyExchange:
    """One request to the app and its response, subject to a fault."""

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    connection: Connection
    pause: Callable[[float], Awaitable[bool]]
    error_body: Callable[[int, str], dict[str, Any]]
    message: str
    _read: list[Message] = field(default_factory=list)

    async def read(self) -> None:
        """Receive the whole request, so that it can be executed without its client.

        Receiving stops after the app's limit for bodies.
        """
        size = 0
        while size <= MAX_BODY_BYTES:
            message = await self.receive()
            self._read.append(message)
            size += len(message.get("body", b""))
            if not message.get("more_body", False):
                return

    async def execute(self) -> AppResponse | None:
        """Execute the request with the app; return ``None`` if the client disconnected before."""
        messages: list[Message] = []

        async def receive() -> Message:
            return self._read.pop(0) if self._read else await self.receive()

        async def collect(message: Message) -> None:
            messages.append(message)

        await self.app(self.scope, receive, collect)
        if not messages:
            return None
        return AppResponse(
            messages[0], b"".join(message.get("body", b"") for message in messages[1:])
        )

    async def respond(self, response: AppResponse) -> None:
        """Send the app's response unchanged."""
        await self.send(response.start)
        await self.send({"type": "http.response.body", "body": response.body})

    async def send_status(self, parameters: Mapping[str, Any]) -> None:
        """Respond with the status of the plan, in the API's form of errors."""
        headers = {}
        if parameters["retry_after"] is not None:
            headers["retry-after"] = str(parameters["retry_after"])
        response = Response(
            orjson.dumps(self.error_body(parameters["status"], self.message)),
            parameters["status"],
            headers,
            media_type="application/json",
        )
        await response(self.scope, self.receive, self.send)

    async def disconnected(self) -> None:
        """Wait until the connection is closed: uvicorn reports an app that returns earlier."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


Action: TypeAlias = Callable[[FaultyExchange, Mapping[str, Any]], Awaitable[None]]


async def _status_before(exchange: FaultyExchange, parameters: Mapping[str, Any]) -> None:
    await exchange.read()
    await exchange.send_status(parameters)


async def _status_after(exchange: FaultyExchange, parameters: Mapping[str, Any]) -> None:
    if await exchange.execute():
        await exchange.send_status(parameters)


def _disconnect(end: Callable[[Connection], None], *, execute: bool) -> Action:
    """Return the fault that ends the connection without a response."""

    async def action(exchange: FaultyExchange, _parameters: Mapping[str, Any]) -> None:
        await exchange.read()
        if execute:
            await exchange.execute()
        end(exchange.connection)
        await exchange.disconnected()

    return action


def _garbage(connection: Connection) -> None:
    connection.write(GARBAGE)
    connection.close()


async def _truncate(exchange: FaultyExchange, parameters: Mapping[str, Any]) -> None:
    if (response := await exchange.execute()) is None:
        return
    size = len(response.body)
    # At least one byte less: the whole body would be no fault.
    wanted = size // 2 if parameters["bytes"] is None else min(parameters["bytes"], size - 1)
    await exchange.send(response.start)
    await exchange.send(
        {"type": "http.response.body", "body": response.body[: max(wanted, 0)], "more_body": True}
    )
    exchange.connection.close()
    await exchange.disconnected()


async def _delay_before(exchange: FaultyExchange, parameters: Mapping[str, Any]) -> None:
    await exchange.read()
    if not await exchange.pause(parameters["seconds"]):
        await _abandon(exchange)
    elif response := await exchange.execute():
        await exchange.respond(response)


async def _delay_after(exchange: FaultyExchange, parameters: Mapping[str, Any]) -> None:
    if (response := await exchange.execute()) is None:
        return
    if await exchange.pause(parameters["seconds"]):
        await exchange.respond(response)
    else:
        await _abandon(exchange)


async def _drip(exchange: FaultyExchange, parameters: Mapping[str, Any]) -> None:
    if (response := await exchange.execute()) is None:
        return
    await exchange.send(response.start)
    size = parameters["bytes"]
    for start in range(0, len(response.body), size):
        piece = response.body[start : start + size]
        await exchange.send({"type": "http.response.body", "body": piece, "more_body": True})
        if exchange.connection.closed:
            await exchange.disconnected()
            return
        if not await exchange.pause(parameters["interval"]):
            await _abandon(exchange)
            return
    await exchange.send({"type": "http.response.body", "body": b""})


async def _abandon(exchange: FaultyExchange) -> None:
    """End an exchange that the server's stop has interrupted."""
    exchange.connection.reset()
    await exchange.disconnected()


async def _close_after_answer(exchange: FaultyExchange, _parameters: Mapping[str, Any]) -> None:
    if response := await exchange.execute():
        await exchange.respond(response)
        exchange.connection.close()


async def _stale(exchange: FaultyExchange, _parameters: Mapping[str, Any]) -> None:
    if response := await exchange.execute():
        exchange.connection.stale = True
        await exchange.respond(response)


ACTIONS: Final[dict[str, Action]] = {
    "status_before": _status_before,
    "status_after": _status_after,
    "reset_before": _disconnect(Connection.reset, execute=False),
    "reset_after": _disconnect(Connection.reset, execute=True),
    "close_before": _disconnect(Connection.close, execute=False),
    "close_after": _disconnect(Connection.close, execute=True),
    "garbage_before": _disconnect(_garbage, execute=False),
    "garbage_after": _disconnect(_garbage, execute=True),
    "truncate": _truncate,
    "delay_before": _delay_before,
    "delay_after": _delay_after,
    "drip": _drip,
    "close_after_answer": _close_after_answer,
    "stale": _stale,
}
