"""Models and lists as one line, and as HTML for notebooks: a part of them, every text escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from attrs import fields, has

from .processes import fork_waits

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["ShortRepr", "list_html", "list_repr", "model_html", "shown_url"]

_ROWS: Final = 20
_COLUMNS: Final = 8
_LENGTH: Final = 200
_LINE: Final = 200
_TEXT: Final = 40


class ShortRepr:
    """A class of attrs whose repr is one line of at most 200 characters.

    It has the first fields that have a value, without those that hold a key or that the spec does not
    name.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return _short_repr(self)


def _short_repr(model: Any) -> str:
    name = type(model).__name__
    parts: list[str] = []
    room = _LINE - len(f"{name}(…)")
    for each in fields(type(model)):
        value = getattr(model, each.name, None)
        is_absent = value is None or type(value).__name__ == "Unset"
        if is_absent or not each.repr or each.name.startswith("_"):
            continue
        text = _cut(each.repr(value), 2 * _TEXT) if callable(each.repr) else _brief(value)
        parts.append(f"{each.name}={text}")
        room -= len(parts[-1]) + 2
        if room < 0:
            parts[-1] = "…"
            break
    return f"{name}({', '.join(parts)})"


def list_repr(items: Sequence[object]) -> str:
    """Return a list as one line of at most 200 characters: its first item and its length."""
    first = ", ".join(_cut(repr(item), 3 * _TEXT) for item in items[:1])
    return f"[{first}, … {len(items):,} in all]" if len(items) > 1 else f"[{first}]"


def model_html(model: Any) -> str:
    """Return a table of each list of models that a model has, and one of its other fields.

    As in its repr, fields that the spec does not name are left out: they may hold a secret.
    """
    own: list[list[str]] = []
    tables: list[str] = []
    for name in _names(model):
        value = getattr(model, name)
        if isinstance(value, list) and value and has(type(value[0])):
            tables.append(list_html(value, name))
        elif value is not None:
            own.append([name, _shown(value)])
    return "".join([*tables, _table(type(model).__name__, [], own)])


def list_html(items: Sequence[Any], name: str) -> str:
    """Return a table of the first items of a list, with the first fields that have a value."""
    first = list(islice(items, _ROWS))
    names = dict.fromkeys(name for item in first for name in _names(item))
    used = [name for name in names if any(getattr(item, name, None) is not None for item in first)]
    head = used[:_COLUMNS]
    rows = [
        [_shown(getattr(item, name, None)) for name in head] or [_shown(item)] for item in first
    ]
    caption = f"{name}: {len(items):,}"
    if len(first) < len(items):
        caption += f", the first {len(first)} shown"
    if len(head) < len(used):
        caption += f"; {len(used) - len(head)} more fields"
    return _table(caption, head, rows)


def _names(model: Any) -> list[str]:
    if not has(type(model)):
        return []
    return [
        each.name for each in fields(type(model)) if each.repr and not each.name.startswith("_")
    ]


def _brief(value: object) -> str:
    if isinstance(value, str) and value[:8].lower().startswith(("http://", "https://")):
        return _cut(shown_url(value), 2 * _TEXT)
    if isinstance(value, str):
        # A part of the value, and not of its repr: concealed texts conceal their parts.
        return repr(value[:_TEXT]) + "…" * (len(value) > _TEXT)
    if isinstance(value, Mapping):
        return f"{{{len(value):,} keys}}" if value else "{}"
    if isinstance(value, list | tuple | set | frozenset):
        kinds = {type(item).__name__ for item in islice(value, 1)}
        return f"[{len(value):,} {''.join(kinds)}]" if value else "[]"
    return _cut(repr(value), 2 * _TEXT)


def shown_url(url: object) -> str:
    """Return the repr of a URL without user, password and query; stars for what is no URL."""
    match = re.match(r"(https?://)(?:[^/?#]*@)?([^@?#]*)", str(url), re.IGNORECASE)
    return repr("".join(match.groups()) if match else "**********")


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


def _shown(value: object) -> str:
    if value is None:
        return ""
    return _cut(value if isinstance(value, str) else repr(value), _LENGTH)


@fork_waits()
def _table(caption: str, head: list[str], rows: Iterable[list[str]]) -> str:
    from html import escape  # noqa: PLC0415  a program that shows no table does without it

    titles = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows
    )
    head_row = f"<thead><tr>{titles}</tr></thead>" if head else ""
    return f"<table><caption>{escape(caption)}</caption>{head_row}<tbody>{lines}</tbody></table>"
