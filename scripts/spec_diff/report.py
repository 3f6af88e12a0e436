"""The report of changes since the last release: printed, and drafted into the changelog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .changelog import update_draft
from .model import Change, Grade
from .release import (
    ChangesError,
    Release,
    compare_folders,
    project_version,
    read_release,
    record_release,
    write_release,
)  # fmt: skip
from .versions import required_version, rule, version_numbers


@dataclass(frozen=True)
class Report:
    """The changes since a release, and the version they require.

    Attributes:
        release: The last release.
        changes: The changes of the specs since, most severe first.
        version: The lowest version that may contain the changes.
        stated: The version in pyproject.toml.
    """

    release: Release
    changes: list[Change]
    version: str
    stated: str

    @property
    def is_version_sufficient(self) -> bool:
        """Whether the version in pyproject.toml may contain the changes."""
        return version_numbers(self.stated) >= version_numbers(self.version)


def since_release(root: Path) -> Report:
    """Compare the specs with those of the last release.

    Raises:
        ChangesError: If one of them cannot be read.
    """
    specs = root / "openapi"
    release = read_release(specs / "released")
    changes = compare_folders(specs / "released", specs)
    version = required_version(release.version, {change.grade for change in changes})
    return Report(release, changes, version, project_version(root))


def publish(root: Path) -> str:
    """Record the present specs as released, and return the version in pyproject.toml.

    Raises:
        ChangesError: If that version is lower than the changes require.
    """
    report = since_release(root)
    if not report.is_version_sufficient:
        raise ChangesError(
            f"pyproject.toml has {report.stated}, and the changes since {report.release.version}"
            f" require {report.version}"
        )
    record_release(root / "openapi", report.stated)
    return report.stated


def change_lines(changes: Iterable[Change]) -> Iterator[str]:
    """Yield a line to print for each change."""
    for change in changes:
        yield f"  {change.grade:<9} {change.api:<7} {change.text}"


def report_lines(report: Report) -> Iterator[str]:
    """Yield the lines to print of a report."""
    since = report.release.version
    if not report.changes:
        yield f"nothing changed for users since {since}"
        return
    yield f"changed for users since {since}:"
    yield from change_lines(report.changes)
    if any(change.grade is Grade.BREAKING for change in report.changes):
        yield "if that breaks the wrapper, `make lint` names the line"
    sufficient = ", which is enough" if report.is_version_sufficient else ""
    yield (
        f"that requires version {report.version}, as {rule(since)};"
        f" pyproject.toml has {report.stated}{sufficient}"
    )


def update_changelog(root: Path, report: Report) -> list[str]:
    """Update the draft in the changelog, and return the lines to print about it, if any."""
    path = root / "CHANGELOG.md"
    text = path.read_text("utf-8") if path.exists() else "# Changelog\n"
    entries = _entries(report.changes)
    result = update_draft(text, report.release.drafted, entries)
    if result.text != text:
        path.write_text(result.text, "utf-8")
    write_release(root / "openapi" / "released", report.release.version, entries)
    lines = []
    if result.added:
        lines.append(f"CHANGELOG.md: {len(result.added)} line(s) drafted; rewrite for users")
    if result.removed:
        lines.append(f"CHANGELOG.md: {len(result.removed)} line(s) removed again")
    return lines + [
        f"CHANGELOG.md: no longer true, if still there: {line}" for line in result.outdated
    ]


def _entries(changes: Iterable[Change]) -> list[str]:
    """Return the changelog's lines; changes of documentation have none."""
    marks = {Grade.BREAKING: "**Breaking**, ", Grade.SEMANTIC: "**Behaviour**, "}
    return [
        f"{marks.get(change.grade, '')}`{change.api}`: {change.text}."
        for change in changes
        if change.grade is not Grade.DOCS
    ]
