"""Report what changed for users between two states of the specs: `make changes`.

Without arguments: since the last release, and which version the changes require. With two specs, or
two folders that hold all three: between those. `--released` records the present specs as released;
run it after publishing a version.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.spec_diff import (
    ChangesError,
    change_lines,
    compare_files,
    compare_folders,
    publish,
    report_lines,
    since_release,
)

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="spec_diff", description=__doc__)
    parser.add_argument("old", nargs="?", type=Path, help="a spec, or a folder of the three")
    parser.add_argument("new", nargs="?", type=Path, help="the same, after the change")
    parser.add_argument("--released", action="store_true", help="a version was published")
    arguments = parser.parse_args()
    old, new = arguments.old, arguments.new
    if (old is None) != (new is None):
        parser.error("name two specs or folders, or none")
    try:
        if arguments.released:
            print(f"openapi/released has the specs of {publish(ROOT)}")
        elif old is None:
            print("\n".join(report_lines(since_release(ROOT))))
        else:
            changes = compare_folders(old, new) if old.is_dir() else compare_files(old, new)
            for line in change_lines(changes):
                print(line)
    except ChangesError as error:
        print(f"changes: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
