"""Finds and parses the spec files."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, cast

import yaml

from benchwire_specs.document import Document, SpecError

_MAX_DEPTH = 200
_BREAK = re.compile("[\x85\u2028\u2029]")
_ALIAS = re.compile(r"(?m)(?:^|[\s\[,{])\*\w")


def spec_path(name: str) -> Traversable:
    """Return the place of a spec: this package, also within a zip file, or else the checkout.

    Raises:
        SpecError: If it is in neither place.
    """
    package = files(__package__)
    checkout = Path(__file__).resolve().parents[2] / "openapi"
    for folder in (package, checkout):
        if (path := folder / f"{name}.yaml").is_file():
            return path
    raise SpecError(f"the spec {name}.yaml is neither in {package} nor in {checkout}")


def load_document(name: str) -> Document:
    """Load a spec by name: ``public``, ``v2`` or ``v0``.

    Raises:
        SpecError: If it is missing, can't be read, or is not OpenAPI 3.1.
    """
    path = spec_path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(f"{path} can't be read: {error}") from error
    return parse_document(name, text)


def parse_document(name: str, text: str) -> Document:
    """Parse the YAML text of a spec.

    Raises:
        SpecError: If it is not OpenAPI 3.1, or parsers read it differently.
    """
    try:
        content = parse_yaml(text)
    except SpecError as error:
        raise SpecError(f"{name}.yaml can't be read{error}") from None
    return check_version(name, content)


def parse_yaml(text: str) -> object:
    """Parse YAML that all parsers read alike, as JSON values.

    Refused are equal keys, of which most parsers take the last; keys that are no strings; merge keys;
    line breaks of YAML 1.1 alone; what is no JSON, such as `!!binary`; and what YAML 1.1 or 1.2 alone
    reads as a boolean, a number or a date, such as an unquoted `no` or `08`.

    Raises:
        SpecError: If it can't be read; the message begins with the position, if there is one.
    """
    if _is_too_deep(text):
        raise SpecError(f": it is nested more than {_MAX_DEPTH} levels deep")
    if found := _BREAK.search(text):
        line = 1 + text.count("\n", 0, found.start())
        raise SpecError(
            f", line {line}: U+{ord(found[0]):04X} ends a line for some parsers; escape it"
        )
    try:
        content = yaml.load(text, Loader=_LOADER)  # noqa: S506  a safe loader
        if _ALIAS.search(text):
            json.dumps(content)  # refuses an alias inside of what it names
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        position = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise SpecError(f"{position}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise SpecError(f": {error}") from None
    except (TypeError, ValueError, RecursionError) as error:
        raise SpecError(f": a value can't be read: {error}") from None
    return content


def _is_too_deep(text: str) -> bool:
    """Return whether a text may be nested so deeply that libyaml's parser would end the process.

    Each level of a block takes a column at least.
    """
    depth, most = 0, max(map(len, re.findall(r"^[ \t?:-]*", text, re.MULTILINE)))
    for bracket in re.findall(r"[\[\]{}]", text):
        depth = max(0, depth + (1 if bracket in "[{" else -1))
        most = max(most, depth)
    return most > _MAX_DEPTH


def check_version(name: str, content: object) -> Document:
    """Return the document of decoded YAML.

    Raises:
        SpecError: If it is not OpenAPI 3.1.
    """
    if not isinstance(content, dict) or not str(content.get("openapi", "")).startswith("3.1."):
        raise SpecError(f"{name}.yaml is not an OpenAPI 3.1 document")
    return Document(name, content)


class _SpecLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Builds JSON values only, and refuses what parsers read differently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag == f"{_TAG}merge":
                raise _error(
                    "the merge key << is not read by every parser; write the keys out", key
                )
            if key.tag != f"{_TAG}str":
                raise _error(f"the key {key.value} is not a string; quote it", key)
            if key.value in seen:
                raise _error(f"duplicate key {key.value!r}", key)
            seen.add(key.value)
        result: dict[str, Any] = super().construct_mapping(node, deep=deep)
        return result


_TAG = "tag:yaml.org,2002:"
# How each scalar that is no string is written in JSON, and what it is in words.
_JSON = {
    "bool": (r"true|false", "a boolean"),
    "int": (r"-?(0|[1-9][0-9]*)", "a number"),
    "float": (r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", "a number"),
    "null": (r"null", "null"),
    "timestamp": (r"(?!)", "a date"),
    "number": (r"(?!)", "a number by some parsers"),
}
# Numbers of YAML 1.2 that are texts of YAML 1.1.
_NUMBER = re.compile(r"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+)$")


def _error(problem: str, node: yaml.Node) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def _scalar(kind: str) -> Callable[[Any, yaml.ScalarNode], Any]:
    pattern, words = _JSON[kind]

    def construct(_loader: object, node: yaml.ScalarNode) -> Any:
        if not re.fullmatch(pattern, node.value):
            text = node.value or "nothing"
            raise _error(f"{text} would be parsed as {words}; quote it", node)
        value = json.loads(node.value)
        if value in {math.inf, -math.inf}:
            raise _error(f"{node.value} is beyond the numbers of 64 bits", node)
        return value

    return construct


for _kind in _JSON:
    _SpecLoader.add_constructor(f"{_TAG}{_kind}", _scalar(_kind))
for _kind in ("binary", "omap", "pairs", "set"):  # what the safe loader has beside JSON
    _SpecLoader.add_constructor(f"{_TAG}{_kind}", _SpecLoader.construct_undefined)
_SpecLoader.add_implicit_resolver(f"{_TAG}number", _NUMBER, list("-+.0123456789"))
_LOADER = cast("type[yaml.SafeLoader]", _SpecLoader)
