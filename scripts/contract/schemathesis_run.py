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

from benchwire_specs import spec_path

from .services import ENDPOINT, without_keys

HERE = Path(__file__).parent
CONFIG = HERE / "schemathesis.toml"
PHASES = ("examples", "coverage", "fuzzing", "stateful")
# The environment variable of that process with the key, or with the guard's token.
KEY_VARIABLE = "BENCHWIRE_CONTRACT_KEY"
_READ_ONLY = "\n[phases.coverage]\nunexpected-methods = []\n"


@dataclass(frozen=True)
class SchemathesisReport:
    """The result of a run: schemathesis's own report, and its output."""

    content: dict[str, Any]
    output: str

    @property
    def failures(self) -> dict[str, set[str]]:
        """The operations that failed, by the title of the failure."""
        failures: dict[str, set[str]] = {}
        for failure in self.content["failures"]:
            failures.setdefault(failure["title"], set()).update(failure["operations"])
        return failures

    @property
    def errors(self) -> list[Any]:
        """The errors of the tool itself."""
        errors: list[Any] = self.content["errors"]
        return errors

    @property
    def cases(self) -> int:
        """The number of cases sent."""
        cases: int = self.content["test_cases"]["generated"]
        return cases

    @property
    def complete(self) -> bool:
        """Whether the run was not cut short."""
        return bool(self.content["stop_reason"] != "interrupted")

    @property
    def phases(self) -> dict[str, str]:
        """The status of each phase."""
        return {name: phase["status"] for name, phase in self.content["phases"].items()}

    @property
    def accepted(self) -> dict[str, int]:
        """The number of valid requests each operation accepted."""
        return {
            operation: sum(phase["accepted"] for phase in phases.values())
            for operation, phases in self.content["valid_rates"].items()
        }


def run(
    api: str,
    base_url: str,
    key: str,
    folder: Path,
    *options: str,
    endpoint: str = "http://127.0.0.1/",
    read_only: bool = False,
    seed: int = 1,
) -> SchemathesisReport:
    """Check a server against one of the specifications.

    The seed determines the requests, except in the stateful phase: there the tool also uses the
    system's randomness, and the responses determine what follows. One worker, because several cause
    infinite recursion in the tool on Python 3.11.

    Args:
        api: The specification: ``public``, ``v2`` or ``v0``.
        base_url: The base URL of the API.
        key: The key. It is passed in the environment, where no list of processes shows it.
        folder: The folder of the reports: ``report.json``, ``junit.xml`` and ``exchanges.har``.
        options: Further options of ``schemathesis run``.
        endpoint: The model endpoint jobs are submitted with.
        read_only: Whether to send reads alone, all of them valid.
        seed: The seed of the requests.

    Raises:
        RuntimeError: The tool wrote no report.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    config = CONFIG
    if read_only:
        # The tool sends other methods even where GET alone is included.
        config = folder / "schemathesis.toml"
        config.write_text(CONFIG.read_text() + _READ_ONLY)
        # The guard waits as long as the server requests.
        options = (*options, "--request-timeout", "400", "--include-method", "GET")
        options = (*options, "--mode", "positive")
    environment = without_keys(os.environ) | {
        KEY_VARIABLE: key,
        ENDPOINT: endpoint,
        "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py"),
        "NO_PROXY": "*",
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
            text=True,
            capture_output=True,
            check=False,
        )
    output = done.stdout + done.stderr
    if not report.exists():
        raise RuntimeError(output)
    return SchemathesisReport(json.loads(report.read_bytes()), output)
