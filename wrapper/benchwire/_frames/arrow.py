"""Pages as Arrow record batches, which pandas, polars, DuckDB and Parquet writers take.

Needs the extra ``data``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

try:
    import pyarrow as pa
except ImportError as problem:
    raise ImportError(
        f'data frames need the extra "data": pip install "benchwire[data]" ({problem})'
    ) from problem

from benchwire._frames.columns import Column, columns_of, row

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_TYPES = {
    "text": pa.string(),
    "json": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
}


def schema_of(model: type[Any]) -> pa.Schema:
    """Return the Arrow schema of a model."""
    return pa.schema([_field(column) for column in columns_of(model)])


def _field(column: Column) -> pa.Field:
    return pa.field(column.name, _type(column))


def _type(column: Column) -> pa.DataType:
    if column.kind == "list":
        return pa.list_(_field(column.parts[0]))
    if column.kind == "object":
        return pa.struct([_field(part) for part in column.parts])
    return _TYPES[column.kind]


def batch_of(model: type[Any], items: Sequence[Any]) -> pa.RecordBatch:
    """Return the batch of some items."""
    return pa.RecordBatch.from_pylist([row(item) for item in items], schema=schema_of(model))


def reader_of(model: type[Any], pages: Iterable[Sequence[Any]]) -> pa.RecordBatchReader:
    """Return a reader that fetches each page when its batch is read."""
    batches: Iterator[pa.RecordBatch] = (batch_of(model, items) for items in pages)
    return pa.RecordBatchReader.from_batches(schema_of(model), batches)


def table_of(model: type[Any], batches: list[pa.RecordBatch]) -> pa.Table:
    """Return the table of some batches."""
    return pa.Table.from_batches(batches, schema_of(model))


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Return a data frame with Arrow's types; others would make numbers of integers with nulls."""
    import pandas as pd  # noqa: PLC0415  of the user's

    return table.to_pandas(types_mapper=pd.ArrowDtype)


def to_polars(table: pa.Table) -> pl.DataFrame:
    """Return a polars data frame."""
    import polars as pl  # noqa: PLC0415  of the user's

    return pl.DataFrame(table)
