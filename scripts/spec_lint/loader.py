"""Strict reader of a spec and of the list of documented names.

YAML readers are lenient in different ways: PyYAML silently takes the last of two equal keys and
turns an unquoted date into a date object. Here both are errors, so that every tool that reads a
spec reads the same JSON values.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from .model import Documented, Spec

DOCUMENTED_FILE = "documented.yaml"


class SpecFileError(Exception):
    """A file that cannot be read as a spec; the message has the position."""


class _StrictLoader(yaml.SafeLoader):
    """Builds JSON values only, and refuses duplicate keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                raise _error(f"the key {key.value} is not a string; quote it", key)
            if key.value in seen:
                raise _error(f"duplicate key {key.value!r}", key)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _error(problem: str, node: yaml.Node) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def _refuse_timestamp(_loader: yaml.SafeLoader, node: yaml.Node) -> None:
    raise _error(f"{node.value} would be parsed as a date; quote it", node)


_StrictLoader.add_constructor("tag:yaml.org,2002:timestamp", _refuse_timestamp)


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
        document = yaml.load(path.read_text(encoding="utf-8"), _StrictLoader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        position = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise SpecFileError(f"{path.name}{position}: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise SpecFileError(f"{path.name} cannot be read: {error}") from None
    if not isinstance(document, dict):
        raise SpecFileError(f"{path.name} is {type(document).__name__}, not a mapping")
    return document


def _names(entry: dict[str, Any], key: str) -> dict[str, frozenset[str]]:
    return {owner: frozenset(names) for owner, names in entry.get(key, {}).items()}
