"""Escapes the descriptions of the specs in docstrings, for Sphinx, which reads reStructuredText.

In the docstrings themselves they stay as they are, for `help` and for editors.
"""

from __future__ import annotations

import re
from typing import Any

_GENERATED = ("benchwire_api.", "benchwire._sync.operations", "benchwire._async.operations")
# Code and names of arguments stay; the rest would begin or end markup, or escape what follows.
_MARKUP = re.compile(
    r"(``(?=\S)[^`]+(?<=\S)``(?![`\w])|(?<![`\w])`(?=\S)[^`]+(?<=\S)`(?![`\w])|^ *\*{1,2}\w+(?=:))|([*|`\\]|:(?=`)|_(?=_*(?:\W|\Z)))",
    re.DOTALL | re.MULTILINE,
)


def escape(
    _app: object, _what: str, _name: str, described: Any, _options: object, lines: list[str]
) -> None:
    """Escape the markup of a docstring that is generated, in place."""
    module = getattr(getattr(described, "fget", described), "__module__", None) or ""
    if module.startswith(_GENERATED):
        lines[:] = escaped("\n".join(lines)).split("\n")


def escaped(text: str) -> str:
    """Return a text in which only code between backticks is markup."""
    return _MARKUP.sub(lambda it: it[1] or f"\\{it[2]}", text)
