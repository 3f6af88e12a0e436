"""One scenario, run for sync and async.

A test that asks for the fixture ``flavour`` (see ``tests/conftest.py``) runs twice. It calls
the clients as a sync user would and passes what they give through `Flavour.result`, `items` or
`take`, which wait for it where it has to be waited for.
"""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx

import benchwire

KEY = "key-for-tests"

Given = tuple[list[Any], Exception | None]


class Flavour(ABC):
    """Sync or async: makes clients, gives results, and at the end finds what was left behind."""

    name: str
    prefix: str

    def __init__(self) -> None:
        self._clients: list[Any] = []

    def make(self, name: str, *args: Any, **options: Any) -> Any:
        """A client by its sync name; it is closed at the end of the test."""
        return self._kept(getattr(benchwire, self.prefix + name)(*args, **options))

    def public(self, base_url: str, **options: Any) -> Any:
        return self.make("PublicClient", KEY, base_url, **_once(options))

    def v2(self, base_url: str, **options: Any) -> Any:
        return self.make("V2Client", KEY, base_url, **_once(options))

    def v0(self, base_url: str, **options: Any) -> Any:
        return self.make("V0Client", KEY, base_url, **_once(options))

    @abstractmethod
    def http(self, **options: Any) -> Any:
        """Connections of the user's own; closed at the end of the test."""

    @abstractmethod
    def result(self, value: Any) -> Any:
        """What a call gives, once it is there."""

    @abstractmethod
    def read(self, iterator: Any, count: int | None = None) -> Given:
        """The items of an iterator, and the error that ended it if one did.

        With a count, reading stops after so many, the way ``break`` stops a loop.
        """

    @abstractmethod
    def close(self, client: Any) -> None:
        """Close a client."""

    @abstractmethod
    def entered(self, client: Any) -> AbstractContextManager[Any]:
        """The client in a ``with`` block."""

    @abstractmethod
    def settle(self) -> None:
        """Wait until what works in the background has ended; what goes on fails the test."""

    def items(self, iterator: Any) -> list[Any]:
        """All items of an iterator; the error that ends it is raised."""
        items, error = self.read(iterator)
        if error is not None:
            raise error
        return items

    def take(self, iterator: Any, count: int) -> list[Any]:
        """The first items of an iterator, which is then left."""
        items, error = self.read(iterator, count)
        if error is not None:
            raise error
        return items

    def finish(self) -> None:
        """Close the clients; then nothing may be left behind."""
        try:
            self.settle()
        finally:
            for client in self._clients:
                self.close(client)

    def _kept(self, client: Any) -> Any:
        self._clients.append(client)
        return client


def _once(options: dict[str, Any]) -> dict[str, Any]:
    """Without repetitions, unless a test asks for them: most look at one request and its answer."""
    return {"max_retries": 0, **options}


class SyncFlavour(Flavour):
    name = "sync"
    prefix = ""

    def http(self, **options: Any) -> httpx.Client:
        return self._kept(httpx.Client(trust_env=False, **options))

    def result(self, value: Any) -> Any:
        assert not isinstance(value, Awaitable)
        return value

    def read(self, iterator: Iterator[Any], count: int | None = None) -> Given:
        items: list[Any] = []
        try:
            if count == 0:
                return items, None
            for item in iterator:
                items.append(item)
                if len(items) == count:
                    break
        except Exception as error:
            return items, error
        return items, None

    def close(self, client: Any) -> None:
        client.close()

    @contextmanager
    def entered(self, client: Any) -> Iterator[Any]:
        with client as entered:
            yield entered

    def settle(self) -> None:
        for thread in threading.enumerate():
            if thread.name.startswith("benchwire-pages"):
                thread.join(10)
                assert not thread.is_alive(), f"{thread.name} goes on"


class AsyncFlavour(Flavour):
    name = "async"
    prefix = "Async"

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()

    def http(self, **options: Any) -> httpx.AsyncClient:
        return self._kept(httpx.AsyncClient(trust_env=False, **options))

    def result(self, value: Any) -> Any:
        async def waited_for() -> Any:
            return await value

        assert isinstance(value, Awaitable)
        return self._runner.run(waited_for())

    def read(self, iterator: AsyncIterator[Any], count: int | None = None) -> Given:
        async def read() -> Given:
            items: list[Any] = []
            try:
                if count == 0:
                    return items, None
                async for item in iterator:
                    items.append(item)
                    if len(items) == count:
                        break
            except Exception as error:
                return items, error
            return items, None

        return self._runner.run(read())

    def close(self, client: Any) -> None:
        self._runner.run(client.aclose())

    @contextmanager
    def entered(self, client: Any) -> Iterator[Any]:
        entered = self._runner.run(client.__aenter__())
        try:
            yield entered
        except BaseException as error:
            self._runner.run(client.__aexit__(type(error), error, error.__traceback__))
            raise
        self._runner.run(client.__aexit__(None, None, None))

    def settle(self) -> None:
        async def settled() -> None:
            # An iterator that was dropped is closed by a task that the loop makes in its next turn.
            await asyncio.sleep(0)
            others = asyncio.all_tasks() - {asyncio.current_task()}
            if others:
                _, going_on = await asyncio.wait(others, timeout=10)
                assert not going_on, f"tasks go on: {going_on}"

        self._runner.run(settled())

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self._runner.close()


FLAVOURS: dict[str, type[Flavour]] = {"sync": SyncFlavour, "async": AsyncFlavour}
