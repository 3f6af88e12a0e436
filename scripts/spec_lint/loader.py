"""Reads a spec and the list of documented names, as strictly as `benchwire_specs.parse_yaml` does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchwire_specs import SpecError, parse_yaml

from .model import Documented, Spec

DOCUMENTED_FILE = "documented.yaml"


class SpecFileError(Exception):
    """A file that cannot be read as a spec; the message has the position."""


def load_spec(path: Path) -> Spec:
    """Read a spec, named by its file, and the documented names of its API.

    ``documented.yaml`` in the same folder lists them under the spec's name; an API that is not
    listed there has none.
    """
    listed = path.parent / DOCUMENTED_FILE
    entry = _load(listed).get(path.stem, {}) if listed.exists() else {}
    documented = Documented(_names(entry, "parameters"), _names(entry, "properties"))
    return Spec(path.stem, _load(path), documented)


def _load(path: Path) -> dict[str, Any]:
    try:
        document = parse_yaml(path.read_text(encoding="utf-8"))
    except SpecError as error:
        raise SpecFileError(f"{path.name}{error}") from None
    except (UnicodeDecodeError, OSError) as error:
        raise SpecFileError(f"{path.name} cannot be read: {error}") from None
    if not isinstance(document, dict):
        raise SpecFileError(f"{path.name} is {type(document).__name__}, not a mapping")
    return document


def _names(entry: dict[str, Any], key: str) -> dict[str, frozenset[str]]:
    return {owner: frozenset(names) for owner, names in entry.get(key, {}).items()}
