"""Docstrings open with the field's verbs, modules have nouns for names, classes one meaning each."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import benchwire
from benchwire import models
from benchwire_specs import APIS
from support.shared import REPOSITORY

ROOMS = ("scripts", "wrapper")
OPENING = re.compile(r"(Give|Tell|Say|Let|Hold|Put|Keep)s?\b")
GERUND = re.compile(r"(?:.*_)?[a-z]{2,}ing")
FIELD_TERMS = {"testing", "routing", "paging", "polling", "sampling", "decoding", "encoding"}
NOUNS = {"string"}  # of another root than a verb with -ing
GENERATED = REPOSITORY / "generated" / "benchwire_api"


def hand_written(*folders: Path) -> Iterator[Path]:
    """Yield the hand-written modules below some folders."""
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if "_sync" not in path.parts and not path.read_text("utf-8").startswith("# Generated"):
                yield path


def openings(paths: Iterable[Path]) -> list[str]:
    """Return where a docstring opens with a verb that is none of the field's."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        f"{path.name}:{getattr(node, 'lineno', 1)}: {docstring.splitlines()[0]}"
        for path in paths
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, documented) and (docstring := ast.get_docstring(node))
        if OPENING.match(docstring)
    ]


def class_names(paths: Iterable[Path]) -> Counter[str]:
    """Count the classes of some modules by name, nested ones excluded."""
    return Counter(
        node.name
        for path in paths
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef)
    )


def gerunds(paths: Iterable[Path]) -> list[str]:
    """Return the modules and packages that are named by a gerund."""
    names = {
        path.parent.name if path.stem in {"__init__", "__main__"} else path.stem for path in paths
    }
    allowed = FIELD_TERMS | NOUNS
    return sorted(
        name for name in names if GERUND.fullmatch(name) and name.strip("_") not in allowed
    )


def repeated(text: str) -> list[str]:
    """Return the ten words in a row that are twice in a paragraph or an item of a list; no tables."""
    found = []
    for paragraph in re.split(r"\n\s*\n|\n(?= *(?:[-*|]|[0-9]+\.) )", text):
        words = [] if paragraph.lstrip().startswith("|") else paragraph.split()
        runs = Counter(" ".join(words[at : at + 10]) for at in range(len(words) - 9))
        found += [run for run, count in runs.items() if count > 1]
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_docstrings_open_with_the_verbs_of_the_field(room: str) -> None:
    assert openings(hand_written(REPOSITORY / room)) == []


@pytest.mark.parametrize("room", ROOMS)
def test_modules_are_named_by_nouns(room: str) -> None:
    assert gerunds(hand_written(REPOSITORY / room)) == []


def test_a_class_name_has_one_meaning() -> None:
    shipped = [*hand_written(REPOSITORY / "wrapper"), *GENERATED.glob("*.py")]
    names = class_names(shipped)
    assert names["Response"] == 1
    assert {name for name, count in names.items() if count > 1} == set()


def test_a_class_name_that_apis_share_is_not_exported_bare() -> None:
    packages = [class_names((GENERATED / api / "models").glob("*.py")) for api in APIS]
    names = Counter(name for package in packages for name in package)
    shared = {name for name, count in names.items() if count > 1}
    assert "ErrorResponse" in shared
    assert shared & {*models.__all__, *benchwire.__all__} == set()


def test_no_paragraph_says_a_thing_twice() -> None:
    """As one does where both sides of a conflict were kept."""
    names = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
    for path in [*map(REPOSITORY.joinpath, names), *(REPOSITORY / "docs").glob("*.md")]:
        assert path.name == "cli.md" or repeated(path.read_text("utf-8")) == [], path.name


def test_the_checks_find_violations(tmp_path: Path) -> None:
    module = tmp_path / "retrying.py"
    module.write_text('class A:\n    def f(self):\n        """Gives it."""\n\nclass A:\n    pass\n')
    paths = list(hand_written(tmp_path))
    assert openings(paths) == ["retrying.py:2: Gives it."]
    assert class_names(paths) == {"A": 2}
    assert gerunds(paths) == ["retrying"]
    module.rename(tmp_path / "string.py")
    (tmp_path / "polling.py").write_text('"""Letter of the law."""\n')
    assert gerunds(hand_written(tmp_path)) == []
    assert openings([tmp_path / "polling.py"]) == []
    line = "one two three four five six seven eight nine ten"
    assert repeated(f"- {line} and\n  {line}\n- {line}\n") == [line]
