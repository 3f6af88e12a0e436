"""Fail if generated code differs from what its sources generate: `make check-generated`.

The packages in `generated/benchwire_api` and the operations in `wrapper/benchwire/_async/operations`
come from the specs and templates, the sync clients in `wrapper/benchwire/_sync` from the async ones.
Each is generated in a temporary folder and compared both ways, names and contents.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from openapi.generator.build import OPERATIONS, GenerationError, generate, generate_operations
from openapi.generator.build import TARGET as PACKAGE
from openapi.generator.sync_clients import TARGET as SYNC
from openapi.generator.sync_clients import generate_sync

PARTS = (
    ("package", PACKAGE, generate),
    ("operations", OPERATIONS, generate_operations),
    ("sync", SYNC, generate_sync),
)


def differences(committed: Path, fresh: Path) -> list[str]:
    """Return a line for each file that is missing, extra or changed in `committed`, by name."""
    left, right = _contents(committed), _contents(fresh)
    names = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
    states = {name: "missing" if name not in left else "changed" for name in names}
    states |= dict.fromkeys(left.keys() - right.keys(), "extra")
    return [f"{states[name]}: {name}" for name in names]


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        # Byte code is no part of it.
        if path.is_file() and "__pycache__" not in path.parts
    }


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, committed, _ in PARTS:
        parser.add_argument(f"--{name}", type=Path, default=committed, help="the committed files")
    folders = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as scratch:
        try:
            for name, _, write in PARTS:
                write(Path(scratch, name))
        except GenerationError as error:
            print(f"check-generated: {error}", file=sys.stderr)
            return 1
        found = {name: differences(folders[name], Path(scratch, name)) for name in folders}
    return max(_report(folders[name], lines) for name, lines in found.items())


def _report(committed: Path, found: list[str]) -> int:
    if not found:
        print(f"check-generated: {committed} is up to date")
        return 0
    print(f"check-generated: {committed} differs from what its sources generate:", file=sys.stderr)
    for line in found:
        print(f"  {line}", file=sys.stderr)
    print("Run `make generate` and commit the result.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
