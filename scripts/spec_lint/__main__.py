"""Lint the OpenAPI specs: ``make lint-specs``.

Prints each finding as ``openapi/v0.yaml: #/paths/~1v0~1me/get: rule-name: message`` and exits with
status 1 if there is any. ``openapi/README.md`` lists the rules.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from scripts.spec_lint import lint_file

from benchwire_specs import APIS

OPENAPI = Path(__file__).resolve().parents[2] / "openapi"
SPECS = [OPENAPI / f"{api}.yaml" for api in APIS]


def main() -> int:
    """Lint the specs named as arguments, by default all three, and return the exit status."""
    parser = argparse.ArgumentParser(prog="spec_lint", description="Lint OpenAPI specs.")
    parser.add_argument("specs", nargs="*", type=Path, default=SPECS, help="default: all three")
    count = 0
    for path in parser.parse_args().specs:
        for finding in lint_file(path):
            count += 1
            title = os.path.relpath(path)
            print(f"{title}: {finding.location}: {finding.rule}: {finding.message}")
    if count:
        print(f"{count} finding{'s' if count > 1 else ''}", file=sys.stderr)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
