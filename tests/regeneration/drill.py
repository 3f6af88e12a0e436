"""A copy of the repository in which a spec is edited, generated from, type-checked and used."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from scripts.spec_diff.release import record_release

from benchwire_specs import APIS
from support import forks
from support.shared import REPOSITORY
from support.workers import alone

from .edits import Edit

FOLDERS = ("generated", "openapi", "scripts", "wrapper")
FILES = ("CHANGELOG.md", "pyproject.toml")
_PACKAGES = ("benchwire_api", "benchwire", "benchwire_drift", "benchwire_local", "benchwire_specs")
_ERROR = re.compile(r"(?P<file>[^:]+):(?P<line>\d+): error: (?P<message>.*)")
# Without the packages installed beside mypy: it would take from there any module that a change has
# removed from the copy.
_MYPY = """
import sys
from pathlib import Path
sys.path = [
    path for path in sys.path
    if not any(Path(path, name).is_dir() for name in ("benchwire", "benchwire_api"))
]
from mypy.__main__ import console_entry
console_entry()
"""
_RUN_MYPY = (sys.executable, "-c", _MYPY, "--cache-dir", ".mypy_cache", "--no-error-summary")
_CACHE = REPOSITORY / ".mypy_cache"
# The files of a writer, which may end meanwhile, and the caches of other systems and packages.
_NOT_COPIED = shutil.ignore_patterns("*-wal", "*-shm", "darwin", "win32", "generated")
_LOCK = REPOSITORY / ".mypy_cache.db"
_GENERATE_ONE = """
import gc
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from openapi.generator.build import ROOT, SPECS, TARGET, write_api, write_services
from openapi.generator.parts import put_in_place, write_wrapper
from scripts.generate import report_changes
gc.disable()
api = sys.argv[1]
with TemporaryDirectory(dir=ROOT) as folder:
    package = Path(folder, TARGET.name)
    shutil.copytree(TARGET, package, ignore=shutil.ignore_patterns(api))
    write_api(api, SPECS / f"{api}.yaml", package / api)
    write_services(package)
    write_wrapper(Path(folder))
    put_in_place(Path(folder))
report_changes(quiet=False)
"""


def is_generated(name: str) -> bool:
    """Return whether `make generate` writes a file of the wrapper."""
    folders = ("wrapper/benchwire/_sync/", "wrapper/benchwire/_async/operations/")
    return name.startswith((*folders, "wrapper/benchwire/models.py"))


@dataclass(frozen=True)
class TypeFault:
    """An error of mypy in a line of the wrapper.

    Attributes:
        file: The file, from the repository's root.
        source: The line it names.
        message: The error.
    """

    file: str
    source: str
    message: str


@functools.cache
def _fill_cache() -> None:
    """Check the repository, as `make lint` does: each copy then needs a fraction of the time."""
    with alone(_LOCK):
        subprocess.run(_RUN_MYPY, cwd=REPOSITORY, capture_output=True, check=False, timeout=600)


class Copy:
    """One copy of what `make generate` and mypy need of the repository."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def of_repository(cls, root: Path, folders: tuple[str, ...] = FOLDERS) -> Copy:
        """Copy the working tree."""
        root.mkdir()
        for name in folders:
            # With the times of the files, and byte code: it and mypy's cache go by them.
            shutil.copytree(
                REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("*.pyc.*")
            )
        for name in FILES:
            shutil.copy2(REPOSITORY / name, root / name)
        return cls(root)

    @classmethod
    def after_edits(
        cls, root: Path, edits: Iterable[tuple[str, Edit]], programs: Mapping[str, str]
    ) -> None:
        """Copy the repository as after a release, edit its specs, generate, and run mypy.

        Args:
            root: The folder of the copy, for several workers to read.
            edits: Each with the API.
            programs: Those that mypy checks, too, by the names of their modules.
        """
        copy, edits = cls.of_repository(root), list(edits)
        record_release(root / "openapi", "0.1.0")
        by_hand = copy.hand_written()
        for api in APIS:
            copy.edit(api, lambda spec, api=api: [edit(spec) for of, edit in edits if of == api])
        (root / "report").write_text(copy.generate(), "utf-8")
        assert copy.hand_written() == by_hand
        faults = [vars(each) for each in copy.type_errors(programs)]
        (root / "faults").write_text(json.dumps(faults), "utf-8")

    def report(self) -> str:
        """Return what `make generate` printed after the edits."""
        return (self.root / "report").read_text("utf-8")

    def faults(self) -> set[TypeFault]:
        """Return what mypy said after the edits."""
        found = json.loads((self.root / "faults").read_text("utf-8"))
        return {TypeFault(**each) for each in found}

    def edit(self, api: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Edit a spec."""
        path = self.root / "openapi" / f"{api}.yaml"
        spec = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
        change(spec)
        text = yaml.dump(spec, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
        path.write_text(text, "utf-8")

    def generate(self) -> str:
        """Run what `make generate` runs, and return what it prints about the specs."""
        return self.run("-m", "scripts.generate").stdout

    def generate_one(self, api: str) -> str:
        """Generate only the API that was edited, in a third of the time."""
        return self.run("-c", _GENERATE_ONE, api).stdout

    def run(self, *command: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a script of the copy."""
        words = [sys.executable, *command]
        done = forks.run(words, imported=forks.LIBRARIES, cwd=self.root, env=self._environment())
        assert done.returncode == status, done.stdout + done.stderr
        return done

    def hand_written(self) -> dict[str, bytes]:
        """Return the text of every file of the wrapper that is not generated."""
        return {
            name: path.read_bytes()
            for path in (self.root / "wrapper").rglob("*.py")
            if not is_generated(name := path.relative_to(self.root).as_posix())
        }

    def type_errors(self, programs: Mapping[str, str]) -> set[TypeFault]:
        """Return the errors of strict mypy in the packages, and in programs that use them."""
        for name, program in programs.items():
            (self.root / f"{name}.py").write_text(program, "utf-8")
        found = set()
        for match in self._mypy(programs):
            lines = (self.root / match["file"]).read_text("utf-8").splitlines()
            source = lines[int(match["line"]) - 1].strip()
            found.add(TypeFault(match["file"], source, match["message"]))
        return found

    def _mypy(self, modules: Iterable[str]) -> list[re.Match[str]]:
        """Run mypy, with the cache that it has of the repository."""
        _fill_cache()
        with alone(_LOCK):
            shutil.copytree(_CACHE, self.root / _CACHE.name, ignore=_NOT_COPIED)
        options = [f"--package={each}" for each in _PACKAGES]
        options += [f"--module={each}" for each in modules]
        done = subprocess.run(
            [*_RUN_MYPY, *options], cwd=self.root, env=self._environment(),
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode in {0, 1}, done.stdout + done.stderr
        errors = [match for match in map(_ERROR.fullmatch, done.stdout.splitlines()) if match]
        assert bool(errors) == bool(done.returncode), done.stdout + done.stderr
        return errors

    def use(self, code: str, url: str) -> Any:
        """Run a program on the copy's packages, with `url` defined, and return its `result`."""
        program = "\n".join([
            "import json, sys",
            "import benchwire, benchwire_api",
            f"root = {str(self.root)!r}",
            "assert benchwire.__file__.startswith(root), benchwire.__file__",
            "assert benchwire_api.__file__.startswith(root), benchwire_api.__file__",
            f"url = {url!r}",
            code,
            "print(json.dumps(result))",
        ])  # fmt: skip
        return json.loads(self.run("-W", "error", "-c", program).stdout)

    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join(str(self.root / name) for name in ("generated", "wrapper"))
        keep = {name: value for name, value in os.environ.items() if name in {"PATH", "TMPDIR"}}
        return {**keep, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1",
                "BENCHWIRE_JOURNAL": str(self.root / "journal.db")}  # fmt: skip
