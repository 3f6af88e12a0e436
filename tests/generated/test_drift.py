"""The committed packages are what the specs give, and the check for it notices every difference."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from openapi.generator.build import GENERATOR_VERSION, ROOT, SPECS, TARGET
from openapi.generator.sync_clients import TARGET as SYNC
from scripts.generate import differences

from benchwire_specs import APIS
from support import forks

if TYPE_CHECKING:
    from pathlib import Path


def check(package: Path = TARGET, sync: Path = SYNC) -> subprocess.CompletedProcess[str]:
    options = ["--package", package, "--sync", sync]
    command = [sys.executable, "-m", "scripts.generate", "--check", *options]
    return forks.run(command, imported=forks.LIBRARIES, cwd=ROOT)


def test_the_committed_packages_are_what_the_specs_give(fresh: Path) -> None:
    assert differences(TARGET, fresh) == []


def test_check_generated_names_each_extra_missing_and_changed_file(
    fresh: Path, tmp_path: Path
) -> None:
    package, sync = tmp_path / "benchwire_api", tmp_path / "_sync"
    shutil.copytree(fresh, package)
    (package / "stray.py").touch()
    (package / "v0" / "stray").mkdir()
    (package / "v0" / "stray" / "deep.txt").touch()
    (package / "public" / "py.typed").unlink()
    with (package / "v2" / "client.py").open("a") as file:
        file.write("#")
    # A sync client that its async source does not give.
    shutil.copytree(SYNC, sync)
    with (sync / "public.py").open("a") as file:
        file.write("# edited by hand\n")
    (sync / "stray.py").touch()
    result = check(package, sync)
    assert result.returncode == 1
    parts = result.stderr.split("check-generated: ")[1:]
    assert [part.partition(" ")[0] for part in parts] == [str(package), str(sync)]
    found = [re.findall(r"^  (.+)$", part, re.MULTILINE) for part in parts]
    assert found[0] == [
        "missing: public/py.typed",
        "extra: stray.py",
        "extra: v0/stray/deep.txt",
        "changed: v2/client.py",
    ]
    assert found[1] == ["changed: public.py", "extra: stray.py"]


def test_check_generated_does_not_mind_what_running_leaves_behind(
    fresh: Path, tmp_path: Path
) -> None:
    package = tmp_path / "benchwire_api"
    shutil.copytree(fresh, package)
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "types.cpython-311.pyc").touch()
    assert check(package).returncode == 0


def test_every_generated_file_has_the_header(fresh: Path) -> None:
    specs = {api: hashlib.sha256((SPECS / f"{api}.yaml").read_bytes()).hexdigest() for api in APIS}
    files = sorted(fresh.rglob("*.py"))
    assert len(files) > 80
    for path in files:
        lines = path.read_text().splitlines()
        assert "`make generate`" in lines[0]
        source = re.fullmatch(r"# Source: (openapi/.+)", lines[1])
        assert source, path
        api = path.relative_to(fresh).parts[0]
        digest = specs.get(api)
        if digest is None:
            digest = hashlib.sha256((ROOT / source[1]).read_bytes()).hexdigest()
        else:
            assert source[1] == f"openapi/{api}.yaml"
        assert lines[2] == f"# SHA-256: {digest}"
        assert lines[3] == f"# Generator: openapi-python-client {GENERATOR_VERSION}"


def test_no_machine_path_is_in_the_output(fresh: Path) -> None:
    for path in fresh.rglob("*.py"):
        assert str(fresh.parents[1]) not in path.read_text()  # where it was generated, too
        assert str(ROOT) not in path.read_text()
