"""The workflows run make targets, on what the metadata names, with actions pinned to commits."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
import yaml

from support.shared import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
FOLDER = REPOSITORY / ".github" / "workflows"
TEXTS = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.yml"))}


def steps(name: str) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(TEXTS[name])["jobs"].values()
    return [step for job in jobs for step in job.get("steps", ())]


@pytest.mark.parametrize("name", TEXTS)
def test_actions_of_others_are_pinned_to_a_commit_whose_version_is_named(name: str) -> None:
    used = re.findall(r"uses: (.*)", TEXTS[name])
    assert used
    for action in used:
        assert re.fullmatch(r"\./\S+|[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


def test_one_action_has_one_commit() -> None:
    pins = set(re.findall(r"uses: ([^.].*)", "".join(TEXTS.values())))
    assert len(pins) == len({pin.split("@")[0] for pin in pins})


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_is_a_make_target(name: str) -> None:
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, flags=re.MULTILINE))
    commands = [step["run"].split() for step in steps(name) if "run" in step]
    assert commands
    for make, target, *_ in commands:
        assert (make, target in targets) == ("make", True)


def test_the_matrix_is_what_the_metadata_names() -> None:
    matrix = yaml.safe_load(TEXTS["ci.yml"])["jobs"]["test"]["strategy"]["matrix"]
    classifiers = PROJECT["classifiers"]
    pythons = [re.fullmatch(r"Programming Language .* (3\.\d+)", text) for text in classifiers]
    assert matrix["python"] == [found[1] for found in pythons if found]
    assert len(matrix["os"]) == sum(text.startswith("Operating System") for text in classifiers)


def test_only_publishing_may_write_and_it_needs_the_tests() -> None:
    for name, text in TEXTS.items():
        workflow = yaml.safe_load(text)
        assert workflow["permissions"] == {"contents": "read"}
        allowed = {
            job: it["permissions"] for job, it in workflow["jobs"].items() if "permissions" in it
        }
        assert allowed == ({"publish": {"id-token": "write"}} if name == "release.yml" else {})
    assert yaml.safe_load(TEXTS["release.yml"])["jobs"]["publish"]["needs"] == ["ci", "build"]
