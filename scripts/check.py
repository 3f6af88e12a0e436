"""Run the tests of what has changed: `make check`, or `make check BASE=HEAD~3`.

They are those of imports, limits and words (`tests/test_*.py`), and for each changed file

- itself, if it is a test; `test_<module>.py` in any room; and the tests that import the module;
- if there are none, the tests of the innermost room named like a folder of its path; of pages `tests/docs`.

What takes long is named and not run: a room of `LONG`, or more than `MANY` files that import a module.
"""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[1]
LONG = {"tests", "tests/contract", "tests/faults", "tests/local", "tests/regeneration"}
MANY = 20
# Rooms that are not named like the folders that they test.
_ROOMS = {"_transport": "unit", "_requests": "unit", "_lists": "unit", "_async": "client", "_jobs": "submission",
          "generator": "generated", "openapi": "specs", "spec_lint": "specs", "docs_site": "docs"}  # fmt: skip


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", help="a commit; by default where this branch left main")
    start, base = time.monotonic(), parser.parse_args().base
    try:
        changed = changed_files(ROOT, base or _git(ROOT, "merge-base", "HEAD", "main").strip())
    except subprocess.CalledProcessError as error:
        print(f"check: {error.stderr.strip()}; BASE names another commit", file=sys.stderr)
        return 2
    tests, left = selected(changed, ROOT)
    here = [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob("tests/test_*.py"))]
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(os.cpu_count()), *here, *tests]
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    for each in left:
        print(f"check: not run, as it takes long: {each}")
    print(f"check: {time.monotonic() - start:.0f} s for {' '.join(['tests/test_*.py', *tests])}")
    return status


def changed_files(root: Path, base: str) -> list[str]:
    """Return the files that differ from a commit, in the working tree, and those not yet added."""
    names = _git(root, "diff", "--name-only", "-z", base, "--")
    names += _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return sorted(filter(None, names.split("\0")))


def _git(root: Path, *command: str) -> str:
    done = subprocess.run(
        ["git", *command], cwd=root, check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout


def selected(changed: list[str], root: Path) -> tuple[list[str], list[str]]:
    """Return the tests to run for changed files, and what of them would take long."""
    paths = [path.relative_to(root).as_posix() for path in sorted(root.glob("tests/**/*.py"))]
    imports = {name: set(_imported(root / name)) for name in paths}
    found, left = set[str](), set[str]()
    for name in changed:
        path = PurePosixPath(name)
        named = f"/test_{path.stem.strip('_')}.py" if path.suffix == ".py" else name
        own = {
            each for each in imports if _is_test(each) and (each == name or each.endswith(named))
        }
        tests = own | set(filter(_is_test, _importers(_module(path), imports)))
        room = None if tests else _room(path, root)
        found |= own
        if len(tests) > MANY or room in LONG:
            left.add(room or f"the {len(tests)} files of tests that import {name}")
        elif room:
            found.add(room)
        else:
            found |= tests
    return sorted(found), sorted(left)


def _imported(path: Path) -> Iterator[str]:
    """Yield what a file imports: modules, and names in them, which may be modules."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = f"{path.parent.name}.{node.module}" if node.level else str(node.module)
            yield from (source, *(f"{source}.{alias.name}" for alias in node.names))


def _importers(module: str, imports: dict[str, set[str]]) -> set[str]:
    """Return the files of `tests/` that import a module, or import another there that does."""
    found = {name for name, imported in imports.items() if module in imported}
    helpers = {_module(PurePosixPath(name)) for name in found if not _is_test(name)}
    return found | {name for name, imported in imports.items() if helpers & imported}


def _module(path: PurePosixPath) -> str:
    parts = path.with_suffix("").parts
    parts = parts[parts[0] in ("generated", "wrapper", "tests") :]
    return ".".join(parts).removesuffix(".__init__")


def _room(path: PurePosixPath, root: Path) -> str | None:
    if path.suffix in (".md", ".ipynb") and (root / "tests" / "docs").is_dir():
        return "tests/docs"
    if path.parts[0] == "tests":
        if not (root / path).exists() or (path.suffix == ".py" and path.name != "conftest.py"):
            return None
        with_tests = (each for each in path.parents if any((root / each).glob("test_*.py")))
        return str(path.parent) if path.suffix == ".py" else str(next(with_tests, "tests"))
    room = "tests"
    for part in path.parent.parts:
        name = _ROOMS.get(part, part.removeprefix("benchwire").strip("_"))
        for folder in (f"{room}/{name}", f"tests/{name}"):
            room = folder if name and (root / folder).is_dir() else room
    return None if room == "tests" else room


def _is_test(name: str) -> bool:
    return PurePosixPath(name).name.startswith("test_")


if __name__ == "__main__":
    sys.exit(main())
