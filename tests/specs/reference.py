"""Parser of the tables in the reference documents: names, types, and required flags."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A row of a table: a name, its type as written, and the rest."""

    name: str
    type: str
    rest: str

    @property
    def nullable(self) -> bool:
        return "None" in self.type or "nullable" in self.type

    @property
    def required(self) -> bool:
        return self.rest.startswith(("Yes", "Required"))


_ROW = re.compile(r"^(\w+) \|\n(.+) \|\n(.+) ?\|$", re.MULTILINE)


def tables(text: str) -> list[list[Row]]:
    """Return the tables of the public API's reference, in order, each as its rows."""
    result = []
    for block in re.split(r"^.*\| ?(?:Parameter|Property) \| Type \|", text, flags=re.MULTILINE)[
        1:
    ]:
        # A table ends where the next line is not a row.
        start, rows = re.search(r"^\|[-|]+\n", block, flags=re.MULTILINE), []
        assert start is not None, "a table has a line of dashes below its header"
        end = start.end()
        while match := _ROW.match(block, end):
            rows.append(Row(*match.groups()))
            end = match.end() + 1
        result.append(rows)
    return result


_PROPERTY = re.compile(
    r"^([A-Za-z]+?)((?:integer|string|number)(?: · [a-z0-9-]+)*?(?: · nullable)?)(Required|Optional)$"
)


def sections(text: str) -> dict[tuple[str, str], list[Row]]:
    """Return the fields of the v2 reference, by path and section (Path parameters, 200, …)."""
    fields: dict[tuple[str, str], list[Row]] = {}
    path, section = "", ""
    for line in text.splitlines():
        if line.startswith("/api/"):
            path, section = line, ""
        elif line in ("Path parameters", "Query parameters", "200"):
            section = line
        elif path and section and (match := _PROPERTY.match(line)):
            fields.setdefault((path, section), []).append(Row(*match.groups()))
    return fields


@dataclass(frozen=True)
class Fact:
    """A row of the table of wire facts: a request, and the names in it and its response."""

    method: str
    path: str
    parameters: tuple[str, ...]
    response: tuple[str, ...]


def facts(text: str, heading: str) -> list[Fact]:
    """Return the operations of one API in the table of wire facts.

    Text in parentheses, as in ``search (the field)``, is a comment; ``a?`` is optional; ``a[]`` is a
    list; text in braces is JSON.
    """
    part = text.split(f"## {heading} ", 1)[1].split("\n## ", 1)[0]
    result = []
    for line in part.splitlines():
        match = re.match(r"\| [^|]+ \| `(GET|POST) ([^`]+)`([^|]*)\| (.+) \|$", line)
        if match:
            method, path, request, response = match.groups()
            path = re.sub(r"\{(\w+)[^}]*\}", r"{\1}", path)
            result.append(Fact(method.lower(), path, _names(request), _names(response)))
    return result


def _names(cell: str) -> tuple[str, ...]:
    inner = re.search(r"`(?:\d+ )?\{(.*)\}`", cell)
    text = inner.group(1) if inner else cell
    text = re.sub(r"\([^)]*\)", "", re.sub(r"=\d+", "", text))
    # Remove nested {…} and […], innermost first: they belong to the name before them.
    while (shorter := re.sub(r"[:\s]*(?:\[[^\[\]]*\]|\{[^{}]*\})", "", text)) != text:
        text = shorter
    text = re.sub(r"\bor null\b|: \"\w+\"", "", text.replace("`", ""))
    names = [part.strip(" ?") for part in re.split(r"[,;]", text)]
    return tuple(name for name in names if re.fullmatch(r"\w+", name))
