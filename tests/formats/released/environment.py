"""What the modules that write logs have in common: installing tools, running them, copying logs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

if sys.version_info >= (3, 14):
    import zipfile
else:  # members are packed with zstd
    from backports.zstd import zipfile

HERE = Path(__file__).resolve().parent


def installed(folder: Path, requirement: str) -> Path:
    """Install a tool, and return the folder of its programs."""
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", requirement], check=True)
    return folder / "bin"


def run(
    program: Path,
    work: Path,
    *arguments: str,
    ok: bool = True,
    settings: dict[str, str] | None = None,
) -> None:
    """Run a tool in a folder, with further environment variables."""
    subprocess.run([program, *arguments], cwd=work, check=ok, env=os.environ | (settings or {}))


def emptied(name: str) -> Path:
    """Return a folder beside this module, without what was in it."""
    shutil.rmtree(HERE / name, ignore_errors=True)
    (HERE / name).mkdir()
    return HERE / name


def without_times(text: str) -> str:
    """Return a log with one date and time for all in it."""
    return re.sub(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d", r"2026-01-02\g<1>03:04:05", text)


def copy(file: Path, place: Path, folder: Path) -> None:
    """Copy a log without the name of the folder that the tools are in."""
    place.parent.mkdir(parents=True, exist_ok=True)
    here, there = str(folder).encode(), b"/home/user"
    if not zipfile.is_zipfile(file):
        place.write_bytes(file.read_bytes().replace(here, there))
        return
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(place, "w") as new:
        for member in old.infolist():
            data = old.read(member).replace(here, there)
            new.writestr(member.filename, data, compress_type=member.compress_type)
