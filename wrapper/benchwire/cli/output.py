"""What commands print: data on standard output, all else on standard error."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import chain, islice
from typing import Annotated, Any

import attrs
import typer
from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from benchwire._frames.columns import EXTRA, json_text, plain
from benchwire_api.models import OpenModel

Record = Mapping[str, object]

# Control characters of a text must not reach a terminal; tabs and line breaks would break a row.
_CONTROL = {number: f"\\x{number:02x}" for number in (*range(32), *range(127, 160))}
_CONTROL |= {9: "\\t", 10: "\\n", 13: "\\r"}
_TSV = {9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\"}
_MARKDOWN = (
    _CONTROL | {ord(mark): f"\\{mark}" for mark in "\\`*_~&[]<>|"} | {9: " ", 10: " ", 13: " "}
)


class Format(StrEnum):
    """The formats of a command's data."""

    AUTO = "auto"
    TABLE = "table"
    TSV = "tsv"
    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    MD = "md"
    QUIET = "quiet"


FormatOption = Annotated[
    Format,
    typer.Option(
        "--format", help="auto: a table on a terminal, else TSV. quiet: the first column alone."
    ),
]
FieldsOption = Annotated[
    str | None,
    typer.Option(
        "--fields",
        help="The fields to show, separated by commas; a dot leads into an object: a.b.",
        metavar="A,B.C",
    ),
]


def note(message: object) -> None:
    """Print a message on standard error, without interpreting its text."""
    # Not through Rich, which would read markup in it.
    print(_printable(str(message), sys.stderr.isatty()), file=sys.stderr, flush=True)


def note_rest(shown: int, total: int) -> None:
    """Print how many rows there are, if not all are shown."""
    if shown < total:
        note(f"{shown} of {total} shown; --limit 0 shows all")


def record_of(value: object) -> Any:
    """Return a model as plain data: every field under its attribute's name, absent ones null."""
    found = plain(value)
    # What the spec does not name stands beside what it does.
    return found | found.pop(EXTRA) if isinstance(value, OpenModel) else found


def fields_of(kind: type[attrs.AttrsInstance]) -> str:
    """Return the names of a model's fields, for the help."""
    return f"Fields of the JSON: {', '.join(names_of(kind))}."


def names_of(kind: type[attrs.AttrsInstance]) -> list[str]:
    """Return the names of a model's fields."""
    return [field.name for field in attrs.fields(kind) if not field.name.startswith("_")]


def print_records(
    values: Iterable[object],
    columns: Sequence[str],
    form: Format,
    fields: str | None = None,
) -> int:
    """Print models or mappings, one a row; return their number.

    Args:
        values: The rows, printed as they come except in a table and in one JSON array.
        columns: The fields shown if the user names none; JSON shows all.
        form: The format.
        fields: The fields that the user named.

    Raises:
        typer.BadParameter: If a row has no such field.
    """
    chosen = _split(fields)
    form = resolved(form)
    records = (record_of(value) for value in values)
    if form in (Format.JSON, Format.JSONL):
        return _print_json(records, chosen, form)
    names = chosen or list(columns)
    rest = ([_field(record, name) for name in names] for record in records)
    # An unknown field is found before anything is printed.
    rows = chain(list(islice(rest, 1)), rest)
    if form is Format.TABLE:
        return print_table(names, rows, wrap=False)
    return _print_lines(names, rows, form)


def print_record(
    value: object, form: Format, fields: str | None = None, *, quiet: str = "id"
) -> None:
    """Print one model or mapping: a field a line, or one JSON object.

    Args:
        value: The model.
        form: The format.
        fields: The fields that the user named; by default all.
        quiet: The field that ``--format quiet`` prints.
    """
    form = resolved(form)
    record = record_of(value)
    chosen = {name: _field(record, name) for name in _split(fields) or record}
    if form in (Format.JSON, Format.JSONL):
        _write(json_text(chosen, is_indented=form is Format.JSON) + "\n")
    elif form is Format.QUIET:
        _write(_text(_field(record, quiet)).translate(_TSV) + "\n")
    elif form is Format.TABLE:
        print_table(("field", "value"), _flat(chosen))
    else:
        _print_lines(("field", "value"), _flat(chosen), form)


def check_fields(fields: str | None, names: Iterable[str]) -> None:
    """Check what the user named before something is done that can't be undone.

    Raises:
        typer.BadParameter: If what will be printed has no such field.
    """
    known = dict.fromkeys(names)
    for name in _split(fields):
        _field(known, name.partition(".")[0])


def print_text(text: str) -> None:
    """Print a text as it is, with a line break at its end."""
    _write(text.removesuffix("\n") + "\n")


def progress(total: int | None, what: str) -> Progress:
    """Return a progress bar on standard error, shown on a terminal only, with rate and time left."""
    console = Console(stderr=True)
    console.quiet = not console.is_terminal  # Rich before 14.3 prints a line break there
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        console=console,
        disable=console.quiet,
        transient=True,
    )
    bar.add_task(what, total=total)
    return bar


class _Rate(ProgressColumn):
    def render(self, task: Any) -> Text:
        return Text(f"{task.speed:,.1f}/s" if task.speed else "")


def resolved(form: Format) -> Format:
    """Return the format that ``auto`` stands for."""
    if form is not Format.AUTO:
        return form
    return Format.TABLE if sys.stdout.isatty() else Format.TSV


def _split(fields: str | None) -> list[str]:
    return [name.strip() for name in (fields or "").split(",") if name.strip()]


def _field(record: Record, name: str) -> object:
    value: object = record
    for part in name.split("."):
        if value is None and part is not name:
            return None
        if not isinstance(value, Mapping) or part not in value:
            known = ", ".join(value) if isinstance(value, Mapping) else "nothing"
            raise typer.BadParameter(f"no field {name!r}: there is {known}", param_hint="--fields")
        value = value[part]
    return value


def _flat(record: Record, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield the fields of an object, and those of objects in it under dotted names."""
    for name, value in record.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.15g}"
        case int():
            return str(value)
    return json_text(value)


def _printable(text: str, is_terminal: bool) -> str:
    return text.translate({**_CONTROL, 9: "\t", 10: "\n"}) if is_terminal else text


def _print_json(records: Iterable[Any], chosen: list[str] | None, form: Format) -> int:
    if chosen:
        records = ({name: _field(record, name) for name in chosen} for record in records)
    if form is Format.JSON:
        every = list(records)
        _write(json_text(every, is_indented=True) + "\n")
        return len(every)
    number = 0
    for number, record in enumerate(records, start=1):  # noqa: B007  the count is returned
        _write(json_text(record) + "\n")
    return number


def print_table(
    names: Sequence[str], rows: Iterable[Sequence[object]], *, wrap: bool = True
) -> int:
    """Print a table; return the number of its rows.

    Args:
        names: The header; all empty for none.
        rows: The values.
        wrap: Whether long values take several lines. Otherwise they are cut; ids are not.
    """
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, show_header=any(names))
    every = list(rows)
    for index, name in enumerate(names):
        column = [row[index] for row in every]
        numbers = column and all(isinstance(value, int | float) for value in column)
        table.add_column(
            Text(name),
            justify="right" if numbers else "left",
            no_wrap=not wrap,
            overflow="fold" if wrap else "ellipsis",
            min_width=min(max(map(len, map(_cell, column)), default=1), 8 if index else 26),
        )
    for row in every:
        table.add_row(*(Text(_cell(value).translate(_CONTROL)) for value in row))
    console = Console(highlight=False)
    if console.width < 10:  # COLUMNS is 0 where a terminal did not tell its size
        console.width = 80
    console.print(table)
    return len(every)


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return _text(value)
    # Four digits are enough of a share or a p-value, and too few of credits.
    return f"{value:.4g}" if abs(value) < 1 else _text(round(value, 4))


def _print_lines(names: Sequence[str], rows: Iterable[Sequence[object]], form: Format) -> int:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")

    def line(values: Sequence[str]) -> str:
        if form is Format.CSV:
            buffer.seek(0)
            buffer.truncate()
            writer.writerow(values)
            return buffer.getvalue()
        if form is Format.MD:
            return "| " + " | ".join(value.translate(_MARKDOWN) for value in values) + " |\n"
        if form is Format.QUIET:
            values = values[:1]
        return "\t".join(value.translate(_TSV) for value in values) + "\n"

    if form is not Format.QUIET:
        _write(line(names))
    if form is Format.MD:
        _write("|" + " --- |" * len(names) + "\n")
    number = 0
    for number, row in enumerate(rows, start=1):  # noqa: B007  the count is returned
        _write(line([_text(value) for value in row]))
    return number


def _write(text: str) -> None:
    # A text may have a lone surrogate, which JSON can carry and UTF-8 can't.
    sys.stdout.write(_printable(text.encode("utf-8", "replace").decode(), sys.stdout.isatty()))
