"""Runs schemathesis, in a process of its own, against a server on a socket."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .services import spec_file, without_keys

HERE = Path(__file__).parent
CONFIG = HERE / "schemathesis.toml"
PHASES = ("examples", "coverage", "fuzzing", "stateful")
# In the process that runs it, the key stands under this name; on a live server it is the guard's
# token.
KEY_VARIABLE = "BENCHWIRE_CONTRACT_KEY"
ENDPOINT_VARIABLE = "BENCHWIRE_CONTRACT_ENDPOINT"
_READ_ONLY = "\n[phases.coverage]\nunexpected-methods = []\n"


@dataclass(frozen=True)
class Report:
    """What a run found: schemathesis's own report, and what it printed."""

    content: dict[str, Any]
    output: str

    @property
    def failures(self) -> dict[str, set[str]]:
        """What failed, and at which operations."""
        found: dict[str, set[str]] = {}
        for failure in self.content["failures"]:
            found.setdefault(failure["title"], set()).update(failure["operations"])
        return found

    @property
    def errors(self) -> list[Any]:
        """What the tool could not do."""
        errors: list[Any] = self.content["errors"]
        return errors

    @property
    def cases(self) -> int:
        """How many cases were made and sent."""
        cases: int = self.content["test_cases"]["generated"]
        return cases

    @property
    def complete(self) -> bool:
        """Whether it came to its end, and was not cut short."""
        return bool(self.content["stop_reason"] != "interrupted")

    @property
    def phases(self) -> dict[str, str]:
        """How each phase ended."""
        return {name: phase["status"] for name, phase in self.content["phases"].items()}

    @property
    def accepted(self) -> dict[str, int]:
        """How many valid requests each operation answered with success."""
        return {
            operation: sum(phase["accepted"] for phase in phases.values())
            for operation, phases in self.content["valid_rates"].items()
        }


def check(
    api: str,
    base_url: str,
    key: str,
    folder: Path,
    *options: str,
    endpoint: str = "http://127.0.0.1/",
    read_only: bool = False,
    seed: int = 1,
) -> Report:
    """Hold a server to one of the specifications.

    The seed decides which requests are made, but for the stateful phase: there the tool also draws
    from the system's randomness, and what a server answers decides where a walk goes. One worker:
    more of them run into a recursion of the tool's own on Python 3.11.

    Args:
        api: The specification: ``public``, ``v2`` or ``v0``.
        base_url: Where the paths of the specification begin.
        key: What the server takes for the key. It travels in the environment.
        folder: Where the reports go: ``report.json``, ``junit.xml`` and ``exchanges.har``.
        options: Further options of ``schemathesis run``.
        endpoint: The model endpoint that jobs are submitted with.
        read_only: Whether only reads are sent, all of them valid.
        seed: Decides which requests are made.

    Raises:
        RuntimeError: The tool ended without a report.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    config = CONFIG
    if read_only:
        # The tool probes with other methods even where GET alone is included.
        config = folder / "schemathesis.toml"
        config.write_text(CONFIG.read_text() + _READ_ONLY)
        # The guard may wait for as long as the server asks.
        options = (*options, "--request-timeout", "400")
        options = (*options, "--include-method", "GET", "--mode", "positive")
    environment = without_keys(os.environ) | {
        KEY_VARIABLE: key,
        ENDPOINT_VARIABLE: endpoint,
        "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"),
        "NO_PROXY": "*",
    }
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli"),
                *("--config-file", str(config)),
                *("run", str(spec_file(api))),
                *("--url", base_url, "--seed", str(seed), "--workers", "1"),
                *("--report", "json,junit,har", "--report-json-path", str(folder / "report.json")),
                *("--report-junit-path", str(folder / "junit.xml")),
                *("--report-har-path", str(folder / "exchanges.har")),
                *options,
            ],
            cwd=scratch,  # the tool's library leaves a folder of its own there
            env=environment,
            text=True,
            capture_output=True,
            check=False,
        )
    output = done.stdout + done.stderr
    if not report.exists():
        raise RuntimeError(output)
    return Report(json.loads(report.read_bytes()), output)
