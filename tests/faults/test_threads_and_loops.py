"""Many threads, several event loops, thousands of copies: nothing is mixed up, leaks or hangs."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import benchwire
from benchwire._transport import connections
from support import forks
from support.both import KEY, Flavour
from support.fault_server import Exchange, Fault, FaultServer
from support.scripted import PATIENCE
from support.systems import needs_posix

THREADS = 32


def test_one_client_in_many_threads(service: FaultServer) -> None:
    with benchwire.V0Client(KEY, service.url) as client, ThreadPoolExecutor(THREADS) as pool:
        ids = [f"job-{number}" for number in range(THREADS * 25)]
        jobs = list(pool.map(client.jobs.get, ids))
    assert [job.id for job in jobs] == ids
    assert service.connections <= THREADS


def test_one_client_in_many_tasks(service: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than it has connections, so that most of them wait for one."""
    # On a loaded machine, a connection may be idle for longer than it is kept open.
    monkeypatch.setattr(connections, "KEEPALIVE", 60.0)
    ids = [f"job-{number}" for number in range(200)]

    async def get_all() -> list[Any]:
        async with benchwire.AsyncV0Client(KEY, service.url) as client:
            return await asyncio.gather(*(client.jobs.get(identity) for identity in ids))

    jobs = asyncio.run(get_all())
    assert [job.id for job in jobs] == ids
    assert service.connections <= 100


def test_a_client_that_another_thread_closes(service: FaultServer) -> None:
    """Whoever is at work gets a value or an error of ours, and nobody hangs."""
    client = benchwire.V0Client(KEY, service.url, max_retries=0)
    started = threading.Barrier(THREADS + 1)

    def work(number: int) -> list[type]:
        started.wait(PATIENCE)
        ends = []
        while not ends:
            try:
                assert client.jobs.get(f"job-{number}").id == f"job-{number}"
            except benchwire.BenchwireError as error:
                ends.append(type(error))
        return ends

    with ThreadPoolExecutor(THREADS) as pool:
        workers = [pool.submit(work, number) for number in range(THREADS)]
        started.wait(PATIENCE)
        client.jobs.get("job-of-this-thread")
        client.close()
        for worker in workers:
            worker.result(PATIENCE)
    with pytest.raises(benchwire.BenchwireError, match="closed"):
        client.me()


def received(server: socket.socket) -> bytes:
    """Return the first bytes that the next connection brings; none if it is closed before."""
    server.settimeout(PATIENCE)
    connection, _ = server.accept()
    with connection:
        connection.settimeout(PATIENCE)
        return connection.recv(9)


def test_a_client_that_is_closed_while_another_thread_connects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is connected after that is not used: nothing would close it before its response."""
    resolving, closed, resolve = threading.Event(), threading.Event(), socket.getaddrinfo

    def slow(*arguments: Any, **options: Any) -> Any:
        resolving.set()
        closed.wait(PATIENCE)
        return resolve(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(1) as pool:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        client = benchwire.V0Client(KEY, url, max_retries=0, timeout=2)
        call = pool.submit(client.me)
        assert resolving.wait(PATIENCE)
        client.close()
        closed.set()
        with pytest.raises(benchwire.BenchwireError, match="the client is closed"):
            call.result()
        assert received(silent) == b""


@pytest.mark.anyio
async def test_an_async_client_that_is_closed_while_it_connects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()
    resolving, closed, resolve = asyncio.Event(), asyncio.Event(), loop.getaddrinfo

    async def slow(*arguments: Any, **options: Any) -> Any:
        resolving.set()
        await closed.wait()
        return await resolve(*arguments, **options)

    monkeypatch.setattr(loop, "getaddrinfo", slow)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://localhost:{silent.getsockname()[1]}"
        client = benchwire.AsyncV0Client(KEY, url, max_retries=0, timeout=2)
        call = asyncio.create_task(client.me())
        await resolving.wait()
        await client.aclose()
        closed.set()
        with pytest.raises(benchwire.BenchwireError, match="the client is closed"):
            await call
        assert await asyncio.to_thread(received, silent) == b""


def close_each(service: FaultServer) -> None:
    """Let no connection be kept, so that none belongs to a loop that has ended."""

    def act(exchange: Exchange) -> None:
        exchange.send(exchange.honest(connection="close"))
        exchange.end()

    service.break_with(Fault("closed in order", act))


def test_an_async_client_in_one_loop_after_another(service: FaultServer) -> None:
    close_each(service)
    client = benchwire.AsyncV0Client(KEY, service.url)

    async def get(identity: str) -> str:
        job = await asyncio.wait_for(client.jobs.get(identity), PATIENCE)
        return str(job.id)

    assert asyncio.run(get("job-1")) == "job-1"
    with pytest.raises(benchwire.BenchwireError, match="event loop"):
        asyncio.run(get("job-2"))
    assert [request.path for request in service.requests] == ["/v0/jobs/job-1"]


@needs_posix("uvloop")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_async_client_in_a_loop_that_is_not_of_asyncio(host: str, service: FaultServer) -> None:
    import uvloop

    async def get() -> Any:
        url = service.url.replace("127.0.0.1", host)
        async with benchwire.AsyncV0Client(KEY, url) as client:
            return await client.jobs.get("job-1")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(get()).id == "job-1"


def test_an_async_client_in_two_loops_at_once(service: FaultServer) -> None:
    close_each(service)
    client = benchwire.AsyncV0Client(KEY, service.url)

    async def get_many(name: str) -> list[str]:
        found = []
        for number in range(50):
            job = await asyncio.wait_for(client.jobs.get(f"{name}-{number}"), PATIENCE)
            found.append(job.id)
        return found

    def run(name: str) -> list[str] | benchwire.BenchwireError:
        try:
            return asyncio.run(get_many(name))
        except benchwire.BenchwireError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(run, ["one", "two"])
    ends = {"one": first, "two": second}
    errors = [end for end in ends.values() if isinstance(end, benchwire.BenchwireError)]
    assert len(errors) <= 1, "the loop it was first used in must not be disturbed"
    assert all("event loop" in str(error) for error in errors)
    for name, end in ends.items():
        if isinstance(end, list):
            assert end == [f"{name}-{number}" for number in range(50)]


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def held() -> int:
    """What code of ours and of httpx holds; the service in this process allocates as it likes."""
    ours = [tracemalloc.Filter(True, f"*/{name}/*") for name in ("benchwire", "httpx", "httpcore")]
    traces = tracemalloc.take_snapshot().filter_traces(ours).statistics("filename")
    return sum(trace.size for trace in traces)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts open files in /proc")
def test_copies_of_a_client_cost_nothing_that_stays(flavour: Flavour, service: FaultServer) -> None:
    client = flavour.v0(service.url)
    flavour.result(client.me())

    def derive(count: int) -> None:
        for number in range(count):
            copy = client.with_options(timeout=1 + number % 7, deadline=20, max_retries=number % 4)
            if number % 500 == 0:
                flavour.result(copy.me())
                flavour.close(copy)

    derive(100)
    gc.collect()
    files = open_files()
    tracemalloc.start()
    try:
        derive(100)
        gc.collect()
        few = held()
        derive(10_000)
        gc.collect()
        many = held()
    finally:
        tracemalloc.stop()
    # A hundred bytes for each would be a megabyte.
    assert many - few < 200_000
    assert open_files() <= files
    # More than one only where an idle connection expired between two requests; 23 copies sent one.
    assert service.connections < 5


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts open files in /proc")
def test_clients_that_are_closed_leave_nothing_open(flavour: Flavour, service: FaultServer) -> None:
    def use() -> None:
        client = flavour.v0(service.url)
        flavour.result(client.me())
        flavour.close(client)

    use()
    gone = counted(service)
    files = open_files()
    for _ in range(30):
        use()
    gone()
    assert open_files() == files


def counted(service: FaultServer) -> Callable[[], None]:
    """Wait until the service has seen its connections end; its side is counted here as well."""

    def wait() -> None:
        with service._changed:
            assert service._changed.wait_for(lambda: not service._open, PATIENCE)

    wait()
    return wait


def test_threads_may_start_programs_of_tests() -> None:
    def printed(number: int) -> str:
        words = [sys.executable, "-c", f"print({number})"]
        return forks.run(words, imported=forks.LIBRARIES).stdout.strip()

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(printed, range(40))) == [str(number) for number in range(40)]
