"""Makes the names that openapi-python-client lays out a package by, without importing it.

That takes a quarter of a second, which the lint and the report of changes would wait for, too.
`tests/generated/test_names.py` compares them with its own.
"""

from __future__ import annotations

import builtins
import keyword
import re
from functools import lru_cache

_DELIMITERS = "\\. _-"
_RESERVED = {*dir(builtins), *keyword.kwlist, "self", "true", "false", "datetime"} - {"id"}


def snake_case(text: str) -> str:
    """Return the words of a text in snake case."""
    return "_".join(_words(text)).lower()


def pascal_case(text: str) -> str:
    """Return the words of a text in PascalCase; what is in capitals stays so."""
    return "".join(word if word.isupper() else word.capitalize() for word in _words(text))


def module_case(text: str) -> str:
    """Return the name of a module: in snake case, and no name that Python has."""
    return _unreserved(snake_case(text))


def class_case(text: str) -> str:
    """Return the name of a class: in PascalCase, and no name that Python has."""
    return _unreserved(pascal_case(text))


def _unreserved(name: str) -> str:
    return f"{name}_" if name in _RESERVED else name


@lru_cache(maxsize=4096)  # a plan asks for each name many times
def _words(text: str) -> tuple[str, ...]:
    kept = "".join(c for c in text if c.isidentifier() or c.isdecimal() or c in _DELIMITERS)
    if any(c.isupper() for c in kept):
        kept = " ".join(re.split("([A-Z]?[a-z]+)", kept))
    return tuple(re.findall(rf"[^{re.escape(_DELIMITERS)}]+", kept))
