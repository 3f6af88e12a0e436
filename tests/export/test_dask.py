"""A dataset written by the processes of a Dask cluster."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

import benchwire
from benchwire import export
from benchwire.cli.app import app
from export.test_dataset import KEY, files, rows, wanted
from support.results_service import ResultsService
from support.scripted import PATIENCE, Scripted

if TYPE_CHECKING:
    from distributed import Client

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
SIZES = {f"e{number}": 300 + 100 * number for number in range(12)}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Two processes with the key in their environment."""
    # Not with the module: every worker collects it.
    from distributed import Client, LocalCluster

    monkeypatch.setenv("LAYERLENS_STRATIX_API_KEY", KEY)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as processes,
        Client(processes) as client,
    ):
        yield client


def test_a_cluster_writes_the_same_bytes_though_a_worker_is_killed(
    scripted: Scripted, tmp_path: Path, cluster: Client
) -> None:
    service = ResultsService(SIZES)
    url = scripted(service).url + "/api/v1"
    with benchwire.PublicClient(KEY, url) as client:
        alone = export.export_results(client, tmp_path / "alone")
        service.pages.clear()
        victim = next(iter(cluster.run(os.getpid).values()))
        killed = threading.Event()

        def kill() -> None:
            os.kill(victim, getattr(signal, "SIGKILL", signal.SIGTERM))
            killed.set()

        busy = threading.Barrier(2, kill)  # each worker is in the middle of a list

        def meet(evaluation: str, page: int) -> None:
            if not killed.is_set():
                busy.wait(PATIENCE)

        service.intercept = meet  # type: ignore[assignment]
        done = export.export_results(
            client, tmp_path / "cluster", executor=cluster.get_executor(), workers=2
        )
    assert killed.is_set()
    assert done == alone
    assert files(tmp_path / "cluster") == files(tmp_path / "alone")
    assert rows(tmp_path / "cluster") == wanted(SIZES)
    assert len({name for (name, _), count in service.pages.items() if count > 1}) == 1


def test_the_command_takes_the_address_of_a_cluster(
    scripted: Scripted, tmp_path: Path, cluster: Client
) -> None:
    service = ResultsService(SIZES)
    environment = {
        "LAYERLENS_STRATIX_API_KEY": KEY,
        "LAYERLENS_STRATIX_BASE_URL": scripted(service).url + "/api/v1",
    }
    address = cluster.scheduler.address
    command = ["export", "results", "--to", f"{tmp_path}/set/", "--dask", address, "--rate", "1000"]
    done = CliRunner().invoke(app, command, env=environment)
    assert done.exit_code == 0, done.output
    assert rows(tmp_path / "set") == wanted(SIZES)
    assert set(service.pages.values()) == {1}
