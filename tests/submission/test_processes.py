"""Several client processes, and processes that are killed, against the embedded server."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from scripts.simulation.kills import kill_repeatedly

import benchwire
from benchwire._jobs.locks import FileLocks
from benchwire._jobs.sqlite_journal import file_journal
from benchwire_local.demo_model import DemoModel
from support import forks

KEY = "key-of-the-model"
ROUNDS = 6

SUBMITTER = """
import json, sys
import benchwire
settings = json.loads(sys.argv[1])
with benchwire.V0Client(settings["api_key"], settings["base_url"], journal=settings["journal"]) as client:
    for _ in range(settings["rounds"]):
        print(client.jobs.submit(*settings["job"]).job_id, flush=True)
"""

FAULTS = [
    {"fault": "reset_after", "operations": ["v0.submitJob"], "probability": 0.3},
    {"fault": "list_lag", "operations": ["v0.listJobs"], "seconds": 0.3},
]


@pytest.mark.usefixtures("short_jobs")
def test_two_processes_that_submit_the_same_get_a_job_each(tmp_path: Path) -> None:
    with (
        DemoModel(api_key=KEY) as model,
        benchwire.local.serve(credits=100, faults=FAULTS) as server,
        server.v0_client() as client,
    ):
        settings: dict[str, Any] = {
            "api_key": server.api_key,
            "base_url": server.v0_base_url,
            "journal": str(tmp_path / "journal.db"),
            "rounds": ROUNDS,
            "job": [client.benchmarks.list()[0].id, model.url("openai"), KEY],
        }
        command = [sys.executable, "-c", SUBMITTER, json.dumps(settings)]
        processes = [forks.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        ids = [process.communicate()[0].split() for process in processes]
        assert [process.returncode for process in processes] == [0, 0]
        assert [len(own) for own in ids] == [ROUNDS, ROUNDS]
        listed = {job.id for job in client.jobs.list()}
        assert {*ids[0], *ids[1]} == listed
        assert len(listed) == 2 * ROUNDS
        assert client.me().available_credits == 100 - 2 * ROUNDS


@pytest.mark.usefixtures("short_jobs")
def test_a_client_that_is_killed_in_the_middle_of_a_run(tmp_path: Path) -> None:
    """``make soak`` kills it twenty times in a run of 200 jobs."""
    outcome = kill_repeatedly(tmp_path, jobs=30, kills=2, random=Random(3))
    assert outcome.kills == 2
    assert outcome.is_right, outcome
    assert outcome.spent + len(outcome.unknown) == 30


TRY_A_LOCK = """
import sys
from pathlib import Path
from benchwire._jobs.locks import FileLocks
sys.exit(FileLocks(Path(sys.argv[1])).try_lock([5]) is not None)
"""


def test_a_lock_that_is_tried_again_here_stays_one_for_other_processes(tmp_path: Path) -> None:
    """Closing a file releases every lock that the process has on it, however it was opened."""
    locks = FileLocks(tmp_path / "locks")
    held = locks.try_lock([5])
    assert held is not None
    for _ in range(2):
        assert FileLocks(tmp_path / "locks").try_lock([5]) is None
        other = [sys.executable, "-c", TRY_A_LOCK, str(tmp_path / "locks")]
        assert subprocess.run(other, check=False).returncode == 0
    held.release()
    second = locks.try_lock([5])
    assert second is not None
    second.release()


WRITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    connection.execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError:
    sys.exit(0)
sys.exit(1)
"""


def test_a_second_client_leaves_the_first_ones_transaction_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    file_journal(path).unresolved("http://127.0.0.1")
    with closing(sqlite3.connect(path, isolation_level=None)) as writing:
        writing.execute("BEGIN IMMEDIATE")
        file_journal(path).unresolved("http://127.0.0.1")
        assert subprocess.run([sys.executable, "-c", WRITE, str(path)], check=False).returncode == 0
        writing.execute("ROLLBACK")
