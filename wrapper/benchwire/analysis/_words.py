"""Numbers as people read them, in sentences and tables."""

from __future__ import annotations

from html import escape
from typing import Literal

Unit = Literal["points", "score"]
"""Shares from 0 to 1 read as percentage points, other scores as they are."""


def amount(value: float, unit: Unit = "points") -> str:
    """Return a share in percent with one decimal, or a score; never a negative zero."""
    shown = ".3g" if abs(value) < 999.5 else ".6g"
    number = f"{value * 100:.1f}" if unit == "points" else f"{value:{shown}}"
    return number.removeprefix("-") if float(number) == 0 else number


def signed(value: float, unit: Unit = "points") -> str:
    """Return an amount with its sign, except 0."""
    number = amount(value, unit)
    return f"+{number}" if value > 0 and any(digit in number for digit in "123456789") else number


def percentage(value: float, unit: Unit = "points") -> str:
    """Return an accuracy: a share with its percent sign, or a mean score."""
    return f"{amount(value, unit)} %" if unit == "points" else amount(value, unit)


def probability_text(p: float) -> str:
    """Return a p-value with two digits; below 0.0001 as a power of ten."""
    return f"{p:.2g}" if p >= 0.0001 else f"{p:.1e}"


def level_text(level: float) -> str:
    """Return a confidence level in percent: `95 %`."""
    return f"{100 * level:.12g} %"


def html_table(caption: str, head: list[str], rows: list[list[str]]) -> str:
    """Return an HTML table, every text escaped."""
    titles = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows
    )
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{titles}</tr></thead>"
        f"<tbody>{lines}</tbody></table>"
    )
