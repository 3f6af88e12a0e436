"""Write all generated code anew from the specs: `make generate`; or check it: `make check-generated`.

After an edit of a spec it reports what changed for users, and drafts the changelog.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from openapi.generator import build
from openapi.generator.sync_clients import TARGET as SYNC
from openapi.generator.sync_clients import generate_sync
from scripts.spec_diff.release import ChangesError, report_lines, since_release, update_changelog

PARTS = (
    ("package", build.TARGET, build.generate),
    ("models", build.MODELS, build.generate_models),
    ("operations", build.OPERATIONS, build.generate_operations),
    ("sync", SYNC, generate_sync),
)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=build.TARGET, help="the package's folder")
    parser.add_argument("--check", action="store_true", help="write nothing, and compare")
    for name, folder, _ in PARTS:
        parser.add_argument(f"--{name}", type=Path, default=folder, help="what --check compares")
    options = parser.parse_args()
    try:
        if options.check:
            return max(_check(vars(options)[name], write) for name, _, write in PARTS)
        was_current = build.is_current()
        build.generate(options.output)
        print(f"generate: wrote {options.output}")
        # A package generated elsewhere is for inspection, and changes nothing for users.
        if options.output == build.TARGET:
            for _, folder, write in PARTS[1:]:
                write(folder)
                print(f"generate: wrote {folder}")
            report_changes(quiet=was_current)
    except (build.GenerationError, ChangesError) as error:
        print(f"{'check-generated' if options.check else 'generate'}: {error}", file=sys.stderr)
        return 1
    return 0


def report_changes(*, quiet: bool) -> None:
    """Print what changed for users, unless ``quiet``, and update the draft of the changelog."""
    report = since_release(build.ROOT)
    done = update_changelog(build.ROOT, report)
    for line in [*([] if quiet else report_lines(report)), *done]:
        print(line if line.startswith("  ") else f"generate: {line}")


def _check(committed: Path, write: Callable[[Path], object]) -> int:
    """Generate a part in a temporary folder, report how the committed one differs, and return 1 if so."""
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch, "fresh", committed.name)
        write(fresh)
        found = differences(committed, fresh)
    if not found:
        print(f"check-generated: {committed} is up to date")
        return 0
    print(f"check-generated: {committed} differs from what its sources generate:", file=sys.stderr)
    print(*(f"  {line}" for line in found), sep="\n", file=sys.stderr)
    print("Run `make generate` and commit the result.", file=sys.stderr)
    return 1


def differences(committed: Path, fresh: Path) -> list[str]:
    """Return a line for each file that is missing, extra or changed in `committed`, by name."""
    left, right = _contents(committed), _contents(fresh)
    names = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
    states = {name: "missing" if name not in left else "changed" for name in names}
    states |= dict.fromkeys(left.keys() - right.keys(), "extra")
    return [f"{states[name]}: {name}" for name in names]


def _contents(folder: Path) -> dict[str, bytes]:
    paths = folder.rglob("*") if folder.is_dir() else [folder]
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in paths
        # Byte code is no part of it.
        if path.is_file() and "__pycache__" not in path.parts
    }


if __name__ == "__main__":
    sys.exit(main())
