"""Report what changed for users since the last release, or between two states: `make changes`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.spec_diff import release

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
            print(f"openapi/released has the specs of {release.publish(ROOT)}")
        elif old is None:
            print("\n".join(release.report_lines(release.since_release(ROOT))))
        else:
            compare = release.compare_folders if old.is_dir() else release.compare_files
            for line in release.change_lines(compare(old, new)):
                print(line)
    except release.ChangesError as error:
        print(f"changes: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
