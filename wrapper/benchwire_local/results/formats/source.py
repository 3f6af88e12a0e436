"""Files of results: finding them, opening them safely, and reading them in bounded memory."""

from __future__ import annotations

import errno
import glob
import gzip
import io
import os
import stat
import sys
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, Self, cast

from benchwire_local.errors import ImportFailedError
from benchwire_local.results.formats import document
from benchwire_local.results.formats.fields import FieldError
from benchwire_local.results.line import LineError

if sys.version_info >= (3, 14):
    import zipfile

    from compression import zstd
else:
    from backports import zstd
    from backports.zstd import zipfile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_LINE_BYTES = 16 * 1024 * 1024
_PREFIX_BYTES = 1024 * 1024
# Logs compress to a fiftieth; what unpacks to far more and is large is made to exhaust a machine.
_MAX_RATIO = 300
_RATIO_FROM_BYTES = 64 * 1024 * 1024
_GZIP, _ZSTD, ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
SQLITE = b"SQLite format 3\x00"
# What the libraries raise for damaged data; a zip file that is encrypted is a RuntimeError.
_DAMAGED = (
    zlib.error,
    zstd.ZstdError,
    zipfile.BadZipFile,
    EOFError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    OverflowError,
    KeyError,
    IndexError,
)


class Readable(Protocol):
    """A file open for reading of bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""


def expand(paths: Iterable[str | Path]) -> tuple[list[tuple[Path, bool]], list[str]]:
    """Return the regular files that paths name, and what was left out.

    Args:
        paths: Files, folders (read with all folders below them, without hidden ones) and patterns
            as in a shell.

    Returns:
        The files, sorted within a folder, with whether each was named by itself; and a note for
        each symbolic link and special file in a folder.

    Raises:
        ImportFailedError: A path is empty, absent, a symbolic link, or neither file nor folder.
    """
    files: dict[Path, tuple[Path, bool]] = {}  # by one spelling of what may be named with several
    notes: list[str] = []
    for given in paths:
        if not os.fspath(given):  # a variable that is not set; its path would be the working folder
            raise ImportFailedError("''", None, "is empty, and no path")
        path = Path(given)
        matches = [path]
        if not os.path.lexists(path) and glob.has_magic(str(given)):
            matches = sorted(Path(match) for match in glob.glob(str(given), recursive=True))
            if not matches:
                raise ImportFailedError(str(given), None, "no file matches the pattern")
        for match in matches:
            if match.is_dir() and not match.is_symlink():
                for found in _walk(match, notes):
                    files.setdefault(found.resolve(), (found, False))
            else:
                check_regular(match)
                files[match.resolve()] = (match, True)
    return list(files.values()), notes


def _walk(folder: Path, notes: list[str]) -> Iterator[Path]:
    def fail(problem: OSError) -> None:
        raise ImportFailedError(str(folder), None, f"can't be read: {problem.strerror}")

    for root, folders, names in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names + [n for n in folders if Path(root, n).is_symlink()]):
            if name.startswith(
                "."
            ):  # left out as by patterns: an import that is running makes such files
                continue
            path = Path(root, name)
            try:
                check_regular(path)
            except ImportFailedError as problem:
                notes.append(f"left out: {problem}")
            else:
                yield path


def check_regular(path: Path) -> None:
    """Validate that a path is a regular file, without opening it: a FIFO would block.

    Raises:
        ImportFailedError: It is absent, a symbolic link, or something else.
    """
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise ImportFailedError(str(path), None, f"can't be read: {reason}") from None
    if stat.S_ISLNK(mode):
        target = os.readlink(path)
        raise ImportFailedError(str(path), None, f"is a symbolic link; give its target: {target}")
    if not stat.S_ISREG(mode):
        kinds = {
            stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a folder",
            stat.S_IFCHR: "a device", stat.S_IFBLK: "a device",
        }  # fmt: skip
        what = kinds.get(stat.S_IFMT(mode), "a special file")
        raise ImportFailedError(str(path), None, f"is {what}, not a file")


@contextmanager
def failures(source: str, line: int | None = None) -> Iterator[None]:
    """Raise what reading a source raises as the error of an import, with its place."""
    try:
        yield
    except ImportFailedError:
        raise
    except (LineError, document.DocumentError) as problem:
        raise ImportFailedError(source, line, str(problem)) from None
    except OSError as problem:
        raise ImportFailedError(
            source, line, f"can't be read: {problem.strerror or problem}"
        ) from problem
    except _DAMAGED as problem:
        raise ImportFailedError(source, line, f"is damaged or truncated: {problem}") from problem


class _Bounded:
    """Reads what a decompressor returns, and refuses a decompression bomb."""

    def __init__(self, file: Readable, packed: int) -> None:
        self._file = file
        self._limit = max(_RATIO_FROM_BYTES, packed * _MAX_RATIO)
        self._total = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(size)
        self._total += len(data)
        if self._total > self._limit:
            raise document.DocumentError(
                f"unpacks to more than {self._limit} bytes, {_MAX_RATIO} times its size or more:"
                " refused as a decompression bomb"
            )
        return data


@contextmanager
def opened(path: Path) -> Iterator[Readable]:
    """Open a file, unpacked if its first bytes are those of gzip or zstd.

    Raises:
        ImportFailedError: It can't be read, is damaged, is no text in UTF-8, or is a bomb.
    """
    check_regular(path)
    with failures(str(path)), _open(path) as raw:
        magic = raw.read(4)
        raw.seek(0)
        size = os.fstat(raw.fileno()).st_size
        if magic.startswith(_GZIP):
            with gzip.open(raw) as file:
                yield _Bounded(cast("Readable", file), size)
        elif magic == _ZSTD:
            with zstd.open(raw) as unpacked:
                yield _Bounded(cast("Readable", unpacked), size)
        else:
            yield raw


def _open(path: Path) -> IO[bytes]:
    # Without blocking, in case a FIFO has taken the place of the file since it was checked.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(path, flags | getattr(os, "O_NOFOLLOW", 0)), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a file")
    return file


def check_text(start: bytes) -> bytes:
    """Return the start of a text in UTF-8 without a byte order mark.

    Raises:
        FieldError: It is in UTF-16 or UTF-32, or binary.
    """
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in start[:4]:
        raise FieldError("is in UTF-16 or UTF-32, or is binary; it must be text in UTF-8")
    return start.removeprefix(b"\xef\xbb\xbf")


def prefix(path: Path) -> bytes:
    """Return the first MiB of a file, unpacked, as for :func:`opened`."""
    with opened(path) as file:
        start = b""
        while len(start) < _PREFIX_BYTES and (more := file.read(_PREFIX_BYTES - len(start))):
            start += more
        return start if start.startswith((ZIP, SQLITE)) else check_text(start)


def is_database(path: Path) -> bool:
    """Return whether a file is a database of SQLite, as for :func:`opened`."""
    with opened(path) as file:
        return file.read(len(SQLITE)) == SQLITE


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file that are not blank, with their numbers.

    Raises:
        ImportFailedError: As for :func:`opened`, or a line is longer than 16 MiB.
    """
    with opened(path) as file:
        buffered = cast("IO[bytes]", io.BufferedReader(_Raw(file), 256 * 1024))
        number = 0
        while line := buffered.readline(MAX_LINE_BYTES + 1):
            number += 1
            if number == 1:
                line = check_text(line)
            if len(line) > MAX_LINE_BYTES:
                raise ImportFailedError(
                    str(path), number, f"longer than the limit of {MAX_LINE_BYTES} bytes"
                )
            if not line.isspace() and line:
                yield number, line


class _Raw(io.RawIOBase):
    def __init__(self, file: Readable) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a file of JSON lines, or of one JSON array, with their numbers.

    Raises:
        ImportFailedError: As for :func:`lines`, or one of them is no JSON object.
    """
    source = str(path)
    if prefix(path).lstrip()[:1] == b"[":
        values: Iterable[tuple[int, Any]] = ((n, one) for n, _, one in elements(path, [()]) if n)
    else:
        values = _line_values(path)
    for number, value in values:
        if not isinstance(value, dict):
            raise ImportFailedError(source, number, "must be a JSON object")
        yield number, value


def _line_values(path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in lines(path):
        with failures(str(path), number):
            value = document.loads(line.strip())
        yield number, value


def elements(
    path: Path, arrays: Sequence[document.Path], dropped: Sequence[document.Path] = ()
) -> Iterator[tuple[int, document.Path, Any]]:
    """Yield the elements of arrays of a JSON document, and last, as number 0, the rest of it."""
    with opened(path) as file:
        yield from parts(str(path), file, arrays, dropped)


def parts(
    source: str,
    file: Readable,
    arrays: Sequence[document.Path],
    dropped: Sequence[document.Path] = (),
) -> Iterator[tuple[int, document.Path, Any]]:
    """Yield the parts of an open JSON document, as :func:`elements` does."""
    number = 0
    with failures(source):
        for place, text in document.split(file.read, arrays, dropped):
            number = 0 if place == ("",) else number + 1
            with failures(source, number or None):
                value = document.loads(text)
            yield number, place, value


def rest(path: Path, dropped: Sequence[document.Path]) -> dict[str, Any]:
    """Return a JSON object without some of its members."""
    *_, (_, _, value) = elements(path, [], dropped)
    if not isinstance(value, dict):
        raise ImportFailedError(str(path), None, "must be a JSON object")
    return value


class Archive:
    """A zip file whose members are read one at a time; of two with a name, the last is meant."""

    def __init__(self, path: Path) -> None:
        check_regular(path)
        self._path = path
        with failures(str(path)):
            self._file = _open(path)
            try:
                self._zip = zipfile.ZipFile(self._file)
            except BaseException:
                self._file.close()
                raise
            self.names: list[str] = list(dict.fromkeys(self._zip.namelist()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()

    def source(self, member: str) -> str:
        """Return the place of a member, for messages."""
        return f"{self._path}!{member}"

    def parts(
        self,
        member: str,
        arrays: Sequence[document.Path] = (),
        dropped: Sequence[document.Path] = (),
    ) -> Iterator[tuple[int, document.Path, Any]]:
        """Yield the parts of a member, as :func:`elements` does."""
        source = self.source(member)
        with failures(source):
            info = self._zip.getinfo(member)
            with self._zip.open(info) as file:
                yield from parts(source, _Bounded(file, info.compress_size), arrays, dropped)

    def value(self, member: str, dropped: Sequence[document.Path] = ()) -> Any:
        """Return a member's document, without what is dropped."""
        *_, (_, _, value) = self.parts(member, (), dropped)
        return value
