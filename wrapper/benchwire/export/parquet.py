"""Rows as a Parquet file; needs the extra ``data``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchwire._frames.arrow import batch_of, schema_of, table_of

# pyarrow is there: the module above says what is missing without it.
import pyarrow.parquet as pq  # isort: skip

_GROUP_ROWS = 65_536
_GROUP_BYTES = 8 * 2**20
_NOTE = b"benchwire"


def load_note(path: Path) -> bytes:
    """Return the text in a file's metadata; empty without one.

    Raises:
        ValueError: If it is no Parquet file.
        OSError: If it can't be read.
    """
    return bytes((pq.read_metadata(path).metadata or {}).get(_NOTE, b""))


class ParquetRows:
    """A Parquet file in row groups of a bounded size; the same pages make the same bytes."""

    def __init__(self, path: Path, item: type[Any]) -> None:
        self._item = item
        self._writer = pq.ParquetWriter(path, schema_of(item), compression="zstd")
        self._batches: list[Any] = []

    def write(self, items: Sequence[Any]) -> None:
        """Write rows; they are held until they are a row group."""
        self._batches.append(batch_of(self._item, items))
        rows = sum(batch.num_rows for batch in self._batches)
        if rows >= _GROUP_ROWS or sum(batch.nbytes for batch in self._batches) >= _GROUP_BYTES:
            self._write_group()

    def note(self, text: bytes) -> None:
        """Add a text to the file's metadata."""
        self._writer.add_key_value_metadata({_NOTE: text})

    def close(self) -> None:
        """Write the last row group and the footer, and close the file."""
        if self._batches:
            self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        self._writer.write_table(table_of(self._item, self._batches))
        self._batches = []
