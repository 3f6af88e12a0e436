"""Runs schemathesis, in a process of its own, against a server on a socket."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.shared import REPOSITORY

if TYPE_CHECKING:
    from benchwire_local import LocalServer

HERE = Path(__file__).parent
PHASES = ("examples", "coverage", "fuzzing", "stateful")


@dataclass(frozen=True)
class Report:
    """What a run found: schemathesis's own report, and what it printed."""

    content: dict[str, Any]
    output: str

    @property
    def failures(self) -> dict[str, set[str]]:
        """What failed, and at which operations."""
        return {
            failure["title"]: set(failure["operations"]) for failure in self.content["failures"]
        }

    @property
    def accepted(self) -> dict[str, int]:
        """How many valid requests each operation answered with success."""
        return {
            operation: sum(phase["accepted"] for phase in phases.values())
            for operation, phases in self.content["valid_rates"].items()
        }


def base_url(server: LocalServer, api: str) -> str:
    """Where the paths of a specification begin."""
    return {
        "public": server.public_base_url,
        "v2": server.v2_base_url,
        "v0": server.v0_base_url,
    }[api]


def check(server: LocalServer, api: str, folder: Path, *options: str) -> Report:
    """Hold a server to one of the specifications.

    The seed decides which requests are made, but for the stateful phase: there the tool also draws
    from the system's randomness, and what a server answers decides where a walk goes.

    Args:
        server: A running server.
        api: The specification: ``public``, ``v2`` or ``v0``.
        folder: Where the tool may write.
        options: Further options of ``schemathesis run``.
    """
    report = folder / "report.json"
    environment = os.environ | {
        "BENCHWIRE_CONTRACT_KEY": server.api_key,
        "BENCHWIRE_CONTRACT_ENDPOINT": server.url + "/demo/v1/chat/completions",
        "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"),
        "NO_PROXY": "*",
    }
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", str(HERE / "schemathesis.toml")),
            *("run", str(REPOSITORY / "openapi" / f"{api}.yaml")),
            *("--url", base_url(server, api), "--seed", "1"),
            *("--report", "json", "--report-json-path", str(report)),
            *options,
        ],
        cwd=folder,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )
    output = done.stdout + done.stderr
    assert report.exists(), output
    return Report(json.loads(report.read_bytes()), output)
