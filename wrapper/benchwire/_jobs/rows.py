"""Converts intents to rows of the journal and back; a damaged row becomes an intent that says so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import orjson

from benchwire._jobs.records import NOT_EXECUTED, Item, Record

COLUMNS = (
    "id, kind, state, base_url, account, fingerprint, endpoint, items, created_at, sent_at,"
    " clock_offset, failed_at, baseline, attempts, run_id, position, job_ids, batch_id, message"
)
_STATES = ["sent", "unknown", "accepted", "refused", "not_sent"]
_LAST = 253_402_300_799.0  # the last second that a datetime can hold


def to_json(values: Collection[object]) -> str:
    """Return values as a JSON array."""
    return orjson.dumps(list(values)).decode()


def strings(value: str) -> tuple[str, ...]:
    """Parse a JSON array of strings."""
    return tuple(_of(str, text) for text in _of(list, orjson.loads(value)))


def to_row(record: Record) -> dict[str, Any]:
    """Return the columns of an intent, by name."""
    row: dict[str, Any] = {name: getattr(record, name) for name in COLUMNS.split(", ")}
    row["items"] = to_json([[item.benchmark_id, item.units] for item in record.items])
    row["baseline"] = to_json(sorted(record.baseline))
    row["job_ids"] = to_json(record.job_ids)
    return row


def to_record(row: Sequence[Any]) -> Record:
    """Return the intent of a row; what can't be read of it is replaced and reported."""
    fields, damaged = dict(zip(COLUMNS.split(", "), row, strict=True)), []
    for name, (parse, replacement) in _FIELDS.items():
        try:
            if fields[name] is not None or replacement is not None:  # it may be absent otherwise
                fields[name] = parse(fields[name])
        except (TypeError, ValueError):
            fields[name] = replacement
            damaged.append(name)
    state = fields["state"]
    # Nothing depends on the rest of an intent that is settled.
    if damaged and state not in NOT_EXECUTED and not (state == "accepted" and fields["job_ids"]):
        what = f"its record in the journal is damaged ({', '.join(damaged)})"
        fields |= {"state": "unknown", "damage": what}
    return Record(**fields)


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"no {kind.__name__}")
    return value


def _text(value: Any) -> Any:
    return _of(str, value)


def _items(value: Any) -> tuple[Item, ...]:
    pairs = _of(list, orjson.loads(value))
    return tuple(Item(_text(name), _of(int, units)) for name, units in pairs)


def _seconds(low: float) -> Callable[[Any], float]:
    def parse(value: Any) -> float:
        if not low <= value <= _LAST:  # NaN is not, either
            raise ValueError("out of range")
        return float(value)

    return parse


_FIELDS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    **dict.fromkeys(("id", "base_url", "account", "fingerprint", "endpoint"), (_text, "")),
    **dict.fromkeys(("run_id", "batch_id", "message"), (_text, None)),
    **dict.fromkeys(("created_at", "sent_at"), (_seconds(0.0), 0.0)),
    "kind": (lambda value: ("job", "batch")[("job", "batch").index(value)], "job"),
    "state": (lambda value: _STATES[_STATES.index(value)], "unknown"),
    "items": (_items, ()),
    "clock_offset": (_seconds(-_LAST), None),
    "failed_at": (_seconds(0.0), None),
    "baseline": (lambda value: frozenset(strings(value)), frozenset()),
    "attempts": (lambda value: _of(int, value), 1),
    "position": (lambda value: _of(int, value), None),
    "job_ids": (strings, ()),
}
"""How each column is parsed, and what replaces it if it is damaged."""
