"""Of what users import, pyright knows the types: its own measure is 99 % at least."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.shared import REPOSITORY


@pytest.mark.long
@pytest.mark.parametrize(
    "package",
    ["benchwire", "benchwire_api", "benchwire_drift", "benchwire_local", "benchwire_specs"],
)
def test_nearly_every_public_type_is_known(package: str, tmp_path: Path) -> None:
    folders = [str(REPOSITORY / "generated"), str(REPOSITORY / "wrapper")]
    done = subprocess.run(
        [
            sys.executable, "-m", "basedpyright", "--verifytypes", package, "--ignoreexternal",
            "--pythonpath", sys.executable,
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(folders)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    [score] = [line for line in done.stdout.splitlines() if line.startswith("Type completeness")]
    assert float(score.split()[-1].rstrip("%")) >= 99, done.stdout
