"""Runs programs of the pages against one embedded server, each in a fork of one process.

That one has imported what takes most of the time of a short program.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import benchwire
from support.local_environment import environment_of

PYTHON = [sys.executable, "-W", "error", "-c"]
# A fork leaves the loop: its program ends as one does that a process was started for.
FORKS = """
import gc, json, os, signal, sys
import benchwire
with benchwire.PublicClient("k") as client:
    client.models, client.comparisons, benchwire.export
with benchwire.local.serve():
    pass
import pyarrow.dataset, pyarrow.parquet
gc.freeze()  # else each fork goes through all of it at its end
for line in sys.stdin:
    code, folder = json.loads(line)
    if not (child := os.fork()):
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
signal.alarm(60)
os.chdir(folder)
for number, name in enumerate((os.devnull, "../stdout", "../stderr")):
    os.dup2(os.open(name, os.O_RDWR | os.O_CREAT), number)
exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
"""


@pytest.fixture(scope="session")
def environment() -> Iterator[dict[str, str]]:
    """What points a program at the embedded server, which has the sample data."""
    with benchwire.local.serve() as server:
        yield environment_of(server)


@pytest.fixture(scope="session")
def forks(environment: dict[str, str]) -> Iterator[subprocess.Popen[str] | None]:
    if sys.platform != "linux":
        yield None  # Windows has none, and on macOS libraries may not be used in one
        return
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*PYTHON, FORKS], env=environment, stdin=pipe, stdout=pipe, text=True
    ) as process:
        yield process


@pytest.fixture
def run(
    forks: subprocess.Popen[str] | None, environment: dict[str, str], tmp_path: Path
) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Run a program in an empty folder."""
    folder = tmp_path / "folder"
    folder.mkdir()

    def anew(code: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PYTHON, code], env=environment, cwd=folder,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def forked(code: str) -> subprocess.CompletedProcess[str]:
        assert forks
        assert forks.stdin
        assert forks.stdout
        forks.stdin.write(json.dumps([code, str(folder)]) + "\n")
        forks.stdin.flush()
        status = int(forks.stdout.readline())
        output, errors = ((tmp_path / name).read_text() for name in ("stdout", "stderr"))
        return subprocess.CompletedProcess([], status, output, errors)

    return anew if forks is None else forked
