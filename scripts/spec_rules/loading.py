"""Reads a spec and the list of documented names, and says where a file is not what it seems.

YAML readers differ in what they let pass: PyYAML takes the last of two equal keys in silence and
turns an unquoted date into a date object. Here both are errors, so that every tool that reads a
spec reads the same JSON values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from .model import Documented, Spec

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTED_FILE = "documented.yaml"


class SpecFileError(Exception):
    """A file that can't be read as a spec; the message says where."""


class _StrictLoader(yaml.SafeLoader):
    """Makes JSON values only, and refuses a key that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                raise _error(f"the key {key.value} is not a string; quote it", key)
            if key.value in seen:
                raise _error(f"the key {key.value!r} stands twice in one mapping", key)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _error(problem: str, node: yaml.Node) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def _refuse_timestamp(_loader: yaml.SafeLoader, node: yaml.Node) -> None:
    raise _error(f"{node.value} would be read as a date; quote it", node)


_StrictLoader.add_constructor("tag:yaml.org,2002:timestamp", _refuse_timestamp)


def load_spec(path: Path) -> Spec:
    """Read a spec, and beside it the documented names of its API.

    Args:
        path: The spec. ``documented.yaml`` in the same folder lists the documented names under the
            spec's name; an API that is not listed there has none.

    Returns:
        The spec, named by the file without its ending.

    Raises:
        SpecFileError: A file is missing, is no YAML, or is no mapping.
    """
    listed = path.parent / DOCUMENTED_FILE
    entry = _load(listed).get(path.stem, {}) if listed.exists() else {}
    documented = Documented(_names(entry, "parameters"), _names(entry, "properties"))
    return Spec(path.stem, _load(path), documented)


def _load(path: Path) -> dict[str, Any]:
    try:
        loader = _StrictLoader(path.read_text(encoding="utf-8"))
        try:
            document = loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (
            f"{path.name}, line {mark.line + 1}, column {mark.column + 1}" if mark else path.name
        )
        raise SpecFileError(f"{place}: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise SpecFileError(f"{path.name} can't be read: {error}") from None
    if not isinstance(document, dict):
        raise SpecFileError(f"{path.name} holds {type(document).__name__}, not a mapping")
    return document


def _names(entry: dict[str, Any], key: str) -> dict[str, frozenset[str]]:
    return {owner: frozenset(names) for owner, names in entry.get(key, {}).items()}
