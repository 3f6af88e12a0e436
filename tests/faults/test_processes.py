"""Processes forked from one that used a client: none gets another's response, and none hangs."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

import benchwire
from benchwire._jobs.sqlite_journal import file_journal, memory_journal
from benchwire_api import public, v0, v2
from benchwire_api.processes import PerProcess
from benchwire_api.public.api.evaluations import get_evaluation
from benchwire_api.v0.api.jobs import get_job
from benchwire_api.v2.api.benchmarks import get_benchmark_model
from support import wire
from support.both import KEY
from support.scripted import PATIENCE, Received, Reply, json_reply

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork"),
    # Python 3.12 warns of it, and the threads of the service are the point here.
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]

Get = Callable[[int], object]


@pytest.fixture
def quick_turns() -> Iterator[None]:
    """Threads that take turns more often: one that forks waits for each of those at work."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 20)
    yield
    sys.setswitchinterval(usual)


def answer(received: Received) -> Reply:
    """Answer with the id that was asked for, in a time that differs from request to request."""
    identity = received.path.rpartition("/")[2]
    time.sleep(int(identity) % 7 / 2000)
    if "/v0/" in received.path:
        return json_reply(wire.job(identity, "running"))
    if "/evaluations/" in received.path:
        return json_reply(wire.evaluation(1, id=identity))
    return json_reply({**wire.MODEL_V2_DETAILS, "id": int(identity)})


def calls(url: str) -> dict[str, tuple[Any, Get]]:
    """Return clients of every kind, each with a call that returns the id in the response."""
    one, two = benchwire.PublicClient(KEY, url), benchwire.V2Client(KEY, url)
    three = benchwire.V0Client(KEY, url, journal=False)
    low = {each: each.Client(base_url=url, token=KEY) for each in (public, v2, v0)}
    return {
        "public": (one, lambda n: one.evaluations.get_by_id(str(n)).id),
        "v2": (two, lambda n: two.benchmarks.get_model(n).id),
        "v0": (three, lambda n: three.jobs.get(str(n)).id),
        "a copy": (three, lambda n: three.with_options(timeout=9).jobs.get(str(n)).id),
        "low-level public": (
            low[public],
            lambda n: get_evaluation.sync(str(n), client=low[public]).id,
        ),
        "low-level v2": (low[v2], lambda n: get_benchmark_model.sync(n, client=low[v2]).id),
        "low-level v0": (low[v0], lambda n: get_job.sync(str(n), client=low[v0]).id),
    }


@contextmanager
def forked(work: Callable[[], object]) -> Iterator[None]:
    """Run a function in a forked process; it must return, within the time that a hang takes."""
    child = os.fork()
    if not child:  # pragma: no cover
        signal.alarm(int(PATIENCE))  # ends it, whatever it waits for
        try:
            work()
        except BaseException as error:
            os.write(2, f"{error!r}\n".encode())
            os._exit(1)
        os._exit(0)
    yield
    assert os.waitpid(child, 0)[1] == 0


def get_each(get: Get, numbers: range) -> None:
    for number in numbers:
        assert str(get(number)) == str(number)


@pytest.mark.parametrize("kind", calls("http://127.0.0.1:9"))
def test_children_of_a_client_that_was_used(kind: str, scripted: Any) -> None:
    service = scripted(answer)
    client, get = calls(service.url)[kind]
    with client:
        get_each(get, range(1))
        second = forked(lambda: (get_each(get, range(200, 240)), client.close()))
        with forked(lambda: get_each(get, range(100, 140))), second:
            get_each(get, range(300, 340))
        used = service.connections
        get_each(get, range(400, 410))
        assert service.connections == used, "a child closed the connection of its parent"


def test_children_of_a_process_that_is_at_work(scripted: Any) -> None:
    """Forked at any moment of the calls of other threads, whose locks no child may wait for."""
    service = scripted(answer)
    client = benchwire.V0Client(KEY, service.url, journal=False)
    low = v0.Client(base_url=service.url, token=KEY)
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            client.jobs.get("1")
            client.with_options(timeout=5).jobs.get("2")
            get_job.sync("3", client=low)

    def child() -> None:
        get_each(lambda n: client.jobs.get(str(n)).id, range(10, 13))
        get_each(lambda n: get_job.sync(str(n), client=low).id, range(20, 23))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(15):
            with forked(child):
                pass
    finally:
        over.set()
        for thread in threads:
            thread.join()
        client.close()
        low.close()


@pytest.mark.usefixtures("quick_turns")
@pytest.mark.parametrize("is_file", [True, False])
def test_children_of_a_process_whose_journal_is_in_use(is_file: bool, tmp_path: Path) -> None:
    """SQLite has locks of the process: a child that inherits one would wait for it for ever."""
    journal = file_journal(tmp_path / "journal.db") if is_file else memory_journal()
    over = threading.Event()

    def use(stripe: int) -> None:
        try:
            journal.unresolved("https://example.com")
        except benchwire.errors.JournalError as error:
            if not error.is_busy:  # operations wait and try again
                raise
        lock = journal.try_lock([stripe])
        assert lock is not None
        lock.release()

    def work(stripe: int) -> None:
        while not over.is_set():
            use(stripe)

    threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(12):
            with forked(lambda: use(9)):
                pass
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_a_list_that_was_being_read(scripted: Any) -> None:
    """The threads that fetch its pages are in the parent: it is an error, and no hang."""
    service = scripted(wire.paged_prompts(60))

    def read_on() -> None:
        with pytest.raises(benchwire.BenchwireError, match="forked"):
            list(prompts)
        assert len(client.benchmarks.get_all_prompts("b1")) == 60

    with benchwire.PublicClient(KEY, service.url) as client:
        prompts = iter(client.benchmarks.iter_prompts("b1", page_size=3))
        next(prompts)
        with forked(read_on):
            pass
        assert len(list(prompts)) == 59


def test_an_async_client(scripted: Any) -> None:
    service = scripted(answer)

    async def get(client: benchwire.AsyncV0Client, number: int) -> str:
        return (await client.jobs.get(str(number))).id

    async def get_two(client: benchwire.AsyncV0Client) -> None:
        assert await get(client, 2) == "2"
        await client.aclose()

    async def parent() -> None:
        async with benchwire.AsyncV0Client(KEY, service.url) as client:
            assert await get(client, 1) == "1"
            with forked(lambda: asyncio.run(get_two(client))):
                assert await get(client, 3) == "3"
            used = service.connections
            assert await get(client, 4) == "4"
            assert service.connections == used

    asyncio.run(parent())


def test_a_client_of_the_users_own(scripted: Any) -> None:
    service = scripted(answer)

    def refused() -> None:
        with pytest.raises(benchwire.BenchwireError, match="http_client was used before"):
            client.jobs.get("2")

    with httpx.Client(trust_env=False) as http:
        client = benchwire.V0Client(KEY, service.url, journal=False, http_client=http)
        with forked(lambda: get_each(lambda n: client.jobs.get(str(n)).id, range(3))):
            pass
        client.jobs.get("1")
        with forked(refused):
            pass


def test_an_async_client_of_the_users_own(scripted: Any) -> None:
    service = scripted(answer)

    async def refused(client: benchwire.AsyncV0Client) -> None:
        with pytest.raises(benchwire.BenchwireError, match="http_client was used before"):
            await client.jobs.get("2")

    async def parent() -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            client = benchwire.AsyncV0Client(KEY, service.url, journal=False, http_client=http)
            assert (await client.jobs.get("1")).id == "1"
            with forked(lambda: asyncio.run(refused(client))):
                assert (await client.jobs.get("3")).id == "3"

    asyncio.run(parent())


_client: Any = None


def _get(number: int) -> str:
    return str(_client.jobs.get(str(number)).id)


def _connect(url: str) -> None:
    global _client  # noqa: PLW0603  as a worker of a pool keeps what it needs
    _client = benchwire.V0Client(KEY, url, journal=False)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_pool_of_processes(method: str, scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forked from a client that was used; spawned ones make their own."""
    service = scripted(answer)
    context = multiprocessing.get_context(method)
    if method != "fork":
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    _connect(service.url)
    with _client:
        assert _get(0) == "0"
        numbers = [str(number) for number in range(60)]
        init = {"initializer": _connect, "initargs": (service.url,)} if method != "fork" else {}
        with ProcessPoolExecutor(2, mp_context=context, **init) as pool:
            assert list(pool.map(_get, range(60), timeout=PATIENCE * 3)) == numbers
        assert _get(1) == "1"


APP = """
import os
import benchwire

client = benchwire.V0Client("key-for-tests", os.environ["SERVICE"], journal=False)
client.jobs.get("0")

def app(environ, start_response):
    number = environ["PATH_INFO"].strip("/")
    found = client.jobs.get(number).id
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{found} {os.getpid()}".encode()]
"""


def test_gunicorn_that_loads_the_program_before_it_forks(scripted: Any, tmp_path: Any) -> None:
    pytest.importorskip("gunicorn")
    service = scripted(answer)
    (tmp_path / "program.py").write_text(APP)
    address = tmp_path / "socket"
    command = ["gunicorn", "--preload", "-w", "3", "-b", f"unix:{address}", "program:app"]
    with subprocess.Popen(
        [sys.executable, "-m", *command, "--no-control-socket"],
        cwd=tmp_path,
        env={**os.environ, "SERVICE": service.url, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE,
    ) as process:
        try:
            until = time.monotonic() + PATIENCE
            while not address.exists() and time.monotonic() < until:
                time.sleep(0.05)

            def ask(number: int) -> str:
                with httpx.Client(transport=httpx.HTTPTransport(uds=str(address))) as http:
                    return http.get(f"http://program/{number}", timeout=PATIENCE).text

            found = {}
            threads = [
                threading.Thread(target=lambda n=n: found.update({n: ask(n)})) for n in range(30)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            process.terminate()
    assert {number: text.split()[0] for number, text in found.items()} == {
        number: str(number) for number in range(30)
    }


def test_a_value_per_process() -> None:
    values = PerProcess(object)
    mine = values.get()
    assert values.get() is mine
    assert not values.was_made_before()

    def child() -> None:
        assert values.made() is None
        assert values.get() is not mine
        assert values.was_made_before()

    with forked(child):
        pass
    assert values.get() is mine


def test_children_do_not_share_the_jitter_of_retries(scripted: Any) -> None:
    """Children with one state would all return to the service at once."""
    with benchwire.V0Client(KEY, "http://127.0.0.1:9", journal=False) as client:
        drawn = [client._transport.random.random()]
        read, write = os.pipe()
        for _ in range(3):
            with forked(lambda: os.write(write, f"{client._transport.random.random()}\n".encode())):
                pass
        os.close(write)
        with os.fdopen(read) as lines:
            drawn += [float(line) for line in lines]
    assert len(set(drawn)) == 4


WRONG: list[tuple[Any, Any]] = [("1", "2"), ("1", 2), ("abc", "abd"), ("7", "07")]
SAME: list[tuple[Any, Any]] = [("1", 1), ("A-b", "a-B"), ("1", "1")]


@pytest.mark.parametrize(("asked", "sent"), WRONG + SAME)
def test_a_response_with_another_id(asked: str, sent: Any, flavour: Any, scripted: Any) -> None:
    """The last of the defences: what is of another request is no result."""
    is_text = {"v0": wire.job(str(sent), "running"), "public": wire.evaluation(1, id=str(sent))}
    with_number = {**wire.RUN_V2, "id": sent, "testCases": []}
    service = scripted(lambda got: json_reply(body))
    client, two, three = (make(service.url) for make in (flavour.public, flavour.v2, flavour.v0))
    limit = 0.01 if (asked, sent) in SAME else PATIENCE  # only a wait for the right id reaches it
    attempts: list[tuple[Any, Callable[[], Any]]] = [
        (is_text["v0"], lambda: three.jobs.get(asked)),
        (is_text["v0"], lambda: three.jobs.wait(asked, timeout=limit, poll_interval=0.01)),
        (is_text["public"], lambda: client.evaluations.get_by_id(asked)),
    ]
    if isinstance(sent, int):
        model = {**wire.MODEL_V2_DETAILS, "id": sent}
        attempts.append((with_number, lambda: two.benchmarks.get_run(1, int(asked))))
        attempts.append((model, lambda: two.benchmarks.get_model(int(asked))))
    for body, attempt in attempts:  # noqa: B007  the service sends it
        if (asked, sent) in SAME:
            with suppress(benchwire.WaitTimeoutError):
                flavour.result(attempt())
            continue
        with pytest.raises(benchwire.APIResponseValidationError, match="asked for") as caught:
            flavour.result(attempt())
        assert caught.value.path == "$.id"


def test_a_response_with_another_id_to_the_generated_client(scripted: Any) -> None:
    service = scripted(lambda got: json_reply(wire.job("2", "running")))
    with v0.Client(base_url=service.url, token=KEY) as client:
        assert get_job.sync("2", client=client).id == "2"
        with pytest.raises(v0.DecodeError, match="asked for"):
            get_job.sync("1", client=client)
