"""Write all generated code anew from the specs: `make generate`; or check it: `make check-generated`.

After an edit of a spec it reports what changed for users, and drafts the changelog.
"""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path
from typing import Any

from openapi.generator import build
from openapi.generator.parts import PLACES, generate_all, new_parts
from scripts.spec_diff.release import ChangesError, report_lines, since_release, update_changelog


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=build.TARGET, help="the package's folder")
    parser.add_argument("--check", action="store_true", help="write nothing, and compare")
    for name, folder in PLACES.items():
        parser.add_argument(f"--{name}", type=Path, default=folder, help="what --check compares")
    options = parser.parse_args()
    try:
        if options.check:
            return _check(vars(options))
        was_current = build.is_current()
        # A package generated elsewhere is for inspection, and changes nothing for users.
        if options.output != build.TARGET:
            build.generate(options.output)
            print(f"generate: wrote {options.output}")
            return 0
        generate_all()
        print(*(f"generate: wrote {folder}" for folder in PLACES.values()), sep="\n")
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


def _check(committed: dict[str, Any]) -> int:
    """Generate all parts in a temporary folder, report how the committed ones differ, and return 1 if so."""
    with new_parts() as folder:
        compared = [(committed[name], folder / place.name) for name, place in PLACES.items()]
        found = {place: differences(place, fresh) for place, fresh in compared}
    for place, lines in found.items():
        if not lines:
            print(f"check-generated: {place} is up to date")
            continue
        text = f"check-generated: {place} differs from what its sources generate:"
        print(text, *(f"  {line}" for line in lines), sep="\n", file=sys.stderr)
        print("Run `make generate` and commit the result.", file=sys.stderr)
    return int(any(found.values()))


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
    gc.disable()  # almost all is needed to the end: the search for garbage is a tenth of the time
    sys.exit(main())
