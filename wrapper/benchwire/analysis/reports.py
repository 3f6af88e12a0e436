"""A report of a comparison or a matrix: one HTML file that needs no network and allows none."""

from __future__ import annotations

import base64
import difflib
import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from ._words import Unit, amount, level_text, percentage, signed
from .comparison import ComparisonStatistics, Difference, Estimate, PairedTable
from .matrix import MatrixPair, MatrixStatistics
from .pairs import PairedRow
from .statistics._arguments import listed

MAX_ITEMS = 2_000
MAX_TEXT = 20_000
_PAGE = files(__package__) / "report_page"
_OUTCOMES = ("only_1", "only_2", "both", "neither", "unscored")
_TAGS = {outcome: outcome.replace("_", " ") for outcome in _OUTCOMES}
_COMPARED = 250_000  # pairs of words; beyond, the middle of two answers is marked as a whole
_CELL = 66


def report(
    result: ComparisonStatistics | MatrixStatistics,
    path: str | Path | None = None,
    *,
    items: Iterable[PairedRow] = (),
    title: str | None = None,
) -> str:
    """Return a report as one HTML page, and write it to a file if there is a path.

    The page loads nothing and runs no script but its own, by its content security policy; every text is
    escaped. Needs the extra ``report``.

    Args:
        result: What `statistics` or `matrix` of ``client.comparisons`` returned.
        path: The file to write.
        items: The rows of the comparison, from ``iter_results`` or ``iter_model_results`` (async: their
            ``to_list()``), to show side by side. At most 2,000 are, those that differ first.
        title: The title; by default what is compared.

    Raises:
        ImportError: If Jinja2 is not installed.
        TypeError: If the result is another object, or the items are not such rows.
        ValueError: If there are items of a matrix.
    """
    items = listed("items", items)
    if isinstance(result, ComparisonStatistics):
        name, values = "comparison", _comparison(result, items)
        default = f"{result.model_1} and {result.model_2} on {result.benchmark}"
    elif isinstance(result, MatrixStatistics):
        if next(iter(items), None) is not None:
            raise ValueError("items are rows of a comparison; a report of a matrix shows none")
        name, values = "matrix", _matrix(result)
        default = f"{len(result.models)} models on {' + '.join(result.benchmarks)}"
    else:
        kind = type(result).__name__
        raise TypeError(f"result must be what statistics or matrix returned, not a {kind}")
    page = _render(f"{name}.html.jinja", result=result, title=title or default, **values)
    if path is not None:
        # A hash in the policy is of the bytes: no other line ends.
        Path(path).write_bytes(page.encode("utf-8", "replace"))
    return page


def _render(name: str, *, result: ComparisonStatistics | MatrixStatistics, **values: Any) -> str:
    try:
        from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415
        from markupsafe import Markup  # noqa: PLC0415
    except ImportError as problem:
        raise ImportError(
            f'a report needs the extra "report": pip install "benchwire[report]" ({problem})'
        ) from problem
    loader = FunctionLoader(lambda file: (_PAGE / file).read_text("utf-8"))
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    own: dict[str, str] = {}
    for kind, file in (("style", "style.css"), ("script", "script.js")):
        text = "\n".join((_PAGE / file).read_text("utf-8").splitlines())
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        own[kind], own[f"{kind}_hash"] = Markup(text), f"sha256-{digest}"  # noqa: S704  our own text
    # Inside a script element nothing but a backslash escapes.
    data = json.dumps(result.to_dict(), indent=1, allow_nan=False)
    for character in "<>&":
        data = data.replace(character, f"\\u{ord(character):04x}")
    template = environment.get_template(name)
    return template.render(result=result, data=Markup(data), **own, **values)  # noqa: S704


@dataclass(frozen=True, slots=True)
class _Scale:
    """Maps values to the 1,000 units of a plot's width, with five ticks at round values."""

    start: float
    step: float
    unit: Unit

    @classmethod
    def over(cls, values: list[float], unit: Unit, end: float = math.inf) -> _Scale:
        """Return the scale over some values, none of which is above the end."""
        low, high = min(values), max(values)
        power = math.floor(math.log10(max(high - low, 0.01) / 4))
        for step in (base * 10.0**p for p in range(power, power + 4) for base in (1, 2, 2.5, 5)):
            start = math.floor(low / step) * step
            if start + 4 * step >= high:
                break
        return cls(min(start, end - 4 * step), step, unit)

    def x(self, value: float) -> float:
        return round(min(1000, max(0, 100 + self.width(value - self.start))), 1)

    def width(self, value: float) -> float:
        return round(200 * value / self.step, 1)

    @property
    def ticks(self) -> list[str]:
        shown = [self.start + place * self.step for place in range(5)]
        return [f"{tick * (100 if self.unit == 'points' else 1):.6g}" for tick in shown]


class _PlotRow(NamedTuple):
    """A line of an interval plot."""

    label: str
    of: Estimate | Difference
    text: str
    kind: str


def _comparison(result: ComparisonStatistics, items: Iterable[PairedRow]) -> dict[str, Any]:
    gap, unit = result.difference, result.unit
    interval = (
        f"{level_text(gap.level)} CI {signed(gap.low, unit)} to {signed(gap.high, unit)}"
        f"{' points' if unit == 'points' else ''}"
    )
    kind = "" if not gap.is_decided else "better" if gap.value > 0 else "worse"
    limits = [gap.low, gap.high, 0.0]
    if result.detectable_difference is not None:
        limits += [result.detectable_difference, -result.detectable_difference]
    chosen, sentence = _chosen(items)
    mosaic = list(_mosaic(result.table))
    return {
        "difference": (signed(gap.value, unit), interval),
        "accuracies": [
            (percentage(of.value, unit), f"{amount(of.low, unit)} to {amount(of.high, unit)}")
            for of in (result.accuracy_1, result.accuracy_2)
        ],
        "rows": [_PlotRow(result.benchmark, gap, signed(gap.value, unit), kind)],
        "scale": _Scale.over(limits, unit),
        "mosaic": mosaic,
        "tags": _TAGS,
        "items": [_item(row, result) for row in chosen],
        "items_sentence": sentence,
    }


def _mosaic(table: PairedTable) -> Iterator[tuple[str, int, float, float, float, float]]:
    """Yield outcome, count, x, y, width and height of each cell, areas in proportion to the counts."""
    x = 0.0
    for column in (("both", "only_1"), ("only_2", "neither")):
        counts = [getattr(table, outcome) for outcome in column]
        width, y = 396 * sum(counts) / table.total, 0.0
        for outcome, count in zip(column, counts, strict=True):
            height = 232 * count / (sum(counts) or 1)
            if count:
                yield outcome, count, round(x, 1), round(y, 1), round(width, 1), round(height, 1)
            y += height + 4
        x += width + 4


def _outcome(row: PairedRow) -> str:
    if row.score1 is None or row.score2 is None:
        return "unscored"
    sides = (row.score1 > 0.5, row.score2 > 0.5)
    return {(1, 1): "both", (1, 0): "only_1", (0, 1): "only_2", (0, 0): "neither"}[sides]


def _chosen(items: Iterable[PairedRow]) -> tuple[list[PairedRow], str]:
    """Return the rows to show, and a sentence that says which."""
    differing: list[tuple[int, PairedRow]] = []
    others: list[tuple[int, PairedRow]] = []
    total = 0
    for place, row in enumerate(items):
        total += 1
        if not hasattr(row, "score1"):
            kind = type(row).__name__
            raise TypeError(f"items[{place}] must be a row of iter_results, not a {kind}")
        kept = differing if _outcome(row).startswith("only") else others
        if len(kept) < MAX_ITEMS:
            kept.append((place, row))
    shown = [*differing, *others][:MAX_ITEMS]
    if total > MAX_ITEMS:
        sentence = (
            f"{len(shown):,} of {total:,} items are shown: those on which the models differ come"
            " first, then the others in the benchmark's order."
        )
    else:
        shown.sort(key=lambda one: one[0])
        sentence = f"All {total:,} items that were given, in their order."
    return [row for _, row in shown], sentence


def _item(row: PairedRow, result: ComparisonStatistics) -> dict[str, Any]:
    outcome = _outcome(row)
    texts = [None if text is None else _cut(text) for text in (row.result1, row.result2)]
    parts = marked_words(texts[0] or "", texts[1] or "")
    heads = [
        f"{number}: {model} · {'no score' if score is None else f'score {score:g}'}"
        for number, model, score in (
            (1, result.model_1, row.score1),
            (2, result.model_2, row.score2),
        )
    ]
    return {
        "outcome": outcome,
        "line": " ".join(row.prompt[:400].split())[:200],
        "prompt": _cut(row.prompt),
        "truth": _cut(row.truth),
        "sides": list(zip(("one", "two"), heads, texts, parts, strict=True)),
    }


def _cut(text: str) -> str:
    text, left = text.replace("\0", "\ufffd"), len(text) - MAX_TEXT
    return text if left <= 0 else f"{text[:MAX_TEXT]} … ({left:,} more characters)"


Parts = list[tuple[str, bool]]


def marked_words(first: str, second: str) -> tuple[Parts, Parts]:
    """Return both texts in parts, those marked that hold words which only one of the texts has."""
    one, two = (re.findall(r"\s*\S+|\s+$", text) for text in (first, second))
    keys = [[word.strip() for word in words] for words in (one, two)]
    start = 0
    while start < min(len(one), len(two)) and keys[0][start] == keys[1][start]:
        start += 1
    end = 0
    while end < min(len(one), len(two)) - start and keys[0][-1 - end] == keys[1][-1 - end]:
        end += 1
    middle = [words[start : len(words) - end] for words in keys]
    same: list[tuple[int, int, int]] = []
    if len(middle[0]) * len(middle[1]) <= _COMPARED:
        matcher = difflib.SequenceMatcher(None, middle[0], middle[1], autojunk=False)
        same = [(a + start, b + start, size) for a, b, size in matcher.get_matching_blocks()]
    blocks = [(0, 0, start), *same, (len(one) - end, len(two) - end, end)]
    return _parts(one, [(a, n) for a, _, n in blocks]), _parts(two, [(b, n) for _, b, n in blocks])


def _parts(words: list[str], same: list[tuple[int, int]]) -> Parts:
    found: Parts = []
    place = 0
    for start, size in same:
        other = "".join(words[place:start])
        space = other[: len(other) - len(other.lstrip())]
        place = start + size
        found += [(space, False), (other.lstrip(), True), ("".join(words[start:place]), False)]
    return [(text, is_marked) for text, is_marked in found if text]


def _matrix(result: MatrixStatistics) -> dict[str, Any]:
    unit = result.pairs[0].statistics.unit
    best = result.baseline or result.models[0].model
    tiers: list[list[_PlotRow]] = [[] for _ in result.tiers]
    for one in result.models:
        text = f"{percentage(one.accuracy.value, unit)} · rank {one.rank.low} to {one.rank.high}"
        tiers[one.tier - 1].append(_PlotRow(one.model, one.accuracy, text, "better"))
    gaps = []
    for one in result.models:
        if one.model != best:
            of, kind = _gap(result.pair(one.model, best), one.model)
            text = f"{signed(of.value, unit)} ({signed(of.low, unit)} to {signed(of.high, unit)})"
            gaps.append(_PlotRow(one.model, of, text, kind))
    limits = [limit for one in result.models for limit in (one.accuracy.low, one.accuracy.high)]
    return {
        "unit": unit,
        "level": level_text(result.level),
        "tiers": tiers,
        "accuracy_scale": _Scale.over(limits, unit, end=1.0 if unit == "points" else math.inf),
        "compared_with": best,
        "gaps": gaps,
        "gap_scale": _Scale.over(
            [0.0, *(limit for row in gaps for limit in (row.of.low, row.of.high))], unit
        ),
        "heat": _heat(result, unit),
        "tables": result.tables(),
    }


def _gap(pair: MatrixPair, model: str) -> tuple[Estimate, str]:
    """Return the difference of a model minus the other, and whether it is better or worse."""
    of = pair.statistics.difference
    gap = Estimate(of.value, of.low, of.high)
    if pair.statistics.model_1 != model:
        gap = Estimate(-of.value, -of.high, -of.low)
    return gap, "" if not pair.is_separated else "better" if gap.value > 0 else "worse"


def _heat(result: MatrixStatistics, unit: Unit) -> dict[str, Any]:
    names = [one.model for one in result.models]
    left = 24 + min(260, 8 * max(map(len, names)))
    cells = [
        (left + x * _CELL, 22 + y * 36, kind, signed(of.value, unit))
        for y, row in enumerate(names)
        for x, column in enumerate(names)
        if x != y
        for of, kind in (_gap(result.pair(row, column), row),)
    ]
    return {
        "cell": _CELL,
        "width": left + len(names) * _CELL,
        "height": 22 + len(names) * 36,
        "cells": cells,
        "labels": [
            (
                left + place * _CELL,
                22 + place * 36,
                f"{place + 1}  {name if len(name) <= 34 else name[:33] + '…'}",
            )
            for place, name in enumerate(names)
        ],
    }
