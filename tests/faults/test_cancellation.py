"""Calls that are broken off anywhere leave the connections whole: none is lost, the next call works."""

from __future__ import annotations

import asyncio
import gc
import random
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import anyio
import pytest

import benchwire
from benchwire import Hooks
from benchwire._transport import connections
from support import wire
from support.both import KEY, Flavour
from support.fault_server import FaultServer
from support.scripted import PATIENCE

FEW = 5
"""The most connections of a pool here: what is lost shows soon."""


@pytest.fixture(autouse=True)
def few_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", FEW)


def pools(client: Any) -> list[Any]:
    return list(client._transport.connections._pools.get())


def check_whole(client: Any, service: FaultServer) -> None:
    """Check that no connection is in use, and that the server has no other than the pool."""
    gc.collect()
    links = [link for pool in pools(client) for link in pool._links.open()]
    idle = [link for pool in pools(client) for link in pool._links._idle if not link.is_closed]
    assert {*map(id, links)} == {*map(id, idle)}
    assert len(idle) <= FEW
    with service._changed:
        assert service._changed.wait_for(lambda: len(service._open) <= len(idle), PATIENCE)


async def after_steps(call: Coroutine[Any, Any, Any], steps: int, repeats: int) -> None:
    """Run a call for some steps of the event loop, then cancel it, perhaps more than once."""
    task = asyncio.ensure_future(call)
    for _ in range(steps):
        await asyncio.sleep(0)
    for _ in range(repeats):
        task.cancel()
        await asyncio.sleep(0)
    await asyncio.gather(task, return_exceptions=True)


async def timed_out(call: Coroutine[Any, Any, Any], steps: int, repeats: int) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(0.0002 * steps):
            await call


async def in_a_group(call: Coroutine[Any, Any, Any], steps: int, repeats: int) -> None:
    async def fail() -> None:
        for _ in range(steps):
            await asyncio.sleep(0)
        raise LookupError

    with suppress(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(call)
            group.create_task(fail())


async def in_a_scope(call: Coroutine[Any, Any, Any], steps: int, repeats: int) -> None:
    with anyio.move_on_after(0.0002 * steps):
        await call


WAYS: dict[str, Callable[[Coroutine[Any, Any, Any], int, int], Coroutine[Any, Any, None]]] = {
    "cancel": after_steps,
    "timeout": timed_out,
    "TaskGroup": in_a_group,
    "anyio": in_a_scope,
}


async def break_off(service: FaultServer, way: str, count: int, seed: int) -> None:
    chance = random.Random(seed)
    async with benchwire.AsyncV0Client(KEY, service.url, max_retries=0) as client:
        width = 4 * FEW  # most wait for a connection

        async def one(number: int) -> None:
            call = client.jobs.get(f"job-{number}")
            await WAYS[way](call, chance.randrange(60), chance.randrange(1, 4))

        for start in range(0, count, width):
            await asyncio.gather(*(one(start + number) for number in range(width)))
        await asyncio.wait_for(asyncio.gather(*(client.me() for _ in range(width))), PATIENCE)
        check_whole(client, service)


@pytest.mark.parametrize("way", WAYS)
def test_cancelled_calls(way: str, service: FaultServer) -> None:
    asyncio.run(break_off(service, way, 500, 1))


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
def test_ten_thousand_cancelled_calls(way: str, service: FaultServer) -> None:
    asyncio.run(break_off(service, way, 10_000, 2))


async def break_off_iterations(url: str, count: int) -> None:
    chance = random.Random(count)
    async with benchwire.AsyncPublicClient(KEY, url, max_retries=0) as client:

        async def one(number: int) -> None:
            prompts = client.benchmarks.iter_prompts("b1", page_size=3, concurrency=3)
            last = chance.randrange(12)
            async for prompt in prompts:
                if prompt.id == f"p{last}":
                    break

        for start in range(0, count, 4):
            await asyncio.gather(*(one(start + number) for number in range(4)))
        calls = (client.benchmarks.get_prompts("b1", page=1, page_size=30) for _ in range(4 * FEW))
        await asyncio.wait_for(asyncio.gather(*calls), PATIENCE)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        (links, idle), _ = [(pool._links.open(), pool._links._idle) for pool in pools(client)]
        assert {*map(id, links)} == {*map(id, idle)}


def broken_off_in_threads(flavour: Flavour, url: str, count: int) -> None:
    chance = random.Random(count)
    client = flavour.public(url)
    for _ in range(count):
        pager = client.benchmarks.iter_prompts("b1", page_size=3, concurrency=3)
        flavour.take(pager, chance.randrange(12))
    flavour.settle()
    assert (
        len(flavour.result(client.benchmarks.get_prompts("b1", page=1, page_size=30)).data.prompts)
        == 30
    )
    links = [link for pool in pools(client) for link in pool._links.open()]
    assert {*map(id, links)} == {id(link) for pool in pools(client) for link in pool._links._idle}


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=pytest.mark.long)])
def test_iterations_that_are_broken_off(count: int, scripted: Any) -> None:
    service = scripted(wire.paged_prompts(30))
    asyncio.run(break_off_iterations(service.url, count))


@pytest.mark.parametrize("count", [100, pytest.param(10_000, marks=pytest.mark.long)])
def test_iterations_left_one_after_the_other(count: int, flavour: Flavour, scripted: Any) -> None:
    broken_off_in_threads(flavour, scripted(wire.paged_prompts(30)).url, count)


ALARMS: list[BaseException] = [
    TimeoutError("mine"),
    TimeoutError(),
    ConnectionResetError("mine"),
    OSError(110, "mine"),
    RuntimeError("mine"),
    LookupError("mine"),
    KeyboardInterrupt("mine"),
    SystemExit("mine"),
]


@contextmanager
def alarm(error: BaseException) -> Iterator[Callable[[float], None]]:
    """Raise an error in the main thread; the function yielded says after how many seconds."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise error

    before = signal.signal(signal.SIGALRM, ring)
    try:
        yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds) and None  # type: ignore[func-returns-value]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def interrupt(service: FaultServer, count: int, seed: int) -> None:
    """Raise alarms at any moment of a call: the user's own error comes out, and no retry follows."""
    chance = random.Random(seed)
    requests: list[Any] = []
    hooks = Hooks(on_request=requests.append)
    rung = 0
    with benchwire.V0Client(KEY, service.url, hooks=hooks) as client:
        start = time.perf_counter()
        for number in range(20):
            client.jobs.get(f"job-{number}")
        usual = (time.perf_counter() - start) / 20
        for number in range(count):
            error = ALARMS[number % len(ALARMS)]
            requests.clear()
            with alarm(error) as after:
                try:
                    after(max(1e-6, chance.random() * usual))
                    assert client.jobs.get(f"job-{number}").id == f"job-{number}"
                    after(0)
                except BaseException as caught:
                    if caught is not error:
                        raise
                    rung += 1
            assert len(requests) <= 1
            error.__traceback__ = None
        assert rung > count / 10
        assert client.jobs.get("last").id == "last"
        check_whole(client, service)


needs_alarms = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs setitimer")
# What a call had just made when it was broken off is closed when it is collected, with a warning.
unclosed = pytest.mark.filterwarnings(
    "ignore:unclosed <", "ignore:coroutine '.*' was never awaited"
)


@needs_alarms
@unclosed
def test_interrupted_calls(service: FaultServer) -> None:
    interrupt(service, 500, 3)


@needs_alarms
@unclosed
@pytest.mark.long
def test_ten_thousand_interrupted_calls(service: FaultServer) -> None:
    interrupt(service, 10_000, 4)
