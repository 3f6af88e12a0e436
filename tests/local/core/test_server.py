"""The server's life: starting, failing to start, serving, closing, and being started again."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sqlite3
import stat
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import benchwire
from benchwire_local import (
    DatabaseError,
    LocalServer,
    LocalServerError,
    Settings,
    app,
)
from benchwire_local import server as server_module
from benchwire_local.api import public
from benchwire_local.http.call import ApiResponse
from benchwire_local.jobs import JobRunner
from benchwire_local.specs import load_spec
from benchwire_specs import SpecError, files
from support import local_data
from support.systems import needs_posix

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from benchwire_local.http.call import Call


ASK_FOR_AN_EVALUATION = (
    b"GET /api/v1/evaluations/e HTTP/1.1\r\nhost: localhost\r\nx-api-key: benchwire-local\r\n\r\n"
)


def models(server: LocalServer) -> list[str]:
    response = httpx.get(server.public_base_url + "/models", headers={"x-api-key": server.api_key})
    assert response.status_code == 200
    return [model["id"] for model in response.json()["models"]]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Every test here ends with the threads it began with: none serves on."""
    before = serving()
    yield
    assert serving() == before


def serving() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "benchwire-local"}


def test_it_listens_on_loopback_and_a_free_port() -> None:
    with (
        LocalServer(Settings(sample=False)) as first,
        LocalServer(Settings(sample=False)) as second,
    ):
        assert first.url.startswith("http://127.0.0.1:")
        assert first.url != second.url
        assert first.public_base_url == first.url + "/api/v1"
        assert first.v2_base_url == first.v0_base_url == first.url
        assert models(first) == models(second) == []


def test_it_listens_on_the_port_it_is_told() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with LocalServer(Settings(port=port, sample=False)) as server:
        assert server.url == f"http://127.0.0.1:{port}"
        assert models(server) == []


def test_ipv6_loopback() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with LocalServer(Settings(host="::1", sample=False)) as server:
        assert server.url.startswith("http://[::1]:")
        assert models(server) == []


def test_closing_refuses_further_requests_and_leaves_no_thread() -> None:
    server = LocalServer(Settings(sample=False)).start()
    url = server.url
    running = serving()
    server.close()
    assert len(running - serving()) == 1
    server.close()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
    with pytest.raises(LocalServerError, match="not running"):
        _ = server.url


def test_closing_is_not_held_up_by_an_idle_connection() -> None:
    server = LocalServer(Settings(sample=False)).start()
    with httpx.Client() as client:  # keeps its connection open
        client.get(server.url)
        running = serving()
        server.close()
    assert len(running - serving()) == 1


def test_closing_closes_connections_that_are_accepted_meanwhile() -> None:
    for _ in range(20):
        with contextlib.ExitStack() as stack, LocalServer(Settings(sample=False)) as server:
            address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
            for _ in range(3):
                stack.enter_context(socket.create_connection(address))
    gc.collect()  # reports each that was not


def test_closing_lets_a_running_request_end(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def slow(call: Call) -> ApiResponse:
        entered.set()
        assert go_on.wait(30)
        return ApiResponse(404, {"error": "Slow."})

    monkeypatch.setitem(public.HANDLERS, "getEvaluation", slow)
    server = LocalServer(Settings(sample=False)).start()
    answers: list[int] = []

    def ask() -> None:
        headers = {"x-api-key": server.api_key}
        url = server.public_base_url + "/evaluations/e"
        answers.append(httpx.get(url, headers=headers, timeout=30).status_code)

    asking = threading.Thread(target=ask)
    asking.start()
    assert entered.wait(30)
    closing = threading.Thread(target=server.close)
    closing.start()
    go_on.set()
    closing.join()
    asking.join()
    assert answers == [404]


def test_closing_gives_up_on_a_request_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def hang(call: Call) -> ApiResponse:
        entered.set()
        assert go_on.wait(30)
        return ApiResponse(404, {"error": "Too late."})

    monkeypatch.setitem(public.HANDLERS, "getEvaluation", hang)
    monkeypatch.setattr(server_module, "_GRACE_SECONDS", 0.1)
    with socket.socket() as asking:
        server = LocalServer(Settings(sample=False)).start()
        asking.connect(("127.0.0.1", int(server.url.rpartition(":")[2])))
        asking.sendall(ASK_FOR_AN_EVALUATION)
        assert entered.wait(30)
        server.close()
        go_on.set()
        with contextlib.suppress(ConnectionError):
            assert b"Too late" not in asking.recv(65536)


def test_jobs_run_from_start_to_close(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    start, stop = JobRunner.start, JobRunner.stop

    async def starting(self: JobRunner) -> None:
        seen.append("start")
        await start(self)

    async def stopping(self: JobRunner) -> None:
        await stop(self)
        seen.append("stop")

    monkeypatch.setattr(JobRunner, "start", starting)
    monkeypatch.setattr(JobRunner, "stop", stopping)
    with LocalServer(Settings(sample=False)):
        assert seen == ["start"]
    assert seen == ["start", "stop"]


def test_a_server_can_be_started_again_but_not_twice() -> None:
    server = LocalServer(Settings(sample=False))
    for _ in range(2):
        with server:
            assert models(server) == []
            with pytest.raises(LocalServerError, match="running already"):
                server.start()


# ---- data -----------------------------------------------------------------------------------


def test_a_file_survives_a_restart(tmp_path: Path) -> None:
    path = local_data.make_database(tmp_path / "data.db")
    settings = Settings(db=path, sample=True)
    for _ in range(2):
        with LocalServer(settings) as server:
            assert sorted(models(server)) == [m.id for m in local_data.MODELS if not m.deprecated]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_import_is_there_after_a_restart_and_in_a_running_server(tmp_path: Path) -> None:
    line = '{"benchmark":"b","model":"m%d","input":"i","truth":"t","result":"r","score":1}\n'
    path, first, second = (tmp_path / name for name in ("d.db", "1.jsonl", "2.jsonl"))
    first.write_text(line % 1)
    second.write_text(line % 2)

    def run_import(source: Path) -> str:
        return benchwire.local.import_file(source, path).models[0].id

    known = run_import(first)
    with LocalServer(Settings(db=path, sample=False)) as server:
        assert models(server) == [known]
        other = run_import(second)
        assert models(server) == [known, other]


def test_an_empty_database_gets_the_sample_once(tmp_path: Path) -> None:
    settings = Settings(db=tmp_path / "s.db")
    with LocalServer(settings) as server:
        first = models(server)
    with LocalServer(settings) as server:
        assert models(server) == first
    assert len(first) >= 8
    with LocalServer(Settings(db=tmp_path / "t.db", sample=False)) as server:
        assert models(server) == []


def test_imported_data_is_not_mixed_with_the_sample(tmp_path: Path) -> None:
    path = local_data.make_database(tmp_path / "d.db")
    with LocalServer(Settings(db=path, sample=True)) as server:
        assert len(models(server)) == len([m for m in local_data.MODELS if not m.deprecated])


def test_in_memory_everything_is_gone_with_the_server() -> None:
    server = LocalServer(Settings(sample=True))
    with server:
        assert models(server)
    server.settings = Settings(sample=False)
    with server:
        assert models(server) == []


# ---- keys -----------------------------------------------------------------------------------


def test_the_key_comes_from_the_settings_or_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("BENCHWIRE_LOCAL_API_KEY", raising=False)
    assert Settings().api_key == "benchwire-local"
    monkeypatch.setenv("BENCHWIRE_LOCAL_API_KEY", "from-the-environment")
    assert Settings().api_key == "from-the-environment"
    with LocalServer(Settings(api_key="given", sample=False)) as server:
        assert server.api_key == "given"
        assert models(server) == []
        url = server.public_base_url + "/models"
        for wrong in ("benchwire-local", "from-the-environment"):
            assert httpx.get(url, headers={"x-api-key": wrong}).status_code == 401


def test_settings_never_show_the_key_and_refuse_what_cannot_work() -> None:
    assert "canary" not in repr(Settings(api_key="canary"))
    for wrong in ("", "a\nb", "schlüssel"):
        with pytest.raises(ValueError, match="api_key"):
            Settings(api_key=wrong)
    for port in (-1, 65536):
        with pytest.raises(ValueError, match=str(port)):
            Settings(port=port)
    with pytest.raises(ValueError, match="-1"):
        Settings(initial_credits=-1)


# ---- failing to start -----------------------------------------------------------------------


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        db = tmp_path / "d.db"
        with pytest.raises(LocalServerError, match=f"127.0.0.1' port {port}: .*in use"):
            LocalServer(Settings(port=port, db=db, sample=False)).start()
    db.unlink()  # closed: nothing of the failed start holds it on any system


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"there is no folder .*typo$"):
        LocalServer(Settings(db=tmp_path / "typo" / "d.db")).start()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are my notes, and they must not be touched." * 20)
    before = path.read_bytes()
    with pytest.raises(DatabaseError, match=r"notes\.txt"):
        LocalServer(Settings(db=path)).start()
    assert path.read_bytes() == before


def test_the_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(DatabaseError, match="another program"):
        LocalServer(Settings(db=path)).start()
    assert path.read_bytes() == before


def test_the_database_of_another_version(tmp_path: Path) -> None:
    path = local_data.make_database(tmp_path / "d.db")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(DatabaseError, match=r"version 99, and this program reads versions up to 5"):
        LocalServer(Settings(db=path)).start()


def test_a_folder_in_place_of_a_database(tmp_path: Path) -> None:
    source = tmp_path / "answers.jsonl"
    source.write_text('{"benchmark":"b","model":"m","input":"i","truth":"","result":"","score":1}')
    refused = r"^the database '.+' is a folder, or its path is empty$"
    for path in (tmp_path, ""):  # an empty path is that of the working folder
        with pytest.raises(DatabaseError, match=refused):
            benchwire.local.serve(db=path).start()
        with pytest.raises(DatabaseError, match=refused):
            benchwire.local.import_results(source, path)
    assert list(tmp_path.iterdir()) == [source]


def test_a_specification_that_is_missing_or_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "load_spec", load_spec.__wrapped__)  # each time anew
    broken = tmp_path / "public.yaml"
    for text, words in [
        ("openapi: [", "can't be read"),
        ("openapi: 3.0.3", "not an OpenAPI 3.1"),
        ("openapi: 3.1.0", "invalid OpenAPI document"),
    ]:
        broken.write_text(text)
        monkeypatch.setattr(files, "spec_path", lambda name: broken)
        with pytest.raises(SpecError, match=words):
            LocalServer(Settings(sample=False)).start()


def test_an_operation_without_a_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(public.HANDLERS, "listModels")
    with pytest.raises(SpecError, match="no handler for listModels"):
        LocalServer(Settings(sample=False)).start()


def test_a_handler_without_an_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(public.HANDLERS, "dropTables", public.HANDLERS["listModels"])
    with pytest.raises(SpecError, match="dropTables"):
        LocalServer(Settings(sample=False)).start()


def test_jobs_that_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    async def start(self: JobRunner) -> None:
        raise RuntimeError("no runner today")

    monkeypatch.setattr(JobRunner, "start", start)
    with pytest.raises(LocalServerError, match="no runner today") as caught:
        LocalServer(Settings(sample=False)).start()
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_middleware_wraps_the_app_behind_the_fault_plan() -> None:
    paths: list[str] = []

    def middleware(app: ASGIApp) -> ASGIApp:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            async def send_marked(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"].append((b"x-marked", b"1"))
                await send(message)

            if scope["type"] == "http":
                paths.append(scope["path"])
            await app(scope, receive, send_marked)

        return wrapped

    rules = [{"fault": "status_before", "operations": "getAccount", "status": 503, "nth": 1}]
    with benchwire.local.serve(middleware=middleware, faults=rules, sample=False) as server:
        headers = {"authorization": f"Bearer {server.api_key}"}
        failed, served = (httpx.get(f"{server.url}/v0/me", headers=headers) for _ in range(2))
    assert failed.status_code == 503
    assert "x-marked" not in failed.headers
    assert served.status_code == 200
    assert served.headers["x-marked"] == "1"
    assert served.headers["x-request-id"]
    assert paths == ["/v0/me"]


async def _of_http_alone(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await app(scope, receive, send)


@pytest.mark.parametrize(
    ("middleware", "reason"),
    [
        (lambda app: {}["no such"], "'no such'"),
        (lambda app: None, "'NoneType' object is not callable"),
        (
            lambda app: partial(_of_http_alone, app),
            "the middleware does not pass on the scope 'lifespan'",
        ),
    ],
)
def test_middleware_that_keeps_the_server_from_starting(middleware: Any, reason: str) -> None:
    with pytest.raises(LocalServerError, match=f"^the server did not start: {reason}$") as failed:
        benchwire.local.serve(middleware=middleware).start()
    assert failed.value.__cause__ is not None


@needs_posix("signals for one thread")
def test_an_interrupted_start_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a thread nor its traceback: it has ended before socket and database are closed."""
    failed: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", failed.append)
    main, before = threading.get_ident(), serving()

    def middleware(app: ASGIApp) -> ASGIApp:
        async def interrupting(scope: Scope, receive: Receive, send: Send) -> None:
            signal.pthread_kill(main, signal.SIGUSR1)
            await asyncio.sleep(0.05)  # time for the main thread to close what is in use
            await app(scope, receive, send)

        return interrupting

    server = benchwire.local.serve(db=tmp_path / "d.db", middleware=middleware)
    previous = signal.signal(signal.SIGUSR1, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            server.start()
    finally:
        signal.signal(signal.SIGUSR1, previous)
    assert serving() == before
    assert not failed
    with benchwire.local.serve(db=tmp_path / "d.db") as again:
        assert models(again)
