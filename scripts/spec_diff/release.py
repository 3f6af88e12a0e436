"""The released specs in `openapi/released`, and comparison of specs on disk.

Changes are reported since the last release, not since the last generation: a parameter added in one
edit and renamed in the next never reached users, so it is one addition. The copy is in the tree,
because a source distribution and a shallow clone have no history.

Beside the specs, `release.json` has the released version, and the lines drafted into the changelog
since. Each line is drafted once, so that edits by hand are preserved.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openapi.generator.schemas import PlanError

from benchwire_specs import APIS, SpecError, parse_document

from .comparison import compare
from .model import Change, Surface, by_severity
from .surface import surface_of


class ChangesError(Exception):
    """The changes cannot be determined; the message names the file."""


@dataclass(frozen=True)
class Release:
    """The released version, and the changelog lines drafted since."""

    version: str
    drafted: list[str]


def compare_files(old: Path, new: Path) -> list[Change]:
    """Compare two states of one spec; the API is named by the file.

    Raises:
        ChangesError: If a file cannot be read, or a client cannot be generated from it.
    """
    return compare(_read_surface(old), _read_surface(new))


def compare_folders(old: Path, new: Path) -> list[Change]:
    """Compare the three specs in two folders, and return the changes, most severe first.

    Raises:
        ChangesError: If a file cannot be read, or a client cannot be generated from it.
    """
    files = [f"{api}.yaml" for api in APIS]
    return by_severity(change for file in files for change in compare_files(old / file, new / file))


def _read_surface(path: Path) -> Surface:
    try:
        document = parse_document(path.stem, path.read_text("utf-8"))
        return surface_of(path.stem, dict(document.content))
    except (OSError, UnicodeDecodeError, SpecError, PlanError) as error:
        raise ChangesError(f"{path}: {error}") from error
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ChangesError(f"{path}: no client can be generated from it: {error!r}") from error


def read_release(folder: Path) -> Release:
    """Read `release.json` beside the released specs.

    Raises:
        ChangesError: If it cannot be read.
    """
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
    return version
