"""Holds the specs to OpenAPI and to our own rules: ``make lint-specs``.

Prints every finding as ``openapi/v0.yaml: #/paths/~1v0~1me/get: rule-name: message`` and exits
with 1 if there is any. ``openapi/README.md`` lists the rules.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))  # this file is run by its path

from scripts.spec_rules import Finding, SpecFileError, lint, load_spec  # noqa: E402

SPECS = tuple(REPOSITORY / "openapi" / f"{name}.yaml" for name in ("public", "v2", "v0"))


def findings(path: Path) -> list[Finding]:
    """What is wrong with one spec; a file that can't be read is one finding."""
    try:
        return lint(load_spec(path))
    except SpecFileError as error:
        return [Finding("#", "file", str(error))]


def main() -> int:
    """Lint the specs given as arguments, or all of ours.

    Returns:
        The exit status: 1 if there was a finding.
    """
    parser = argparse.ArgumentParser(description="Lint OpenAPI specs.")
    parser.add_argument("specs", nargs="*", type=Path, default=SPECS, help="default: all of ours")
    count = 0
    for path in parser.parse_args().specs:
        for finding in findings(path):
            count += 1
            title = os.path.relpath(path)
            print(f"{title}: {finding.location}: {finding.rule}: {finding.message}")
    if count:
        print(f"{count} finding{'s' if count > 1 else ''}", file=sys.stderr)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
