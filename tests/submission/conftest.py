"""Submissions run for sync and async, against a scripted service or the embedded server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from support.both import FLAVOURS, Flavour
from support.fault_clock import SkippingClock
from support.scripted import Handler, ScriptedService

Scripted = Callable[[Handler], ScriptedService]


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


@pytest.fixture
def clock() -> SkippingClock:
    """A clock on which pauses take no time."""
    return SkippingClock()
