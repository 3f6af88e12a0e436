"""A client that was used before Celery forks its pool, over a broker of files."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support import wire
from support.scripted import PATIENCE, Received, Reply, json_reply

from .tools import python_packages

pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork"),
]

APP = """
import os
from pathlib import Path

import benchwire
from celery import Celery

here = Path(__file__).parent
for name in ("queue", "results"):
    (here / name).mkdir(exist_ok=True)
app = Celery("program", broker="filesystem://", backend=f"file://{here}/results")
queue = str(here / "queue")
app.conf.broker_transport_options = {"data_folder_in": queue, "data_folder_out": queue}
client = benchwire.V0Client("key-for-tests", os.environ["SERVICE"])
client.jobs.get("0")

@app.task(name="get")
def get(number):
    return client.jobs.get(str(number)).id

@app.task(name="submit")
def submit(number):
    return client.jobs.submit(f"b{number}", "https://models.example.com/v1", "key").job_id
"""
ASK = f"""
import program
reads = [program.get.delay(number) for number in range(30)]
jobs = [program.submit.delay(number) for number in range(6)]
print(*[each.get(timeout={PATIENCE * 3}) for each in [*reads, *jobs]])
program.client.close()
"""


def test_celery_forks_a_client_that_was_used(scripted: Any, tmp_path: Path) -> None:
    names = itertools.count(1)

    def answer(received: Received) -> Reply:
        if received.method == "POST":
            return json_reply({"job_id": f"j{next(names)}", "status": "pending"}, 202)
        if received.path.endswith("/jobs"):
            return json_reply({"jobs": []})
        return json_reply(wire.job(received.path.rpartition("/")[2], "running"))

    service = scripted(answer)
    (tmp_path / "program.py").write_text(APP, "utf-8")
    path = [*sys.path, str(python_packages("celery.txt"))]
    environment = {**os.environ, "SERVICE": service.url, "PYTHONPATH": os.pathsep.join(path)}
    run: dict[str, Any] = {"cwd": tmp_path, "env": environment}
    worker = [sys.executable, "-m", "celery", "-A", "program", "worker", "-P", "prefork", "-c", "3"]
    with subprocess.Popen([*worker, "-l", "error"], stdout=subprocess.DEVNULL, **run) as started:
        try:
            asked = subprocess.run(
                [sys.executable, "-c", ASK], check=True, capture_output=True, text=True, **run
            )
        finally:
            started.send_signal(signal.SIGTERM)
            started.wait(PATIENCE * 3)
    found = asked.stdout.split()
    assert found[:30] == [str(number) for number in range(30)]
    assert sorted(found[30:]) == [f"j{number}" for number in range(1, 7)]
