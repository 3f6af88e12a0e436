"""openapi/README.md lists exactly the rules, marks and extensions that exist."""

from __future__ import annotations

import re

from scripts.spec_lint import names
from scripts.spec_lint.extensions import EXTENSIONS

from specs.test_rules import VIOLATIONS
from support.shared import REPOSITORY

PAGE = (REPOSITORY / "openapi" / "README.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> set[str]:
    part = PAGE.split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (`[^|]+) \|", part, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([a-z-]+)[:`]", row)}


def test_the_listed_rules_are_those_with_violations() -> None:
    # Two concern files, not documents: test_command.py and test_rules.py violate them.
    assert first_cells("The lint") == {row[2] for row in VIOLATIONS} | {"file", "documented-name"}


def test_the_listed_marks_are_those_of_the_lint() -> None:
    assert first_cells("The source of a name") == set(names.MARKS)


def test_the_listed_extensions_are_those_of_the_lint() -> None:
    assert first_cells("Extensions") == {*EXTENSIONS, "x-provenance"}
