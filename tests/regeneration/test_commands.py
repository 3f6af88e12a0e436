"""What `make generate` and `make changes` print and write, from an edit of a spec to the release."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from openapi.generator.build import is_current
from scripts.spec_diff.release import (
    ChangesError,
    record_release,
    report_lines,
    since_release,
    update_changelog,
)

from support.shared import REPOSITORY

from .drill import Copy
from .edits import operation, parameter, query, schema

CHANGES = ("-m", "scripts.spec_diff")
CHANGELOG = "# Changelog\n\n## Unreleased\n\n- By hand.\n"


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """The repository after the release of 0.1.0: its specs are the released ones."""
    return released(Copy.of_repository(tmp_path / "copy"))


@pytest.fixture
def part(tmp_path: Path) -> Copy:
    """What `make changes` needs of it."""
    needed = ("openapi", "scripts", "wrapper/benchwire_specs")
    return released(Copy.of_repository(tmp_path / "part", needed))


def released(copy: Copy) -> Copy:
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
    """Every file that generation may write."""
    return {
        path.relative_to(copy.root).as_posix(): path.read_bytes()
        for folder in ("generated", "openapi/released", "wrapper")
        for path in (copy.root / folder).rglob("*")
        if path.is_file()
    } | {"CHANGELOG.md": (copy.root / "CHANGELOG.md").read_bytes()}


def test_an_edit_is_reported_and_drafted_once(copy: Copy) -> None:
    operations = copy.root / "wrapper" / "benchwire" / "_async" / "operations"
    wrote = (
        f"generate: wrote {copy.root / 'generated' / 'benchwire_api'}\n"
        f"generate: wrote {copy.root / 'wrapper' / 'benchwire' / 'models.py'}\n"
        f"generate: wrote {operations}\n"
        f"generate: wrote {copy.root / 'wrapper' / 'benchwire' / '_sync'}\n"
    )
    copy.edit("v0", lambda spec: operation(spec, "listJobs")["parameters"].append(query("team")))
    copy.edit("v2", lambda spec: schema(spec, "BenchmarkType").update(description="A kind."))
    assert copy.generate() == (
        f"{wrote}generate: changed for users since 0.1.0:\n"
        "  additive  v0      `list_jobs` may be given `team: str`\n"
        "  docs      v2      `BenchmarkType` has another description\n"
        "generate: that requires version 0.1.1, as before 1.0 a breaking or semantic change raises"
        " the minor version, another the patch; pyproject.toml has 0.1.0\n"
        "generate: CHANGELOG.md: 1 line(s) drafted; rewrite for users\n"
    )
    item = "- `v0`: `list_jobs` may be given `team: str`.\n"
    assert changelog(copy) == f"{CHANGELOG}\n### From the specs\n\n{item}"
    # Unchanged specs: nothing is reported.
    drafted = state(copy)
    assert copy.generate() == wrote
    assert state(copy) == drafted

    # Generation into another folder drafts nothing.
    copy.edit("v0", lambda spec: parameter(spec, "team").update(name="group"))
    copy.run("-m", "scripts.generate", "--output", "elsewhere")
    assert state(copy) == drafted
    # `team` was never released: it is still one addition.
    assert "  additive  v0      `list_jobs` may be given `group: str`\n" in copy.generate()
    assert changelog(copy) == drafted["CHANGELOG.md"].decode().replace(
        "`team: str`", "`group: str`"
    )


@pytest.mark.parametrize("name", ["endpoint_module", "resources"])
def test_a_part_that_does_not_import_replaces_nothing(name: str, copy: Copy) -> None:
    template = copy.root / "openapi" / "generator" / "templates" / f"{name}.py.jinja"
    fault = "{% if api == 'v0' %}nothing_of_this_name{% endif %}\n"
    template.write_text(template.read_text("utf-8") + fault, "utf-8")
    before = state(copy)
    failed = copy.run("-m", "scripts.generate", status=1)
    assert failed.stderr.startswith("generate: the generated code is not sound: does not import")
    assert "name 'nothing_of_this_name' is not defined" in failed.stderr
    assert state(copy) == before


def test_changes_are_reported_between_any_two_states(part: Copy, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(part.root / "openapi", old)
    part.edit("v0", lambda spec: schema(spec, "Provider")["enum"].remove("raw"))
    gone = "  breaking  v0      `Provider.RAW` (`raw`) is gone\n"
    specs = str(part.root / "openapi")
    assert part.run(*CHANGES, str(old), specs).stdout == gone
    assert part.run(*CHANGES, f"{old}/v0.yaml", f"{specs}/v0.yaml").stdout == gone
    assert part.run(*CHANGES, f"{old}/v2.yaml", f"{specs}/v2.yaml").stdout == ""
    report = part.run(*CHANGES).stdout
    assert report.startswith(f"changed for users since 0.1.0:\n{gone}")
    assert "requires version 0.2.0" in report
    (old / "v0.yaml").write_text("paths: [")
    failed = part.run(*CHANGES, str(old), specs, status=1)
    assert failed.stderr.startswith(f"changes: {old}/v0.yaml: v0.yaml can't be read")


def test_a_release_must_have_the_version_that_its_changes_require(part: Copy) -> None:
    part.edit("v0", lambda spec: schema(spec, "Provider")["enum"].remove("raw"))
    refused = part.run(*CHANGES, "--released", status=1)
    assert refused.stderr == (
        "changes: pyproject.toml has 0.1.0, and the changes since 0.1.0 require 0.2.0\n"
    )
    set_version(part, "0.2.0")
    assert "; pyproject.toml has 0.2.0, which is enough\n" in part.run(*CHANGES).stdout
    done = part.run(*CHANGES, "--released").stdout
    assert done == "openapi/released has the specs of 0.2.0\n"
    assert part.run(*CHANGES).stdout == "nothing changed for users since 0.2.0\n"


@pytest.fixture
def specs(tmp_path: Path) -> Copy:
    """The specs alone, after a release, with a changelog."""
    copy = Copy(tmp_path)
    shutil.copytree(REPOSITORY / "openapi", tmp_path / "openapi")
    record_release(tmp_path / "openapi", "0.1.0")
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "0.1.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    return copy


def run(specs: Copy) -> list[str]:
    report = since_release(specs.root)
    return [*report_lines(report), *update_changelog(specs.root, report)]


def test_edits_of_the_changelog_are_preserved(specs: Copy) -> None:
    specs.edit("v0", lambda spec: operation(spec, "listJobs")["parameters"].append(query("team")))
    run(specs)
    path = specs.root / "CHANGELOG.md"
    reworded = "- Jobs can be listed by team.\n"
    path.write_text(
        changelog(specs).replace("- `v0`: `list_jobs` may be given `team: str`.\n", reworded)
    )
    specs.edit("v0", lambda spec: schema(spec, "Provider")["enum"].append("local"))
    assert run(specs)[-1] == "CHANGELOG.md: 1 line(s) drafted; rewrite for users"
    assert changelog(specs) == (
        f"{CHANGELOG}\n### From the specs\n\n{reworded}- `v0`: `Provider.LOCAL` (`local`) is new.\n"
    )
    specs.edit("v0", lambda spec: operation(spec, "listJobs")["parameters"].pop())
    assert run(specs)[-1] == (
        "CHANGELOG.md: no longer true, if still there: `v0`: `list_jobs` may be given `team: str`."
    )
    assert reworded in changelog(specs)
    specs.edit("v0", lambda spec: schema(spec, "Provider")["enum"].pop())
    assert run(specs) == [
        "nothing changed for users since 0.1.0",
        "CHANGELOG.md: 1 line(s) removed again",
    ]


def test_the_changelog_marks_the_grades(specs: Copy) -> None:
    specs.edit("v0", lambda spec: schema(spec, "Provider")["enum"].remove("raw"))
    specs.edit("v2", lambda spec: spec["servers"][0].update(url="https://new.test"))
    run(specs)
    text = changelog(specs)
    assert (
        "\n- **Breaking**, `v0`: `Provider.RAW` (`raw`) is gone.\n- **Behaviour**, `v2`: the"
        in text
    )


def test_an_edit_without_effect_on_users_is_reported_as_none(specs: Copy) -> None:
    path = specs.root / "openapi" / "v0.yaml"
    path.write_text(path.read_text("utf-8") + "# A remark.\n", "utf-8")
    assert run(specs) == ["nothing changed for users since 0.1.0"]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("released/v0.yaml", "[]", "is not an OpenAPI 3.1 document"),
        (
            "released/v0.yaml",
            "openapi: 3.1.0",
            "no client can be generated from it: the document has no",
        ),
        ("released/release.json", "{}", "'version'"),
        ("v2.yaml", None, "No such file"),
    ],
)
def test_an_unreadable_file_is_named(
    file: str, content: str | None, message: str, specs: Copy
) -> None:
    path = specs.root / "openapi" / file
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(ChangesError, match=message) as caught:
        since_release(specs.root)
    assert str(caught.value).startswith(str(path))


def test_every_edit_of_a_spec_makes_the_packages_outdated(tmp_path: Path) -> None:
    specs = tmp_path / "openapi"
    specs.mkdir()
    for api in ("public", "v2", "v0"):
        shutil.copy(REPOSITORY / "openapi" / f"{api}.yaml", specs)
    assert is_current(specs=specs)
    with (specs / "v2.yaml").open("a") as file:
        file.write("\n")
    assert not is_current(specs=specs)
    assert not is_current(tmp_path / "absent", specs)


def test_the_committed_record_is_up_to_date(specs: Copy) -> None:
    """The committed record is that of the committed specs: `make generate` was run."""
    report = since_release(REPOSITORY)
    before = (REPOSITORY / "CHANGELOG.md").read_text("utf-8")
    specs.root.joinpath("CHANGELOG.md").write_text(before, "utf-8")
    shutil.copytree(REPOSITORY / "openapi", specs.root / "openapi", dirs_exist_ok=True)
    assert update_changelog(specs.root, report) == []
