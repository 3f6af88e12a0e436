"""The released specs in `openapi/released`, the changes since, and the report of them.

Changes are reported since the last release, not since the last generation: a parameter added in one
edit and renamed in the next never reached users, so it is one addition. The copy is in the tree,
because a source distribution and a shallow clone have no history.

Beside the specs, `release.json` has the released version, and the lines drafted into the changelog
since. Each line is drafted once, so that edits by hand are preserved.
"""

from __future__ import annotations

import json
import re
import textwrap
import tomllib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from openapi.generator.schemas import PlanError

from benchwire_specs import APIS, SpecError, parse_document

from .comparison import compare
from .grades import Change, Grade, by_severity
from .surface import Surface, surface_of

UNRELEASED = "## Unreleased"
HEADING = "### From the specs"  # above the lines that are drafted
_WIDTH = 100


class ChangesError(Exception):
    """The changes cannot be determined; the message names the file."""


@dataclass(frozen=True)
class Release:
    """The released version, and the changelog lines drafted since."""

    version: str
    drafted: list[str]


def compare_files(old: Path, new: Path) -> list[Change]:
    """Compare two states of one spec; the API is named by the file."""
    with suppress(OSError):
        if old.read_bytes() == new.read_bytes():
            return []
    return compare(_read_surface(old), _read_surface(new))


def compare_folders(old: Path, new: Path) -> list[Change]:
    """Compare the three specs in two folders, and return the changes, most severe first."""
    files = [f"{api}.yaml" for api in APIS]
    return by_severity(change for file in files for change in compare_files(old / file, new / file))


def _read_surface(path: Path) -> Surface:
    try:
        document = parse_document(path.stem, path.read_text("utf-8"))
        return surface_of(path.stem, dict(document.content))
    except (OSError, UnicodeDecodeError, SpecError) as error:
        raise ChangesError(f"{path}: {error}") from error
    except PlanError as error:
        raise ChangesError(f"{path}: no client can be generated from it: {error}") from error


def read_release(folder: Path) -> Release:
    """Read `release.json` beside the released specs."""
    try:
        record = json.loads((folder / "release.json").read_bytes())
        return Release(record["version"], record["drafted"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ChangesError(f"{folder / 'release.json'}: {error!r}") from error


def write_release(folder: Path, version: str, drafted: Sequence[str]) -> None:
    """Write `release.json` beside the released specs, unless it is up to date."""
    record = {"version": version, "drafted": list(drafted)}
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    path = folder / "release.json"
    if not path.exists() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")


def record_release(specs: Path, version: str) -> None:
    """Record the present specs as released."""
    folder = specs / "released"
    folder.mkdir(exist_ok=True)
    for api in APIS:
        (folder / f"{api}.yaml").write_bytes((specs / f"{api}.yaml").read_bytes())
    write_release(folder, version, [])


def project_version(root: Path) -> str:
    """Return the version in pyproject.toml."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    version: str = project["version"]
    if not re.fullmatch(r"[0-9]+(\.[0-9]+){2}", version):
        raise ChangesError(f"pyproject.toml has the version {version}, which is not three numbers")
    return version


# ---- the version that changes require, by semantic versioning --------------------------------


def required_version(released: str, grades: Collection[Grade]) -> str:
    """Return the lowest version that may contain changes of these grades."""
    if not grades:
        return released
    major, minor, patch = version_numbers(released)
    is_risky = not {Grade.BREAKING, Grade.SEMANTIC}.isdisjoint(grades)
    if major == 0:
        return f"0.{minor + 1}.0" if is_risky else f"0.{minor}.{patch + 1}"
    if Grade.BREAKING in grades:
        return f"{major + 1}.0.0"
    if is_risky or Grade.ADDITIVE in grades:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def rule(released: str) -> str:
    """Return the rule behind the version: semantic versioning promises nothing before 1.0."""
    if version_numbers(released)[0]:
        return "a breaking change raises the major version, another change of code the minor"
    return "before 1.0 a breaking or semantic change raises the minor version, another the patch"


def version_numbers(version: str) -> tuple[int, int, int]:
    """Parse a version of the form `1.2.3` into its three numbers, for comparison."""
    major, minor, patch = (int(part) for part in version.split("."))
    return major, minor, patch


# ---- the report, printed and drafted into the changelog --------------------------------------


@dataclass(frozen=True)
class Report:
    """The changes since a release, and the version they require."""

    release: Release
    changes: list[Change]  # the changes of the specs since, most severe first
    version: str  # the lowest version that may contain the changes
    stated: str  # the version in pyproject.toml

    @property
    def is_version_sufficient(self) -> bool:
        """Whether the version in pyproject.toml may contain the changes."""
        return version_numbers(self.stated) >= version_numbers(self.version)


def since_release(root: Path) -> Report:
    """Compare the specs with those of the last release."""
    specs = root / "openapi"
    release = read_release(specs / "released")
    changes = compare_folders(specs / "released", specs)
    version = required_version(release.version, {change.grade for change in changes})
    return Report(release, changes, version, project_version(root))


def publish(root: Path) -> str:
    """Record the present specs as released, and return the version in pyproject.toml.

    That version must not be lower than the changes require.
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
    requirement = f"that requires version {report.version}, as {rule(since)}"
    yield f"{requirement}; pyproject.toml has {report.stated}{sufficient}"


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
    outdated = "CHANGELOG.md: no longer true, if still there: "
    return lines + [f"{outdated}{line}" for line in result.outdated]


def _entries(changes: Iterable[Change]) -> list[str]:
    """Return the changelog's lines; changes of documentation have none."""
    marks = {Grade.BREAKING: "**Breaking**, ", Grade.SEMANTIC: "**Behaviour**, "}
    return [
        f"{marks.get(change.grade, '')}`{change.api}`: {change.text}."
        for change in changes
        if change.grade is not Grade.DOCS
    ]


# ---- the draft -------------------------------------------------------------------------------


@dataclass(frozen=True)
class DraftUpdate:
    """The changelog with its draft up to date."""

    text: str
    added: list[str]
    removed: list[str]  # the lines removed, since they are no longer true
    outdated: list[str]  # lines that are no longer true, and were edited or removed by hand


def update_draft(text: str, before: Sequence[str], now: Sequence[str]) -> DraftUpdate:
    """Update the draft in a changelog, from the lines drafted so far to the present lines."""
    head, section, tail = _split(f"{text.rstrip()}\n")
    added, removed, outdated = [], [], []
    for line in before:
        if line in now:
            continue
        if _item(line) in section:
            section = section.replace(_item(line), "\n", 1)
            removed.append(line)
        else:
            outdated.append(line)
    if removed:  # and the heading, if nothing is left below it
        section = re.sub(rf"\n{HEADING}\n\s*(?=\n#|\Z)", "", section)
    for line in now:
        if line not in before and _item(line) not in section:
            section = _appended(section, line)
            added.append(line)
    if not added and not removed:
        return DraftUpdate(text, [], [], outdated)
    blank = "\n" if tail else ""
    return DraftUpdate(f"{head}{section.rstrip()}\n{blank}{tail}", added, removed, outdated)


def _split(text: str) -> tuple[str, str, str]:
    """Return the text before the Unreleased section, the section, and the text after it."""
    heading = re.search(rf"^{UNRELEASED}[ \t]*$", text, re.MULTILINE)
    following = re.compile(r"^## ", re.MULTILINE)
    if heading is None:
        # Missing after a release; it goes before the released versions.
        first = following.search(text)
        start = first.start() if first else len(text)
        return f"{text[:start].rstrip()}\n\n{UNRELEASED}\n", "\n", text[start:]
    after = following.search(text, heading.end())
    end = after.start() if after else len(text)
    return text[: heading.end()] + "\n", text[heading.end() + 1 : end], text[end:]


def _item(line: str) -> str:
    """Return a line as a list item, with the line breaks around it."""
    wrapped = textwrap.fill(
        f"- {line}", _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return f"\n{wrapped}\n"


def _appended(section: str, line: str) -> str:
    """Return the section with a line added at the end of the list under the draft's heading."""
    if f"\n{HEADING}\n" not in section:
        written = section.rstrip()
        above = f"{written}\n" if written else ""
        return f"{above}\n{HEADING}\n{_item(line)}"
    before, heading, after = section.partition(f"\n{HEADING}\n")
    # The list ends at the next heading.
    items, following, rest = after.partition("\n### ")
    return f"{before}{heading}{items.rstrip()}{_item(line)}{following}{rest}"
