"""Every fault happens to sync and async clients, on real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from benchwire._transport import aio, sync
from benchwire._transport.http import ssl_context
from support.both import Flavour
from support.fault_server import FaultServer

_ssl_context = cache(ssl_context)


@pytest.fixture(autouse=True)
def one_ssl_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the certificates takes longer than most of these tests, and there are thousands."""
    for transport in (sync, aio):
        monkeypatch.setattr(transport, "ssl_context", _ssl_context)


@pytest.fixture
def service() -> Iterator[FaultServer]:
    """A sound service until it is told to break; at the end all its connections must be closed."""
    with FaultServer() as server:
        yield server


@pytest.fixture
def flavour(service: FaultServer, flavour: Flavour) -> Flavour:
    """Sync or async. Ends before the service does, too."""
    return flavour
