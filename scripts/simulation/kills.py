"""Kills a client in the middle of a run, again and again, and counts what was paid for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random

from attrs import frozen

import benchwire
from benchwire_local.demo_model import DemoModel

CLIENT = Path(__file__).with_name("client.py")
KEY = "key-of-the-model"
CREDITS = 1000

FAULTS = {
    "seed": 1,
    "rules": [
        {"fault": "list_lag", "operations": ["v0.listJobs", "v0.getJob"], "seconds": 0.2},
        {"fault": "reset_after", "operations": ["v0.submitJob"], "probability": 0.08},
        {
            "fault": "status_after",
            "operations": ["v0.submitJob"],
            "status": 502,
            "probability": 0.05,
        },
        {"fault": "reset_before", "operations": ["v0.submitJob"], "probability": 0.01},
        {
            "fault": "status_before",
            "operations": ["v0.listJobs"],
            "status": 503,
            "probability": 0.02,
        },
    ],
}
"""What goes wrong at the server meanwhile."""


@frozen
class Account:
    """What a run came to.

    Attributes:
        kills: How often the client was killed.
        spent: The credits that were spent.
        listed: The jobs that the service has.
        given: The jobs that the run gave as its results.
        unknown: What the run says of the submissions of which nothing is known.
        others: What it says of the results that are neither.
    """

    kills: int
    spent: int
    listed: list[str]
    given: list[str]
    unknown: list[str]
    others: list[str]

    @property
    def is_right(self) -> bool:
        """Whether every credit is a job and every job a result."""
        return (
            self.spent == len(self.listed)
            and sorted(self.given) == sorted(self.listed)
            and not self.others
        )


def kill_repeatedly(
    folder: Path, *, jobs: int, kills: int, random: Random, window: float = 4.0
) -> Account:
    """Start a run of so many jobs, kill its client so often, and let it end.

    Args:
        folder: Where the journal is to be.
        jobs: How many jobs the run has, each of one credit.
        kills: How often the client is killed with ``kill -9``, at a line of its log.
        random: Chooses the moments.
        window: Seconds for which a job in doubt is looked for.
    """
    with (
        DemoModel(api_key=KEY) as model,
        benchwire.local.serve(credits=CREDITS, faults=FAULTS) as server,
        server.v0_client() as client,
    ):
        asked = {
            "jobs": jobs,
            "window": window,
            "benchmark_id": client.benchmarks.list()[0].id,
            "endpoint_url": model.url("openai"),
            "endpoint_key": KEY,
            "api_key": server.api_key,
            "base_url": server.v0_base_url,
            "journal": str(folder / "journal.db"),
        }
        # A submission is about 8 lines; the run is to have some left when it is killed last.
        most = max(8 * jobs // (kills + 1), 20)
        killed = 0
        while killed < kills:
            output = _carried_out(asked, random.randint(10, most))
            if output is not None:
                break
            killed += 1
        else:
            output = _carried_out(asked, None)
        rows = json.loads(output or "[]")
        spent = CREDITS - client.me().available_credits
        listed = [job.id for job in client.jobs.list(limit=10_000)]
    return Account(
        killed,
        int(spent),
        listed,
        [job_id for job_id, error, _ in rows if error == "NoneType"],
        [said for _, error, said in rows if error == "SubmissionUnknown"],
        [said for _, error, said in rows if error not in {"NoneType", "SubmissionUnknown"}],
    )


def _carried_out(asked: dict[str, object], lines: int | None) -> str | None:
    """Run the client; kill it after so many lines of its log. Gives its output if it ended."""
    command = [sys.executable, str(CLIENT), json.dumps(asked)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as client:
        said: list[str] = []
        for line in client.stderr or ():
            said.append(line)
            if len(said) == lines:
                client.kill()
                return None
        output = client.stdout.read() if client.stdout else None
    if client.returncode:
        raise RuntimeError("the client failed:\n" + "".join(said[-20:]))
    return output
