"""What `make generate` and `make changes` tell and write, from one edit of a spec to the release."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from scripts.generate import is_current
from scripts.spec_changes import ChangesError, draft, record_release, since_release, told

from support.shared import REPOSITORY

from .drill import Copy
from .edits import operation, parameter, query, schema

CHANGELOG = "# Changelog\n\n## Unreleased\n\n- By hand.\n"


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """The repository as after the release of 0.1.0: the specs are those that users have."""
    copy = Copy.of_repository(tmp_path / "copy")
    record_release(copy.root / "openapi", "0.1.0")
    set_version(copy, "0.1.0")
    (copy.root / "CHANGELOG.md").write_text(CHANGELOG, "utf-8")
    return copy


def changelog(copy: Copy) -> str:
    return (copy.root / "CHANGELOG.md").read_text("utf-8")


def set_version(copy: Copy, stated: str) -> None:
    path = copy.root / "pyproject.toml"
    text, count = re.subn(r'(?m)^version = ".*"$', f'version = "{stated}"', path.read_text("utf-8"))
    assert count == 1
    path.write_text(text, "utf-8")


def state(copy: Copy) -> dict[str, bytes]:
    """Everything that generating may write."""
    return {
        path.relative_to(copy.root).as_posix(): path.read_bytes()
        for folder in ("generated", "openapi/released", "wrapper")
        for path in (copy.root / folder).rglob("*")
        if path.is_file()
    } | {"CHANGELOG.md": (copy.root / "CHANGELOG.md").read_bytes()}


def test_an_edit_is_told_of_once_and_drafted_once(copy: Copy) -> None:
    operations = copy.root / "wrapper" / "benchwire" / "_async" / "operations"
    wrote = (
        f"generate: wrote {copy.root / 'generated' / 'benchwire_api'}\n"
        f"generate: wrote {operations}\n"
    )
    copy.edit("v0", lambda spec: operation(spec, "listJobs")["parameters"].append(query("team")))
    copy.edit("v2", lambda spec: schema(spec, "BenchmarkType").update(description="A kind."))
    assert copy.generate() == (
        f"{wrote}generate: changed for users since 0.1.0:\n"
        "  additive  v0      `list_jobs` may be given `team: str`\n"
        "  docs      v2      class `BenchmarkType` is described in other words\n"
        "generate: that asks for version 0.1.1, as before 1.0 a breaking or semantic change raises"
        " the minor version and anything else the patch; pyproject.toml has 0.1.0\n"
        "generate: drafted 1 line in CHANGELOG.md; put them in users' words\n"
    )
    item = "- `v0`: `list_jobs` may be given `team: str`.\n"
    assert changelog(copy) == f"{CHANGELOG}\n### From the specs\n\n{item}"
    # Unchanged specs: nothing is told, and nothing is asked for.
    drafted = state(copy)
    assert copy.generate() == wrote
    assert state(copy) == drafted

    # A look at what would be generated, elsewhere, is no generation.
    copy.edit("v0", lambda spec: parameter(spec, "team").update(name="group"))
    copy.run("scripts/generate.py", "--output", "elsewhere")
    assert state(copy) == drafted
    # Nobody ever had `team`: it is still one addition.
    assert "  additive  v0      `list_jobs` may be given `group: str`\n" in copy.generate()
    assert changelog(copy) == drafted["CHANGELOG.md"].decode().replace(
        "`team: str`", "`group: str`"
    )


def test_changes_are_told_between_any_two_states(copy: Copy, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(copy.root / "openapi", old)
    copy.edit("v0", lambda spec: schema(spec, "Provider")["enum"].remove("raw"))
    gone = "  breaking  v0      `Provider.RAW` (`raw`) is gone\n"
    back = "  additive  v0      `Provider.RAW` (`raw`) is new\n"
    changes, specs = "scripts/changes.py", str(copy.root / "openapi")
    assert copy.run(changes, str(old), specs).stdout == gone
    assert copy.run(changes, specs, str(old)).stdout == back
    assert copy.run(changes, f"{old}/v0.yaml", f"{specs}/v0.yaml").stdout == gone
    assert copy.run(changes, f"{old}/v2.yaml", f"{specs}/v2.yaml").stdout == ""
    asked = copy.run(changes).stdout
    assert asked.startswith(f"changed for users since 0.1.0:\n{gone}")
    assert "asks for version 0.2.0" in asked
    (old / "v0.yaml").write_text("paths: [")
    failed = copy.run(changes, str(old), specs, status=1)
    assert failed.stderr.startswith(f"changes: {old}/v0.yaml: while parsing")


def test_a_release_must_have_the_version_that_its_changes_ask_for(copy: Copy) -> None:
    copy.edit("v0", lambda spec: schema(spec, "Provider")["enum"].remove("raw"))
    refused = copy.run("scripts/changes.py", "--released", status=1)
    assert refused.stderr == (
        "changes: pyproject.toml has 0.1.0, and what changed since 0.1.0 asks for 0.2.0\n"
    )
    set_version(copy, "0.2.0")
    assert "; pyproject.toml has 0.2.0, which is enough\n" in copy.run("scripts/changes.py").stdout
    done = copy.run("scripts/changes.py", "--released").stdout
    assert done == "openapi/released has the specs of 0.2.0\n"
    assert copy.run("scripts/changes.py").stdout == "nothing changed for users since 0.2.0\n"


@pytest.fixture
def specs(tmp_path: Path) -> Copy:
    """The specs alone, as after a release, with a changelog."""
    copy = Copy(tmp_path)
    shutil.copytree(REPOSITORY / "openapi", tmp_path / "openapi")
    record_release(tmp_path / "openapi", "0.1.0")
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "0.1.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    return copy


def run(specs: Copy) -> list[str]:
    report = since_release(specs.root)
    return [*told(report), *draft(specs.root, report)]


def test_words_by_hand_are_kept_through_later_edits(specs: Copy) -> None:
    specs.edit("v0", lambda spec: operation(spec, "listJobs")["parameters"].append(query("team")))
    run(specs)
    path = specs.root / "CHANGELOG.md"
    mine = "- Jobs can be listed by team.\n"
    path.write_text(
        changelog(specs).replace("- `v0`: `list_jobs` may be given `team: str`.\n", mine)
    )
    specs.edit("v0", lambda spec: schema(spec, "Provider")["enum"].append("local"))
    assert run(specs)[-1] == "drafted 1 line in CHANGELOG.md; put them in users' words"
    assert changelog(specs) == (
        f"{CHANGELOG}\n### From the specs\n\n{mine}- `v0`: `Provider.LOCAL` (`local`) is new.\n"
    )
    specs.edit("v0", lambda spec: operation(spec, "listJobs")["parameters"].pop())
    assert run(specs)[-1] == (
        "no longer so, if CHANGELOG.md still says it: `v0`: `list_jobs` may be given `team: str`."
    )
    assert mine in changelog(specs)
    specs.edit("v0", lambda spec: schema(spec, "Provider")["enum"].pop())
    assert run(specs) == [
        "nothing changed for users since 0.1.0",
        "took 1 line out of CHANGELOG.md again",
    ]


def test_grades_are_named_in_the_changelog(specs: Copy) -> None:
    specs.edit("v0", lambda spec: schema(spec, "Provider")["enum"].remove("raw"))
    specs.edit("v2", lambda spec: spec["servers"][0].update(url="https://new.test"))
    run(specs)
    text = changelog(specs)
    assert (
        "\n- **Breaking**, `v0`: `Provider.RAW` (`raw`) is gone.\n- **Look twice**, `v2`: the"
        in text
    )


def test_an_edit_that_is_nothing_to_users_is_said_to_be_none(specs: Copy) -> None:
    path = specs.root / "openapi" / "v0.yaml"
    path.write_text(path.read_text("utf-8") + "# A remark.\n", "utf-8")
    assert run(specs) == ["nothing changed for users since 0.1.0"]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("released/v0.yaml", "[]", "is no spec that clients can be made of"),
        ("released/release.json", "{}", "'version'"),
        ("v2.yaml", None, "No such file"),
    ],
)
def test_what_cannot_be_read_is_named(
    file: str, content: str | None, message: str, specs: Copy
) -> None:
    path = specs.root / "openapi" / file
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(ChangesError, match=message) as caught:
        since_release(specs.root)
    assert str(caught.value).startswith(str(path))


def test_every_edit_of_a_spec_makes_the_packages_old(tmp_path: Path) -> None:
    specs = tmp_path / "openapi"
    specs.mkdir()
    for api in ("public", "v2", "v0"):
        shutil.copy(REPOSITORY / "openapi" / f"{api}.yaml", specs)
    assert is_current(specs=specs)
    with (specs / "v2.yaml").open("a") as file:
        file.write("\n")
    assert not is_current(specs=specs)
    assert not is_current(tmp_path / "absent", specs)


def test_what_was_drafted_is_on_record(specs: Copy) -> None:
    """The committed record is that of the committed specs: `make generate` was run."""
    report = since_release(REPOSITORY)
    before = (REPOSITORY / "CHANGELOG.md").read_text("utf-8")
    specs.root.joinpath("CHANGELOG.md").write_text(before, "utf-8")
    shutil.copytree(REPOSITORY / "openapi", specs.root / "openapi", dirs_exist_ok=True)
    assert draft(specs.root, report) == []
