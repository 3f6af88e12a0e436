"""Reading of fault plans from YAML and JSON files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from benchwire_local.errors import PlanError


def read_plan(source: object) -> tuple[str, Any]:
    """Return the name of a plan for messages, and its content, not yet validated.

    Args:
        source: A path as text or ``Path``; anything else is the plan itself.

    Raises:
        PlanError: The file can't be read, or is neither YAML nor JSON.
    """
    if not isinstance(source, str | Path):
        return "the fault plan", source
    path = Path(source)
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            return str(path), json.loads(text)
        return str(path), yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except OSError as error:
        raise PlanError(f"{path}: can't be read: {error.strerror or error}") from error
    except RecursionError:
        raise PlanError(f"{path}: is nested too deeply") from None
    except (json.JSONDecodeError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PlanError(f"{path}: {' '.join(str(error).split())}") from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # PyYAML raises each of these for a tag that does not fit, such as !!timestamp 2001-13-45.
        raise PlanError(f"{path}: has a value that can't be read: {error}") from error


class _Loader(yaml.SafeLoader):
    """A safe loader that rejects duplicate keys, of which the first would be ignored."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the mapping of a node."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                line = node.value[number][0].start_mark.line + 1
                raise yaml.YAMLError(f"line {line}: the key {key!r} is duplicated")
        return super().construct_mapping(node, deep)
