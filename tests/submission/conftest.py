"""Fixtures for the tests of paid jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchwire._jobs.sqlite_journal import SqliteJournal, file_journal
from support.both import Flavour
from support.fault_clock import SkippingClock, on_clock
from support.jobs_service import JobsService
from support.scripted import ScriptedService


@pytest.fixture
def jobs() -> JobsService:
    return JobsService()


@pytest.fixture
def service(scripted: Any, jobs: JobsService) -> ScriptedService:
    started: ScriptedService = scripted(jobs)
    return started


@pytest.fixture
def client(flavour: Flavour, service: ScriptedService, clock: SkippingClock) -> Any:
    return on_clock(flavour.v0(service.url), clock)


@pytest.fixture
def kept(journal: Path) -> SqliteJournal:
    """The journal as another process finds it."""
    return file_journal(journal)
