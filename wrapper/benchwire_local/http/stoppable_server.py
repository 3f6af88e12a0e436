"""A uvicorn server that another thread stops, without uvicorn's pauses."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

_SECONDS_BETWEEN_LOOKS = 0.002


class StoppableServer(uvicorn.Server):
    """A uvicorn server that ends once it has sent the responses to what it received.

    uvicorn itself looks every 0.1 s whether it shall end, and then waits 0.1 s for connections to
    close; it waits for those that were accepted last until they time out.
    """

    _wake: Callable[[], object] | None = None

    def stop(self) -> None:
        """Stop accepting, and end when the running requests have; callable from any thread."""
        self.should_exit = True
        with suppress(RuntimeError):  # it has ended by itself
            if self._wake is not None:
                self._wake()

    async def main_loop(self) -> None:
        """Wait for `stop`, while uvicorn updates its headers."""
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        # Set before uvicorn looks at should_exit for the first time: no call of `stop` is missed.
        self._wake = lambda: loop.call_soon_threadsafe(stopping.set)
        ticks = loop.create_task(super().main_loop())
        ticks.add_done_callback(lambda _: stopping.set())
        await stopping.wait()
        ticks.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is idle at once, the rest after its response, and all after the grace period."""
        # asyncio never closes a connection whose listener is closed while it accepts it.
        await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
        for listener in (*self.servers, *(sockets or ())):
            listener.close()
        connections, tasks = self.server_state.connections, self.server_state.tasks
        with suppress(TimeoutError):
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                is_open = True
                while is_open:
                    for connection in list(connections):
                        connection.shutdown()
                    await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
                    is_open = bool(connections or tasks)
        for connection in list(connections):
            connection.transport.abort()
        for task in tasks:
            task.cancel()
        await self.lifespan.shutdown()
