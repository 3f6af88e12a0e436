"""A list as one file: written beside its place, and moved there when it is whole."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar

import orjson

from benchwire._frames.columns import columns_of, row
from benchwire._lists.pager import Pager
from benchwire.models import Evaluation, PublicBenchmarkDetail

if sys.platform != "win32":
    import fcntl

T = TypeVar("T", Evaluation, PublicBenchmarkDetail)
Progress = Callable[[int, int], object]
"""Called with the number of rows so far and of all rows."""

TEMPORARY = ".benchwire-"
"""What the names of unfinished files begin with; readers of datasets skip names with a dot."""
_FOLDER = ".folder"  # after the name of the file whose lock it has


def check_sync(value: object, kind: type[Any], example: str) -> None:
    """Raise an error if an argument is of another class, such as the async client's.

    Raises:
        TypeError: If it is.
    """
    if not isinstance(value, kind):
        raise TypeError(
            f"exports read with a sync client: they take a {kind.__name__}, such as {example}, "
            f"not {type(value).__name__}"
        )


def folder_path(folder: str | os.PathLike[str]) -> Path:
    """Return the path of a folder.

    Raises:
        ValueError: If it is empty, as a variable that is not set: that would be the working folder.
    """
    if not os.fspath(folder):
        raise ValueError("the path of the folder is empty")
    return Path(folder)


def distinct(items: Iterable[T], kind: type[T]) -> list[T]:
    """Return the items of a list, each id once.

    Raises:
        TypeError: If one is of another class, such as an id.
    """
    found: dict[str, T] = {}
    if not isinstance(items, Iterable):  # such as a page
        raise TypeError(f"exports take a list of {kind.__name__}, not a {type(items).__name__}")
    for item in items:
        if not isinstance(item, kind):
            raise TypeError(
                f"exports take a list of {kind.__name__}, as the service lists them, and in it is a"
                f" {type(item).__name__}"
            )
        found[item.id] = item
    return list(found.values())


class RowWriter(Protocol):
    """A file that is being written."""

    def write(self, items: Sequence[Any]) -> None:
        """Write rows."""

    def close(self) -> None:
        """Write what is left, and close the file."""


@contextmanager
def replacement(path: Path) -> Iterator[Path]:
    """Yield the path of a file beside another; at the end it takes that one's place.

    A failure, an interrupt included, removes it and leaves what was there.

    Raises:
        OSError: At once, if no file can be there.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{str(path)!r} is a folder")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder for {str(path)!r}")
    remove_unfinished(path.parent)
    with _locked_file(path.parent) as file:
        beside = Path(file.name)
        try:
            yield beside
            os.fsync(file.fileno())
            if sys.platform == "win32":  # on Windows, an open file can't be renamed
                file.close()
            beside.replace(path)
        except BaseException:
            file.close()
            beside.unlink(missing_ok=True)
            raise


@contextmanager
def unfinished_folder(place: Path) -> Iterator[Path]:
    """Yield the path of a folder below another, for what is moved from there, and remove it at the end."""
    remove_unfinished(place)
    with _locked_file(place) as file:
        beside = Path(f"{file.name}{_FOLDER}")
        try:
            yield beside
        finally:
            shutil.rmtree(beside, ignore_errors=True)
            file.close()
            Path(file.name).unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Remove the unfinished files of processes that were killed; their locks ended with them."""
    for path in folder.glob(f"{TEMPORARY}*"):
        with suppress(OSError):
            with path.open("rb+") as file:
                if sys.platform != "win32":
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(f"{path}{_FOLDER}", ignore_errors=True)
                    path.unlink()
            if sys.platform == "win32":  # it removes no file that is in use
                path.unlink()
                shutil.rmtree(f"{path}{_FOLDER}", ignore_errors=True)


def _locked_file(folder: Path) -> BinaryIO:
    """Return a new file, locked until it is closed or the process ends."""
    while True:
        file = (folder / f"{TEMPORARY}{secrets.token_hex(8)}").open("xb")
        if sys.platform != "win32":
            with suppress(OSError):  # the file system has no locks
                fcntl.flock(file, fcntl.LOCK_EX)
        if Path(file.name).exists():  # another process may have removed it before it was locked
            return file
        file.close()


@contextmanager
def rows_file(path: Path, item: type[Any]) -> Iterator[RowWriter]:
    """Yield the writer of a file of rows; the file is there only if the block ends without an error.

    Args:
        path: The file; its suffix is its format.
        item: The model of the rows.

    Raises:
        ValueError: If the suffix is of no known format.
        ImportError: If the extra ``data`` is missing for Parquet.
        OSError: If the file can't be written.
    """
    make = _WRITERS.get(path.suffix)
    if make is None:
        raise ValueError(f"{str(path)!r} ends in none of {', '.join(FORMATS)}")
    with replacement(path) as beside, closing(make(beside, item)) as writer:
        yield writer


def write(
    pager: Pager[Any, Any], path: str | os.PathLike[str], *, on_progress: Progress | None = None
) -> int:
    """Write all items of a list to a file, holding a few pages at a time; return their number.

    The columns are those of ``pager.to_arrow()``, in every format, for an empty list, too. The file is
    written beside and renamed once every row that the service's total promised is in it: a failure
    or an interrupt leaves what was there before.

    Args:
        pager: The list, such as ``client.models.iter_models()``.
        path: The file, replaced if it exists. Its suffix is its format: ``.parquet``, ``.jsonl`` or
            ``.csv``, where objects and lists are JSON text and an absent value is empty without quotes.
        on_progress: Called after each page with the rows so far and the total.

    Raises:
        TypeError: If it is no list of a sync client.
        ValueError: If the suffix is of no known format.
        ImportError: If the extra ``data`` is missing for Parquet.
        OSError: If the file can't be written.
        APIError: If the request of a page fails.
        PaginationError: If items are missing.
    """
    check_sync(pager, Pager, "client.models.iter_models()")
    count = 0
    with rows_file(Path(path), pager.item) as file, closing(pager.read()) as pages:
        for page in pages:
            file.write(page.items)
            count += len(page.items)
            if on_progress:
                on_progress(count, page.total or count)
    return count


def _parquet(path: Path, item: type[Any]) -> RowWriter:
    # An extra; also, importing it takes half a second.
    made: RowWriter = import_module("benchwire.export.parquet").ParquetRows(path, item)
    return made


class _TextRows:
    """Rows as lines of text: the columns of a data frame, without its library."""

    def __init__(self, path: Path, item: type[Any]) -> None:
        self._item = item
        self._file = path.open("wb")
        self._write_head()

    def write(self, items: Sequence[Any]) -> None:
        """Write rows."""
        self._file.write(b"".join(self._line(row(item)) for item in items))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write_head(self) -> None:
        pass

    def _line(self, values: dict[str, Any]) -> bytes:
        return orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)


class _CsvRows(_TextRows):
    def _write_head(self) -> None:
        self._file.write(
            b",".join(column.name.encode() for column in columns_of(self._item)) + b"\n"
        )

    def _line(self, values: dict[str, Any]) -> bytes:
        return ",".join(map(_cell, values.values())).encode() + b"\n"


def _cell(value: Any) -> str:
    # The module csv writes an empty text as it writes an absent one.
    match value:
        case None:
            return ""
        case str():
            return '"' + value.replace('"', '""') + '"'
        case dict() | list():
            return _cell(orjson.dumps(value).decode())
    return orjson.dumps(value).decode().strip('"')


_WRITERS: dict[str, Callable[[Path, type[Any]], RowWriter]] = {
    ".parquet": _parquet,
    ".jsonl": _TextRows,
    ".csv": _CsvRows,
}
FORMATS = tuple(_WRITERS)
