"""`make generate`: write all generated code anew from the specs.

After an edit of a spec it reports what changed for users since the last release and which version
that requires, and drafts the changelog. openapi/generator/README.md describes the parts.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from openapi.generator import build
from openapi.generator.sync_clients import TARGET as SYNC
from openapi.generator.sync_clients import generate_sync
from scripts.spec_diff.release import ChangesError, report_lines, since_release, update_changelog


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=build.TARGET, help="the package's folder")
    target = parser.parse_args().output
    try:
        was_current = build.is_current()
        build.generate(target)
        print(f"generate: wrote {target}")
        # A package generated elsewhere is for inspection, and changes nothing for users.
        if target == build.TARGET:
            build.generate_operations()
            print(f"generate: wrote {build.OPERATIONS}")
            generate_sync()
            print(f"generate: wrote {SYNC}")
            report_changes(quiet=was_current)
    except (build.GenerationError, ChangesError) as error:
        print(f"generate: {error}", file=sys.stderr)
        return 1
    return 0


def report_changes(*, quiet: bool) -> None:
    """Print what changed for users, unless ``quiet``, and update the draft of the changelog."""
    report = since_release(build.ROOT)
    done = update_changelog(build.ROOT, report)
    for line in [*([] if quiet else report_lines(report)), *done]:
        print(line if line.startswith("  ") else f"generate: {line}")


if __name__ == "__main__":
    sys.exit(main())
