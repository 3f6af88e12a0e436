"""The page for maintainers names the rules, marks and extensions there are, and no others."""

from __future__ import annotations

import re

from scripts.spec_rules import provenance

from specs.test_rules import BREAKS
from support.shared import REPOSITORY

PAGE = (REPOSITORY / "openapi" / "README.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> set[str]:
    part = PAGE.split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (`[^|]+) \|", part, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([a-z-]+)[:`]", row)}


def test_the_rules_listed_are_those_that_can_fire() -> None:
    # Two need a file, not a document, to be broken; test_command.py and test_rules.py break them.
    assert first_cells("The lint") == {row[2] for row in BREAKS} | {"file", "documented-name"}


def test_the_marks_listed_are_those_the_lint_knows() -> None:
    assert first_cells("Where a name comes from") == set(provenance.MARKS)


def test_every_extension_the_specs_use_is_listed() -> None:
    specs = "".join(path.read_text() for path in (REPOSITORY / "openapi").glob("*.yaml"))
    used = set(re.findall(r"\b(x-(?:python|null|enum|provenance|requires)[a-z-]*):", specs))
    assert first_cells("Extensions") == used
