"""Parsing of many lines of benchwire's own format at a time, column by column.

Nearly all lines are valid, and a check of a whole column takes a tenth of the time of one for each value.
Lines that are not all plainly valid are parsed one by one, which decides, and has the errors.
"""

from __future__ import annotations

from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson

from benchwire_local.errors import ImportFailedError
from benchwire_local.http.strict_json import MAX_DEPTH, count_strings, has_strings
from benchwire_local.results.batches import batches
from benchwire_local.results.formats import source
from benchwire_local.results.line import (
    ALL,
    MAX_EPOCH,
    REQUIRED,
    STATUSES,
    LineError,
    is_name,
    parse_line,
)
from benchwire_local.results.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_MOST_LINES = 500
_MOST_BYTES = 1024 * 1024
_MOST_MS = 2.0**62  # far below the integers that orjson makes floats of
_NONE = type(None)
_TYPES: dict[str, frozenset[type]] = {
    **dict.fromkeys(("benchmark", "model", "truth"), frozenset({str})),
    **dict.fromkeys(("id", "result", "status", "scorer", "cluster"), frozenset({str, _NONE})),
    **dict.fromkeys(("score", "duration_ms"), frozenset({float, int, _NONE})),
    "input": frozenset({str, list, dict}),
    "epoch": frozenset({int, _NONE}),
    "metadata": frozenset({dict, _NONE}),
}
_NAMES = ("benchmark", "model", "id", "scorer", "cluster")
_required = itemgetter(*REQUIRED)


def rows(path: Path, model: str | None) -> Iterator[Row]:
    """Yield the answers on the lines of a file.

    Args:
        path: The file.
        model: The model's key, instead of the one in each line.

    Raises:
        ImportFailedError: The file can't be read, or a line is invalid.
    """
    name = str(path)
    for batch in batches(source.lines(path), _MOST_LINES, lambda line: len(line[1]), _MOST_BYTES):
        yield from _valid_rows(batch, name, model) or _checked_rows(batch, name, model)


def _checked_rows(
    batch: Iterable[tuple[int, bytes]], name: str, model: str | None
) -> Iterator[Row]:
    for number, line in batch:
        try:
            yield parse_line(line, name, number, model)
        except LineError as problem:  # not by a context manager, which takes a tenth of the time
            raise ImportFailedError(name, number, str(problem)) from None


def _valid_rows(
    batch: Sequence[tuple[int, bytes]], name: str, model: str | None
) -> Iterable[Row] | None:
    """Return the answers on lines; ``None`` if one may be invalid."""
    try:
        numbers, lines = zip(*batch, strict=True)
        values = list(map(orjson.loads, lines))
        present: set[str] = set().union(*values)
        columns: Any = zip(*map(_required, values), strict=True)
        fields: dict[str, Sequence[Any]] = dict(zip(REQUIRED, columns, strict=True))
        fields |= {key: [value.get(key) for value in values] for key in present - fields.keys()}
        if not (present <= ALL and _are_valid(fields)):
            return None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    # A key that occurs twice has quotes that no value accounts for.
    strings = sum(map(len, values)) + sum(map(_count, fields.values()))
    if not has_strings(b"".join(lines), strings):
        return None
    nothing: Iterable[Any] = repeat(None)
    return map(
        Row._make,
        zip(
            fields["benchmark"],
            repeat(model) if model else fields["model"],
            fields.get("id", nothing),
            fields["input"],
            fields["truth"],
            fields["result"],
            _floats(fields["score"]),
            [
                status or ("unscored" if score is None else "scored")
                for status, score in zip(
                    fields.get("status", nothing), fields["score"], strict=False
                )
            ],
            fields.get("scorer", nothing),
            [epoch or 1 for epoch in fields["epoch"]] if "epoch" in fields else repeat(1),
            fields.get("cluster", nothing),
            fields.get("metadata", nothing),
            _floats(fields["duration_ms"]) if "duration_ms" in fields else nothing,
            repeat(name),
            numbers,
            strict=False,
        ),
    )


def _are_valid(fields: dict[str, Sequence[Any]]) -> bool:
    if any(not _TYPES[name].issuperset(map(type, column)) for name, column in fields.items()):
        return False
    names = {name for field in _NAMES for name in fields.get(field, ())}
    statuses = zip(fields.get("status", ()), fields["score"], strict=False)
    return (
        all(map(is_name, names - {None}))
        and _are_within(fields["score"], 0, 1)
        and _are_within(fields.get("duration_ms", ()), 0, _MOST_MS)
        and _are_within(fields.get("epoch", ()), 1, MAX_EPOCH)
        and all(
            status is None or (status in STATUSES and (status == "scored") == (score is not None))
            for status, score in statuses
        )
    )


def _are_within(column: Sequence[float | None], least: float, most: float) -> bool:
    numbers = [number for number in column if number is not None]
    return not numbers or (min(numbers) >= least and max(numbers) <= most)


def _floats(column: Sequence[float | None]) -> list[float | None]:
    return [None if number is None else float(number) for number in column]


def _count(column: Sequence[Any]) -> float:
    """Return the number of strings and keys in a column."""
    kinds = set(map(type, column))
    if dict in kinds or list in kinds:
        return sum(count_strings(value, MAX_DEPTH - 1) for value in column)
    return len(column) - column.count(None) if str in kinds else 0
