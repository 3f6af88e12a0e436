"""Fixtures for every test."""

from __future__ import annotations

import functools
import gc
import importlib.util
import itertools
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import certifi
import hypothesis
import pytest
import typer.testing

import benchwire
from support import forks
from support.both import FLAVOURS, Flavour
from support.connections import report_unclosed
from support.fault_clock import SkippingClock
from support.scripted import Scripted, ScriptedService

# Hundreds of processes import the packages: each would compile them anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
report_unclosed()
# httpcore imports it several times per async request; each time all paths were searched in vain.
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]
# Each call of a command made all commands anew, in 30 ms.
typer.testing._get_command = functools.cache(typer.testing._get_command)  # type: ignore[attr-defined]
# A loaded machine takes its time for an example.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
# Else pytest hides our frames, of failed tests, too.
os.environ["BENCHWIRE_TRACEBACKS"] = "full"

# Those with the longest tests run first: at the end, workers would wait for one of them.
_FIRST = tuple(
    f"tests/{name}.py"
    for name in (
        "contract/test_server_against_specs",
        "contract/test_live_run",
        "regeneration/test_drill",
        "regeneration/test_names",
        "regeneration/test_commands",
        "contract/test_relations",
    )
)

# Whoever runs the tests may have keys in the environment.
for _service in ("LAYERLENS_STRATIX", "BENCHWIRE_V2", "BENCHWIRE_V0"):
    for _what in ("API_KEY", "BASE_URL"):
        os.environ.pop(f"{_service}_{_what}", None)

_NUMBERS = itertools.count()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep what collection makes, 12,000 tests, out of garbage collection.

    Each round would go through all of it: that took half of the processor time of a whole run.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(_FIRST))


@pytest.fixture(scope="session", autouse=True)
def one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each client of httpx reads all certificates, in 20 to 45 ms; no test trusts one of them.

    It takes those that the environment names first, if it does; so do the processes of tests.
    """
    end = "-----END CERTIFICATE-----\n"
    path = tmp_path_factory.mktemp("certificates") / "one.pem"
    path.write_text(certifi.contents().partition(end)[0] + end, encoding="ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certifi, "where", lambda: str(path))
        patch.setenv("SSL_CERT_FILE", str(path))
        patch.delenv("SSL_CERT_DIR", raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def forked_processes() -> Iterator[None]:
    with forks.ended():
        yield


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, the loop the SDK is used with."""
    return "asyncio"


@pytest.fixture(scope="session")
def memory() -> Iterator[Path]:
    """A folder in memory, where there is such a place: a disk takes longer than most tests."""
    place = Path("/dev/shm")
    with TemporaryDirectory(dir=place if os.access(place, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture(autouse=True)
def journal(memory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Submissions are recorded in a folder of the test, which the first makes; not in the user's."""
    folder = memory / f"journal-{next(_NUMBERS)}"
    monkeypatch.setenv("BENCHWIRE_JOURNAL", str(folder / "submissions.db"))
    yield folder / "submissions.db"
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


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


@pytest.fixture(scope="session")
def local() -> Iterator[benchwire.local.Server]:
    """An embedded server with its sample data, for tests that change nothing in it."""
    with benchwire.local.serve() as server:
        yield server


@pytest.fixture
def short_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs of embedded servers that send ten prompts a unit, those that are scored, and not forty."""
    monkeypatch.setattr("benchwire_local.jobs.sampling.HAY_PER_UNIT", 0)
