"""Runs promptfoo with a provider of ours and its own ``echo``."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from environment import HERE, copy, emptied, run, without_times

if TYPE_CHECKING:
    from pathlib import Path

# The newest one that runs on Node.js 20.
PROMPTFOO = "promptfoo@0.121.20"


def _own(label: str, **config: Any) -> dict[str, Any]:
    return {"id": "file://promptfoo_provider.mjs", "label": label, "config": config}


_SUMS = {
    "description": "Sums",
    "prompts": [
        {"raw": "{{a}} + {{b}}?", "label": "short"},
        {"raw": "What is {{a}} + {{b}}?\nAnswer in words.", "label": "long"},
    ],
    "providers": ["echo", _own("careful", throws=4), _own("careless", wrong=[1, 2], refuses=3)],
    "tests": [
        {"vars": {"a": 1, "b": 1}, "assert": [{"type": "equals", "value": "The sum is 2"}]},
        {
            "vars": {"a": 1, "b": 2},
            "assert": [
                {"type": "contains", "value": "sum", "weight": 3},
                {"type": "javascript", "value": "output.endsWith('3') ? 1 : 0.25"},
            ],
        },
        {
            "vars": {"a": 1, "b": 3},
            "assert": [{"type": "javascript", "value": "({pass: true, score: 0.7, reason: ''})"}],
        },
        {
            "vars": {"a": 1, "b": 4},
            "assert": [
                {
                    "type": "assert-set",
                    "threshold": 0.5,
                    "assert": [
                        {"type": "contains", "value": "{{a}} + {{ b }}"},
                        {"type": "icontains", "value": "SUM"},
                    ],
                }
            ],
        },
        {"vars": {"a": 1, "b": 5}},
    ],
}
# One provider twice, with several values of a variable, and tests that are repeated.
_REPEATED = {
    "description": "Repeated sums",
    "prompts": ["{{a}} + {{b}}?"],
    "providers": [_own("", wrong=[3]), _own("", wrong=[1], throws=2)],
    "defaultTest": {"assert": [{"type": "contains", "value": "sum is"}]},
    "evaluateOptions": {"repeat": 2},
    "tests": [
        {"vars": {"a": ["1", "7"], "b": 1}, "assert": [{"type": "regex", "value": "{{a}}|2"}]},
        {"vars": {"a": "1", "b": 2}, "options": {"repeat": 3}},
        {"vars": {"a": "1", "b": 3}, "assert": [{"type": "equals", "value": "The sum is 4"}]},
    ],
}


def write(work: Path) -> None:
    """Install promptfoo from npm, and replace its logs."""
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", PROMPTFOO], cwd=work, check=True)
    shutil.copy(HERE / "promptfoo_provider.mjs", work)
    target = emptied("promptfoo")
    settings = {
        "PROMPTFOO_CONFIG_DIR": str(work / "settings"),
        "PROMPTFOO_DISABLE_TELEMETRY": "1",
        "PROMPTFOO_DISABLE_UPDATE": "1",
        "PROMPTFOO_DISABLE_REMOTE_GENERATION": "1",
    }
    for name, config in (("sums", _SUMS), ("repeated", _REPEATED)):
        (work / f"{name}-config.json").write_text(json.dumps(config), "utf-8")
        # It exits with 100 if a test fails.
        run(work / "node_modules/.bin/promptfoo", work, "eval", "-c", f"{name}-config.json",
            "-o", f"{name}.json", "--no-cache", "--no-table", "--no-share", "--no-progress-bar",
            ok=False, settings=settings)  # fmt: skip
        file = work / f"{name}.json"
        file.write_text(json.dumps(json.loads(without_times(file.read_text("utf-8")))), "utf-8")
        copy(file, target / file.name, work)
