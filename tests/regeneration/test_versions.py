"""The version that changes require."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts.spec_diff.grades import Grade
from scripts.spec_diff.release import (
    ChangesError,
    project_version,
    required_version,
    version_numbers,
)

B, S, A, D = Grade.BREAKING, Grade.SEMANTIC, Grade.ADDITIVE, Grade.DOCS


@pytest.mark.parametrize(
    ("released", "grades", "version"),
    [
        ("0.1.0", set(), "0.1.0"),
        ("0.1.0", {D}, "0.1.1"),
        ("0.1.0", {A, D}, "0.1.1"),
        ("0.1.3", {S, A}, "0.2.0"),
        ("0.1.3", {B, S, A, D}, "0.2.0"),
        ("1.2.3", set(), "1.2.3"),
        ("1.2.3", {D}, "1.2.4"),
        ("1.2.3", {A}, "1.3.0"),
        ("1.2.3", {S, D}, "1.3.0"),
        ("1.2.3", {B}, "2.0.0"),
        ("0.9.9", {B}, "0.10.0"),
    ],
)
def test_the_most_severe_change_decides(released: str, grades: set[Grade], version: str) -> None:
    assert required_version(released, grades) == version


def test_a_version_that_is_not_three_numbers_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.0.0rc1"\n', "utf-8")
    with pytest.raises(ChangesError, match=r"has the version 1.*, which is not three numbers"):
        project_version(tmp_path)


def test_versions_compare_as_version_numbers() -> None:
    assert version_numbers("0.10.0") > version_numbers("0.9.12")
    with pytest.raises(ValueError, match="invalid literal"):
        version_numbers("1.0.0rc1")
