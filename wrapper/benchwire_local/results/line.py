"""Parsing of one line of a results file. Pure; the importer adds file and line to errors."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from benchwire_local.data.public_tables import prompt_digest
from benchwire_local.http import strict_json
from benchwire_local.http.parameters import shorten

_REQUIRED = ("benchmark", "model", "input", "truth", "result", "score")
_FIELDS = (*_REQUIRED, "id", "duration_ms")
_ALL, _NECESSARY = frozenset(_FIELDS), frozenset(_REQUIRED)
MAX_NAME_LENGTH = 1000


class LineError(ValueError):
    """A line is invalid; the message has the field, the problem and the value."""


class ResultLine(NamedTuple):
    """One model's answer to one prompt of a benchmark.

    Args:
        benchmark: The benchmark's key.
        model: The model's key.
        prompt_id: The prompt's id; ``None`` if the line has none.
        input: The prompt.
        truth: The expected answer.
        digest: Identifies the prompt by input and truth.
        result: The model's answer; ``None`` if it failed to answer.
        score: From 0 to 1; above 0.5 is correct.
        duration_ms: The time of the answer, if known.
    """

    benchmark: str
    model: str
    prompt_id: str | None
    input: str | list[Any] | dict[str, Any]
    truth: str
    digest: str
    result: str | None
    score: float
    duration_ms: float | None


def parse_line(line: bytes) -> ResultLine | None:
    """Return the answer on a line; ``None`` if the line is blank.

    Raises:
        LineError: It is not UTF-8, not a JSON object, or a field is missing, unknown or invalid.
    """
    if not line.strip():
        return None
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
    if not fields.keys() <= _ALL:
        unknown = next(name for name in fields if name not in _ALL)
        raise LineError(f"unknown field {shorten(unknown)}; allowed: {', '.join(_FIELDS)}")
    if not fields.keys() >= _NECESSARY:
        missing = next(name for name in _REQUIRED if name not in fields)
        raise LineError(f"{missing}: required, and missing")
    return _answer(fields)


def _answer(fields: dict[str, Any]) -> ResultLine:
    value = fields["input"]
    if not isinstance(value, str | list | dict):
        raise LineError(f"input: must be a string, an array or an object, not {show(value)}")
    truth = _text(fields, "truth")
    try:
        digest = prompt_digest(value, truth)
    except TypeError:
        raise LineError("input: has a number that does not fit in 64 bits") from None
    return ResultLine(
        benchmark=_name(fields, "benchmark"),
        model=_name(fields, "model"),
        prompt_id=None if fields.get("id") is None else _name(fields, "id"),
        input=value,
        truth=truth,
        digest=digest,
        result=None if fields["result"] is None else _text(fields, "result"),
        score=_number(fields, "score", 1),
        duration_ms=None if fields.get("duration_ms") is None else _number(fields, "duration_ms"),
    )


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise LineError(f"{name}: must be a string, not {show(value)}")
    return value


def _name(fields: dict[str, Any], name: str) -> str:
    value = _text(fields, name)
    if not _is_name(value):
        raise LineError(
            f"{name}: must be 1 to {MAX_NAME_LENGTH} printable characters, not {show(value)}"
        )
    return value


@lru_cache(maxsize=10_000)  # most lines repeat the names of others
def _is_name(text: str) -> bool:
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
