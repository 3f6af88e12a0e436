"""Runs schemathesis against a server, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchwire_drift.look import CannotCheckError
from benchwire_specs import spec_path

from .services import ENDPOINT, without_keys

HERE = Path(__file__).parent
CONFIG = HERE / "schemathesis.toml"
# The environment variable of that process with the key, or with the guard's token.
KEY_VARIABLE = "BENCHWIRE_CONTRACT_KEY"
_READ_ONLY = "\n[phases.coverage]\nunexpected-methods = []\n"


@dataclass(frozen=True)
class SchemathesisReport:
    """The result of a run: schemathesis's own report, and its output."""

    content: dict[str, Any]
    output: str
    failures: dict[str, set[str]]  # the operations that failed, by the title of the failure
    errors: list[Any]  # of the tool itself


def run(
    api: str, base_url: str, key: str, folder: Path, *options: str,
    endpoint: str = "http://127.0.0.1/", read_only: bool = False, seed: int = 1,
) -> SchemathesisReport:  # fmt: skip
    """Check a server against one of the specifications; ``read_only``: with valid reads alone.

    The seed determines the requests, except in the stateful phase: there the tool also uses the
    system's randomness, and the responses determine what follows. One worker, because several cause
    infinite recursion in the tool on Python 3.11. The key is passed in the environment, where no
    list of processes shows it.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    config = CONFIG
    if read_only:
        # The tool sends other methods even where GET alone is included.
        config = folder / "schemathesis.toml"
        config.write_text(CONFIG.read_text(encoding="utf-8") + _READ_ONLY, encoding="utf-8")
        # The guard waits as long as the server requests.
        reads = ("--include-method", "GET", "--mode", "positive")
        options = (*options, "--request-timeout", "400", *reads)
    environment = without_keys(os.environ) | {
        KEY_VARIABLE: key,
        ENDPOINT: endpoint,
        "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py"),
        # Tables of Unicode, which hypothesis computes in a second; of the runs it stores nothing.
        "HYPOTHESIS_STORAGE_DIRECTORY": str(HERE.parents[1] / ".hypothesis"),
        "NO_PROXY": "*",
        "PYTHONIOENCODING": "utf-8",
    }
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli"),
                *("--config-file", str(config)),
                *("run", str(spec_path(api))),
                *("--url", base_url, "--seed", str(seed), "--workers", "1"),
                *("--report", "json,junit,har", "--report-json-path", str(report)),
                *("--report-junit-path", str(folder / "junit.xml")),
                *("--report-har-path", str(folder / "exchanges.har")),
                *options,
            ],
            cwd=scratch,  # hypothesis creates a folder there
            env=environment,
            encoding="utf-8",
            capture_output=True,
            check=False,
        )
    output = done.stdout + done.stderr
    if not report.exists():
        (folder / "output.txt").write_text(output, encoding="utf-8")
        raise CannotCheckError(f"schemathesis made no report; see {folder / 'output.txt'}")
    content = json.loads(report.read_bytes())
    failures: dict[str, set[str]] = {}
    for failure in content["failures"]:
        failures.setdefault(failure["title"], set()).update(failure["operations"])
    return SchemathesisReport(content, output, failures, content["errors"])
