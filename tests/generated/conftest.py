"""Fixtures: stock output to compare with, a fresh generation, and a server that records bytes."""

from __future__ import annotations

import importlib
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from openapi.generator.build import SPECS, generate
from scripts.bench.alternatives import stock_package

from benchwire_specs import APIS
from support.workers import made_once

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def stock_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what the generator makes by itself of our specs lies: stock_public and so on."""

    def make(folder: Path) -> None:
        folder.mkdir()
        for api in APIS:
            stock_package(SPECS / f"{api}.yaml", folder, f"stock_{api}")

    return made_once(tmp_path_factory, "stock", make)


@pytest.fixture(scope="session")
def stock(stock_folder: Path) -> Iterator[Any]:
    """Stock output, imported: ``stock("public.models").BenchmarkPrompt``."""
    sys.path.insert(0, str(stock_folder))

    def module(name: str) -> ModuleType:
        return importlib.import_module(f"stock_{name}")

    yield module
    sys.path.remove(str(stock_folder))


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our packages, generated anew from the committed specs."""
    folder = made_once(tmp_path_factory, "fresh", lambda folder: generate(folder / "benchwire_api"))
    return folder / "benchwire_api"


@dataclass
class Recorder:
    """A server on a real socket that records requests and sends one configured response."""

    url: str = ""
    seen: list[SimpleNamespace] = field(default_factory=list)
    status: int = 200
    body: bytes = b"{}"
    silent: bool = False
    release: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    record = Recorder()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # so that connections are reused and distinguishable
        wbufsize = -1  # head and body in one segment
        disable_nagle_algorithm = True  # which waits 40 ms for an ACK between two segments

        def respond(self) -> None:
            length = int(self.headers.get("content-length", 0))
            record.seen.append(
                SimpleNamespace(
                    method=self.command,
                    target=self.path,
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(length),
                    port=self.client_address[1],
                )
            )
            if record.silent:
                record.release.wait()
                self.close_connection = True
                return
            self.send_response(record.status)
            self.send_header("X-Request-Id", "r-1")
            self.send_header("content-length", str(len(record.body)))
            self.end_headers()
            self.wfile.write(record.body)

        do_GET = do_POST = respond  # noqa: N815 - the names http.server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    record.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield record
    record.release.set()
    server.shutdown()
    server.server_close()
    thread.join()
