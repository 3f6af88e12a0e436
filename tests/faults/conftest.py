"""Every fault happens to sync and async clients, on real sockets."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from benchwire._shell import aio, sync
from benchwire._shell.http import ssl_context
from support.both import FLAVOURS, Flavour
from support.fault_clock import SkippingClock
from support.fault_server import FaultServer
from support.scripted import Handler, ScriptedService

_ssl_context = cache(ssl_context)

Scripted = Callable[[Handler], ScriptedService]

_VARIABLES = [
    f"{service}_{what}"
    for service in ("LAYERLENS_STRATIX", "BENCHWIRE_V2", "BENCHWIRE_V0")
    for what in ("API_KEY", "BASE_URL")
]


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have keys in the environment."""
    for variable in _VARIABLES:
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture(autouse=True)
def one_ssl_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the certificates takes longer than most of these tests, and there are thousands."""
    for shell in (sync, aio):
        monkeypatch.setattr(shell, "ssl_context", _ssl_context)


@pytest.fixture(autouse=True)
def journal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """In memory, where there is such a place: a disk would take longer than all the rest.

    What a journal owes to the disk is looked at in ``tests/submission/``.
    """
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        path = Path(folder) / "journal" / "submissions.db"
        monkeypatch.setenv("BENCHWIRE_JOURNAL", str(path))
        yield path


@pytest.fixture
def service() -> Iterator[FaultServer]:
    """A sound service until it is told to break; at the end all its connections must be closed."""
    with FaultServer() as server:
        yield server


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """Starts a scripted service; at the end all its connections must be closed."""
    with ExitStack() as services:
        yield lambda handler: services.enter_context(ScriptedService(handler))


@pytest.fixture(params=FLAVOURS)
def flavour(
    request: pytest.FixtureRequest, service: FaultServer, scripted: Scripted
) -> Iterator[Flavour]:
    """Sync or async. Ends before the services do, which see whether it closed its connections."""
    flavour = FLAVOURS[request.param]()
    yield flavour
    flavour.finish()


@pytest.fixture
def clock() -> SkippingClock:
    """A clock on which pauses take no time."""
    return SkippingClock()
