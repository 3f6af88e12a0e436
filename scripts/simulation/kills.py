"""Kills a client in the middle of a run, again and again, and compares payments with results."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random

from attrs import frozen

import benchwire
from benchwire_local.demo_model import DemoModel

CLIENT = Path(__file__).with_name("client.py")
KEY = "key-of-the-model"
CREDITS = 1000

_SUBMIT = {"operations": ["v0.submitJob"]}
_LIST = {"operations": ["v0.listJobs"]}
FAULTS = {
    "seed": 1,
    "rules": [
        {"fault": "list_lag", "operations": ["v0.listJobs", "v0.getJob"], "seconds": 0.2},
        {"fault": "reset_after", "probability": 0.08, **_SUBMIT},
        {"fault": "status_after", "status": 502, "probability": 0.05, **_SUBMIT},
        {"fault": "reset_before", "probability": 0.01, **_SUBMIT},
        {"fault": "status_before", "status": 503, "probability": 0.02, **_LIST},
    ],
}


@frozen
class RunOutcome:
    """The outcome of a run whose client was killed."""

    kills: int  # how often the client was killed
    spent: int
    listed: list[str]  # the ids of the jobs that the service has
    results: list[str]  # the ids of the jobs that the run returned
    unknown: list[str]  # the messages of its `SubmissionUnknown` errors
    others: list[str]  # the messages of its other errors

    @property
    def is_right(self) -> bool:
        """Whether every credit paid for a job and every job is a result."""
        is_each_returned = sorted(self.results) == sorted(self.listed)
        return self.spent == len(self.listed) and is_each_returned and not self.others


def kill_repeatedly(
    folder: Path, *, jobs: int, kills: int, random: Random, window: float = 4.0
) -> RunOutcome:
    """Run jobs of one credit each with a client that is killed several times.

    Each kill is after a random line of its log. The jobs of an unknown submission are looked for in
    a window of some seconds.
    """
    with (
        DemoModel(api_key=KEY) as model,
        benchwire.local.serve(credits=CREDITS, faults=FAULTS) as server,
        server.v0_client() as client,
    ):
        settings = {
            "jobs": jobs, "window": window, "benchmark_id": client.benchmarks.list()[0].id,
            "endpoint_url": model.url("openai"), "endpoint_key": KEY, "api_key": server.api_key,
            "base_url": server.v0_base_url, "journal": str(folder / "journal.db"),
        }  # fmt: skip
        # A submission logs about 8 lines; some must be left when the client is killed last.
        most = max(8 * jobs // (kills + 1), 20)
        killed = 0
        while killed < kills:
            output = _run_client(settings, random.randint(10, most))
            if output is not None:
                break
            killed += 1
        else:
            output = _run_client(settings, None)
        rows = json.loads(output or "[]")
        spent = CREDITS - client.me().available_credits
        listed = [job.id for job in client.jobs.list(limit=10_000) if job.id is not None]
    return RunOutcome(
        killed,
        int(spent),
        listed,
        [job_id for job_id, error, _ in rows if error == "NoneType"],
        [message for _, error, message in rows if error == "SubmissionUnknown"],
        [message for _, error, message in rows if error not in {"NoneType", "SubmissionUnknown"}],
    )


def _run_client(settings: Mapping[str, object], lines: int | None) -> str | None:
    """Run the client, and kill it after so many lines of its log; return its output if it ended."""
    command = [sys.executable, str(CLIENT), json.dumps(settings)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as client:
        log: list[str] = []
        for line in client.stderr or ():
            log.append(line)
            if len(log) == lines:
                client.kill()
                return None
        output = client.stdout.read() if client.stdout else None
    if client.returncode:
        raise RuntimeError("the client failed:\n" + "".join(log[-20:]))
    return output
