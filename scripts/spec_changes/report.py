"""Tells of the changes since the last release: on the screen, and in the changelog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .changelog import drafted
from .model import Change, Grade
from .released import (
    Release,
    changes_in,
    project_version,
    read_release,
    write_release,
)
from .versions import numbers, rule, version_after

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Report:
    """The changes since a release, and what they ask for.

    Attributes:
        release: What users have.
        changes: What is different in the specs, the gravest of each API first.
        version: The lowest version that may have the changes.
        stated: The version that pyproject.toml states.
    """

    release: Release
    changes: list[Change]
    version: str
    stated: str

    @property
    def enough(self) -> bool:
        """Whether the version stated may have the changes."""
        return numbers(self.stated) >= numbers(self.version)


def since_release(root: Path) -> Report:
    """Compare the specs with those of the last release.

    Raises:
        ChangesError: If one of them can't be read.
    """
    specs = root / "openapi"
    release = read_release(specs / "released")
    changes = changes_in(specs / "released", specs)
    version = version_after(release.version, {change.grade for change in changes})
    return Report(release, changes, version, project_version(root))


def lines(changes: Iterable[Change]) -> Iterator[str]:
    """A line per change, for the screen; the gravest first."""
    order = list(Grade)
    for change in sorted(changes, key=lambda change: order.index(change.grade)):
        yield f"  {change.grade:<9} {change.api:<7} {change.text}"


def told(report: Report) -> Iterator[str]:
    """The whole report, for the screen."""
    since = report.release.version
    if not report.changes:
        yield f"nothing changed for users since {since}"
        return
    yield f"changed for users since {since}:"
    yield from lines(report.changes)
    if any(change.grade is Grade.BREAKING for change in report.changes):
        yield "where that breaks the wrapper, `make lint` names the line"
    enough = ", which is enough" if report.enough else ""
    yield (
        f"that asks for version {report.version}, as {rule(since)};"
        f" pyproject.toml has {report.stated}{enough}"
    )


def draft(root: Path, report: Report) -> list[str]:
    """Bring the changelog's draft up to date.

    Returns:
        What was done, a line each; nothing if there was nothing to do.
    """
    path = root / "CHANGELOG.md"
    old = path.read_text("utf-8") if path.exists() else "# Changelog\n"
    now = entries(report.changes)
    result = drafted(old, report.release.drafted, now)
    if result.text != old:
        path.write_text(result.text, "utf-8")
    write_release(root / "openapi" / "released", report.release.version, now)
    said = []
    if result.added:
        said.append(f"drafted {_counted(result.added)} in CHANGELOG.md; put them in users' words")
    if result.removed:
        said.append(f"took {_counted(result.removed)} out of CHANGELOG.md again")
    said += [f"no longer so, if CHANGELOG.md still says it: {line}" for line in result.left]
    return said


def entries(changes: Iterable[Change]) -> list[str]:
    """The lines for the changelog; what is only described otherwise has none."""
    marks = {Grade.BREAKING: "**Breaking**, ", Grade.SEMANTIC: "**Look twice**, "}
    order = list(Grade)
    found = sorted(changes, key=lambda change: order.index(change.grade))
    return [
        f"{marks.get(change.grade, '')}`{change.api}`: {change.text}."
        for change in found
        if change.grade is not Grade.DOCS
    ]


def _counted(found: Sequence[str]) -> str:
    return f"{len(found)} line{'' if len(found) == 1 else 's'}"
