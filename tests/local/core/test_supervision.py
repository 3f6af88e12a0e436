"""The systemd unit and the Dockerfile of the documentation: their commands run and end in order."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from benchwire.cli.local import DEFAULT_PORT
from support import forks
from support.shared import REPOSITORY
from support.systems import needs_posix

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (REPOSITORY / "docs" / "embedded-server.md").read_text("utf-8")
BENCHWIRE = [sys.executable, "-W", "error", "-c", "from benchwire.cli import main; main()"]
STATE = "/var/lib/benchwire/"

pytestmark = needs_posix("systemd and containers of Linux")


def block(language: str) -> str:
    [found] = re.findall(f"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(block("ini"))
    return parser


def instructions() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in block("dockerfile").splitlines():
        word, _, rest = line.partition(" ")
        found.setdefault(word, []).append(rest)
    return found


def command(words: list[str], folder: str, tmp_path: Path) -> list[str]:
    """The command of a supervisor on a free port, with its folder of data in another place."""
    program, *arguments = words
    assert Path(program).name == "benchwire"
    assert any(it.startswith(folder) for it in arguments)
    replaced = [it.replace(folder, f"{tmp_path}/") for it in arguments]
    return [*BENCHWIRE, *replaced, "--port", "0"]


@contextmanager
def served(words: list[str], **variables: str) -> Iterator[tuple[Any, str]]:
    process = forks.Popen(
        words,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    with process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            started = re.match(r"# Serving at (http://\S+)", line)
            assert started, (line, process.stderr and process.stderr.read())
            yield process, started[1]
        finally:
            process.kill()


def assert_ends_in_order(process: Any, number: int, folder: Path) -> None:
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    left = {path.name for path in folder.iterdir()}
    assert left == {"benchwire.db", "benchwire.db.lock"}  # with no journal: it was closed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_unit_serves_and_stops(tmp_path: Path, number: int) -> None:
    service = unit()["Service"]
    assert f"/var/lib/{service['StateDirectory']}/" == STATE
    words = command(shlex.split(service["ExecStart"]), STATE, tmp_path)
    with served(words) as (process, url):
        assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
        assert_ends_in_order(process, number, tmp_path)


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("needs systemd-analyze")
    path = tmp_path / "benchwire.service"
    program = shlex.split(unit()["Service"]["ExecStart"])[0]
    path.write_text(block("ini").replace(program, f'"{sys.executable}"'), encoding="utf-8")
    done = subprocess.run(
        [analyze, "verify", "--man=no", path], capture_output=True, encoding="utf-8", check=False
    )
    told = [line for line in done.stderr.splitlines() if "benchwire" in line]
    assert (done.returncode, told) == (0, []), done.stderr


def test_the_image_has_what_its_command_needs() -> None:
    lines = instructions()
    extras = {
        name
        for found in re.findall(r"benchwire\[(.*?)\]", lines["RUN"][0])
        for name in found.split(",")
    }
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    assert extras == {"cli", "local"}
    assert extras <= project["optional-dependencies"].keys()
    assert lines["EXPOSE"] == [str(DEFAULT_PORT)]
    assert lines["VOLUME"] == ["/data"]
    assert lines["FROM"][0].split(":")[1].removesuffix("-slim") in str(project["classifiers"])


def test_the_container_serves_and_knows_its_health(tmp_path: Path) -> None:
    lines = instructions()
    check = json.loads(lines["HEALTHCHECK"][0].removeprefix("CMD "))
    words = command(json.loads(lines["CMD"][0]), "/data/", tmp_path)
    refused = forks.run(words)
    assert refused.returncode == 1
    assert "BENCHWIRE_LOCAL_API_KEY" in refused.stderr
    with served(words, BENCHWIRE_LOCAL_API_KEY="of my own") as (process, url):
        port = url.rpartition(":")[2]
        check = [
            sys.executable,
            *(it.replace(f":{DEFAULT_PORT}/", f":{port}/") for it in check[1:]),
        ]
        # Docker gives containers the proxy of its own settings.
        environment = os.environ | {"http_proxy": "http://127.0.0.1:9"}
        assert subprocess.run(check, check=False, env=environment).returncode == 0
        assert_ends_in_order(process, signal.SIGTERM, tmp_path)
    failed = subprocess.run(check, stderr=subprocess.DEVNULL, check=False)
    assert failed.returncode == 1
