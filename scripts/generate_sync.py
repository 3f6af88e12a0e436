"""Makes the sync clients from the async ones, so that the two cannot drift apart.

``wrapper/benchwire/_async`` holds no logic, only delegation; its sync twin is the same text without
``async`` and ``await``, and with names without ``Async``. ``make generate`` runs this, and
``make check-generated`` compares.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import unasync

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "wrapper" / "benchwire" / "_async"
TARGET = ROOT / "wrapper" / "benchwire" / "_sync"

HEADER = "# Generated from wrapper/benchwire/_async/{name} by `make generate`; changes made here are lost.\n"

NAMES = {"_async": "_sync", "aclose": "close", "aclosing": "closing", "aio": "sync"}
DOCSTRINGS = {
    "The clients, async. ``_sync`` is made from this package by ``make generate``.": (
        "The clients, sync; made from ``_async`` by ``make generate``."
    ),
}


def generate_sync(target: Path = TARGET) -> list[Path]:
    """Write the sync twin of every module and give the paths written.

    Modules of the target that have no source any more are deleted.
    """
    target.mkdir(parents=True, exist_ok=True)
    sources = sorted(SOURCE.glob("*.py"))
    found = {
        name for path in sources for name in re.findall(r"\bAsync\w+", path.read_text("utf-8"))
    }
    names = NAMES | {name: name.removeprefix("Async") for name in found}
    rule = unasync.Rule(str(SOURCE) + "/", str(target) + "/", additional_replacements=names)
    for stale in {path.name for path in target.glob("*.py")} - {path.name for path in sources}:
        (target / stale).unlink()
    unasync.unasync_files([str(path) for path in sources], [rule])
    written = [target / path.name for path in sources]
    for path in written:
        text = path.read_text(encoding="utf-8")
        for before, after in DOCSTRINGS.items():
            text = text.replace(before, after)
        text = re.sub(r"`Async(\w+)", r"`\1", text)
        path.write_text(HEADER.format(name=path.name) + text, encoding="utf-8")
    # Under the project's own settings, wherever the target is.
    ruff = [sys.executable, "-m", "ruff"]
    settings = ["--quiet", "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    files = [str(path) for path in written]
    subprocess.run([*ruff, "check", *settings, "--fix", "--select", "I", *files], check=True)
    subprocess.run([*ruff, "format", *settings, *files], check=True)
    return written


if __name__ == "__main__":
    for path in generate_sync():
        print(f"generate: wrote {path.relative_to(ROOT)}")
