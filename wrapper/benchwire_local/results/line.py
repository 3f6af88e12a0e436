"""Parsing of one line of benchwire's own format. Pure; the reader adds file and line to errors."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from benchwire_local.http import strict_json
from benchwire_local.http.parameters import shorten
from benchwire_local.results.row import Row, Status

REQUIRED = ("benchmark", "model", "input", "truth", "result", "score")
_OPTIONAL = ("id", "duration_ms", "status", "scorer", "epoch", "cluster", "metadata")
ALL, _NECESSARY = frozenset((*REQUIRED, *_OPTIONAL)), frozenset(REQUIRED)
_USUAL = _NECESSARY | {"id", "duration_ms"}
STATUSES = ("scored", "unscored", "error")
MAX_NAME_LENGTH = 1000
MAX_EPOCH = 2**31 - 1


class LineError(ValueError):
    """A line is invalid; the message has the field, the problem and the value."""


def parse_line(line: bytes, source: str, number: int, model: str | None = None) -> Row:
    """Return the answer on a line.

    Args:
        line: The line, not blank.
        source: The file.
        number: The number of the line.
        model: The model's key, instead of the one in the line.

    Raises:
        LineError: It is not UTF-8, not a JSON object, or a field is missing, unknown or invalid.
    """
    try:
        fields = strict_json.loads(line)
    except strict_json.StrictJsonError as problem:
        try:
            line.decode()
        except UnicodeDecodeError as error:
            raise LineError(f"byte {error.start + 1} of the line is not valid UTF-8") from None
        raise LineError(str(problem)) from None
    if not isinstance(fields, dict):
        raise LineError(f"must be a JSON object, not {show(fields)}")
    if not fields.keys() <= ALL:
        unknown = next(name for name in fields if name not in ALL)
        allowed = ", ".join((*REQUIRED, *_OPTIONAL))
        raise LineError(f"unknown field {shorten(unknown)}; allowed: {allowed}")
    if not fields.keys() >= _NECESSARY:
        missing = next(name for name in REQUIRED if name not in fields)
        raise LineError(f"{missing}: required, and missing")
    value = fields["input"]
    if not isinstance(value, str | list | dict):
        raise LineError(f"input: must be a string, an array or an object, not {show(value)}")
    score = None if fields["score"] is None else _number(fields, "score", 1)
    named = _name(fields, "model")
    row = Row(
        _name(fields, "benchmark"),
        model or named,
        None if fields.get("id") is None else _name(fields, "id"),
        value,
        _text(fields, "truth"),
        None if fields["result"] is None else _text(fields, "result"),
        score,
        "unscored" if score is None else "scored",
        duration_ms=None if fields.get("duration_ms") is None else _number(fields, "duration_ms"),
        source=source,
        line=number,
    )
    return row if fields.keys() <= _USUAL else _detailed(row, fields)


def _detailed(row: Row, fields: dict[str, Any]) -> Row:
    """Return a row with the optional fields of its line."""
    status = fields.get("status")
    if status is not None and status not in STATUSES:
        raise LineError(f"status: must be one of {', '.join(STATUSES)}, not {show(status)}")
    if status is not None and (status == "scored") != (row.score is not None):
        needed = "a score" if status == "scored" else "the score null"
        raise LineError(f"score: the status {status} needs {needed}, not {show(fields['score'])}")
    epoch = 1 if fields.get("epoch") is None else fields["epoch"]
    if type(epoch) is not int or not 1 <= epoch <= MAX_EPOCH:
        raise LineError(f"epoch: must be an integer from 1 to {MAX_EPOCH}, not {show(epoch)}")
    metadata = fields.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise LineError(f"metadata: must be an object, not {show(metadata)}")
    return row._replace(
        status=row.status if status is None else cast("Status", status),
        scorer=None if fields.get("scorer") is None else _name(fields, "scorer"),
        epoch=epoch,
        cluster=None if fields.get("cluster") is None else _name(fields, "cluster"),
        metadata=metadata,
    )


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise LineError(f"{name}: must be a string, not {show(value)}")
    return value


def _name(fields: dict[str, Any], name: str) -> str:
    value = _text(fields, name)
    if not is_name(value):
        raise LineError(
            f"{name}: must be 1 to {MAX_NAME_LENGTH} printable characters, not {show(value)}"
        )
    return value


@lru_cache(maxsize=10_000)  # most lines repeat the names of others
def is_name(text: str) -> bool:
    """Return whether a text may be the key or the id of something."""
    return bool(text.strip()) and len(text) <= MAX_NAME_LENGTH and text.isprintable()


def _number(fields: dict[str, Any], name: str, most: float | None = None) -> float:
    value = fields[name]
    if type(value) is float and value >= 0 and (most is None or value <= most):
        return value  # as nearly always
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LineError(f"{name}: must be a number, not {show(value)}")
    if value < 0 or (most is not None and value > most):
        limit = "0 or more" if most is None else f"from 0 to {most}"
        raise LineError(f"{name}: must be {limit}, not {show(value)}")
    return float(value)


def show(value: object) -> str:
    """Return a value for a message: arrays and objects by their kind alone."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        return "an array" if isinstance(value, list) else "an object"
    return shorten(value)
