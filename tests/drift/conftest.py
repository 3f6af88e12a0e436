"""What is watched: clients of a scripted service or of the embedded server, sync and async."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

import benchwire
from support.both import FLAVOURS, Flavour
from support.scripted import Handler, ScriptedService

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


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """Starts a scripted service; at the end all its connections must be closed."""
    with ExitStack() as services:
        yield lambda handler: services.enter_context(ScriptedService(handler))


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest, scripted: Scripted) -> Iterator[Flavour]:
    """Sync or async. Ends before the services do, which see whether it closed its connections."""
    flavour = FLAVOURS[request.param]()
    yield flavour
    flavour.finish()


@pytest.fixture(scope="session")
def local() -> Iterator[benchwire.local.Server]:
    """An embedded server with its sample data."""
    with benchwire.local.serve() as server:
        yield server
