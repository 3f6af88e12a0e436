"""The specs as users have them: `openapi/released`, a copy made at each release.

Changes are told since the last release, not since the last generation: a parameter added in one
edit and renamed in the next was never anybody's, so it is one addition and breaks nothing. And the
copy is in the tree, because a source distribution and a shallow clone have no history to ask.

Beside the specs, `release.json` has the released version, and the lines that were drafted into the
changelog since. A line is drafted once; what was done to it by hand stays.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from openapi.generator.schemas import PlanError

from .compare import compare
from .model import Change
from .surface import Surface, surface_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

APIS = ("public", "v2", "v0")


class ChangesError(Exception):
    """What changed can't be told; the message says which file is at fault."""


@dataclass(frozen=True)
class Release:
    """What users have, and what was drafted since."""

    version: str
    drafted: list[str]


def read_surface(path: Path) -> Surface:
    """Read what a spec gives to users; the API is named by the file.

    Raises:
        ChangesError: If the file can't be read, or can't be generated from.
    """
    try:
        spec: Any = yaml.safe_load(path.read_bytes())
        return surface_of(path.stem, spec)
    except (OSError, yaml.YAMLError, PlanError) as error:
        raise ChangesError(f"{path}: {error}") from error
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ChangesError(f"{path} is no spec that clients can be made of: {error!r}") from error


def changes_in(old: Path, new: Path) -> list[Change]:
    """Compare the three specs in two folders."""
    return [
        change
        for api in APIS
        for change in compare(read_surface(old / f"{api}.yaml"), read_surface(new / f"{api}.yaml"))
    ]


def read_release(folder: Path) -> Release:
    """Read what stands beside the released specs.

    Raises:
        ChangesError: If it can't be read.
    """
    try:
        found = json.loads((folder / "release.json").read_bytes())
        return Release(found["version"], found["drafted"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ChangesError(f"{folder / 'release.json'}: {error!r}") from error


def write_release(folder: Path, version: str, drafted: Sequence[str]) -> None:
    """Write what stands beside the released specs, unless it stands there already."""
    text = json.dumps({"version": version, "drafted": list(drafted)}, indent=2, ensure_ascii=False)
    path = folder / "release.json"
    if not path.exists() or path.read_text("utf-8") != text + "\n":
        path.write_text(text + "\n", "utf-8")


def record_release(specs: Path, version: str) -> None:
    """Take the present specs for what users have."""
    folder = specs / "released"
    folder.mkdir(exist_ok=True)
    for api in APIS:
        (folder / f"{api}.yaml").write_bytes((specs / f"{api}.yaml").read_bytes())
    write_release(folder, version, [])


def project_version(root: Path) -> str:
    """The version that pyproject.toml states."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    version: str = project["version"]
    return version
