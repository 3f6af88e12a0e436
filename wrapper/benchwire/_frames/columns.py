"""The columns of a model: the same for every list of it, and for an empty one."""

from __future__ import annotations

import sys
import typing
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, Union

import attrs
import orjson

from benchwire_api.models import OpenModel
from benchwire_api.types import EpochSeconds

Kind = Literal["text", "integer", "number", "boolean", "time", "json", "list", "object"]

EXTRA = "additional_properties"
"""The column of the fields that the spec does not name, as JSON text."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_known: dict[type[Any], tuple[Column, ...]] = {}
_SIMPLE = {str, int, float, bool, NoneType}
_PLAIN: dict[Any, Kind] = {str: "text", int: "integer", float: "number", bool: "boolean"}


@attrs.frozen
class Column:
    """A column of a data frame, or a field of an object in one.

    Attributes:
        name: The attribute's name.
        kind: What it holds. ``json`` is the JSON text of any value; ``time`` is in UTC.
        parts: The fields of an object; of a list the one of its items.
    """

    name: str
    kind: Kind
    parts: tuple[Column, ...] = ()


def columns_of(model: type[Any]) -> tuple[Column, ...]:
    """Return the columns of a model: one for each attribute, and one for what the spec does not name."""
    if model not in _known:
        hints = typing.get_type_hints(
            model, vars(sys.modules[model.__module__]), include_extras=True
        )
        names = [field.name for field in attrs.fields(model) if not field.name.startswith("_")]
        named = (_column(name, hints[name]) for name in names)
        _known[model] = (*named, Column(EXTRA, "json"))
    return _known[model]


def _column(name: str, hint: Any) -> Column:
    kinds = typing.get_args(hint) if typing.get_origin(hint) in (Union, UnionType) else (hint,)
    kinds = tuple(kind for kind in kinds if kind is not NoneType)
    if EpochSeconds in kinds or date in kinds or datetime in kinds:
        return Column(name, "time")
    if all(_is_text(kind) for kind in kinds):
        return Column(name, "text")
    return _single(name, kinds[0]) if len(kinds) == 1 else Column(name, "json")


def _single(name: str, kind: Any) -> Column:
    if typing.get_origin(kind) is list:
        item = _column("item", typing.get_args(kind)[0])
        return Column(name, "json") if item.kind == "json" else Column(name, "list", (item,))
    if isinstance(kind, type) and attrs.has(kind):
        return Column(name, "object", columns_of(kind))
    return Column(name, _PLAIN.get(kind, "json"))


def _is_text(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, str | Enum)


def record(item: Any) -> dict[str, Any]:
    """Return a model as plain data: every attribute, under its name; absent ones are ``None``.

    Times are as the service sent them. Under ``additional_properties`` is what the spec does not name.
    """
    names = [column.name for column in columns_of(type(item)) if column.name != EXTRA]
    extra: dict[str, Any] = item._additional_properties or {}  # noqa: SLF001  the property creates it
    return {name: plain(getattr(item, name)) for name in names} | {EXTRA: dict(extra)}


def plain(value: Any) -> Any:
    """Return a value as JSON-like data, with models as records."""
    if type(value) in _SIMPLE:  # most values are; a test for attrs costs ten times this one
        return value
    match value:
        case Enum():
            found = value.value
        case date():
            found = value.isoformat()
        case list() | tuple():
            found = [plain(one) for one in value]
        case Mapping():
            found = {str(name): plain(one) for name, one in value.items()}
        case OpenModel():
            found = record(value)
        case _ if attrs.has(type(value)):
            found = plain(attrs.asdict(value, recurse=False))
        case _:
            found = value
    return found


def row(item: Any) -> dict[str, Any]:
    """Return a model as a row of a data frame.

    A value that does not fit its column is null there, and stays in ``additional_properties``: a text
    that is no time, an integer of more than 64 bits.
    """
    columns = columns_of(type(item))
    values = (getattr(item, column.name) for column in columns[:-1])
    return _row(columns, values, plain(item._additional_properties or {}))  # noqa: SLF001  as above


def _row(
    columns: tuple[Column, ...], values: Iterable[Any], extra: dict[str, Any]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column, value in zip(columns, values, strict=False):
        # Most values are as their columns take them: telling that is a third of the time.
        if not (
            value is None
            or (type(value) is str and column.kind == "text" and value.isascii())
            or (type(value) is float and column.kind == "number")
        ):
            value = plain(value)  # noqa: PLW2901
            try:
                value = _fitted(column, value)  # noqa: PLW2901
            except (ValueError, OverflowError):
                extra[column.name], value = value, None  # noqa: PLW2901
        found[column.name] = value
    return found | {EXTRA: json_text(extra) if extra else None}


def _fitted(column: Column, value: Any) -> Any:
    """Return a value as its column takes it.

    Raises:
        ValueError: If it does not fit.
        OverflowError: If it is too large.
    """
    match column.kind:
        case "json":
            found: Any = json_text(value)
        case "time":
            found = _time(value)
        case "text":
            # JSON can carry half of a surrogate pair; no column can.
            found = str(value).encode("utf-8", "replace").decode()
        case "integer" if not -(2**63) <= value < 2**63:
            raise OverflowError(value)
        case "number":
            found = float(value)
        case "list":
            [part] = column.parts
            found = [None if one is None else _fitted(part, one) for one in value]
        case "object":
            found = _row(column.parts, value.values(), dict(value[EXTRA]))
        case _:
            found = value
    return found


def json_text(value: Any, *, is_indented: bool = False) -> str:
    """Return plain data as JSON."""
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 if is_indented else 0).decode()
    except TypeError:  # for an integer of more than 64 bits, or half of a surrogate pair
        import json  # noqa: PLC0415  importing benchwire must not import it

        style = {"indent": 2} if is_indented else {"separators": (",", ":")}
        text = json.dumps(value, ensure_ascii=False, **style)
        return text.encode("utf-8", "replace").decode()


def _time(value: Any) -> datetime:
    if not isinstance(value, str):
        return _EPOCH + timedelta(seconds=value)
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
