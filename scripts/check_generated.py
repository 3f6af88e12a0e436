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


def differences(committed: Path, fresh: Path) -> list[str]:
    """Compare two trees both ways.

    Returns:
        A line for each file that is missing, extra or changed in `committed`, in order of name.
    """
    left, right = _files(committed), _files(fresh)
    found = []
    for name in sorted(left.keys() | right.keys()):
        if name not in left:
            found.append(f"missing: {name}")
        elif name not in right:
            found.append(f"extra: {name}")
        elif left[name].read_bytes() != right[name].read_bytes():
            found.append(f"changed: {name}")
    return found


def _files(folder: Path) -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        # Byte code is no part of it.
        if path.is_file() and "__pycache__" not in path.parts
    }


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=Path, default=PACKAGE, help="the generated package")
    parser.add_argument("--operations", type=Path, default=OPERATIONS, help="the operations")
    parser.add_argument("--sync", type=Path, default=SYNC, help="the sync clients")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        package, sync = Path(scratch, "benchwire_api"), Path(scratch, "_sync")
        operations = Path(scratch, "operations")
        try:
            generate(package)
            generate_operations(operations)
        except GenerationError as error:
            print(f"check-generated: {error}", file=sys.stderr)
            return 1
        generate_sync(sync)
        results = [
            _report(arguments.package, differences(arguments.package, package)),
            _report(arguments.operations, differences(arguments.operations, operations)),
            _report(arguments.sync, differences(arguments.sync, sync)),
        ]
    return max(results)


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
