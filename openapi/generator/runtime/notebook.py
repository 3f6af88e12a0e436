"""Models and lists as HTML, for notebooks: a part of them, every text escaped."""

from __future__ import annotations

from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from attrs import fields, has

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["list_html", "model_html"]

_ROWS: Final = 20
_COLUMNS: Final = 8
_LENGTH: Final = 200


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


def _shown(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _LENGTH else f"{text[:_LENGTH]}…"


def _table(caption: str, head: list[str], rows: Iterable[list[str]]) -> str:
    titles = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows
    )
    head_row = f"<thead><tr>{titles}</tr></thead>" if head else ""
    return f"<table><caption>{escape(caption)}</caption>{head_row}<tbody>{lines}</tbody></table>"
