"""Tells what changed for users between two states of the specs: `make changes`.

With no arguments: since the last release, and which version that asks for. With two specs, or two
folders that hold all three, between those. `--released` takes the present specs for what users
have; do that when a version was published.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # this file is run by its path

from scripts.spec_changes import (  # noqa: E402
    Change,
    ChangesError,
    changes_in,
    compare,
    lines,
    read_surface,
    record_release,
    since_release,
    told,
)


def between(old: Path, new: Path) -> list[Change]:
    """Compare two specs, or the specs in two folders."""
    if old.is_dir():
        return changes_in(old, new)
    return compare(read_surface(old), read_surface(new))


def release() -> str:
    """Take the present specs for released, under the version that pyproject.toml states.

    Returns:
        What was done.

    Raises:
        ChangesError: If that version may not have what changed.
    """
    report = since_release(ROOT)
    if not report.enough:
        raise ChangesError(
            f"pyproject.toml has {report.stated}, and what changed since {report.release.version}"
            f" asks for {report.version}"
        )
    record_release(ROOT / "openapi", report.stated)
    return f"openapi/released has the specs of {report.stated}"


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", nargs="?", type=Path, help="a spec, or a folder of the three")
    parser.add_argument("new", nargs="?", type=Path, help="the same, as it is now")
    parser.add_argument("--released", action="store_true", help="a version was published")
    arguments = parser.parse_args()
    if (arguments.old is None) != (arguments.new is None):
        parser.error("name two specs or folders, or none")
    try:
        if arguments.released:
            print(release())
        elif arguments.old is None:
            print("\n".join(told(since_release(ROOT))))
        else:
            for line in lines(between(arguments.old, arguments.new)):
                print(line)
    except ChangesError as error:
        print(f"changes: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
